"""Reports -> the rows of the list: searched, filtered, sorted, and a page of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag import Report
from rag.reading import size_said

# More rows than this would make the list slow to draw and long to walk through by keyboard.
ROWS = 50

_SORTS: dict[str, Callable[[Report], Any]] = {
    "title": lambda report: report.title.casefold(),
    "date": lambda report: report.date or "",
    "kind": lambda report: report.kind,
    "pages": lambda report: report.pages,
    "chunks": lambda report: report.chunks,
    "size": lambda report: report.size,
    "added": lambda report: report.added,
    "status": lambda report: len(report.ledger),
}
# What is read from the most down, at the first click.
_FALLING = frozenset({"date", "pages", "chunks", "size", "added", "status"})


@dataclass(frozen=True, slots=True)
class View:
    """What of the list is shown: the order, the page of rows (from 0), and the chosen report's id, "" for none."""

    sort: str = "title"
    falling: bool = False
    page: int = 0
    chosen: str = ""

    def sorted_by(self, sort: str) -> View:
        """Return the view in that order, turned round where it was in that order already."""
        falling = not self.falling if sort == self.sort else sort in _FALLING
        return View(sort if sort in _SORTS else "title", falling, 0, self.chosen)

    def at(self, page: int) -> View:
        """Return the view at that page of rows."""
        return replace(self, page=max(page, 0))

    def choosing(self, report: str) -> View:
        """Return the view with that report chosen, or none where it was chosen already."""
        return replace(self, chosen="" if report == self.chosen else report)


def find(reports: Sequence[Report], *, words: str, kind: str | None) -> list[Report]:
    """Return the reports of the kind, None for all, that have every word in their title, name, date or id."""
    wanted = words.casefold().split()
    return [
        report
        for report in reports
        if kind in (None, report.kind)
        and all(word in f"{report.title}\n{report.name}\n{report.date}\n{report.id}".casefold() for word in wanted)
    ]


def listed(found: Sequence[Report], view: View, original: Callable[[str], Path]) -> dict[str, Any]:
    """Return what the browser draws of the list, as plain values: one page of its rows and where that page is."""
    pages = max(1, -(-len(found) // ROWS))
    page = min(view.page, pages - 1)
    # Sorting keeps the order of titles among equals, both ways.
    ordered = sorted(found, key=_SORTS[view.sort], reverse=view.falling)
    return {
        "rows": [_row(report, original) for report in ordered[page * ROWS : (page + 1) * ROWS]],
        "sort": view.sort,
        "falling": view.falling,
        "page": page,
        "pages": pages,
        "first": page * ROWS + 1 if found else 0,
        "total": len(found),
        "chosen": view.chosen,
    }


def status(report: Report, original: Callable[[str], Path]) -> tuple[str, bool]:
    """Return how a report is, in words, and whether all is well."""
    if not original(report.document).is_file():
        return "original lost", False
    if not report.ledger:
        return "ready", True
    return f"{len(report.ledger)} warning" + ("" if len(report.ledger) == 1 else "s"), False


def _row(report: Report, original: Callable[[str], Path]) -> dict[str, Any]:
    words, well = status(report, original)
    return {
        "id": report.id,
        "title": report.title,
        "name": report.name,
        "date": report.date or "",
        "kind": report.kind,
        "pages": f"{report.pages:,}",
        "chunks": f"{report.chunks:,}",
        "size": size_said(report.size),
        "added": report.added[:10],
        "status": words,
        "well": well,
    }
