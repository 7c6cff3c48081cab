"""The originals of the reports: ``files/`` keeps them by SHA-256, ``incoming/`` holds copies on their way in.

What a process brings in lies in a folder of its own with a lock in it, which a kill lets go of: so what the dead left
behind is told from what the living are at work on, whatever their process ids.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from rag.errors import LibraryError, LimitExceeded, UnreadableFile, why
from rag.reading import size_said

_LOCK = "lock"
_COPY = 1 << 20
_LONGEST_ENDING = 20


class Originals:
    """The original files of one home folder. The caller holds the writer's lock for what changes them."""

    def __init__(self, home: Path) -> None:
        """Make the folders where they are missing. Raises OSError."""
        self._kept = home / "files"
        self._incoming = home / "incoming"
        self._kept.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the original with that hash is kept."""
        return self._kept / sha256

    def count(self) -> int:
        """Return how many originals are kept."""
        return sum(path.is_file() for path in self._kept.iterdir())

    def open_incoming(self) -> Incoming:
        """Return a new folder for files on their way in; the caller closes it."""
        return Incoming(self._incoming / uuid.uuid4().hex)

    def keep(self, copy: Path, sha256: str) -> None:
        """Move a copy into place so that it is there after a power cut: its bytes first, then its name."""
        with copy.open("rb+") as handle:
            os.fsync(handle.fileno())
        copy.replace(self.path(sha256))
        sync_folder(self._kept)

    def drop(self, sha256: str) -> None:
        """Delete an original."""
        self.path(sha256).unlink(missing_ok=True)

    def fault(self, sha256: str) -> str | None:
        """Return what is wrong with an original, reading every byte; None where it is sound."""
        path = self.path(sha256)
        if not path.is_file():
            return "is missing"
        return None if file_sha256(path) == sha256 else "has changed on disk"

    def sweep(self, held: Collection[str]) -> None:
        """Delete originals that no report has, and what dead processes left on the way in."""
        for path in self._kept.iterdir():
            # A folder there is none of ours.
            if path.name not in held and not path.is_dir():
                path.unlink(missing_ok=True)
        for path in self._incoming.iterdir():
            if path.is_dir():
                _sweep_incoming(path)


class Incoming:
    """A folder for one process's files on their way in: gone when it is closed, and fair game when its maker dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        # Whoever closes it may be another thread than the one that made it.
        self._lock = FileLock(folder / _LOCK, thread_local=False)
        self._lock.acquire(timeout=0)

    def close(self) -> None:
        """Delete the folder with what is still in it."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def receive(source: Path, folder: Path, *, name: str, limit: int) -> tuple[Path, str]:
    """Return a copy of the file in ``folder`` and the SHA-256 of its bytes.

    Raises UnreadableFile for what is no file or may not be read, LimitExceeded over ``limit`` bytes, LibraryError where
    the copy cannot be written. Then there is no copy.
    """
    # A reader may go by the ending, so the copy keeps it; one that is over-long is none that a reader knows.
    copy = folder / f"{uuid.uuid4().hex}{Path(name).suffix.lower()[:_LONGEST_ENDING]}"
    try:
        return copy, _copy(source, copy, name=name, limit=limit)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep_incoming(folder: Path) -> None:
    """Delete the folder unless its maker lives."""
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return  # at work, or gone already
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, copy: Path, *, name: str, limit: int) -> str:
    digest = hashlib.sha256()
    try:
        if not source.is_file():  # opening a pipe could wait for ever
            raise FileNotFoundError("there is no such file")
        read = source.open("rb")
    except OSError as error:
        raise _unreadable(source, error) from error
    with read, _written(copy) as written:
        while part := _part(read, source):
            digest.update(part)
            if read.tell() > limit:
                raise LimitExceeded(
                    f"{name} is over the limit of {size_said(limit)}. Split it, or raise RAG_READ_SIZE (in bytes)."
                )
            written.write(part)
    return digest.hexdigest()


def _part(handle: IO[bytes], source: Path) -> bytes:
    try:
        return handle.read(_COPY)
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(f"{source} cannot be read: {why(error)}. Check that it exists and that you may read it.")


@contextmanager
def _written(copy: Path) -> Iterator[IO[bytes]]:
    try:
        with copy.open("wb") as handle:
            yield handle
    except OSError as error:
        raise LibraryError(f"No file can be copied into {copy.parent}: {why(error)}. Make room there.") from error
