"""Statements with numbered footnotes: hovering shows the quote, a click opens its page beside. A browser component.

``footnotes.js`` receives plain values and puts every text into the page as text, never as HTML, so that nothing in a
report can run, link or load. Each statement is a component of its own, mounted once: a growing answer moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from rag import Citation, Conflict, Refusal, Source, Statement
from rag.answering import NO_REPORT_CHOSEN
from rag.conflicts import THEY_DIFFER
from rag.reading.tables import as_table
from rag.web.components import component

Held = Collection[tuple[str, str]]

# What to do about a refusal here, by its reason: other surfaces have no list to tick.
_STEPS = {NO_REPORT_CHOSEN: "Tick a report in the list at the side, or press All there, and ask again."}


def show_statement(statement: Statement, citations: Mapping[int, Citation], *, held: Held, key: str) -> None:
    """Draw a statement, its verdict, and the numbers of what it cites.

    ``citations`` are the answer's by number; ``held`` are the (report, document) pairs that the library holds now.
    """
    _component()(key=key, data=statement_data(statement, citations, held))


def show_refusal(text: str, refusal: Refusal, *, held: Held, key: str) -> None:
    """Draw the sentence that says no, the next step, what is missing, and the nearest places with their quotes."""
    _component()(key=key, data=refusal_data(text, refusal, held))


def show_conflict(conflict: Conflict, citations: Mapping[int, Citation], *, held: Held, key: str) -> None:
    """Draw a note that reports differ: each value with its report, its date and the number of its footnote."""
    _component()(key=key, data=conflict_data(conflict, citations, held))


def statement_data(statement: Statement, citations: Mapping[int, Citation], held: Held) -> dict[str, Any]:
    """Return what the browser draws of a statement, as plain values."""
    cited = [citations[number] for number in statement.citations]
    return {
        "text": statement.text,
        "table": as_table(statement.text),
        "support": statement.support,
        "sources": [{"number": one.number, **source_data(one, held)} for one in cited],
    }


def conflict_data(conflict: Conflict, citations: Mapping[int, Citation], held: Held) -> dict[str, Any]:
    """Return what the browser draws of a conflict, as plain values, the newest value first."""
    return {
        "differ": THEY_DIFFER,
        "values": [
            {
                "value": one.value,
                "when": one.date or "no date",
                "number": one.citation,
                **source_data(citations[one.citation], held),
            }
            for one in conflict.values
        ],
    }


def refusal_data(text: str, refusal: Refusal, held: Held) -> dict[str, Any]:
    """Return what the browser draws of a refusal, as plain values."""
    return {
        "text": text,
        "reason": "" if refusal.reason == text else refusal.reason,
        "step": _STEPS.get(refusal.reason, ""),
        "missing": list(refusal.missing),
        "nearest": [source_data(one, held) for one in refusal.nearest],
    }


def source_data(source: Source, held: Held) -> dict[str, Any]:
    """Return what shows a source on a card and opens it in the source panel, as plain values."""
    return {
        "document": source.document,
        "page": source.page,
        "start": source.start,
        "end": source.end,
        "title": source.title,
        "date": source.date or "",
        "label": source.label,
        "quote": source.quote,
        "gone": (source.report, source.document) not in held,
    }


def _component() -> Callable[..., Any]:
    return component(
        "footnote_statement", '<div class="footnote"></div>', "marks.css", "marks.js", "footnotes.css", "footnotes.js"
    )
