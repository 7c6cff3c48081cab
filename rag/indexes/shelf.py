"""The folder of one derived index: which copy is current, what it holds, and whether its files can be trusted.

A copy is trusted only with its clean mark, which is removed before a write and set after it, and only while its files
are as the mark recorded them. Anything else is rebuilt into a new copy, and the pointer to the current copy is swapped
in one atomic step. The caller holds the writer's lock for everything here but ``pointer``.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
import zlib
from pathlib import Path

Held = frozenset[tuple[str, str]]

_READ = 1 << 20


class Shelf:
    """The copies of one index under ``root``: ``CURRENT`` names one, ``<copy>.clean`` is its mark."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def pointer(self) -> str:
        """Return the name of the current copy, "" where there is none."""
        try:
            return (self.root / "CURRENT").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def current(self) -> Path:
        """Return the folder of the current copy."""
        return self.root / self.pointer()

    def held(self) -> Held | None:
        """Return the pairs (report, document) that the current copy holds, or None where it cannot be trusted."""
        mark = self._mark()
        if mark is None or not self._as_recorded(mark["files"]):
            return None
        return frozenset((pair[0], pair[1]) for pair in mark["held"])

    def faults(self, target: Held) -> list[str]:
        """Return what is wrong with the current copy, a phrase each, reading every byte; [] when it is sound."""
        if not self.pointer():
            return ["has not been built"] if target else []
        mark = self._mark()
        if mark is None:
            return ["was left in the middle of a write"]
        if not self._as_recorded(mark["files"], thorough=True):
            return ["has damaged files"]
        held = frozenset((pair[0], pair[1]) for pair in mark["held"])
        return [f"holds {len(held)} reports where the library has {len(target)}"] if held != target else []

    def unmark(self) -> None:
        """Remove the clean mark: from here on a kill means a rebuild."""
        self._mark_path().unlink(missing_ok=True)
        _sync_folder(self.root)

    def mark(self, held: Held) -> None:
        """Set the clean mark: the current copy is closed to writes and holds just these."""
        folder = self.current()
        files = {}
        for path in _files(folder):
            status = path.stat()
            files[str(path.relative_to(folder))] = [status.st_size, status.st_mtime_ns, _checksum(path)]
        _write_atomic(self._mark_path(), json.dumps({"held": sorted(held), "files": files}))

    def fresh(self) -> str:
        """Make a new empty copy, not current yet, and return its name."""
        name = uuid.uuid4().hex[:12]
        (self.root / name).mkdir()
        return name

    def swap(self, name: str) -> None:
        """Make that copy the current one and delete the others."""
        _write_atomic(self.root / "CURRENT", name)
        for path in self.root.iterdir():
            if path.is_dir() and path.name != name:
                # Another process may still be searching in it; where that holds the files, a later swap deletes them.
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".clean" and path.stem != name:
                path.unlink(missing_ok=True)

    def _mark_path(self) -> Path:
        return self.root / f"{self.pointer() or 'none'}.clean"

    def _mark(self) -> dict[str, list[list[str]] | dict[str, list[int]]] | None:
        try:
            mark = json.loads(self._mark_path().read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return mark if isinstance(mark, dict) and {"held", "files"} <= mark.keys() else None

    def _as_recorded(self, files: object, *, thorough: bool = False) -> bool:
        """Compare sizes and times, and the bytes of a file whose time moved; ``thorough`` compares all bytes."""
        folder = self.current()
        if not isinstance(files, dict) or {str(path.relative_to(folder)) for path in _files(folder)} != files.keys():
            return False
        for name, (size, time, checksum) in files.items():
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
    with written.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    written.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
