"""Which reports are searched: tick boxes, a search box above them, and filters by date and kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

import streamlit as st

from rag import Library, Question, Report
from rag.retrieval import passes
from rag.web.parts import part
from rag.web.state import Desk
from rag.web.ticking import Ticks, matches

# More rows than this scroll in a frame of their own, in pixels.
_ROWS, _FRAME = 6, 300
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_NO_DATE = "Write a date as 2024, 2024-05 or 2024-05-31."
_CROSSED = "From is later than To, so that no report passes. Swap the dates."
_FILTERS = ("kinds", "since", "until")
_TICKS = Ticks("search")


def asked_of(library: Library, text: str) -> Question:
    """Return the question of the reports that are ticked and pass the filters."""
    reports = library.reports()
    ticked = tuple(report.id for report in _TICKS.of(reports))
    return replace(_filtered(), text=text, reports=None if len(ticked) == len(reports) else ticked)


def ask_all_but(reports: Collection[str]) -> None:
    """Tick every report but those with these ids, and let no filter keep one out."""
    for name in _FILTERS:
        st.session_state.pop(name, None)
    _TICKS.tick_all_but(reports)


@part
def show_choosing(desk: Desk) -> None:
    """Draw the list of reports; ticking a box stops no answer."""
    reports = desk.library.reports()
    if not reports:
        st.caption("There are no reports yet.")
        return
    searched = _passing(_TICKS.of(reports))
    _TICKS.show_count(len(searched), len(reports), "searched", lambda: _found(desk.library))
    if len(reports) > _ROWS:
        _show_narrowing(reports)
    shown = _found(desk.library)
    _TICKS.show_boxes(reports, shown, height=_FRAME if len(shown) > _ROWS else "content", border=False)


def _show_narrowing(reports: Sequence[Report]) -> None:
    """Draw the search box, which narrows what is seen, and the filters, which narrow what is searched as well."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Find a report",
            key="find",
            placeholder="Find a report",
            label_visibility="collapsed",
            icon=":material/search:",
        )
        active = bool(_kinds() or _date("since") or _date("until"))
        icon = ":material/filter_alt:" if active else ":material/filter_list:"
        with st.popover("Filter", icon=icon, key="filter", width="content"):
            kinds = sorted({report.kind for report in reports})
            st.pills("Kind", kinds, selection_mode="multi", key="kinds", persist_state="session")
            for name, label in (("since", "From"), ("until", "To")):
                st.text_input(label, key=name, placeholder="2024-05-31", persist_state="session")
            if any(_typed(name) and not _date(name) for name in ("since", "until")):
                st.caption(_NO_DATE)
            if _crossed():
                st.caption(_CROSSED)
            st.caption("A report without a date passes no date.")


def _found(library: Library) -> list[Report]:
    """Return the reports that pass the filters and have the words that are looked for."""
    return [report for report in _passing(library.reports()) if matches(report, _typed("find"))]


def _passing(reports: Sequence[Report]) -> list[Report]:
    """Return those of the reports that pass the filters."""
    question = _filtered()
    return [report for report in reports if passes(report, question)]


def _filtered() -> Question:
    """Return a question with the filters, of all reports."""
    return Question("", since=_date("since") or None, until=_date("until") or None, kinds=tuple(_kinds()) or None)


def _kinds() -> list[str]:
    return cast(list[str], st.session_state.get("kinds") or [])


def _typed(name: str) -> str:
    return str(st.session_state.get(name) or "").strip()


def _crossed() -> bool:
    """Return whether From is later than To, in as much as both dates say: 2024-05 is not later than 2024."""
    since, until = _date("since"), _date("until")
    shared = min(len(since), len(until))
    return since[:shared] > until[:shared]


def _date(name: str) -> str:
    """Return the date that was typed; "" for none and for what is no date."""
    return _typed(name) if _DATE.fullmatch(_typed(name)) else ""
