"""A suite: cases, and the reports that they are asked over."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rag import Case, Header, RagError
from rag.types import Document

_Model = TypeVar("_Model", bound=BaseModel)


class SuiteError(RagError):
    """A suite, or a set of evaluation data, is not as it has to be; the message says where."""

    code = "suite"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the cases are asked over: one of files and folders, documents that are not files, or a home as it is.

    ``documents`` yields pairs (report name, document); ``key`` tells what they are apart from others in the cache.
    """

    paths: tuple[Path, ...] = ()
    documents: Callable[[], Iterator[tuple[str, Document]]] | None = None
    key: str = ""
    home: Path | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases and their shelf. ``source`` is what was asked for, ``sha256`` the hash of what was read for the cases."""

    name: str
    cases: tuple[Case, ...]
    shelf: Shelf
    source: str
    sha256: str
    about: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each case by its id, where the suite is a file of ours."""


def load_suite(path: Path) -> Suite:
    """Return the suite in a JSON Lines file. Raises SuiteError that names the file, the line and the field."""
    try:
        data = path.read_bytes()
        # Not splitlines: letters that a case may hold end a line for it.
        lines = [(at, line) for at, line in enumerate(data.decode("utf-8").split("\n"), start=1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path} cannot be read: {error}. Name a suite: a file of JSON lines, as UTF-8.") from error
    if not lines:
        raise SuiteError(f'{path} is empty. Its first line is like {{"suite": "mine", "reports": "reports/"}}.')
    header = parse_line(Header, lines[0][1], path, lines[0][0])
    numbered = [(at, parse_line(Case, line, path, at)) for at, line in lines[1:]]
    for case, times in Counter(case.id for _, case in numbered).items():
        if times > 1:
            at = [str(line) for line, one in numbered if one.id == case]
            raise SuiteError(f"{path}, lines {', '.join(at)}: id: {case!r} is taken {times} times. Give each its own.")
    return Suite(
        name=header.suite,
        cases=tuple(case for _, case in numbered),
        shelf=_shelf(header, path),
        source=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        about=header.about,
        lines={case.id: at for at, case in numbered},
    )


def parse_line(model: type[_Model], line: str, path: Path, number: int) -> _Model:
    """Return the line as a model of pydantic's. Raises SuiteError that names file, line and field."""
    try:
        return model.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise SuiteError(f"{path}, line {number}, column {error.colno}: {error.msg}. Write one JSON value.") from error
    except ValidationError as error:
        said = "; ".join(_fault(one) for one in error.errors()[:3])
        raise SuiteError(f"{path}, line {number}: {said}. See: python -m evals schema") from error
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{path}, line {number}: {error}. Write one JSON value.") from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a suite's lines: a header, then cases."""
    header, case = Header.model_json_schema(), Case.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a suite: the header first, then cases",
        "oneOf": [header, case],
        # What the schemas name by "#/$defs/..." is looked for at the root.
        "$defs": header.pop("$defs", {}) | case.pop("$defs", {}),
    }


def _fault(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "the line"
    return f"{where}: {error['msg']}"


def _shelf(header: Header, path: Path) -> Shelf:
    if header.reports is not None:
        return Shelf(paths=(path.parent / header.reports,))
    return Shelf(home=None if header.home is None else path.parent / header.home)
