"""The columns of a table on a PDF page, and the heads that stand over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.reading.pdf_lines import HYPHENS, UNSHOWN, Cell, Line
from rag.reading.pdf_text import joins
from rag.reading.tables import SEPARATOR, is_number, is_year

Column = tuple[float, float]  # its left and right edge

_MARKER = re.compile(r"[^\w\s]{1,2}|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|(?:item|note|part|section)\s+[\w.]+", re.I)
_UNIT = re.compile(r"\((?:in|dollars|amounts?|unaudited|millions|thousands|except|us\$|\$)\b.*", re.I)
_BROKEN = re.compile(f"(\\S*)[{HYPHENS}](\\S*)")
_UNSHOWN = re.compile(f"[{UNSHOWN}]")
_NOTE = re.compile(r"\(\w\)|[*†‡]+")  # of a footnote: it stands beside a column, and is none
_ENDED = re.compile(r"[.:;]\s*$")
_HEAD_LINES = 30  # each column's head may be a line of its own
_HEAD_DEPTH = 7.0  # line heights above the first row
_HEAD_GAP = 3.2  # line heights between two lines of heads
_ASIDE = 6  # line heights left of the first column
_NEAR = 2.0  # line heights
_LEVEL = 0.3  # line heights by which lines that stand beside each other may differ
_OFF_CENTRE = 0.6  # of the distance of two columns
_OFF_MIDDLE = 0.12  # the same, for a head that is narrower than that distance
_RARE = 6  # a column has a cell in every sixth row at least
_SAME_SIZE = 0.03  # share
_BOLDER = 60  # units of font weight, where PDFium knows it


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a table's rows begin, and the columns after the first, from left to right."""

    left: float
    columns: tuple[Column, ...]


def row_cells(line: Line) -> tuple[Cell, ...]:
    """Return the cells of a line, without a list marker before the first."""
    cells = line.cells
    return cells[1:] if cells and _MARKER.fullmatch(cells[0].text) else cells


def grid_of(rows: Sequence[Line]) -> Grid:
    """Return the grid of a table's rows, of which there is one at least.

    Cells that share some of their width are of one column. The narrow ones are placed first, so that a cell which
    reaches over several columns joins none of them.
    """
    cells = [(cell, at) for at, row in enumerate(rows) for cell in _after_label(row)]
    placed = [(cell, at) for cell, at in cells if cell.left < cell.right]  # words may be set from right to left
    wide: list[Cell] = []
    held: list[_Held] = []
    for cell, at in sorted(placed, key=lambda entry: entry[0].right - entry[0].left):
        over = [column for column in held if column.is_under(cell)]
        if len(over) > 1:
            wide.append(cell)
        elif over:
            over[0].take(_Held(cell.left, cell.right, {at}, noted=_is_note(cell)))
        else:
            held.append(_Held(cell.left, cell.right, {at}, noted=_is_note(cell)))
    whole = _bridged(held, wide, near=_NEAR * median(row.size for row in rows))
    columns = [(one.left, one.right) for one in whole if len(one.rows) * _RARE >= len(rows)]
    return Grid(min(row.left for row in rows), tuple(columns))


def _after_label(row: Line) -> tuple[Cell, ...]:
    """Return a row's cells without its label, which is what looks like a marker if a figure follows ("Item A | 5")."""
    first = row.cells[1:2]
    return row.cells[1:] if first and is_number(first[0].text) else row_cells(row)[1:]


@dataclass(slots=True)
class _Held:
    """A column while it is found, the rows that have a cell in it, and whether all its cells may be footnote marks."""

    left: float
    right: float
    rows: set[int]
    noted: bool

    def is_under(self, cell: Cell) -> bool:
        return cell.left < self.right and cell.right > self.left

    def take(self, other: _Held) -> None:
        self.left, self.right = min(self.left, other.left), max(self.right, other.right)
        self.rows, self.noted = self.rows | other.rows, self.noted and other.noted


