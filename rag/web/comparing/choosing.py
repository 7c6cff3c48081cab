"""What to compare: the questions, and the reports that they are asked of."""

from __future__ import annotations

from collections import Counter
from typing import cast

import streamlit as st

from rag import Library, Report
from rag.web.parts import part
from rag.web.plain import one_line
from rag.web.sidebar import report_label

MOST_QUESTIONS = 6
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
    """Return the reports that are ticked: a report is until someone unticks it."""
    return tuple(report for report in library.reports() if report.id not in _unticked())


@part
def show_choice(library: Library) -> None:
    """Draw the list of reports with a box each, a search over their titles, and All and None for what it finds."""
    reports = library.reports()
    wanted = st.text_input(
        "Reports",
        type="search",
        live=True,
        key=_SEARCH,
        placeholder="Find reports by title, date or kind",
    )
    found = tuple(report for report in reports if _matches(report, wanted))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_asked(len(chosen(library)), len(reports)), width="stretch")
        for label, tick in (("All", True), ("None", False)):
            st.button(label, key=f"compare-{label}", type="tertiary", on_click=_tick_all, args=(reports, tick))
    with st.container(height=_LIST, border=True, gap="xsmall"):
        titles = Counter(one_line(report.title) for report in reports)
        for report in found:
            st.checkbox(
                report_label(report, with_name=titles[one_line(report.title)] > 1),
                value=report.id not in _unticked(),
                key=_key(report.id, _boxes()),
                on_change=_tick,
                args=(report.id, _boxes()),
            )
        if not found:
            st.caption("No report has that in its title, date or kind.")


def _matches(report: Report, wanted: str) -> bool:
    about = f"{report.title} {report.name} {report.date or ''} {report.kind}".casefold()
    return all(word in about for word in wanted.casefold().split())


def _asked(ticked: int, of: int) -> str:
    """Return how many reports are asked, in words."""
    if not ticked:
        return "None is asked"
    if ticked == of:
        return "It is asked" if of == 1 else f"All {of} are asked"
    return f"{ticked} of {of} {'is' if ticked == 1 else 'are'} asked"


def _unticked() -> set[str]:
    """Return the ids of the reports that this visitor unticked here; the set is the memory itself."""
    return cast(set[str], st.session_state.setdefault("compare-unticked", set()))


def _boxes() -> int:
    """Return the number of the boxes that are drawn now; All and None draw new ones. See rag/web/sidebar.py."""
    return cast(int, st.session_state.setdefault("compare-boxes", 0))


def _key(report: str, boxes: int) -> str:
    return f"compare-tick-{boxes}-{report}"


def _tick(report: str, boxes: int) -> None:
    if boxes == _boxes():
        (_unticked().discard if st.session_state[_key(report, boxes)] else _unticked().add)(report)


def _tick_all(reports: tuple[Report, ...], ticked: bool) -> None:
    """Tick or untick what the search finds, by its newest words: they may have come with the click."""
    ids = {report.id for report in reports if _matches(report, str(st.session_state.get(_SEARCH) or ""))}
    (_unticked().difference_update if ticked else _unticked().update)(ids)
    st.session_state["compare-boxes"] = _boxes() + 1
