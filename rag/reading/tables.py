"""Rows of cells become lines of text, each knowing the heads of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.reading.sections import Piece

SEPARATOR = " | "
# Between empty cells there is one space, since the white space of a statement is folded.
_BAR = re.compile(r"(?<!\S)\|(?!\S)")
_NUMBER = re.compile(
    r"[-–—+(]*\s*[$€£¥]?\s*[-–+(]?\d[\d.,\s]*\s*[%)]*(?:\s*[a-zA-Z%]{1,3})?|[$€£¥]?\s*[-–—]|n/?a", re.IGNORECASE
)
_YEAR = re.compile(r"(?:FY|CY)?\s*(?:\d{1,2},\s+)?'?(?:19|20)\d\d(?:[-/–]\d{2,4})?(?:\s*[A-Z]?)", re.IGNORECASE)


def table_pieces(rows: Sequence[Sequence[str]], *, headed: int | None = None) -> Iterator[Piece]:
    """Yield one row piece for each row that holds text; columns that are empty throughout are left out.

    ``headed`` is how many rows at the top are heads, where the file says so; None means to tell by their looks. Several
    head rows give each column their texts, joined by a space. No rows, no pieces.
    """
    held = _dense([[" ".join(cell.split()) for cell in row] for row in rows])
    top = min(head_rows(held) if headed is None else headed, len(held))
    heads = join_cells(_merged(held[:top]))
    for at, row in enumerate(held):
        yield Piece("row", join_cells(row), heads="" if at < top else heads)


def join_cells(cells: Sequence[str]) -> str:
    """Return the cells as one line; empty ones inside keep their place, so that columns and heads still pair up."""
    return SEPARATOR.join(cells).strip().removesuffix("|").rstrip() if any(cells) else ""


def as_table(text: str) -> list[list[str]] | None:
    """Return the row of column heads and the row of cells where the text is ``heads: cells``; None where it is not.

    Both rows have bars between their cells, and as many of them; ``join_cells`` leaves out the bar before an empty last
    cell, so that one may be missing there.
    """
    for missing in (0, 1):
        for colon in re.finditer(": ", text):
            heads, cells = _cells(text[: colon.start()]), _cells(text[colon.end() :])
            if len(cells) > 1 and len(heads) == len(cells) + missing:
                return [heads, cells + [""] * missing]
    return None


def is_number(cell: str) -> bool:
    """Return whether a cell is a figure such as "1,234", "(12.5)%" or "$ 3.1 m", or a dash that stands for none."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def is_year(cell: str) -> bool:
    """Return whether a cell is a year, or the end of a date ("31, 2019"): it heads a column although it is a number."""
    return bool(_YEAR.fullmatch(cell.strip()))


def head_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the top are column heads, by their looks: 0 or 1.

    Heads are words or years. Below them some column has figures, or else there are three columns at least: a list of
    two columns without figures ("Name | Ada") may well have no heads.
    """
    if len(rows) < 2:
        return 0
    top = [cell for cell in rows[0] if cell]
    if len(top) < 2 or any(is_number(cell) and not is_year(cell) for cell in top):
        return 0
    figures = any(is_number(cell) for row in rows[1:] for cell in row[1:])
    return 1 if figures or len(top) > 2 else 0


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(row)]


def _dense(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the rows that hold text, padded to one width, without the columns that are empty in all of them."""
    held = [list(row) for row in rows if any(row)]
    width = max((len(row) for row in held), default=0)
    square = [row + [""] * (width - len(row)) for row in held]
    kept = [column for column in range(width) if any(row[column] for row in square)]
    return [[row[column] for column in kept] for row in square]


def _merged(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one head for each column from one or more rows of heads."""
    return [" ".join(filter(None, column)) for column in zip(*rows, strict=True)]
