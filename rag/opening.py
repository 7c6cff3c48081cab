"""Opening the library of a command that adds nothing: a home that is mistyped must not become one."""

from __future__ import annotations

from pathlib import Path

from rag.errors import LibraryError
from rag.library import Library


def open_library(home: Path) -> Library:
    """Return the library in that folder. Raises LibraryError where there is none, and what Library raises."""
    if not is_home(home):
        raise LibraryError(f"There is no library in {home}. Name its folder with --home, or add reports first.")
    return Library(home)


def is_home(home: Path) -> bool:
    """Return whether there is a library, or what is left of one; what is no folder is for opening to name."""
    return home.is_file() or any((home / name).exists() for name in ("library.db", "files"))
