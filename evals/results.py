"""The folder of a run's results: how it was run, a line a case, and the summary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.rows import Row
from evals.suite import SuiteError

RUN, CASES, SUMMARY, REPORT = "run.json", "cases.jsonl", "summary.json", "report.html"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Results:
    """A finished run, as its folder has it: ``run`` and ``summary`` are the plain JSON values of the files."""

    folder: Path
    run: dict[str, Any]
    rows: tuple[Row, ...]
    summary: dict[str, Any]


def read_results(folder: Path) -> Results:
    """Return the results in a folder. Raises SuiteError where they are not there, unfinished, or of another version."""
    try:
        run, summary = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (RUN, SUMMARY))
    except (OSError, ValueError) as error:
        raise SuiteError(
            f"{folder} holds no results of a finished run: {error}. "
            f"Make them with: python -m evals run SUITE --out {folder}"
        ) from error
    if run.get("version") != VERSION:
        raise SuiteError(
            f"{folder}: results of version {run.get('version')!r}; this program reads {VERSION}. Run again."
        )
    return Results(folder, run, tuple(read_rows(folder)), summary)


def read_rows(folder: Path) -> Iterator[Row]:
    """Yield the rows that were written so far; a last line that was cut off by a kill is left out."""
    path = folder / CASES
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            yield Row.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise SuiteError(
                f"{path}, line {number}: not a row of results: {error}. Run again with --fresh."
            ) from error


def mend_rows(folder: Path) -> None:
    """Cut off what a kill left of a last line, so that the next row begins a line of its own."""
    path = folder / CASES
    if path.is_file():
        with path.open("rb+") as file:
            file.truncate(file.read().rfind(b"\n") + 1)


def write_row(folder: Path, row: Row) -> None:
    """Append a row to the folder's cases, whole and at once."""
    with (folder / CASES).open("ab") as file:
        file.write(json.dumps(row.to_json(), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """Write all rows in the place of those that were there."""
    beside = folder / "rows"
    beside.mkdir(exist_ok=True)
    (beside / CASES).unlink(missing_ok=True)
    for row in rows:
        write_row(beside, row)
    if rows:
        (beside / CASES).replace(folder / CASES)
    beside.rmdir()


def read_json(path: Path) -> Any:
    """Return what a JSON file holds. Raises SuiteError where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {error}. Run again with --fresh.") from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in the place of an old one; a kill leaves the old one or the new one."""
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
