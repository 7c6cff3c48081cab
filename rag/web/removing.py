"""Removing a report, and the receipt in words."""

from __future__ import annotations

from dataclasses import dataclass

from rag import RagError
from rag.web.state import Desk, in_words


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a removal, in words: what went, or, where it ``failed``, why the report is still there."""

    words: str
    failed: bool = False


def remove(desk: Desk, report: str, *, purge: bool) -> Removal:
    """Remove the report with that id and return what came of it; ``purge`` blanks what conversations quote of it as
    well."""
    try:
        receipt = desk.indexes.remove(report, purge=purge)
    except RagError as error:
        return Removal(in_words(error), failed=True)
    went = (receipt.pages, "page"), (receipt.chunks, "chunk"), (receipt.vectors, "vector")
    said = f"Removed: {receipt.report.title} ({', '.join(counted(number, noun) for number, noun in went)})."
    if receipt.blanked:
        return Removal(f"{said} What {counted(receipt.blanked, 'conversation')} quoted of it is blanked.")
    if receipt.conversations:
        verb = "quotes" if receipt.conversations == 1 else "quote"
        return Removal(f"{said} {counted(receipt.conversations, 'conversation')} still {verb} it.")
    return Removal(said)


def counted(number: int, noun: str) -> str:
    """Return a number of things: "1 page", "2 pages"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
