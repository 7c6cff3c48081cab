"""Tables on a PDF page: runs of lines with gaps between cells, and the heads above their columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.reading.pdf_lines import Cell, Line
from rag.reading.tables import SEPARATOR, is_number, is_year

_MARKER = re.compile(r"[^\w\s]{1,2}|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|(?:item|note|part|section)\s+[\w.]+", re.I)
_ENDED = re.compile(r"[.:;]\s*$")
_LEAST_ROWS = 3
_LEAST_FIGURES = 2  # in each row of a table of two rows
_WRAPPED = 8  # lines of wrapped cells, at most, between two rows
_SAME_EDGE = 0.3  # line heights
_RISE = 2.0  # line heights
_LABELS = 3  # lines without cells, at most, between two rows
_HEAD_LINES = 30  # each column's head may be a line of its own
_HEAD_DEPTH = 7.0  # line heights above the first row
_ROW_DEPTH = 4.0  # line heights between two rows
_HEAD_GAP = 3.2  # line heights between two lines of heads
_UNIT = re.compile(r"\((?:in|dollars|amounts?|unaudited|millions|thousands|except|us\$|\$)\b.*", re.I)
_OFF_CENTRE = 0.6  # of the distance of two columns
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
    return len(_cells(line)) > 1


def _cells(line: Line) -> tuple[Cell, ...]:
    cells = line.cells
    return cells[1:] if cells and _MARKER.fullmatch(cells[0].text) else cells


def _figures(line: Line) -> list[Cell]:
    return [cell for cell in line.cells[1:] if is_number(cell.text)]


def row_groups(lines: Sequence[Line], table: Table) -> list[tuple[int, ...]]:
    """Return the lines of each row of a table, by index: a cell of several lines is one with the row that it is in."""
    lefts = _lefts(lines[table.first : table.end])
    groups: list[list[int]] = []
    for at in range(table.first, table.end):
        line = lines[at]
        held = lines[groups[-1][0]] if groups else None
        # A row with all its cells is complete; a line that only continues a column belongs to one that is not.
        if held is not None and len(_cells(held)) <= table.columns and _is_wrapped(line, lefts):
            groups[-1].append(at)
        else:
            groups.append([at])
    return [tuple(group) for group in groups]


def _lefts(lines: Sequence[Line]) -> list[float]:
    """Return where the cells after the first begin."""
    return [cell.left for line in lines for cell in _cells(line)[1:]]


def _is_wrapped(line: Line, lefts: Sequence[float]) -> bool:
    """Return whether a line without cells of its own begins where a column after the first does."""
    return not is_row(line) and any(abs(line.left - left) < _SAME_EDGE * line.size for left in lefts)


def _extent(lines: Sequence[Line], at: int) -> int:
    """Return where the run of rows that begins at a line ends; labels and wrapped cells may stand between rows."""
    end, between = at + 1, 0
    lefts = _lefts(lines[at : at + 1])
    for here in range(at + 1, len(lines)):
        line, before = lines[here], lines[here - 1]
        drop, size = before.last - line.bottom, max(line.size, before.size)
        wrapped = _is_wrapped(line, lefts)
        # The lines of a wrapped cell stand around the row's own.
        if not (-_RISE * size if wrapped or _is_wrapped(before, lefts) else 0) < drop <= _ROW_DEPTH * size:
            break
        if is_row(line):
            end, between = here + 1, 0
            lefts += _lefts([line])
        elif between < (_WRAPPED if wrapped else _LABELS) and (wrapped or _is_label(line, lines[at])):
            between += 1
        else:
            break
    return end


def _is_label(line: Line, row: Line) -> bool:
    """Return whether a line without cells may stand in a table: no sentence, and it leaves the last column free."""
    return line.size < 1.2 * row.size and line.right < row.right - row.size and not line.text.endswith((".", ";"))


def _table(lines: Sequence[Line], first: int, *, end: int, after: int) -> Table | None:
    """Return the table of the lines, with its head lines looked for down to ``after``; None where it is none."""
    body = first
    # In a table of words every row looks like one of heads: there the first alone is.
    figures = any(_figures(line) and not _is_head_row(line) for line in lines[first:end])
    while body < (end if figures else first + 1) and _is_head_row(lines[body]):
        body += 1
    rows = [line for line in lines[body:end] if is_row(line)]
    if not _is_table(rows):
        return None
    columns = _columns(rows)
    if not figures and len(lines[first].cells) >= len(columns):
        heads = SEPARATOR.join(cell.text for cell in lines[first].cells)
        return Table(first, first + 1, end, heads, len(columns))
    top = _top(lines, first, columns=columns, after=after)
    heads = _heads(lines[top:body], columns) if columns else ""
    return Table(top if heads else first, body if heads else first, end, heads, len(columns))


def _is_head_row(line: Line) -> bool:
    """Return whether all figures of a line are years, and words say no more than what such a line says."""
    figures = [cell for cell in line.cells if is_number(cell.text)]
    return (
        bool(line.cells)
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
    edges = Counter(round(cell.left / 6) for row in rows for cell in _cells(row)[1:])
    return max(edges.values(), default=0) * 5 >= 3 * len(rows)


def _columns(rows: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the left and right edge of each column of figures (of cells after the first, where there are none)."""
    many = [_figures(row) or list(_cells(row)[1:]) for row in rows]
    usual = max(Counter(map(len, many)).items(), key=lambda entry: (entry[1], entry[0]))[0]
    alike = [cells for cells in many if len(cells) == usual]
    return [
        (min(cell.left for cell in column), max(cell.right for cell in column)) for column in zip(*alike, strict=True)
    ]


