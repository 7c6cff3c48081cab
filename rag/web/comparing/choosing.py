"""What to compare: the questions, and the reports that they are asked of."""

from __future__ import annotations

import streamlit as st

from rag import Library, Report
from rag.web.parts import part
from rag.web.plain import one_line
from rag.web.ticking import Ticks, matches

MOST_QUESTIONS = 6
_TICKS = Ticks("compare")
_QUESTIONS, _SEARCH = "compare-questions", "compare-search"
_EXAMPLE = "How large is the crew of Tiangong?\nWhen is the ISS to be brought down?"
# In pixels, so that both sides end alike, and what is asked begins on the same screen: more scrolls.
_LIST, _BOX = 150, 206


def show_questions() -> None:
    """Draw the box for the questions."""
    st.text_area(
        f"Questions, one a line, {MOST_QUESTIONS} at most",
        key=_QUESTIONS,
        placeholder=_EXAMPLE,
        height=_BOX,
        persist_state="session",
    )


def written_questions() -> tuple[str, ...]:
    """Return the questions that are in the box, each once."""
    lines = str(st.session_state.get(_QUESTIONS) or "").splitlines()
    return tuple(dict.fromkeys(filter(None, map(one_line, lines))))


def chosen(library: Library) -> tuple[Report, ...]:
    """Return the reports that are ticked."""
    return _TICKS.of(library.reports())


@part
def show_choice(library: Library) -> None:
    """Draw the list of reports with a box each, a search over them, and All and None for what it finds."""
    reports = library.reports()
    st.text_input(
        "Reports",
        type="search",
        live=True,
        key=_SEARCH,
        placeholder="Find reports by title, date or kind",
    )
    _TICKS.show_count(len(chosen(library)), len(reports), "asked", lambda: _found(library))
    _TICKS.show_boxes(reports, _found(library), height=_LIST, border=True)


def _found(library: Library) -> list[Report]:
    words = str(st.session_state.get(_SEARCH) or "")
    return [report for report in library.reports() if matches(report, words)]
