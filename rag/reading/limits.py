"""How much one file may cost before it is turned away."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may use.

    ``seconds`` is wall-clock time, ``memory`` the reader's address space in bytes (enforced on POSIX), ``pages`` the
    number of pages a document may have, and ``size`` the bytes of the file itself. An archive (Office, EPUB) may
    unpack to at most half of ``memory``; a zip of files to add may unpack to ``unpacked`` bytes and hold ``files``
    files.
    """

    seconds: float = 120.0
    memory: int = 2048 * MIB
    pages: int = 5000
    size: int = 200 * MIB
    unpacked: int = 2048 * MIB
    files: int = 5000


DEFAULT_LIMITS = Limits()
_OUT_OF_MEMORY = ("bad_alloc", "MemoryError", "out of memory", "Cannot allocate memory")


def out_of_memory(said: str) -> bool:
    """Return whether what a program or a library said means that its memory did not reach."""
    return any(sign in said for sign in _OUT_OF_MEMORY)


def needs_memory(name: str, limits: Limits, where: str = "") -> str:
    """Return the message for a file that needs more memory than it may have; ``where`` says how far reading came."""
    stopped = f" (stopped{where})" if where else ""
    return (
        f"{name}: needs more memory than the limit of {size_said(limits.memory)}{stopped}."
        " Split the file, or raise the limit of memory."
    )


def last_line(said: object) -> str:
    """Return the last line of a message, which may hold a whole traceback; "" for an empty one."""
    return str(said).strip().rpartition("\n")[2].strip()


def size_said(size: int) -> str:
    """Return a number of bytes in the unit that fits it, at most one place behind the point: "4 bytes", "1.5 KiB"."""
    if size < 1024:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    value, units = size / 1024, ["KiB", "MiB", "GiB"]
    while round(value, 1) >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.1f}".removesuffix(".0") + f" {units[0]}"
