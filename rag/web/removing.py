"""Removing a report, and the receipt in words."""

from __future__ import annotations

from rag import RagError
from rag.web.state import Desk, in_words


def remove(desk: Desk, report: str) -> str:
    """Remove the report with that id and return what went, in words, or why it is still there."""
    try:
        receipt = desk.indexes.remove(report)
    except RagError as error:
        return in_words(error)
    went = (receipt.pages, "page"), (receipt.chunks, "chunk"), (receipt.vectors, "vector")
    return f"Removed: {receipt.report.title} ({', '.join(counted(number, noun) for number, noun in went)})."


def counted(number: int, noun: str) -> str:
    """Return a number of things: "1 page", "2 pages"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
