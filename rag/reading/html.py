"""HTML as a reader of the page sees it: its main content, without navigation, forms and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from rag.errors import DamagedFile
from rag.reading.dates import find_date, parse_date
from rag.reading.sections import Piece, cut, first_heading
from rag.reading.tables import table_pieces
from rag.reading.text import clean, is_binary
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document

_CHROME = """
    script style noscript template iframe object svg canvas audio video nav aside dialog menu
    button input select textarea datalist label
"""
_BLOCK_TAGS = """
    address article blockquote body center dd details div dl dt fieldset figcaption figure footer form header hgroup
    hr html li main ol p section summary table tbody td tfoot th thead tr ul
"""
_DROPPED = frozenset(_CHROME.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_BREAK = "\x1f"  # stands for <br> until white space is folded; no cleaned text holds it
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_DATE_NAMES = re.compile(
    r"^(?:article:published_time|og:article:published_time|(?:dc|dcterms)\.(?:date|issued|created|date\.issued)|"
    r"date|pubdate|publish[_-]?date|date[_-]?published|datepublished|citation_publication_date|citation_date)$",
    re.IGNORECASE,
)
_LINKED_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_WIDEST_SPAN = 50  # cells: a file may claim a colspan of a billion


def read_file(request: Request, progress: Progress) -> Document:
    """Return an HTML file as a document. Raises DamagedFile where the bytes are no text."""
    data = request.path.read_bytes()
    if is_binary(data):
        raise DamagedFile(f"{request.name}: its bytes are no HTML. Give it the ending of what it is, or save it anew.")
    soup = BeautifulSoup(data, "lxml")
    date, title = _said_date(soup), _said_title(soup)
    pieces = soup_pieces(soup)
    pages = cut(pieces)
    progress(len(pages), len(pages))
    first = pages[0].text if pages else ""
    name = choose_title(title, first_heading(pieces), request.name)
    return Document(name, request.kind, pages, date=date or find_date(first))


def html_pieces(source: str | bytes) -> list[Piece]:
    """Return the pieces of an HTML text or fragment, in order."""
    return soup_pieces(BeautifulSoup(source, "lxml"))


def soup_pieces(soup: BeautifulSoup) -> list[Piece]:
    """Return the pieces of a parsed page's main content; what is not content is taken out of the soup."""
    _strip(soup)
    walk = _Walk()
    _visit(_main(soup), walk)
    walk.flush()
    return walk.pieces


def _strip(soup: BeautifulSoup) -> None:
    """Take out what a reader of the report does not see, or would not call part of it."""
    for tag in soup.find_all(_is_chrome):
        if not tag.decomposed:
            tag.decompose()


def _is_chrome(tag: Tag) -> bool:
    if tag.name in _DROPPED or tag.has_attr("hidden") or tag.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(str(tag.get("style", ""))):
        return True
    if tag.name in ("header", "footer"):  # those of an article belong to it: its title, its notes
        return tag.find_parent(["article", "main", "section"]) is None and not tag.find("h1")
    return tag.name == "form" and tag.find(["p", "h1", "h2", "h3", "table"]) is None


def _main(soup: BeautifulSoup) -> Tag:
    """Return the element that holds the content: the main one, if it holds a fair part of the text."""
    whole = soup.body or soup
    main = soup.find("main") or soup.find(role="main")
    if isinstance(main, Tag) and 4 * len(main.get_text()) >= len(whole.get_text()):
        return main
    return whole


@dataclass(slots=True)
class _Walk:
    """The pieces so far, and the line of text that is still growing."""

    pieces: list[Piece] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)  # per open list: the next number, or -1 for bullets
    mark: str = ""
    listed: bool = False  # whether the piece before stands in the same list

    def flush(self) -> None:
        text = folded("".join(self.line))
        self.line = []
        if text:
            self.pieces.append(Piece("text", self.mark + text, tight=bool(self.lists) and self.listed))
            self.mark, self.listed = "", bool(self.lists)


