"""Zips of files to add -> the files in them, each with the name that its report goes by.

An archive is a stranger's: nothing in it chooses where on the disk it goes, and what it would unpack to is counted
before anything is unpacked.
"""

from __future__ import annotations

import re
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    LibraryError,
    LimitExceeded,
    ReadError,
    UnreadableFile,
    UnsupportedFile,
    why,
)
from rag.reading import Limits, size_said
from rag.sources import Source

UNPACKING = "unpacking"

_ENDING = ".zip"
_ARCHIVES = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
# What systems leave beside files; names with a dot before them are hidden, as in folders.
_LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_DRIVE = re.compile(r"[A-Za-z]:(?=/|$)")
_ENCRYPTED = 1
_AT_ONCE = 1 << 20
# What zipfile raises over broken archives, and over methods that it does not know.
_BROKEN = (BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files to add, those that cannot be, each with its reason, and the names that are taken."""

    sources: list[Source] = field(default_factory=list)
    refused: list[tuple[Source, ReadError]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def unpack(
    sources: Sequence[Source],
    folder: Path,
    *,
    limits: Limits = Limits(),
    watch: Callable[[Source], Callable[[str, int, int], None]] = lambda _source: lambda *_step: None,
) -> Unpacked:
    """Return the sources with every zip replaced by the files in it, which are written into ``folder``.

    A file goes by its path in the zip, below the folder that the zip itself lies in. Hidden files and the litter of
    systems are left out. A zip, or a file in it, that cannot be unpacked is refused, and the others go on. Raises
    LibraryError where ``folder`` cannot be written to.
    """
    found = Unpacked()
    # Files as such come first: what is in an archive never takes a name from one.
    found.sources.extend(source for source in sources if not _is_archive(source))
    found.names.update(source.name for source in found.sources)
    for source in sources:
        if _is_archive(source):
            try:
                _unpack_one(source, folder, found, limits=limits, watch=watch(source))
            except ReadError as error:
                found.refused.append((source, error))
    return found


def _is_archive(source: Source) -> bool:
    return PurePosixPath(source.name).suffix.lower() == _ENDING


def _unpack_one(
    archive: Source, folder: Path, found: Unpacked, *, limits: Limits, watch: Callable[[str, int, int], None]
) -> None:
    """Unpack one zip into ``found``. Raises ReadError where nothing of it can be taken."""
    try:
        with ZipFile(archive.path) as opened:
            entries = [entry for entry in opened.infolist() if _is_wanted(entry)]
            _check(archive, entries, limits)
            for done, entry in enumerate(entries):
                watch(UNPACKING, done, len(entries))
                _take(opened, entry, _source(archive, entry, folder / f"unpacked-{len(found.sources)}"), found, limits)
            watch(UNPACKING, len(entries), len(entries))
    except _BROKEN as error:
        raise DamagedFile(
            f"{archive.name}: it cannot be opened as a zip ({error}). Pack it anew, or add the files one by one."
        ) from error
    except OSError as error:
        raise UnreadableFile(f"{archive.name}: it cannot be read: {why(error)}. Check that you may read it.") from error


def _is_wanted(entry: ZipInfo) -> bool:
    """Whether an entry is a file that a person put there."""
    parts = _parts(entry)
    litter = any(part.lower() in _LITTER or (part.startswith(".") and part.strip(".")) for part in parts)
    return bool(parts) and not entry.is_dir() and not litter


def _parts(entry: ZipInfo) -> list[str]:
    return [part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".")]


def _check(archive: Source, entries: Sequence[ZipInfo], limits: Limits) -> None:
    """Raise EmptyFile or LimitExceeded for what an archive says of itself: no entry gives more bytes than it says."""
    if not entries:
        raise EmptyFile(f"{archive.name}: there is no file in it. Add one that holds some.")
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.files:
        raise LimitExceeded(
            f"{archive.name}: its {len(entries):,} files are over the limit of {limits.files:,}. "
            "Split it, or raise RAG_READ_FILES."
        )
    if total > limits.unpacked:
        raise LimitExceeded(
            f"{archive.name}: it unpacks to {size_said(total)}, over the limit of {size_said(limits.unpacked)}. "
            "Split it, or, if it is no trap, raise RAG_READ_UNPACKED (in bytes)."
        )


def _source(archive: Source, entry: ZipInfo, place: Path) -> Source:
    """Return an entry as a file to add, written at ``place``, which has nothing of its name."""
    return Source(place, PurePosixPath(archive.name).parent.joinpath(*_parts(entry)).as_posix())


def _take(opened: ZipFile, entry: ZipInfo, source: Source, found: Unpacked, limits: Limits) -> None:
    """Unpack one entry, or refuse it."""
    try:
        _check_entry(entry, source, limits)
        if source.name in found.names:
            raise UnreadableFile(f"{source.name}: another file has the same name. Rename one of them.")
        found.names.add(source.name)
        try:
            _write(_pieces(opened, entry), source)
        except _BROKEN as error:
            raise DamagedFile(f"{source.name}: it is damaged inside the zip ({error}). Pack it anew.") from error
    except ReadError as error:
        found.refused.append((source, error))
    else:
        found.sources.append(source)


def _check_entry(entry: ZipInfo, source: Source, limits: Limits) -> None:
    name = source.name
    if ".." in _parts(entry) or entry.filename.startswith(("/", "\\")) or _DRIVE.match(name):
        raise UnreadableFile(f"{name}: its name leads out of the zip. Unpack it yourself, and add what is in it.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableFile(f"{name}: it is a link and no file. Add the file that it leads to.")
    if entry.flag_bits & _ENCRYPTED:
        raise EncryptedFile(f"{name}: it is locked with the zip's password. Unpack it yourself, and add the file.")
    if PurePosixPath(name).suffix.lower() in _ARCHIVES:
        raise UnsupportedFile(f"{name}: an archive inside a zip is not opened. Unpack it, and add what is in it.")
    if entry.file_size > limits.size:
        raise LimitExceeded(
            f"{name}: {size_said(entry.file_size)} is over the limit of {size_said(limits.size)} a file. "
            "Split the file, or raise RAG_READ_SIZE (in bytes)."
        )


def _pieces(opened: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    try:
        with opened.open(entry) as packed:
            while piece := packed.read(_AT_ONCE):
                yield piece
    except zlib.error as error:
        raise BadZipFile(str(error)) from error


def _write(pieces: Iterator[bytes], source: Source) -> None:
    try:
        with source.path.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise LibraryError(
            f"No file can be unpacked into {source.path.parent}: {why(error)}. Make room there."
        ) from error
