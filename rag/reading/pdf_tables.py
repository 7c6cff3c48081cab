"""Tables on a PDF page: runs of lines with gaps between cells, cut into rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rag.reading.pdf_heads import Grid, grid_of, heads_of, is_alike, is_head, row_cells, stands_out, top_of
from rag.reading.pdf_lines import Cell, Line
from rag.reading.tables import is_number, is_year

_MARK = re.compile(r"[•●■✓✔✗×xX]")  # says that a thing is so; no head is one
_LEAST_ROWS = 3
_LEAST_FIGURES = 2  # in each row of a table of two rows
_WRAPPED = 8  # lines of wrapped cells, at most, between two rows
_SAME_EDGE = 0.3  # line heights
_RISE = 2.0  # line heights
_NEXT = 1.4  # line heights between two lines of a cell
_LEAST_HEADS = 3
_LABELS = 3  # lines without cells, at most, between two rows
_ROW_DEPTH = 4.0  # line heights between two rows
_PROSE = 38  # characters: two columns of cells as long as this are two columns of running text


@dataclass(frozen=True, slots=True)
class Table:
    """Lines ``first:end`` of a page are a table; its rows begin at ``body``, its heads stand in the lines before."""

    first: int
    body: int
    end: int
    heads: str
    columns: int


def find_tables(lines: Sequence[Line]) -> list[Table]:
    """Return the tables among the lines of a page, in order; none of them overlap. ``heads`` is "" where none stand."""
    tables: list[Table] = []
    at = 0
    while at < len(lines):
        end = _extent(lines, at) if is_row(lines[at]) else at
        table = _table(lines, at, end=end, after=tables[-1].end if tables else 0) if end > at else None
        if table is not None:
            tables.append(table)
        at = max(end, at + 1) if table is not None else at + 1
    return tables


def is_row(line: Line) -> bool:
    """Return whether a line by itself could be a table's row: two cells at least, and no list marker before one."""
    return len(row_cells(line)) > 1


def _figures(line: Line) -> list[Cell]:
    return [cell for cell in line.cells[1:] if is_number(cell.text) or _MARK.fullmatch(cell.text)]


def row_groups(lines: Sequence[Line], table: Table) -> list[tuple[int, ...]]:
    """Return the lines of each row of a table, by index: a cell of several lines is one with the row that it is in."""
    lefts = _lefts(lines[table.first : table.end])
    groups: list[list[int]] = []
    for at in range(table.first, table.end):
        line = lines[at]
        held = lines[groups[-1][0]] if groups else None
        # A row with all its cells is complete; a line that only continues a column belongs to one that is not.
        wrapped = held is not None and len(row_cells(held)) <= table.columns and _is_wrapped(line, lefts)
        if held is not None and (wrapped or _is_beside(held, line)):
            groups[-1].append(at)
        else:
            groups.append([at])
    return [tuple(group) for group in groups]


def _is_beside(held: Line, line: Line) -> bool:
    """Return whether a line goes on to the right of the line that its row began with."""
    return abs(held.last - line.bottom) < _SAME_EDGE * line.size and line.left > held.right


def _lefts(lines: Sequence[Line]) -> list[float]:
    """Return where the cells after the first begin."""
    return [cell.left for line in lines for cell in row_cells(line)[1:]]


def _is_wrapped(line: Line, lefts: Sequence[float]) -> bool:
    """Return whether a line without cells of its own begins where a column after the first does."""
    return not is_row(line) and any(abs(line.left - left) < _SAME_EDGE * line.size for left in lefts)


def _extent(lines: Sequence[Line], at: int) -> int:
    """Return where the run of rows that begins at a line ends; labels and wrapped cells may stand between rows."""
    end, between, row = at + 1, 0, lines[at]
    lefts = _lefts([row])
    for here in range(at + 1, len(lines)):
        line, before = lines[here], lines[here - 1]
        drop, size = before.last - line.bottom, max(line.size, before.size)
        wrapped = _is_wrapped(line, lefts)
        # The lines of a wrapped cell stand around the row's own.
        if not (-_RISE * size if wrapped or _is_wrapped(before, lefts) else 0) < drop <= _ROW_DEPTH * size:
            break
        if is_row(line):
            if _is_opening(line) and not _is_head_row(row):
                break
            end, between, row = here + 1, 0, line
            lefts += _lefts([line])
        elif between < (_WRAPPED if wrapped else _LABELS) and (wrapped or _is_label(line, row, right=lines[at].right)):
            between += 1
        else:
            break
    return _with_last_cells(lines, end, row=row, lefts=lefts)


