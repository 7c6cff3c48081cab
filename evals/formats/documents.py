"""Passages and paragraphs as reports: documents that are made when they are asked for, and never files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from evals.suite import Shelf
from rag import Block, Document, Page

Documents = Callable[[], Iterator[tuple[str, Document]]]


def text_page(number: int, label: str, text: str, *, heading: str = "") -> Page:
    """Return a page with the heading, if any, and the text as one block each, as a reader gives a Markdown file's.

    White space around either is dropped; a page without text has no block.
    """
    pieces = [(kind, piece) for kind, piece in (("heading", _plain(heading)), ("text", _plain(text))) if piece]
    blocks: list[Block] = []
    whole = ""
    for kind, piece in pieces:
        whole += "\n\n" if whole else ""
        start, whole = len(whole), whole + piece
        blocks.append(
            Block(start, len(whole), "heading", level=1) if kind == "heading" else Block(start, len(whole), "text")
        )
    return Page(number, label, whole, tuple(blocks))


def document(title: str, *pages: Page) -> Document:
    """Return the pages as a document of plain text, undated."""
    return Document(" ".join(_plain(title).split()), "text", pages)


def shelf_of(documents: Documents) -> Shelf:
    """Return the shelf of documents that ``documents`` yields anew at every call.

    Its key is a hash of what they hold, so that the library kept of them is made again once a loader, or its data,
    makes them otherwise.
    """
    held = hashlib.sha256()
    for name, one in documents():
        held.update(repr((name, one.title, one.kind, one.pages)).encode("utf-8", "backslashreplace"))
    return Shelf(documents=documents, key=held.hexdigest())


def _plain(text: str) -> str:
    """Return the text with \\n line ends and without what UTF-8 cannot write, as pages have to be."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return lines.encode("utf-8", "replace").decode("utf-8")