def _top(lines: Sequence[Line], first: int, *, columns: Sequence[tuple[float, float]], after: int) -> int:
    """Return where the head lines begin: upwards from the first row, lines that stand over the columns."""
    top = first
    for at in range(first - 1, max(after, first - _HEAD_LINES) - 1, -1):
        line = lines[at]
        rise, step = line.bottom - lines[first].bottom, line.bottom - lines[at + 1].bottom
        near = -0.5 * line.size <= rise <= _HEAD_DEPTH * lines[first].size and step <= _HEAD_GAP * line.size
        head = _is_head(line, columns)
        if not near or not (head or _is_first_label(line, columns)):
            break
        top = at if head else top
    return top


def _is_head(line: Line, columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether a line stands over the columns, and not over the labels as well as a sentence would."""
    if not columns or any(is_number(cell.text) and not is_year(cell.text) for cell in line.cells):
        return False
    cells = _head_cells(line)
    over = any(_covered(cell, columns) for cell in cells) or _spanned(cells, columns) is not None
    aside = line.left < columns[0][0] - 6 * line.size and not line.cells
    return over and not aside and not (_ENDED.search(line.text) and len(line.text) > 40)


def _is_first_label(line: Line, columns: Sequence[tuple[float, float]]) -> bool:
    """Return whether a line may be a label between the heads and the first row: it leaves all columns free."""
    return bool(columns) and not line.cells and line.right < columns[0][0] and not line.text.endswith(".")


def _head_cells(line: Line) -> tuple[Cell, ...]:
    return line.cells or (Cell(line.text, line.left, line.right),)


def _covered(cell: Cell, columns: Sequence[tuple[float, float]]) -> list[int]:
    """Return the columns that one head stands over: those in the middle of it, else the nearest within its reach."""
    middles = [(left + right) / 2 for left, right in columns]
    inside = [at for at, middle in enumerate(middles) if cell.left - 2 <= middle <= cell.right + 2]
    if inside:
        return inside
    middle = (cell.left + cell.right) / 2
    near = min(range(len(columns)), key=lambda at: abs(middles[at] - middle))
    reach = max(columns[near][1] - columns[near][0], cell.right - cell.left)
    return [near] if abs(middles[near] - middle) <= reach else []


def _spanned(cells: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> list[list[int]] | None:
    """Return the columns below each cell of a line whose cells stand centred over equal groups of columns, else None.

    Each must be wider than a column: "Increase/" is the head of one, "For the Years Ended December 31," of three.
    """
    each, rest = divmod(len(columns), len(cells))
    if each < 2 or rest:
        return None
    middles = [(left + right) / 2 for left, right in columns]
    pitch = min(right - left for left, right in pairwise(middles))
    groups = [list(range(at * each, (at + 1) * each)) for at in range(len(cells))]
    for cell, group in zip(cells, groups, strict=True):
        off = (cell.left + cell.right) / 2 - (middles[group[0]] + middles[group[-1]]) / 2
        if abs(off) > _OFF_CENTRE * pitch or cell.right - cell.left < pitch:
            return None
    return groups


def _heads(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> str:
    """Return the columns' heads; one that spans several is said once, before the first of them."""
    parts: list[list[str]] = [[] for _ in columns]
    label: list[str] = []
    for line in sorted(lines, key=lambda line: -line.bottom):
        if _is_first_label(line, columns) and not _UNIT.fullmatch(line.text):
            continue
        cells = _head_cells(line)
        spanned = _spanned(cells, columns) or [_covered(cell, columns) for cell in cells]
        for cell, covered in zip(cells, spanned, strict=True):
            aside = not covered or _UNIT.fullmatch(cell.text)
            (label if aside else parts[covered[0]]).append(cell.text)
    heads = [" ".join(part) for part in parts]
    if not any(heads):
        return ""
    return SEPARATOR.join([*([" ".join(label)] if label else []), *heads])
