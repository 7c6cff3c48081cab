"""The child's side, ``python -m rag.reading.child``: one request on stdin, progress and one result on stdout.

It bounds itself before it opens the file, and it dies with its parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from importlib import import_module
from typing import IO, cast

from rag.errors import DamagedFile, EmptyFile, LimitExceeded, ReadError, UnreadableFile, why
from rag.reading.limits import Limits, last_line, needs_memory, out_of_memory
from rag.reading.wire import Progress, Request, pack_document, pack_error, pack_progress, unpack_request
from rag.types import Document

_READERS = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "sheets",
    "csv": "sheets",
    "html": "html",
    "epub": "epub",
    "markdown": "markdown",
    "text": "text",
}
_SPARE_SECONDS = 5
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read the one file that stdin asks for and write what came of it."""
    channel = _claim_stdout()
    _follow_parent()
    request = unpack_request(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_at_eof, daemon=True).start()
    _bound(request.limits)
    channel.write(_answer(request, lambda done, total: _tell(channel, done, total)))
    channel.flush()


def read_here(request: Request, progress: Progress) -> Document:
    """Return the document, read in this very process; raises ReadError, or whatever the file made a library raise."""
    module = import_module(f"rag.reading.{_READERS[request.kind]}")
    document = cast(Document, module.read_file(request, progress))
    if not any(page.text.strip() for page in document.pages):
        raise EmptyFile(f"{request.name}: there is no text in it. Add a file that holds some.")
    if len(document.pages) > request.limits.pages:
        raise LimitExceeded(
            f"{request.name}: {len(document.pages)} pages are over the limit of {request.limits.pages}."
            " Split the file, or raise the limit of pages."
        )
    return document


def _answer(request: Request, progress: Progress) -> bytes:
    """Return the line to send, whatever happens: libraries raise anything at all over a broken file."""
    try:
        return pack_document(read_here(request, progress))
    except ReadError as error:
        return pack_error(error)
    except OSError as error:
        return pack_error(
            UnreadableFile(f"{request.name}: cannot be read ({why(error)}). Check the file and its disk.")
        )
    except Exception as error:
        what = f"{type(error).__name__}: {last_line(error)}"
        if out_of_memory(f"{what} {error}"):
            return pack_error(LimitExceeded(needs_memory(request.name, request.limits)))
        return pack_error(
            DamagedFile(
                f"{request.name}: cannot be read as {request.kind} ({what})."
                " The file is probably damaged: open it, save it anew, and add that."
            )
        )


def _claim_stdout() -> IO[bytes]:
    """Return a private stream to the parent; file descriptor 1 becomes stderr, so that no library's print gets in."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return channel


def _tell(channel: IO[bytes], done: int, total: int) -> None:
    channel.write(pack_progress(done, total))
    channel.flush()


def _follow_parent() -> None:
    """On Linux, have the kernel kill this process when its parent dies, even inside a call that holds the GIL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _exit_at_eof() -> None:
    """Everywhere else, and for a parent that died before the above: stdin closes only when the parent is gone."""
    while os.read(0, 1024):
        continue
    os._exit(1)


def _bound(limits: Limits) -> None:
    """Bound memory, processor time and core dumps, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_CPU, int(limits.seconds * (os.cpu_count() or 1)) + _SPARE_SECONDS)
    if sys.platform != "darwin":  # macOS refuses a bound below what the process has mapped already
        _set_limit(resource.RLIMIT_AS, limits.memory)


def _set_limit(which: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    main()
