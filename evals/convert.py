"""A CSV of questions and answers -> a suite."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.suite import SuiteError
from rag import Case, Header

_COLUMNS = ("question", "answer", "id", "report", "pages", "facts", "tags", "answerable", "note")
_ALSO = {"page": "pages", "page(s)": "pages", "fact": "facts", "tag": "tags", "reference": "answer", "notes": "note"}
# The column that a field of a case is from, where it has another name.
_COLUMN_OF = {"reference": "answer", "evidence": "report"}
_DELIMITERS = (",", ";", "\t")
_YES, _NO = ("", "yes", "y", "true", "1"), ("no", "n", "false", "0")
_PAGES = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")


def convert_csv(path: Path, out: Path, *, reports: Path | None = None, name: str = "") -> int:
    """Write the suite of a CSV to ``out`` and return the number of its cases.

    The first row names the columns, in any order and in capitals or not: ``question``, and if there, ``answer``,
    ``id``, ``report``, ``pages`` ("3", "3, 5" or "3-5"), ``facts`` and ``tags`` (parted by "|"), ``answerable`` ("no"
    where the reports do not say) and ``note``. Other columns end up in the note. ``reports`` is the folder that the
    suite asks over, ``name`` the suite's name, by default that of its file. Commas, semicolons or tabs part the values.
    Raises SuiteError that names the file, the row (the first is 1) and the column, and where ``out`` is there already.
    """
    header = Header(suite=name or out.stem, reports=None if reports is None else _relative(reports, out.parent))
    cases = list(_cases(path))
    lines = [one.model_dump_json(exclude_defaults=True) for one in (header, *cases)]
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise SuiteError(
            f"{out} is there already, and is left as it is. Name another file, or take it away."
        ) from error
    except OSError as error:
        raise SuiteError(f"{out} cannot be written: {error}. Name another file.") from error
    return len(cases)


def _relative(reports: Path, folder: Path) -> str:
    """Return the path of the reports as the suite's file names it: relative to the folder that it is in."""
    try:
        return Path(os.path.relpath(reports, folder)).as_posix()
    except ValueError:  # On Windows, another drive.
        return reports.resolve().as_posix()


def _cases(path: Path) -> Iterator[Case]:
    rows = _rows(path)
    if not rows:
        raise SuiteError(f"{path} is empty. Its first row names the columns: question, answer, and what else there is.")
    columns = [_column(name) for name in rows[0][1]]
    for name in columns:
        if name in _COLUMNS and columns.count(name) > 1:
            raise SuiteError(f"{path}, row 1: there are {columns.count(name)} columns {name!r}. Leave one.")
    if "question" not in columns:
        raise SuiteError(f"{path}, row 1: there is no column 'question', only {', '.join(map(repr, rows[0][1]))}.")
    rows_of: dict[str, int] = {}
    for number, values in rows[1:]:
        where = f"{path}, row {number}"
        if len(values) > len(columns):
            raise SuiteError(f"{where}: {len(values)} values for {len(columns)} columns. Put a value in quotes.")
        case = _case(where, dict(zip(columns, (value.strip() for value in values), strict=False)))
        if case.id in rows_of:
            same = "id" if "id" in columns else "question"
            raise SuiteError(f"{where}, column {same}: row {rows_of[case.id]} has the same. Take one of them out.")
        rows_of[case.id] = number
        yield case
    if not rows_of:
        raise SuiteError(f"{path}: there is no row below the names of the columns. Write a question a row.")


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that hold something, with their numbers as a spreadsheet has them."""
    try:
        # Spreadsheets begin a file with a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path} cannot be read: {error}. Name a CSV file, saved as UTF-8.") from error
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise SuiteError(f"{path}, row {len(rows) + 1}: {error}. Save it as CSV anew.") from error
    return [(number, row) for number, row in enumerate(rows, start=1) if any(value.strip() for value in row)]


def _delimiter(text: str) -> str:
    """Return what parts the first row into the most columns that are known.

    Not csv.Sniffer: it looks at all of the text, and takes the commas of the questions for the file's.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")

    def known(delimiter: str) -> int:
        return sum(_column(name) in _COLUMNS for name in next(csv.reader([first], delimiter=delimiter), []))

    return max(_DELIMITERS, key=known)


def _column(name: str) -> str:
    plain = " ".join(name.split()).lower()
    return _ALSO.get(plain, plain)


def _case(where: str, row: dict[str, str]) -> Case:
    asked = row["question"]
    if not asked:
        raise SuiteError(f"{where}, column question: it is empty. Write the question, or take the row out.")
    fields: dict[str, Any] = {
        "id": row.get("id") or hashlib.sha256(asked.encode()).hexdigest()[:12],
        "question": asked,
        "answerable": _answerable(where, row.get("answerable", "")),
        "reference": row.get("answer", ""),
        "facts": [[fact] for fact in _parted(row.get("facts", ""))],
        "evidence": _evidence(where, row),
        "tags": _parted(row.get("tags", "")),
        "note": _note(row),
    }
    try:
        return Case.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "answerable"
        raise SuiteError(f"{where}, column {_COLUMN_OF.get(column, column)}: {first['msg']}.") from error


def _answerable(where: str, said: str) -> bool:
    if said.lower() not in _YES + _NO:
        raise SuiteError(f"{where}, column answerable: {said!r} is neither yes nor no. Write one of them.")
    return said.lower() in _YES


def _evidence(where: str, row: dict[str, str]) -> list[dict[str, Any]]:
    report, pages = row.get("report", ""), row.get("pages", "")
    if bool(report) != bool(pages):
        column, other = ("pages", "report") if report else ("report", "pages")
        raise SuiteError(f"{where}, column {column}: it is empty, and {other} is not. Write both, or neither.")
    return [{"report": report, "pages": list(_pages(where, pages))}] if report else []


def _pages(where: str, said: str) -> Iterator[int]:
    for part in re.split(r"[,;|]|\band\b", said):
        match = _PAGES.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise SuiteError(f"{where}, column pages: {said!r} names no pages. Write them as 3, as 3, 5 or as 3-5.")
        yield from range(first, last + 1)


def _parted(said: str) -> list[str]:
    return [part.strip() for part in said.split("|") if part.strip()]


def _note(row: dict[str, str]) -> str:
    """Return the note, and what stands in columns that a case has no field for: nothing is dropped without a word."""
    others = [f"{name}: {value}" for name, value in row.items() if name not in _COLUMNS and value]
    return "; ".join([one for one in [row.get("note", "")] if one] + others)
