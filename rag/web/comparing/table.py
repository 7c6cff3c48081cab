"""The table of a comparison: a browser component that fills its cells as they come.

``table.js`` receives plain values and puts every text into the page as text, never as HTML. A cell that is there is not
drawn again while others come, so that what was opened or selected in it stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag import Cell, Report, Statement
from rag.comparing import UNSTATED, Entry, Numbering
from rag.reading.tables import as_table
from rag.web.comparing.running import Comparison
from rag.web.components import component
from rag.web.footnotes import Held, source_data

# Words that a cell shows before the rest has to be opened. To quote no more than two sentences would lose some answers:
# of the facts of evals/suites/stations.jsonl 0.58 were there, of those of whole answers 0.67.
_BRIEF = 60


def show_table(found: Comparison, *, held: Held) -> None:
    """Draw the table; ``held`` are the (report, document) pairs that the library holds now."""
    data = table_data(found.questions, found.reports, found.cells, done=found.done, held=held)
    component(
        "footnote_comparison",
        '<div class="footnote comparison"></div>',
        "marks.css",
        "marks.js",
        "footnotes.css",
        "comparing/table.css",
        "comparing/table.js",
    )(key="comparison-table", data=data)


def table_data(
    questions: Sequence[str], reports: Sequence[Report], cells: Sequence[Cell], *, done: bool, held: Held
) -> dict[str, Any]:
    """Return what the browser draws of a comparison, as plain values; the cells so far, row by row."""
    numbering = Numbering()
    entries = [_cell(numbering.entry(cell)) for cell in cells]
    return {
        "questions": list(questions),
        "reports": [{"title": report.title, "date": report.date or ""} for report in reports],
        "cells": entries,
        "sources": [{"number": one.number, **source_data(one, held)} for one in numbering.citations],
        "done": done,
    }


def _cell(entry: Entry) -> dict[str, Any]:
    return {
        "statements": [
            {"text": one.text, "table": as_table(one.text), "support": one.support, "citations": list(one.citations)}
            for one in entry.statements
        ],
        "brief": _brief(entry.statements),
        "instead": entry.text if entry.error else "" if entry.statements else UNSTATED,
        "failed": bool(entry.error),
    }


def _brief(statements: Sequence[Statement]) -> int:
    """Return how many of the statements are shown before the others are opened: one at least."""
    words, shown = 0, 0
    for one in statements:
        words += len(one.text.split())
        if shown and words > _BRIEF:
            break
        shown += 1
    return shown