def folded(text: str) -> str:
    """Return text with its white space folded as a browser does, and a new line for each break."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.split(_BREAK))
    return clean("\n".join(lines)).strip()


def _visit(node: Tag, walk: _Walk) -> None:
    for child in node.children:
        if isinstance(child, Tag):
            _visit_tag(child, walk)
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            walk.line.append(str(child))


def _visit_tag(tag: Tag, walk: _Walk) -> None:
    if tag.name in _HEADINGS:
        walk.flush()
        walk.pieces.append(Piece("heading", _line_of(tag), level=_HEADINGS[tag.name]))
    elif tag.name == "br":
        walk.line.append(_BREAK)
    elif tag.name == "img":
        walk.line.append(str(tag.get("alt", "")))
    elif tag.name == "pre":
        walk.flush()
        walk.pieces.append(Piece("text", clean(tag.get_text()).strip("\n")))
    elif tag.name == "table" and not _is_layout(tag):
        walk.flush()
        walk.pieces.extend(_table(tag))
    elif tag.name in ("ul", "ol"):
        _visit_list(tag, walk)
    elif tag.name in _BLOCKS:
        _visit_block(tag, walk)
    else:
        _visit(tag, walk)


def _visit_block(tag: Tag, walk: _Walk) -> None:
    walk.flush()
    if tag.name == "li" and walk.lists:
        number = walk.lists[-1]
        walk.mark = "" if number < 0 else f"{number}. "
        walk.lists[-1] = number if number < 0 else number + 1
    _visit(tag, walk)
    walk.flush()


def _visit_list(tag: Tag, walk: _Walk) -> None:
    walk.flush()
    start = str(tag.get("start", "1"))
    walk.lists.append(-1 if tag.name == "ul" else int(start) if start.isdigit() else 1)
    _visit(tag, walk)
    walk.flush()
    walk.lists.pop()
    walk.listed = bool(walk.lists)


def _line_of(tag: Tag) -> str:
    return " ".join(folded(tag.get_text()).split())


def _is_layout(table: Tag) -> bool:
    """Return whether a table only places things: it holds tables, headings or lists, or a single cell."""
    return table.find(["table", "ul", "ol", *_HEADINGS]) is not None or len(table.find_all(["td", "th"], limit=2)) < 2


def _table(table: Tag) -> Iterator[Piece]:
    caption = table.find("caption")
    if isinstance(caption, Tag) and _line_of(caption):
        yield Piece("text", _line_of(caption))
    rows = list(table.find_all("tr"))
    headed = 0
    while headed < len(rows) and _is_head(rows[headed]):
        headed += 1
    yield from table_pieces(_grid(rows), headed=headed or None)


def _is_head(row: Tag) -> bool:
    if row.parent is not None and row.parent.name == "thead":
        return True
    cells = row.find_all(["td", "th"])
    return bool(cells) and all(cell.name == "th" for cell in cells)


def _grid(rows: list[Tag]) -> list[list[str]]:
    """Return the cells by row and column: a cell over several rows is repeated, so that each row says all it means."""
    grid: list[list[str]] = []
    held: dict[int, tuple[int, str]] = {}  # column -> (rows it still covers, its text)
    for row in rows:
        line: list[str] = []
        cells = iter(row.find_all(["td", "th"]))
        cell = next(cells, None)
        while cell is not None or len(line) in held:
            if len(line) in held:
                line.append(_carried(held, len(line)))
                continue
            assert cell is not None
            _place(cell, line, held=held)
            cell = next(cells, None)
        grid.append(line)
    return grid


def _carried(held: dict[int, tuple[int, str]], column: int) -> str:
    left, text = held.pop(column)
    if left > 1:
        held[column] = (left - 1, text)
    return text


def _place(cell: Tag, line: list[str], *, held: dict[int, tuple[int, str]]) -> None:
    text, wide, tall = _line_of(cell), _span(cell.get("colspan")), _span(cell.get("rowspan"))
    for extra in range(wide):
        if tall > 1:
            held[len(line)] = (tall - 1, "" if extra else text)
        line.append("" if extra else text)


def _span(value: Any) -> int:
    return min(max(int(str(value)), 1), _WIDEST_SPAN) if str(value).isdigit() else 1


def _said_title(soup: BeautifulSoup) -> str:
    """Return the page's title, without the site's name where the main heading shows what is the title."""
    said = _line_of(soup.title) if soup.title else ""
    heading = soup.find("h1")
    main = _line_of(heading) if isinstance(heading, Tag) else ""
    return main if main and main.casefold() in said.casefold() else said


def _said_date(soup: BeautifulSoup) -> str | None:
    for meta in soup.find_all("meta"):
        named = str(meta.get("name") or meta.get("property") or meta.get("itemprop") or "")
        found = parse_date(str(meta.get("content", ""))) if _DATE_NAMES.match(named) else None
        if found:
            return found
    linked = _LINKED_DATE.search(str(soup.find("script", type="application/ld+json") or ""))
    if linked and parse_date(linked[1]):
        return parse_date(linked[1])
    time = soup.find("time", attrs={"datetime": True})
    return parse_date(str(time["datetime"])) if isinstance(time, Tag) else None
