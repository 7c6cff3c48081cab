"""Pieces of a document in reading order become pages: text with its blocks, cut where a reader would cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.types import Block, BlockKind, Page

PAGE_LENGTH = 3000
_LABEL_LENGTH = 80
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading, a paragraph or list item, or a table row, before it has a place on a page.

    ``tight`` puts it on the line after the piece before it, with no blank line between (list items). ``lines`` are its
    first and last line in a plain-text source, 1-based; (0, 0) where lines mean nothing.
    """

    kind: BlockKind
    text: str
    level: int = 0
    heads: str = ""
    tight: bool = False
    lines: tuple[int, int] = (0, 0)


def compose(pieces: Iterable[Piece]) -> tuple[str, tuple[Block, ...]]:
    """Return the pieces as one text and the blocks in it; white space around a piece is dropped; ("", ()) for none."""
    text, at, blocks = [], 0, []
    last: Piece | None = None
    for piece in pieces:
        body = piece.text.strip()
        if not body:
            continue
        gap = _gap(last, piece)
        at += len(gap)
        blocks.append(Block(at, at + len(body), piece.kind, level=piece.level, heads=piece.heads))
        text += [gap, body]
        at += len(body)
        last = piece
    return "".join(text), tuple(blocks)


def cut(pieces: Sequence[Piece]) -> tuple[Page, ...]:
    """Return the pages of a document that has none of its own.

    Each heading that has text of its own begins a page; a heading without goes to the beginning of the next page. A
    section over PAGE_LENGTH characters is cut between pieces. No pieces give no pages.
    """
    pages: list[Page] = []
    for heading, section in _sections([piece for piece in pieces if piece.text.strip()]):
        parts = list(_parts(section))
        for count, part in enumerate(parts, start=1):
            label = _label(heading, part, count=count)
            text, blocks = compose(part)
            pages.append(Page(len(pages) + 1, label, text, blocks))
    return tuple(pages)


def first_heading(pieces: Iterable[Piece]) -> str:
    """Return the first of the outermost headings on one line, "" for none."""
    headings = [piece for piece in pieces if piece.kind == "heading"]
    return " ".join(min(headings, key=lambda piece: piece.level).text.split()) if headings else ""


def _gap(last: Piece | None, piece: Piece) -> str:
    if last is None:
        return ""
    close = piece.tight or (piece.kind == "row" and last.kind == "row")
    return "\n" if close else "\n\n"


def _sections(pieces: Sequence[Piece]) -> Iterator[tuple[str, list[Piece]]]:
    """Yield (innermost heading or "", pieces); the pieces begin with the headings, in order."""
    section: list[Piece] = []
    heading = ""
    for piece in pieces:
        if piece.kind == "heading" and any(held.kind != "heading" for held in section):
            yield heading, section
            section, heading = [], ""
        if piece.kind == "heading":
            heading = piece.text
        section.append(piece)
    if section:
        yield heading, section


def _parts(section: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield runs of pieces near PAGE_LENGTH; headings are never left alone at the end of one."""
    part: list[Piece] = []
    length = 0
    for piece in (short for long in section for short in _shortened(long)):
        if length + len(piece.text) > PAGE_LENGTH and any(held.kind != "heading" for held in part):
            yield part
            part, length = [], 0
        part.append(piece)
        length += len(piece.text)
    yield part


def _shortened(piece: Piece) -> Iterator[Piece]:
    """Yield a piece of text as it is, or in parts if it is as long as two pages: a log has no blank lines."""
    text, first = piece.text, piece.lines[0]
    while piece.kind == "text" and len(text) > 2 * PAGE_LENGTH:
        at = _break(text)
        skipped = 1 if text[at].isspace() else 0
        last = first + text.count("\n", 0, at)
        yield replace(piece, text=text[:at], lines=(first, last) if first else (0, 0))
        first = last + text.count("\n", at, at + skipped) if first else 0
        text = text[at + skipped :]
    yield replace(piece, text=text, lines=(first, piece.lines[1]))


def _break(text: str) -> int:
    """Return where to cut a text near PAGE_LENGTH: at a line's end, else at a space, else in the middle of a word."""
    found = (text.rfind(mark, 1, PAGE_LENGTH) for mark in "\n ")
    return next((at for at in found if at > 0), PAGE_LENGTH)


def _label(heading: str, part: Sequence[Piece], *, count: int) -> str:
    """Return what a person would write to point at this page."""
    first, last = part[0].lines[0], part[-1].lines[1]
    if not heading and first:
        return f"lines {first}-{last}" if last > first else f"line {first}"
    if not heading:
        return f"part {count}"
    # A bullet of some symbol font shows as an empty box anywhere else.
    name = " ".join(_PRIVATE.sub(" ", heading).split())
    short = name if len(name) <= _LABEL_LENGTH else name[: _LABEL_LENGTH - 1].rstrip() + "…"
    return f"§ {short}" + (f" ({count})" if count > 1 else "")
