"""The folder of one derived index: which copy is current, what it holds, and whether its files can be trusted.

A copy is trusted only with its clean mark, which is removed before a write and set after it, and only while its files
are as the mark recorded them. Anything else is rebuilt into a new copy, and the pointer to the current copy is swapped
in one atomic step. The caller holds the writer's lock for everything here but ``pointer``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path

from rag.originals import sync_folder

Held = frozenset[tuple[str, str]]

_READ = 1 << 20
_COPY_NAME = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a clean mark says: the pairs held, and each file's size, time in nanoseconds and CRC-32."""

    held: Held
    files: dict[str, tuple[int, int, int]]


class Shelf:
    """The copies of one index under ``root``: ``CURRENT`` names one, ``<copy>.clean`` is its mark."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def pointer(self) -> str:
        """Return the name of the current copy, "" where there is none or the pointer itself is damaged."""
        try:
            name = (self.root / "CURRENT").read_bytes().decode("ascii", "replace")
        except FileNotFoundError:
            return ""
        return name if _COPY_NAME.fullmatch(name) else ""

    def current(self) -> Path:
        """Return the folder of the current copy."""
        return self.root / self.pointer()

    def held(self) -> Held | None:
        """Return the pairs (report, document) that the current copy holds, or None where it cannot be trusted."""
        mark = self._mark()
        return mark.held if mark is not None and self._is_as_marked(mark) else None

    def faults(self, target: Held) -> list[str]:
        """Return what is wrong with the current copy, a phrase each, reading every byte; [] when it is sound."""
        if not self.pointer():
            return ["has not been built"] if target else []
        mark = self._mark()
        if mark is None:
            return ["was left in the middle of a write"]
        if not self._is_as_marked(mark, thorough=True):
            return ["has damaged files"]
        if mark.held != target:
            return [f"lacks {len(target - mark.held)} reports and has {len(mark.held - target)} too many"]
        return []

    def unmark(self) -> None:
        """Remove the clean mark: from here on a kill means a rebuild."""
        self._mark_path().unlink(missing_ok=True)
        sync_folder(self.root)

    def mark(self, held: Held) -> None:
        """Set the clean mark: the current copy is closed to writes and holds just these."""
        folder = self.current()
        files = {}
        for path in _files(folder):
            status = path.stat()
            files[str(path.relative_to(folder))] = (status.st_size, status.st_mtime_ns, _checksum(path))
        said = json.dumps({"held": sorted(held), "files": files})
        # The mark is guarded by a checksum of its own: a flipped bit in it must not pass for another set of reports.
        _write_atomic(self._mark_path(), f"{zlib.crc32(said.encode()):08x}\n{said}")

    def fresh(self) -> str:
        """Make a new empty copy, not current yet, and return its name."""
        name = uuid.uuid4().hex[:12]
        (self.root / name).mkdir()
        return name

    def swap(self, name: str) -> None:
        """Make that copy the current one and delete the others."""
        _write_atomic(self.root / "CURRENT", name)
        self.sweep()

    def sweep(self) -> None:
        """Delete copies that are not current, their marks, and what a kill left half written."""
        name = self.pointer()
        for path in self.root.iterdir():
            if path.name in ("CURRENT", name, f"{name}.clean"):
                continue
            if path.is_dir():
                # Another process may still be searching in it; where that holds the files, a later sweep deletes them.
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _mark_path(self) -> Path:
        return self.root / f"{self.pointer() or 'none'}.clean"

    def _mark(self) -> _Mark | None:
        try:
            checksum, _, said = self._mark_path().read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        if checksum != f"{zlib.crc32(said):08x}".encode():
            return None
        mark = json.loads(said)
        return _Mark(
            frozenset((report, document) for report, document in mark["held"]),
            {name: (size, time, crc) for name, (size, time, crc) in mark["files"].items()},
        )

    def _is_as_marked(self, mark: _Mark, *, thorough: bool = False) -> bool:
        """Compare sizes and times, and the bytes of a file whose time moved; ``thorough`` compares all bytes."""
        folder = self.current()
        if {str(path.relative_to(folder)) for path in _files(folder)} != mark.files.keys():
            return False
        for name, (size, time, checksum) in mark.files.items():
            path = folder / name
            status = path.stat()
            if status.st_size != size:
                return False
            if (thorough or status.st_mtime_ns != time) and _checksum(path) != checksum:
                return False
        return True


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as handle:
        while part := handle.read(_READ):
            value = zlib.crc32(part, value)
    return value


def _write_atomic(path: Path, text: str) -> None:
    written = path.with_name(path.name + ".new")
    with written.open("w", encoding="utf-8", newline="") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    written.replace(path)
    sync_folder(path.parent)
