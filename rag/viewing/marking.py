"""A page's text -> its sections in reading order, cut where a quote begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag.types import Block, Page

SectionKind = Literal["heading", "text", "table", "furniture"]
_CELLS = " | "


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, and whether the quote holds it."""

    text: str
    marked: bool


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (``level`` 1 is the outermost), a paragraph, a running header, or a whole table.

    ``rows`` are a table's, each of cells, and of its column heads first where ``headed``; for the other kinds there is
    one row of one cell.
    """

    kind: SectionKind
    rows: tuple[tuple[Line, ...], ...]
    level: int = 0
    headed: bool = False


def mark(page: Page, spans: Sequence[tuple[int, int]] = ()) -> tuple[Section, ...]:
    """Return the page's sections with the text of these spans marked; () for a page without text."""
    sections: list[Section] = []
    rows: list[Block] = []
    for block in page.blocks or (Block(0, len(page.text)),):
        if block.kind == "row":
            rows.append(block)
            continue
        sections += _tables(page, rows, spans)
        rows.clear()
        line = _line(page.text, block.start, block.end, spans)
        if line:
            sections.append(Section(block.kind, ((line,),), block.level))
    return (*sections, *_tables(page, rows, spans))


def _tables(page: Page, rows: Sequence[Block], spans: Sequence[tuple[int, int]]) -> Iterator[Section]:
    """Yield the tables that the rows make: one begins where the column heads change, or with the row that they are."""
    begun: list[Block] = []
    for row in rows:
        text = page.text[row.start : row.end]
        begins = begun and row.heads != begun[-1].heads and page.text[begun[-1].start : begun[-1].end] != row.heads
        if begun and (begins or (row.heads and text == row.heads)):
            yield _table(page, begun, spans)
            begun = []
        begun.append(row)
    if begun:
        yield _table(page, begun, spans)


def _table(page: Page, rows: Sequence[Block], spans: Sequence[tuple[int, int]]) -> Section:
    first = page.text[rows[0].start : rows[0].end]
    headed = len(rows) > 1 and rows[-1].heads == first
    return Section("table", tuple(_cells(page.text, row, spans) for row in rows), headed=headed)


def _cells(text: str, row: Block, spans: Sequence[tuple[int, int]]) -> tuple[Line, ...]:
    cells, start = [], row.start
    for cell in text[row.start : row.end].split(_CELLS):
        cells.append(_line(text, start, start + len(cell), spans))
        start += len(cell) + len(_CELLS)
    return tuple(cells)


def _line(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> Line:
    """Return the text between, cut at the ends of the spans; () for none."""
    cuts = sorted({start, end, *(at for span in spans for at in span if start < at < end)})
    return tuple(
        Piece(text[left:right], any(a <= left and right <= b for a, b in spans)) for left, right in pairwise(cuts)
    )
