"""Markdown as what it says: headings, paragraphs, list items and table rows, without the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.reading.dates import find_date, parse_date
from rag.reading.sections import Piece, cut, first_heading
from rag.reading.text import read_text
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document

_FRONT = re.compile(r"\A---[ \t]*\n(?P<body>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(?P<key>[A-Za-z][\w-]*)[ \t]*:[ \t]*(?P<value>\S.*)$", re.MULTILINE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_file(request: Request, progress: Progress) -> Document:
    """Return a Markdown file as a document; a title and a date in its front matter win over the text's."""
    said, body, skipped = _split_front(read_text(request))
    pieces = [_moved(piece, skipped) for piece in markdown_pieces(body)]
    pages = cut(pieces)
    progress(len(pages), len(pages))
    title = choose_title(said.get("title"), first_heading(pieces), request.name)
    date = parse_date(said.get("date", "")) or find_date(pages[0].text if pages else "")
    return Document(title, request.kind, pages, date=date)


def markdown_pieces(text: str) -> list[Piece]:
    """Return the pieces of Markdown text (CommonMark with tables), with their lines where the source tells them."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return list(_walk(parser.parse(text)))


def _split_front(text: str) -> tuple[dict[str, str], str, int]:
    """Return the fields of the front matter, the text after it, and how many lines it took."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text, 0
    fields = {found["key"].lower(): found["value"].strip().strip("\"'") for found in _FIELD.finditer(match["body"])}
    return fields, text[match.end() :], text.count("\n", 0, match.end())


def _moved(piece: Piece, lines: int) -> Piece:
    first, last = piece.lines
    return replace(piece, lines=(first + lines, last + lines)) if first else piece


@dataclass(slots=True)
class _Place:
    """Where the walk stands: in which lists, and in which table."""

    items: list[int] = field(default_factory=list)  # per open list: the next number, or -1 for bullets
    mark: str = ""
    started: bool = False
    cells: list[str] = field(default_factory=list)
    heads: str = ""
    in_head: bool = False


def _walk(tokens: Sequence[Token]) -> Iterator[Piece]:
    place = _Place()
    for at, token in enumerate(tokens):
        lines = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
        if token.type in ("fence", "code_block"):
            yield Piece("text", token.content.rstrip("\n"), lines=lines)
        elif token.type == "html_block":
            yield from _html(token.content)
        elif token.type == "inline":
            yield from _inline(token, tokens[at - 1], place=place, lines=lines)
        elif token.type == "tr_close":
            yield _row(place, _row_line(tokens, at))
        else:
            _enter(token, place)


def _enter(token: Token, place: _Place) -> None:
    """Follow the opening and closing of lists and tables."""
    if token.type == "ordered_list_open":
        place.items.append(int(token.attrs.get("start", 1)))
    elif token.type == "bullet_list_open":
        place.items.append(-1)
    elif token.type in ("ordered_list_close", "bullet_list_close"):
        place.items.pop()
        place.started = bool(place.items)
    elif token.type == "list_item_open":
        number = place.items[-1]
        place.mark = "" if number < 0 else f"{number}. "
        place.items[-1] = number if number < 0 else number + 1
    elif token.type == "table_open":
        place.heads = ""
    elif token.type in ("thead_open", "tbody_open"):
        place.in_head = token.type == "thead_open"
    elif token.type == "tr_open":
        place.cells = []


def _inline(token: Token, opener: Token, *, place: _Place, lines: tuple[int, int]) -> Iterator[Piece]:
    text = _plain(token.children or [])
    if opener.type in ("th_open", "td_open"):
        place.cells.append(" ".join(text.split()))
    elif opener.type == "heading_open":
        yield Piece("heading", " ".join(text.split()), level=int(opener.tag[1:]), lines=lines)
    elif text.strip():
        tight = place.started and bool(place.items)
        place.started = bool(place.items)
        mark, place.mark = place.mark, ""
        yield Piece("text", mark + text.strip(), tight=tight, lines=lines)


def _row(place: _Place, lines: tuple[int, int]) -> Piece:
    text = " | ".join(place.cells).strip()
    heads = "" if place.in_head else place.heads
    if place.in_head:
        place.heads = text
    return Piece("row", text, heads=heads, lines=lines)


def _row_line(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """Return the source line of the row that closes here; only its opening token carries it."""
    while tokens[at].type != "tr_open":
        at -= 1
    source = tokens[at].map
    return (source[0] + 1, source[1]) if source else (0, 0)


def _plain(children: Sequence[Token]) -> str:
    """Return inline tokens as text: a link's words, an image's description, code as it is, HTML tags dropped."""
    return "".join(_plain_token(child) for child in children)


def _plain_token(child: Token) -> str:
    if child.type in ("softbreak", "hardbreak"):
        return "\n"
    if child.type == "html_inline":
        return "\n" if _BREAK.match(child.content) else ""
    return child.content


def _html(source: str) -> Iterator[Piece]:
    """Yield what a block of HTML inside Markdown shows, tables included."""
    from rag.reading.html import html_pieces

    yield from html_pieces(source)
