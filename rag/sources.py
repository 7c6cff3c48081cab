"""Paths -> the files to add, each with the name that its report goes by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UnreadableFile, why

_IGNORE_FILE = ".ragignore"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to add and the name that it goes by: its path below the folder it came with, or its file name."""

    path: Path
    name: str


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files that the paths name, a folder's in order of their names, hidden and ignored ones left out.

    A ``.ragignore`` in an added folder has gitignore's syntax. Raises UnreadableFile for two files of one name
    and for a ``.ragignore`` that cannot be used.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            found.extend(_folder_sources(path))
        else:
            found.append(Source(path, _written(path.name)))
    taken: dict[str, Path] = {}
    for source in found:
        first = taken.setdefault(source.name, source.path)
        # Not Path.resolve, which raises for a link to itself.
        if os.path.realpath(first) != os.path.realpath(source.path):
            raise UnreadableFile(
                f"{first} and {source.path} would both be the report {source.name!r}, and one would replace the other. "
                "Add the folder above both, so that their names differ."
            )
    return list({source.name: source for source in found}.values())


def _folder_sources(folder: Path) -> Iterator[Source]:
    import pathspec

    rules = folder / _IGNORE_FILE
    try:
        lines = rules.read_text(encoding="utf-8").splitlines() if rules.is_file() else []
        ignored = pathspec.PathSpec.from_lines("gitignore", lines)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{rules} cannot be used: {why(error)}. Write gitignore's patterns in it, as UTF-8."
        ) from error
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        # A folder that may not be looked into is yielded, too, so that it is named when it cannot be read.
        closed = path.is_dir() and not os.access(path, os.R_OK | os.X_OK)
        if (path.is_file() or closed) and not hidden and not ignored.match_file(inside.as_posix()):
            yield Source(path, _written(inside.as_posix()))


def _written(name: str) -> str:
    """Return a file's name as text: a byte of it that is no UTF-8 is spelled out, as in "caf\\xe9.md"."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
