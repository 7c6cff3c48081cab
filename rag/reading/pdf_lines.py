"""A PDF page's characters and lines as PDFium gives them, with just the geometry that finding its blocks needs.

Asking PDFium for every character's box would cost more than reading the text, so three boxes are asked for a line, and
those of its words only where the line looks like a table's.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import pypdfium2.raw as raw

from rag.reading.pdf_ruler import Box, Ruler, turned
from rag.reading.tables import is_number

# Characters that are dropped, as a regular expression's class has them.
UNSHOWN = "\x00\x01\x03-\x08\x0b-\x1f\x7f\xad\ud800-\udfff\uffff"
HYPHENS = "\x02\ufffe"  # what PDFium puts for a hyphen at a line's end, when it joins the two lines
_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\r\n]+")
# PDFium's line ends are both: one alone is some font's space. A quote is searched with plain spaces.
_SPACES = re.compile("(?<!\r)\n|\r(?!\n)|[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SHOWN = re.compile(f"[^\\s{UNSHOWN}]+")
_FILLER = "\x1c"  # white space to a regular expression, and dropped from the page's text
_FIGURE_END = re.compile(r"[\d)%\u2014\u2013-]\W*$")
_OPENERS = frozenset(["$", "€", "£", "¥", "(", "$(", "US$", "-"])
_CLOSERS = frozenset([")", "%", ")%", "%)", "pts", "x", "bps"])
_ASKED_LINES = 12  # whose direction tells the page's
# In units of the line's height. A space is 0.2 to 0.3 of it, in justified text up to 0.6.
_NEW_LINE = 0.6
_CELL_GAP = 1.0
_FIGURE_GAP = 0.6
_CLOSER_GAP = 2.0
_LEVEL = 0.25
_NO_SPACE = 0.12
_TALLER = 1.7
_USUAL_WIDTH = 0.42  # of a character, where a page is too short to tell
_WIDEST = 0.6
_WIDE = 1.12


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of words of a line that a gap sets apart, with its left and right edge."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: ``start:end`` of its characters, and where and how it is set.

    Lengths are in PDF units, turned so that the text runs from left to right; ``bottom`` is the first character's and
    ``last`` the last one's: they differ where PDFium joined a hyphenated word. ``cells`` is empty in running text.
    """

    start: int
    end: int
    text: str
    left: float
    right: float
    bottom: float
    last: float
    size: float
    weight: int = 0
    bold: bool = False
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page's characters, PDFium's index of each (None: the same), its lines, and its lower and upper edge.

    The characters of a page that was read by OCR are not PDFium's: ``own`` is False then.
    """

    chars: str
    index: tuple[int, ...] | None
    lines: tuple[Line, ...]
    bottom: float = 0.0
    top: float = 0.0
    own: bool = True


def raw_page(page: Any) -> RawPage:
    """Return what a ``pypdfium2.PdfPage`` holds; a page without text gives no lines. The caller holds the lock."""
    textpage = page.get_textpage()
    try:
        chars, index = _characters(textpage)
        ruler = Ruler(textpage, index)
        spans = list(_spans(chars))
        ruler.turn = _turn(spans, ruler)
        measured = [line for span in spans for line in _measured(chars, span, ruler=ruler)]
        chars, merged = _merged(chars, measured)
        lines = tuple(_celled(merged, chars, ruler=ruler))
    finally:
        textpage.close()
    _, bottom, _, top = turned(page.get_bbox(), ruler.turn)
    return RawPage(chars, index, lines, bottom, top)


def _turn(spans: list[tuple[int, int]], ruler: Ruler) -> int:
    """Return the direction of most of the text, told by some of its lines; 0 for no text."""
    lengths: Counter[int] = Counter()
    for start, end in spans[:: max(len(spans) // _ASKED_LINES, 1)]:
        lengths[ruler.quarter((start + end) // 2)] += end - start
    return lengths.most_common(1)[0][0] if lengths else 0


def _characters(textpage: Any) -> tuple[str, tuple[int, ...] | None]:
    """Return the characters, and PDFium's index of each where it is not the same.

    PDFium counts UTF-16 units, so a character beyond the basic plane takes two of its indices. Where its text leaves
    some of its characters out, each one is asked for.
    """
    count = max(raw.FPDFText_CountChars(textpage.raw), 0)
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    written = raw.FPDFText_GetText(textpage.raw, 0, count, buffer) - 1 if count else 0
    units = memoryview(buffer)[: max(written, 0)]
    if written != count:
        asked = [raw.FPDFText_GetUnicode(textpage.raw, at) for at in range(count)]
        units = memoryview((ctypes.c_ushort * count)(*(min(unit, 0xFFFF) for unit in asked)))
    chars = bytes(units).decode("utf-16-le", "replace")  # a lone surrogate is still one character for one unit
    chars = _SPACES.sub(" ", chars)
    if len(chars) == count:
        return chars, None
    index, at = [], 0
    for char in chars:
        index.append(at)
        at += 2 if char > "\uffff" else 1
    return chars, tuple(index)


def _spans(chars: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each line that shows anything, without what does not at its ends."""
    for match in _LINE.finditer(chars):
        ends = [found.span() for found in _SHOWN.finditer(match.group())]
        if ends:
            yield match.start() + ends[0][0], match.start() + ends[-1][1]