def _is_opening(line: Line) -> bool:
    """Return whether a line has years alone: below rows it is the head of another table."""
    return all(is_year(cell.text) for cell in line.cells)


def _with_last_cells(lines: Sequence[Line], end: int, *, row: Line, lefts: Sequence[float]) -> int:
    """Return where a table ends whose last row's cells may be lines of their own, around the row's or below it."""
    low = row.bottom
    while end < len(lines) and _is_wrapped(lines[end], lefts) and is_alike(lines[end], row):
        line = lines[end]
        if not low - _NEXT * line.size <= line.bottom <= row.bottom + _RISE * line.size:
            break
        low = min(low, line.bottom)
        end += 1
    return end


def _is_label(line: Line, row: Line, *, right: float) -> bool:
    """Return whether a line without cells may stand in a table: no sentence, and it leaves the last column free."""
    return line.size < 1.2 * row.size and line.right < right - row.size and not line.text.endswith((".", ";"))


def _table(lines: Sequence[Line], first: int, *, end: int, after: int) -> Table | None:
    """Return the table of the lines, with its head lines looked for down to ``after``; None where it is none."""
    figures = any(_figures(line) and not _is_head_row(line) for line in lines[first:end])
    body = _body(lines, first, end=end, figures=figures)
    rows = [line for line in lines[body:end] if is_row(line)]
    if not _is_table(rows):
        return None
    grid = grid_of(rows)
    while body > first and not lines[body].cells and _goes_on(lines[body], lines[first], rows, grid):
        body += 1
    unlike = () if figures else rows  # the words above a list of words may be more of them
    top = top_of(lines, first, body=body, grid=grid, unlike=unlike, after=after)
    heads = heads_of(lines[top:body], grid)
    return Table(top if heads else first, body if heads else first, end, heads, len(grid.columns))


def _body(lines: Sequence[Line], first: int, *, end: int, figures: bool) -> int:
    """Return where the rows begin below those that are heads by themselves.

    In a table of words every row looks like one of heads: there only the first can be, and in a list of two columns
    ("GAO | Government Accountability Office") only where it is set otherwise than the rest.
    """
    if figures:
        return next((at for at in range(first, end) if not _is_head_row(lines[at])), end)
    rows = [line for line in lines[first + 1 : end] if is_row(line)]
    listed = len(row_cells(lines[first])) < _LEAST_HEADS and not stands_out(lines[first], rows)
    return first if listed or not _is_head_row(lines[first]) else first + 1


def _goes_on(line: Line, head: Line, rows: Sequence[Line], grid: Grid) -> bool:
    """Return whether a line below the heads is a further line of one of them: set like them, unlike the rows."""
    return is_head(line, grid) and is_alike(line, head) and stands_out(line, rows)


def _is_head_row(line: Line) -> bool:
    """Return whether all figures of a line are years, and words say no more than what such a line says."""
    figures = [cell for cell in line.cells if is_number(cell.text)]
    return (
        bool(line.cells)
        and not any(_MARK.fullmatch(cell.text) for cell in line.cells[1:])
        and all(is_year(cell.text) for cell in figures)
        and (not is_number(line.cells[-1].text) or (len(line.cells[0].text) < 30 and bool(figures)))
    )


def _is_table(rows: Sequence[Line]) -> bool:
    figures = [len(_figures(row)) for row in rows]
    if len(rows) >= _LEAST_ROWS:
        return 2 * sum(map(bool, figures)) >= len(rows) or _is_aligned(rows)
    return len(rows) > 1 and min(figures) >= _LEAST_FIGURES


def _is_aligned(rows: Sequence[Line]) -> bool:
    """Return whether rows of words have a second column that begins at one place, and are not two columns of prose."""
    lengths = [median(len(cell.text) for cell in row.cells) for row in rows]
    if median(lengths) > _PROSE:
        return False
    edges = Counter(round(cell.left / 6) for row in rows for cell in row_cells(row)[1:])
    return max(edges.values(), default=0) * 5 >= 3 * len(rows)