def _is_note(cell: Cell) -> bool:
    return bool(_NOTE.fullmatch(cell.text))


def _bridged(held: Sequence[_Held], wide: Sequence[Cell], *, near: float) -> list[_Held]:
    """Return the columns from left to right, halves of one put together: a dash may stand beside the column's figures.

    Over halves more cells reach than rows have one in each; or they stand ``near`` and no row has.
    """
    columns: list[_Held] = []
    for column in sorted(held, key=lambda one: one.left):
        last = columns[-1] if columns else column
        both = len(last.rows & column.rows)
        reaching = sum(last.is_under(cell) and column.is_under(cell) for cell in wide)
        beside = column.left - last.right < near
        if columns and (reaching > both or (beside and not both)):
            last.take(column)
        elif not (columns and column.noted and beside):
            columns.append(column)
    return columns


def stands_out(line: Line, rows: Sequence[Line]) -> bool:
    """Return whether a line is set otherwise than most of the rows: bolder, or of another size."""
    unlike = [row for row in rows if not is_alike(line, row)]
    return 2 * len(unlike) > len(rows)


def is_alike(one: Line, other: Line) -> bool:
    """Return whether two lines are set in the same size and weight."""
    size = abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)
    return size and one.bold == other.bold and abs(one.weight - other.weight) <= _BOLDER


def top_of(lines: Sequence[Line], first: int, *, body: int, grid: Grid, unlike: Sequence[Line], after: int) -> int:
    """Return where the head lines begin: upwards from a table's first line, those that stand over the columns.

    ``body`` is the first row below the heads; heads are set otherwise than the lines ``unlike``. PDFium may give the
    heads one column after another, so that a lower line of one column comes before a higher one of the next.
    """
    top, row = first, lines[body]
    for at in range(first - 1, max(after, first - _HEAD_LINES) - 1, -1):
        line = lines[at]
        rise, step = line.bottom - row.bottom, line.bottom - lines[at + 1].bottom
        near = 0.5 * line.size <= rise <= _HEAD_DEPTH * row.size and step <= _HEAD_GAP * line.size
        head = is_head(line, grid) and (not unlike or stands_out(line, unlike))
        if not near or not (head or _is_first_label(line, grid) or _UNIT.fullmatch(line.text)):
            break
        top = at if head else top
    while top > after and _is_label_head(lines[top - 1], lines[top:body], grid):
        top -= 1
    return top


def is_head(line: Line, grid: Grid) -> bool:
    """Return whether a line stands over the columns, and not over the labels as well as a sentence would."""
    columns = grid.columns
    if not columns or any(is_number(cell.text) and not is_year(cell.text) for cell in line.cells):
        return False
    cells = _head_cells(line)
    over = any(_covered(cell, columns) or _is_between(cell, columns) for cell in cells)
    over = over or _spanned(cells, columns) is not None
    caption = not line.cells and line.left < max(grid.left + line.size, columns[0][0] - _ASIDE * line.size)
    return over and not caption and not (_ENDED.search(line.text) and len(line.text) > 40)


def heads_of(lines: Sequence[Line], grid: Grid) -> str:
    """Return the columns' heads; one that spans several is said once, before the first of them. No columns give ""."""
    columns = grid.columns
    if not columns:
        return ""
    parts: list[list[str]] = [[] for _ in columns]
    label: list[str] = []
    for line in sorted(lines, key=lambda line: -line.bottom):
        if _is_first_label(line, grid) and not _UNIT.fullmatch(line.text):
            label += [line.text] if _is_label_head(line, lines, grid) else []
            continue
        cells = _head_cells(line)
        spanned = _spanned(cells, columns) or [_covered(cell, columns) for cell in cells]
        for cell, covered in zip(cells, spanned, strict=True):
            at = covered[0] if covered else _nearest(cell, columns)
            (label if at is None or _UNIT.fullmatch(cell.text) else parts[at]).append(cell.text)
    heads = [" ".join(part) for part in parts]
    if not any(heads):
        return ""
    return _shown(SEPARATOR.join([*([" ".join(label)] if label else []), *heads]))