def _measured(chars: str, span: tuple[int, int], *, ruler: Ruler) -> Iterator[Line]:
    """Yield the line, or the lines that PDFium took for one because their ends meet."""
    start, end = span
    first, last = ruler.box(start), ruler.box(end - 1)
    size = median(box[3] - box[1] for box in (first, ruler.box((start + end) // 2), last))
    if abs(first[1] - last[1]) <= _NEW_LINE * size:
        yield _line(chars, span, ruler=ruler, edges=(first, last), size=size)
        return
    for left, right in _split(chars, span, ruler=ruler, size=size):
        edges = ruler.box(left), ruler.box(right - 1)
        yield _line(chars, (left, right), ruler=ruler, edges=edges, size=size)


def _split(chars: str, span: tuple[int, int], *, ruler: Ruler, size: float) -> Iterator[tuple[int, int]]:
    """Yield the spans between which the words go down a line."""
    begin, before = span[0], None
    end = span[1]
    for word in _SHOWN.finditer(chars, *span):
        bottom = ruler.box(word.start())[1]
        if before is not None and abs(bottom - before) > _NEW_LINE * size:
            yield begin, end
            begin = word.start()
        before, end = ruler.box(word.end() - 1)[1], word.end()
    yield begin, end


def _line(chars: str, span: tuple[int, int], *, ruler: Ruler, edges: tuple[Box, Box], size: float) -> Line:
    (start, end), (first, last) = span, edges
    (weight, bold), (weight_end, bold_end) = ruler.style(start), ruler.style(end - 1)
    return Line(
        start,
        end,
        chars[start:end],
        min(first[0], last[0]),
        max(first[2], last[2]),
        bottom=min(first[1], last[1]) if abs(first[1] - last[1]) <= _NEW_LINE * size else first[1],
        last=last[1],
        size=size,
        weight=min(weight, weight_end),
        bold=bold and bold_end,
    )


def _merged(chars: str, lines: list[Line]) -> tuple[str, list[Line]]:
    """Return the lines, those joined that stand side by side: a word in small capitals, the cells of a table's row.

    The break between two of them becomes as many characters again, so that no index moves.
    """
    merged: list[Line] = []
    parts: list[str] = []
    at = 0
    for line in lines:
        held = merged[-1] if merged else None
        if held is None or not _is_beside(held, line):
            merged.append(line)
            continue
        space = "" if line.left - held.right < _NO_SPACE * held.size else " "
        parts += [chars[at : held.end], (space + _FILLER * (line.start - held.end))[: line.start - held.end]]
        at = line.start
        merged[-1] = _together(held, line, text=f"{held.text}{space}{line.text}")
    return "".join([*parts, chars[at:]]), merged


def _is_beside(held: Line, line: Line) -> bool:
    tall, low = max(held.size, line.size), min(held.size, line.size)
    off = abs(held.last - held.bottom) + abs(line.last - line.bottom) + abs(line.bottom - held.last)
    return off < _LEVEL * tall and tall < _TALLER * low and line.left > held.right - _LEVEL * tall


def _together(held: Line, line: Line, *, text: str) -> Line:
    return replace(
        held,
        end=line.end,
        text=text,
        right=line.right,
        size=max(held.size, line.size),
        weight=min(held.weight, line.weight),
        bold=held.bold and line.bold,
    )


def _celled(lines: list[Line], chars: str, *, ruler: Ruler) -> Iterator[Line]:
    """Yield the lines, those that look like a table's with their cells: they end in a figure, or are set too wide."""
    widths = sorted(_width(line) for line in lines if len(line.text) >= 30)
    # The lower quartile, and no more than a typewriter's: a page may be nearly all table.
    usual = min(widths[len(widths) // 4], _WIDEST) if widths else _USUAL_WIDTH
    for line in lines:
        wide = _width(line) > _WIDE * usual or bool(_FIGURE_END.search(line.text))
        cells = tuple(_cells(line, chars, ruler=ruler)) if wide and " " in line.text else ()
        yield line if len(cells) < 2 else replace(line, cells=cells)


def _width(line: Line) -> float:
    return (line.right - line.left) / (len(line.text) * line.size) if line.size > 0 else 0.0


def _cells(line: Line, chars: str, *, ruler: Ruler) -> Iterator[Cell]:
    """Yield the cells of a line: words with a gap before them begin one, figures with a smaller gap."""
    held: Cell | None = None
    for match in _WORD.finditer(chars, line.start, line.end):
        word = Cell(match.group(), ruler.box(match.start())[0], ruler.box(match.end() - 1)[2])
        if held is None:
            held = word
        elif _joined(held, word, size=line.size):
            held = Cell(f"{held.text} {word.text}", held.left, word.right)
        else:
            yield held
            held = word
    if held is not None:
        yield held


def _joined(held: Cell, word: Cell, *, size: float) -> bool:
    gap = word.left - held.right
    if held.text in _OPENERS:
        return is_number(held.text + word.text) or gap < _FIGURE_GAP * size
    if word.text in _CLOSERS:
        return gap < _CLOSER_GAP * size
    figure = is_number(word.text) or word.text in _OPENERS
    return gap < (_FIGURE_GAP if figure else _CELL_GAP) * size
