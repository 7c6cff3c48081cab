"""Removing a report, and the receipt in words."""

from __future__ import annotations

from rag import RagError
from rag.web.state import Desk, in_words


def remove(desk: Desk, report: str, *, purge: bool) -> str:
    """Remove the report with that id and return what went, in words, or why it is still there; ``purge`` blanks what
    conversations quote of it as well."""
    try:
        receipt = desk.indexes.remove(report, purge=purge)
    except RagError as error:
        return in_words(error)
    went = (receipt.pages, "page"), (receipt.chunks, "chunk"), (receipt.vectors, "vector")
    said = f"Removed: {receipt.report.title} ({', '.join(counted(number, noun) for number, noun in went)})."
    if receipt.blanked:
        return f"{said} What {counted(receipt.blanked, 'conversation')} quoted of it is blanked."
    if receipt.conversations:
        verb = "quotes" if receipt.conversations == 1 else "quote"
        return f"{said} {counted(receipt.conversations, 'conversation')} still {verb} it."
    return said


def counted(number: int, noun: str) -> str:
    """Return a number of things: "1 page", "2 pages"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
