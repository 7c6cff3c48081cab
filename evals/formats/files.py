"""Somebody else's files: what is read of them, checked, with errors that say where."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from evals.suite import SuiteError

Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A string that is not blank, without white space around it."""

_LISTED = 12
_Model = TypeVar("_Model", bound=BaseModel)
_Value = TypeVar("_Value")


class Record(BaseModel):
    """A line or an entry, as far as a loader reads it; fields that it does not name are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_lines(path: Path, model: type[_Model]) -> list[tuple[str, _Model]]:
    """Return a file of JSON lines, gzipped where its name ends in .gz, as pairs (where it stands, record).

    Blank lines are passed over. Raises SuiteError that names the file, the line and the field.
    """
    # Not splitlines: JSON leaves the line separators of Unicode as they are inside its strings.
    lines = _read(path).split("\n")
    return [
        (where := f"{path}, line {number}", validated(model.model_validate, _parsed(line, where), where))
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def read_json(path: Path, kind: type[_Value]) -> _Value:
    """Return a JSON file as ``kind``, which pydantic knows how to make.

    Raises SuiteError that names the file and the field by its path, such as ``data.0.title``; indices are from 0.
    """
    return validated(TypeAdapter(kind).validate_python, _parsed(_read(path), str(path)), str(path))


def read_table(path: Path, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Return the rows of a tab-separated file with a header, as pairs (where it stands, value by column).

    Raises SuiteError where a column is missing, or a row has more or fewer values than the header.
    """
    lines = [line.rstrip("\r") for line in _read(path).split("\n")]
    head = lines[0].split("\t")
    lacking = [name for name in columns if name not in head]
    if lacking:
        raise SuiteError(f"{path}, line 1: there is no column {lacking[0]!r}. The first line has: {', '.join(head)}.")
    return list(_rows(path, head, lines))


def _rows(path: Path, head: list[str], lines: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            values = line.split("\t")
            if len(values) != len(head):
                raise SuiteError(f"{path}, line {number}: {len(values)} values for {len(head)} columns, {head}.")
            yield f"{path}, line {number}", dict(zip(head, values, strict=True))


def validated(validate: Callable[[Any], _Value], value: Any, where: str) -> _Value:
    """Return what pydantic makes of the value. Raises SuiteError that says where, and names the field."""
    try:
        return validate(value)
    except ValidationError as error:
        raise SuiteError(f"{where}: {'; '.join(_fault(one) for one in error.errors()[:3])}.") from error


def hash_of(files: Sequence[Path]) -> str:
    """Return the SHA-256 of the files' names and bytes, in the order given."""
    together = hashlib.sha256()
    for file in files:
        together.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return together.hexdigest()


def listing(folder: Path) -> str:
    """Return a sentence that says what a folder holds."""
    try:
        names = sorted(path.name + "/" * path.is_dir() for path in folder.iterdir())
    except OSError:
        return f"There is no folder {folder} either."
    shown = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
    return f"{folder} holds: {shown}." if names else f"{folder} is empty."


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise SuiteError(
            f"{path} is not there. {listing(path.parent)} Name the folder that holds the whole set."
        ) from error
    # gzip: BadGzipFile is an OSError; a file that was cut off raises EOFError, a damaged one zlib.error.
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise SuiteError(f"{path} cannot be read: {error}. Take it again from where it was published.") from error


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}" if "\n" in text else f"column {error.colno}"
        raise SuiteError(f"{where}, {at}: {error.msg}. It is no JSON.") from error
    # A number of thousands of digits, or a thousand open brackets.
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{where}: {error}. It is no JSON that can be read.") from error


def _fault(error: Any) -> str:
    path = [str(part) for part in error["loc"]]
    # The entries of a list have no name but their place.
    if path and isinstance(error["loc"][0], int):
        path[0:2] = [f"index {path[0]}: {path[1]}" if path[1:] else f"index {path[0]}"]
    return f"{'.'.join(path)}: {error['msg']}" if path else str(error["msg"])
