"""The parent's side: checks what can be checked from outside, starts the child, watches it, and never outlives it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rag.errors import DamagedFile, EmptyFile, LimitExceeded, ReadError, UnreadableFile, UnsupportedFile, why
from rag.reading.kinds import KINDS
from rag.reading.limits import DEFAULT_LIMITS, Limits, last_line, needs_memory, out_of_memory, size_said
from rag.reading.wire import Progress, Request, pack_request, unpack
from rag.types import Document

_STDERR_TAIL = 2000


def read(
    path: Path,
    *,
    name: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
    ocr: bool = True,
    progress: Progress | None = None,
) -> Document:
    """Return the document that a file holds, read in a child process under ``limits``.

    ``name`` is what the file is called where ``path`` is only a place on disk (an upload): its ending decides how the
    file is read, and messages and a missing title use it. ``progress`` is called in this thread with (pages done,
    pages in all); if it raises, the child is killed and the exception goes on. Raises a ReadError: UnsupportedFile,
    UnreadableFile, EmptyFile, EncryptedFile, DamagedFile or LimitExceeded.
    """
    called = name or path.name
    request = Request(path.absolute(), called, _kind(called), limits, password, ocr)
    _check_file(request)
    with _started(request) as child:
        return _followed(child, request, progress)


@dataclass(slots=True)
class _Child:
    """A running child with its diagnostics; ``overdue`` is set when it was killed for taking too long."""

    process: subprocess.Popen[bytes]
    stderr: IO[bytes]
    overdue: bool = False

    def expire(self) -> None:
        self.overdue = True
        self.process.kill()


def _kind(name: str) -> str:
    kind = KINDS.get(Path(name).suffix.lower())
    if kind is None:
        raise UnsupportedFile(f"{name}: no reader for this kind of file. Save it as one of {', '.join(KINDS)}.")
    return kind


def _check_file(request: Request) -> None:
    """Raise what can be said without parsing: no such file, not a file, not ours to read, no bytes or too many."""
    name, path = request.name, request.path
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):  # opening a pipe or a device could wait for ever
            path.open("rb").close()
    except FileNotFoundError as error:
        raise UnreadableFile(f"{name}: there is no file {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{name}: cannot open {path} ({why(error)}). Check who may read it.") from error
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise UnreadableFile(f"{name}: {path} is {what}. Name a file.")
    if status.st_size == 0:
        raise EmptyFile(f"{name}: it is empty, 0 bytes. Add a file that holds text.")
    if status.st_size > request.limits.size:
        raise LimitExceeded(
            f"{name}: {size_said(status.st_size)} is over the limit of {size_said(request.limits.size)} a file."
            " Split the file, or raise the limit of bytes."
        )


@contextmanager
def _started(request: Request) -> Iterator[_Child]:
    """Yield the child, already sent its request; on the way out it is dead, whatever happened."""
    with tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag.reading.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=_environment(),
        )
        child = _Child(process, stderr)
        timer = threading.Timer(request.limits.seconds, child.expire)
        timer.daemon = True
        timer.start()
        try:
            _send(process, request)
            yield child
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            _close(process)


def _environment() -> dict[str, str]:
    """The child finds this very package from any working folder, and takes no module from that folder."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"}


def _send(process: subprocess.Popen[bytes], request: Request) -> None:
    """Write the request and leave stdin open: when the parent goes, the child sees it close and goes too."""
    assert process.stdin is not None
    try:
        process.stdin.write(pack_request(request))
        process.stdin.flush()
    except BrokenPipeError:
        return  # the child died at once: its exit status says more than the pipe does


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        try:
            if stream is not None:
                stream.close()
        except BrokenPipeError:
            continue  # what was left to flush has no reader any more, and the file is closed all the same


def _followed(child: _Child, request: Request, progress: Progress | None) -> Document:
    """Return the child's document, or raise the error it sent, or the error that its death amounts to."""
    assert child.process.stdout is not None
    at = (0, 0)
    for line in child.process.stdout:
        if not line.endswith(b"\n"):
            break  # cut off in the middle: the child was killed
        said = unpack(line)
        if isinstance(said, Document):
            return said
        if isinstance(said, ReadError):
            raise said
        at = said
        if progress is not None:
            progress(*at)
    child.process.wait()
    raise _death(child, request, at)


def _death(child: _Child, request: Request, at: tuple[int, int]) -> ReadError:
    """Name the end of a child that gave no result."""
    done, total = at
    where = f" after page {done} of {total}" if total else ""
    if child.overdue:
        return LimitExceeded(
            f"{request.name}: not read within {request.limits.seconds:g} seconds (stopped{where})."
            " Split the file, or raise the limit of seconds."
        )
    child.stderr.seek(0)
    said = child.stderr.read().decode("utf-8", "replace")[-_STDERR_TAIL:].strip()
    status = child.process.returncode
    if status == -signal.SIGKILL or out_of_memory(said):
        return LimitExceeded(needs_memory(request.name, request.limits, where))
    if status == -getattr(signal, "SIGXCPU", signal.SIGKILL):
        return LimitExceeded(f"{request.name}: used up its time{where}. Split the file, or raise the limit of seconds.")
    last = last_line(said) or "it said nothing"
    return DamagedFile(
        f"{request.name}: the reader crashed{where} (exit status {status}: {last})."
        " The file is probably damaged: open it, save it anew, and add that."
    )
