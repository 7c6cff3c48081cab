"""Groups of lines become a page's text, its blocks, and the map back to PDFium's characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.reading.pdf_lines import HYPHENS, UNSHOWN, RawPage
from rag.types import Block, BlockKind

SOFT_HYPHEN = "\u00ad"
_DROPPED = re.compile(f"[{UNSHOWN}{HYPHENS}]")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Compounds with these keep their hyphen, where the report itself does not show how it writes the word.
_COMPOUNDS = frozenset("self long short well high low cross all half ex".split())


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of a page, by index, that make one block."""

    lines: tuple[int, ...]
    kind: BlockKind = "text"
    level: int = 0
    heads: str = ""


def vocabulary(pages: Sequence[RawPage]) -> frozenset[str]:
    """Return the words of all pages, in lower case, if any of them was hyphenated at a line's end; else nothing."""
    if not any(mark in page.chars for page in pages for mark in HYPHENS):
        return frozenset()
    return frozenset(word for page in pages for word in _WORDS.findall(page.chars.casefold()))


def write_page(
    page: RawPage, groups: Sequence[Group], *, words: frozenset[str]
) -> tuple[str, tuple[Block, ...], tuple[tuple[int, int, int], ...]]:
    """Return the text, the blocks and the charmap of a page whose lines stand in these groups, in order."""
    pen = _Pen(page, words)
    blocks: list[Block] = []
    last: Group | None = None
    for group in groups:
        close = last is not None and group.kind == "row" and last.kind == "row"
        pen.gap(("\n" if close else "\n\n") if last else "")
        written, start = pen.length, pen.length + len(pen.due)
        for count, at in enumerate(group.lines):
            pen.line(at, follows=count > 0)
        if pen.length > written:
            blocks.append(Block(start, pen.length, group.kind, level=group.level, heads=group.heads))
            last = group
    return "".join(pen.parts), tuple(blocks), tuple(pen.runs) if page.own else ()


@dataclass(slots=True)
class _Pen:
    """Writes characters one run after another and notes where each run came from."""

    page: RawPage
    words: frozenset[str]
    parts: list[str] = field(default_factory=list)
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    length: int = 0
    due: str = ""  # white space to write before the next run, if there is one

    def gap(self, space: str) -> None:
        self.due = space

    def line(self, at: int, *, follows: bool) -> None:
        """Write a line; one that follows a soft hyphen goes on in the same word."""
        line = self.page.lines[at]
        if follows:
            soft = self.page.chars.startswith(SOFT_HYPHEN, self.page.lines[at - 1].end)
            broken = soft and line.text[0].islower()
            self.due = "" if broken else "\n"
        start = line.start
        for mark in _DROPPED.finditer(self.page.chars, line.start, line.end):
            self._copy(start, mark.start())
            self._mark(mark.start())
            start = mark.end()
        self._copy(start, line.end)

    def _mark(self, at: int) -> None:
        """Write a hyphen where a mark of one stands that belongs to the word; drop everything else."""
        chars = self.page.chars
        if chars[at] in HYPHENS and not joins(chars[:at][-60:], chars[at + 1 : at + 60], words=self.words):
            self._put("-", self._index(at))

    def _copy(self, start: int, end: int) -> None:
        """Copy characters; beyond the basic plane each is a run, because PDFium counts it twice."""
        if start == end:
            return
        if self.page.index is None:
            self._put(self.page.chars[start:end], start)
            return
        for at in range(start, end):
            self._put(self.page.chars[at], self._index(at))

    def _index(self, at: int) -> int:
        return at if self.page.index is None else self.page.index[at]

    def _put(self, text: str, char: int) -> None:
        if self.due:
            self.parts.append(self.due)
            self.length += len(self.due)
            self.due = ""
        self.parts.append(text)
        last = self.runs[-1] if self.runs else (0, 0, 0)
        if self.runs and last[0] + last[2] == self.length and last[1] + last[2] == char:
            self.runs[-1] = (last[0], last[1], last[2] + len(text))
        else:
            self.runs.append((self.length, char, len(text)))
        self.length += len(text)


def joins(before: str, after: str, *, words: frozenset[str]) -> bool:
    """Return whether a hyphen at a line's end only broke a word, which then goes on without it.

    It did where a lower-case letter follows, unless the report writes the word with a hyphen elsewhere and nowhere
    without, or it is a usual compound ("self-reported").
    """
    left, right = _LAST_WORD.search(before), _FIRST_WORD.match(after)
    if not right or not after[0].islower():
        return False
    if left is None:
        return True
    one, two = left.group().casefold(), right.group().casefold()
    if one + two in words:
        return True
    return f"{one}-{two}" not in words and one not in _COMPOUNDS
