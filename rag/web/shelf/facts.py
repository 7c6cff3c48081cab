"""What is known of one report, with the ways to open it and to save its original: a small browser component."""

from __future__ import annotations

from typing import Any

from rag import Library, Report
from rag.reading import size_said
from rag.web.components import component

# A report of thousands of scanned pages has as many notes.
_MOST_NOTES = 200


def show_facts(library: Library, report: Report, *, kept: bool) -> None:
    """Draw a report's facts and its warnings by page; ``kept`` says that its original is there to be saved."""
    component("footnote_report", '<section class="facts"></section>', "shelf/facts.css", "shelf/facts.js")(
        key=f"facts-{report.id}", data=facts_data(library, report, kept=kept)
    )


def facts_data(library: Library, report: Report, *, kept: bool) -> dict[str, Any]:
    """Return what the browser draws of a report, as plain values."""
    noted = report.ledger[:_MOST_NOTES]
    numbers = sorted({1, *(note.page for note in noted if note.page)})
    labels = {number: page.label for (_, number), page in library.pages([(report.id, n) for n in numbers]).items()}
    return {
        "title": report.title,
        "document": report.document,
        "date": report.date or "",
        "first": labels.get(1, ""),
        "original": f"/source/{report.document}/original" if kept else "",
        "facts": [
            ["File", report.name],
            ["Date", report.date or "none found"],
            ["Kind", report.kind],
            ["Pages", f"{report.pages:,}"],
            ["Chunks", f"{report.chunks:,}"],
            ["Size", size_said(report.size)],
            ["Added", report.added.replace("T", " ").replace("+00:00", " UTC")],
            ["Id", report.id],
        ],
        "notes": [{"page": note.page, "label": labels.get(note.page, ""), "message": note.message} for note in noted],
        "more": len(report.ledger) - len(noted),
    }
