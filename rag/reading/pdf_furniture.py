"""Which lines of a PDF's pages are running headers, footers and page numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from rag.reading.pdf_lines import Line, RawPage

_Key = tuple[str, int]  # a line's words and its slot
_COUNTED = re.compile(r"\d+|\b[ivxlc]{1,7}\b")
_NUMBER_LINE = re.compile(
    r"\W*(?:page|p\.|seite|-)?\s*(?:[A-Z]{1,2}[-–.])?(?:\d{1,4}|[ivxlc]{1,7})\s*(?:(?:of|/|von)\s*\d{1,4})?\W*", re.I
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_CAPTION = re.compile(r"\b(?:ended|as of|in (?:millions|thousands|billions))\b", re.IGNORECASE)
_ZONE = 0.25  # of the page's height, at the top and at the bottom
_SLOT = 8.0  # units of height within which a running line may stand from page to page
_PAGES = 3  # on which a line returns, to be a running one
_ROWS = 4  # lines deep, at most, at either edge


def furniture(pages: Sequence[RawPage]) -> list[frozenset[int]]:
    """Return, for each page, the indices of its lines that are furniture.

    From the outermost line inwards, a line is furniture as long as it returns on three pages (numbers aside, at one
    height near the edge) or is a page number standing alone. A document of two pages needs both. No pages give [].
    """
    zones = [_zones(page) for page in pages]
    seen: dict[_Key, set[int]] = {}
    for number, (page, zone) in enumerate(zip(pages, zones, strict=True)):
        for line in page.lines:
            if not zone[0] <= line.bottom <= zone[1]:
                seen.setdefault(_key(line), set()).add(number)
    enough = min(_PAGES, max(len(pages), 2))
    return [_marked(page, zone, seen=seen, enough=enough) for page, zone in zip(pages, zones, strict=True)]


def _zones(page: RawPage) -> tuple[float, float]:
    """Return the heights below and above which running lines may stand."""
    depth = _ZONE * (page.top - page.bottom)
    return page.bottom + depth, page.top - depth


def _key(line: Line) -> _Key:
    return _COUNTED.sub("#", line.text.casefold()), round(line.bottom / _SLOT)


def _marked(page: RawPage, zone: tuple[float, float], *, seen: Mapping[_Key, Set[int]], enough: int) -> frozenset[int]:
    upwards = sorted(range(len(page.lines)), key=lambda at: page.lines[at].last)
    downwards = sorted(range(len(page.lines)), key=lambda at: -page.lines[at].bottom)
    marked: set[int] = set()
    for side in (upwards[:_ROWS], downwards[:_ROWS]):
        for at in side:
            line = page.lines[at]
            near = not zone[0] <= line.bottom <= zone[1]
            if not (_NUMBER_LINE.fullmatch(line.text) or (near and _returns(line, seen, enough=enough))):
                break
            marked.add(at)
    return frozenset(marked)


def _returns(line: Line, seen: Mapping[_Key, Set[int]], *, enough: int) -> bool:
    text, slot = _key(line)
    pages = frozenset().union(*(seen.get((text, slot + shift), frozenset()) for shift in (-1, 0, 1)))
    return len(pages) >= enough and bool(_LETTERS.search(line.text)) and not _CAPTION.search(line.text)