def _shown(text: str) -> str:
    """Return the text as it is printed, words that were broken at a line's end put together."""
    text = _BROKEN.sub(lambda word: f"{word[1]}{'' if _is_one(word[1], word[2]) else '-'}{word[2]}", text)
    return _UNSHOWN.sub("", text)


def _is_one(before: str, after: str) -> bool:
    return "-" not in before and joins(before, after, words=frozenset())


def _is_first_label(line: Line, grid: Grid) -> bool:
    """Return whether a line may be a label between the heads and the first row: it leaves all columns free."""
    return bool(grid.columns) and not line.cells and line.right < grid.columns[0][0] and not line.text.endswith(".")


def _is_label_head(line: Line, heads: Sequence[Line], grid: Grid) -> bool:
    """Return whether a line is the head of the labels: it stands beside the other heads, not above or below them."""
    beside = [head for head in heads if not _is_first_label(head, grid)]
    if not beside or not _is_first_label(line, grid) or not any(is_alike(line, head) for head in beside):
        return False
    slack = _LEVEL * line.size
    return min(head.bottom for head in beside) - slack <= line.bottom <= max(head.bottom for head in beside) + slack


def _head_cells(line: Line) -> tuple[Cell, ...]:
    return line.cells or (Cell(line.text, line.left, line.right),)


def _covered(cell: Cell, columns: Sequence[Column]) -> list[int]:
    """Return the columns that one head stands over: those with their middle under it, else the nearest in its reach.

    A head at the edge of a wide column is not near its middle, but over no other.
    """
    middles = [(left + right) / 2 for left, right in columns]
    inside = [at for at, middle in enumerate(middles) if cell.left - 2 <= middle <= cell.right + 2]
    if inside:
        return inside
    within = [at for at, (left, right) in enumerate(columns) if left - 2 <= cell.left and cell.right <= right + 2]
    if within:
        return within[:1]
    middle = (cell.left + cell.right) / 2
    near = min(range(len(columns)), key=lambda at: abs(middles[at] - middle))
    reach = max(columns[near][1] - columns[near][0], cell.right - cell.left)
    return [near] if abs(middles[near] - middle) <= reach else []


def _is_between(cell: Cell, columns: Sequence[Column]) -> bool:
    """Return whether a short cell stands between two columns, off the middle of its own."""
    middles = [(left + right) / 2 for left, right in columns]
    middle, width = (cell.left + cell.right) / 2, cell.right - cell.left
    return any(left < middle < right and width < right - left for left, right in pairwise(middles))


def _nearest(cell: Cell, columns: Sequence[Column]) -> int | None:
    """Return the column next to a head that stands over none; None for one that stands over the labels."""
    if cell.left < columns[0][0]:
        return None
    gaps = [max(left - cell.right, cell.left - right) for left, right in columns]
    return gaps.index(min(gaps))


def _spanned(cells: Sequence[Cell], columns: Sequence[Column]) -> list[list[int]] | None:
    """Return the columns below each cell of a line whose cells stand centred over equal groups of columns, else None.

    "For the Years Ended December 31," is wider than the columns are apart. A narrower cell is the head of one column,
    as "Increase/" is, unless it stands right between two.
    """
    each, rest = divmod(len(columns), len(cells))
    if each < 2 or rest:
        return None
    middles = [(left + right) / 2 for left, right in columns]
    pitch = min(right - left for left, right in pairwise(middles))
    groups = [list(range(at * each, (at + 1) * each)) for at in range(len(cells))]
    for cell, group in zip(cells, groups, strict=True):
        off = abs((cell.left + cell.right) / 2 - (middles[group[0]] + middles[group[-1]]) / 2)
        narrow = cell.right - cell.left < pitch
        if off > (_OFF_MIDDLE if narrow else _OFF_CENTRE) * pitch or (narrow and each % 2):
            return None
    return groups
