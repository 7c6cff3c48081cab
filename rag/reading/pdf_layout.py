"""The lines of a PDF's pages become groups: headings, paragraphs, table rows and furniture, in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from rag.reading.pdf_furniture import furniture
from rag.reading.pdf_lines import Line, RawPage
from rag.reading.pdf_tables import Table, find_tables, row_groups
from rag.reading.pdf_text import Group

_BULLET = re.compile(r"[•▪◦●■□☐☒◆►▶‣⁃✓*–—-]\s|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s|[•▪◦●■‣]")
_SENTENCE_END = re.compile(r"[.!?:;][\"”’)\]]*\d*$")
_NUMBERED = re.compile(
    r"(?:item|part|note|section|chapter|appendix|annex|article)\s|\d+(?:\.\d+)*\.?\s|[IVX]+\.\s", re.I
)
_NO_TITLE = re.compile(
    r"(?:table of )?contents|(?:for )?immediate release|(?:news|press) release|united states|\W*|"
    r"(?:united states )?securities and exchange commission|washington, d\.?c\.?(?: \d+)?",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\d,–*-]{1,8}")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_BIGGER = 1.14  # times the body's size
_SAME_SIZE = 0.12  # share by which lines of one paragraph may differ
_HEADING_LENGTH = 200
_HEADING_LINES = 4
_TITLE_LINES = 8  # of a heading half as large again as running text
_TITLE_SIZE = 1.5
_LOOSE = 1.35  # times the usual distance of two lines
_BOLDER = 60  # units of font weight, where PDFium knows it


@dataclass(frozen=True, slots=True)
class Style:
    """What running text looks like in a document, and the sizes of its headings, largest first."""

    size: float
    weight: int
    bold: bool
    sizes: tuple[float, ...] = ()


def lay_out(pages: Sequence[RawPage]) -> list[list[Group]]:
    """Return the groups of each page, in order; every line is in exactly one. No pages give []."""
    style = _style(pages)
    running = furniture(pages)
    laid: list[list[Group]] = []
    held: Table | None = None
    for page, marked in zip(pages, running, strict=True):
        kept = [at for at in range(len(page.lines)) if at not in marked]
        lines = [page.lines[at] for at in kept]
        tables = _continued(find_tables(lines), held)
        held = tables[-1] if tables and tables[-1].end == len(lines) else None
        groups = [_moved(group, kept) for group in _groups(lines, tables, style=style)]
        laid.append(sorted([*groups, *(Group((at,), "furniture") for at in marked)], key=lambda group: group.lines[0]))
    return _leveled(laid, pages, style)


def biggest_heading(page: RawPage, groups: Sequence[Group]) -> str:
    """Return the largest heading of a page on one line, with those of its size right after it; "" for none."""
    runs: list[tuple[float, str]] = []
    before = -1
    for at, group in enumerate(groups):
        text = " ".join(page.lines[line].text for line in group.lines)
        if group.kind != "heading" or _NO_TITLE.fullmatch(text):
            continue
        size = median(page.lines[line].size for line in group.lines)
        if runs and before == at - 1 and abs(size - runs[-1][0]) <= _SAME_SIZE / 2 * size:
            runs[-1] = (runs[-1][0], f"{runs[-1][1]} {text}")
        else:
            runs.append((size, text))
        before = at
    largest = max((size for size, _ in runs), default=0.0)
    return next((" ".join(text.split()) for size, text in runs if size >= largest * (1 - _SAME_SIZE / 2)), "")


def _continued(tables: list[Table], held: Table | None) -> list[Table]:
    """Return the tables; one that opens a page and has no heads takes those of the one that closed the page before."""
    if held is None or not tables or tables[0].first > 0 or tables[0].heads or tables[0].columns != held.columns:
        return tables
    return [replace(tables[0], heads=held.heads), *tables[1:]]


def _moved(group: Group, kept: Sequence[int]) -> Group:
    return replace(group, lines=tuple(kept[at] for at in group.lines))


def _style(pages: Sequence[RawPage]) -> Style:
    """Return the look that most characters have."""
    looks: Counter[tuple[float, int, bool]] = Counter()
    for page in pages:
        for line in page.lines:
            looks[_rounded(line.size), line.weight, line.bold] += len(line.text)
    if not looks:
        return Style(0.0, 0, bold=False)
    sizes: Counter[float] = Counter()
    for (size, _, _), count in looks.items():
        sizes[size] += count
    size = sizes.most_common(1)[0][0]
    _, weight, bold = max((look for look in looks if look[0] == size), key=lambda look: looks[look])
    return Style(size, weight, bold)


def _rounded(size: float) -> float:
    return round(2 * size) / 2


def _groups(lines: Sequence[Line], tables: Sequence[Table], *, style: Style) -> Iterator[Group]:
    at = 0
    for table in tables:
        yield from _prose(lines, at, end=table.first, style=style)
        for row in row_groups(lines, table):
            yield Group(row, "row", heads=table.heads if row[0] >= table.body else "")
        at = table.end
    yield from _prose(lines, at, end=len(lines), style=style)


def _prose(lines: Sequence[Line], first: int, *, end: int, style: Style) -> Iterator[Group]:
    """Yield headings and paragraphs."""
    spacing = _spacing(lines[first:end])
    held: list[int] = []
    for at in range(first, end):
        if held and _parts(lines, held, at, spacing=spacing, style=style):
            yield _group(lines, held, style=style)
            held = []
        held.append(at)
    if held:
        yield _group(lines, held, style=style)


def _spacing(lines: Sequence[Line]) -> float:
    """Return the usual distance of two lines, in heights of the upper one."""
    drops = [
        (before.last - line.bottom) / before.size
        for before, line in pairwise(lines)
        if before.size > 0 and 0.5 < (before.last - line.bottom) / before.size < 2.5
    ]
    return min(median(drops), 1.8) if drops else 1.3


def _parts(lines: Sequence[Line], held: Sequence[int], at: int, *, spacing: float, style: Style) -> bool:
    """Return whether a line begins something new after the lines held."""
    line, before = lines[at], lines[held[-1]]
    if _is_mark(before, line) or _is_mark(line, before):
        return False
    if abs(line.size - before.size) > _SAME_SIZE * max(line.size, before.size):
        return True
    if is_strong(line, style) != is_strong(before, style):
        return True
    drop = before.last - line.bottom
    if drop < -0.5 * line.size:  # up again: the next column, where a sentence may go on
        return not (line.text[0].islower() and not _SENTENCE_END.search(before.text))
    if drop > _LOOSE * spacing * before.size or _BULLET.match(line.text):
        return True
    first = lines[held[0]]
    if _BULLET.match(first.text) and line.left < first.left - 0.3 * line.size:
        return True  # back to the margin: the item is over
    return _ends_paragraph(lines, held, line=line)


def _is_mark(mark: Line, line: Line) -> bool:
    """Return whether a line is the raised number of a footnote, beside another."""
    small = bool(_MARK.fullmatch(mark.text)) and mark.size < line.size
    return small and -0.5 * line.size < mark.bottom - line.last < line.size


def _ends_paragraph(lines: Sequence[Line], held: Sequence[int], *, line: Line) -> bool:
    """Return whether the last line held ends its paragraph: a short one, or one before an indented line."""
    before = lines[held[-1]]
    if not _SENTENCE_END.search(before.text) or line.text[0].islower():
        return False
    widest = max(lines[at].right for at in held)
    left = min(lines[at].left for at in held[1:]) if len(held) > 1 else before.left
    indented = line.left - left > 0.8 * line.size
    short = widest - before.right > 0.15 * (widest - before.left) and len(held) > 1
    return indented or short


def is_strong(line: Line, style: Style) -> bool:
    """Return whether a line stands out from running text by its size or its weight."""
    if line.size > _BIGGER * style.size:
        return True
    if line.size < 0.9 * style.size:
        return False
    heavier = bool(style.weight) and line.weight > style.weight + _BOLDER
    return (line.bold and not style.bold) or heavier


def _group(lines: Sequence[Line], held: Sequence[int], *, style: Style) -> Group:
    heading = _is_heading([lines[at] for at in held], style)
    return Group(tuple(held), "heading", level=1) if heading else Group(tuple(held))


def _is_heading(lines: Sequence[Line], style: Style) -> bool:
    text = " ".join(line.text for line in lines)
    large = style.size > 0 and min(line.size for line in lines) > _TITLE_SIZE * style.size
    if (
        len(lines) > (_TITLE_LINES if large else _HEADING_LINES)
        or len(text) > _HEADING_LENGTH
        or not _LETTERS.search(text)
    ):
        return False
    if text.endswith((";", ",")) or (text.endswith(".") and not _NUMBERED.match(text)):
        return False
    if text.startswith("(") or not (text[0].isupper() or text[0].isdigit() or not text[0].isalpha()):
        return False
    capitals = len(lines) == 1 and text.isupper() and " " in text and len(text) < 100
    return capitals or all(is_strong(line, style) for line in lines)


def _leveled(laid: list[list[Group]], pages: Sequence[RawPage], style: Style) -> list[list[Group]]:
    """Return the groups with each heading's level: by its size among all headings, bold ones of body size last."""
    sizes = {
        _heading_size(group, page, style)
        for page, groups in zip(pages, laid, strict=True)
        for group in groups
        if group.kind == "heading"
    }
    levels = {size: min(level, 6) for level, size in enumerate(sorted(sizes, reverse=True), start=1)}
    return [
        [
            replace(group, level=levels[_heading_size(group, page, style)]) if group.kind == "heading" else group
            for group in groups
        ]
        for page, groups in zip(pages, laid, strict=True)
    ]


def _heading_size(group: Group, page: RawPage, style: Style) -> float:
    """Return the heading's size in steps of a sixth of the body's; everything near the body's own is one step."""
    size = max(page.lines[at].size for at in group.lines)
    return max(round(6 * size / style.size), 6) / 6 if style.size else 1.0
