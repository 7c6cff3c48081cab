"""Which reports are searched: tick boxes, a search box above them, and filters by date and kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import cast

import streamlit as st

from rag import Library, Question, Report
from rag.retrieval import passes
from rag.web.parts import part
from rag.web.plain import WORD_JOINER, one_line, plain
from rag.web.state import Desk

# More rows than this scroll in a frame of their own, in pixels; more than so many are found by their words.
_ROWS, _FRAME, _MOST = 6, 300, 60
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_NO_DATE = "Write a date as 2024, 2024-05 or 2024-05-31."


def asked_of(library: Library, text: str) -> Question:
    """Return the question of the reports that are ticked and pass the filters."""
    reports = library.reports()
    ticked = tuple(report.id for report in reports if _ticked(report))
    return Question(
        text,
        reports=None if len(ticked) == len(reports) else ticked,
        since=_date("since") or None,
        until=_date("until") or None,
        kinds=tuple(_kinds()) or None,
    )


def searched(library: Library) -> tuple[Report, ...]:
    """Return the reports that a question is asked of now."""
    question = asked_of(library, "")
    return tuple(one for one in library.reports() if _ticked(one) and passes(one, question))


@part
def show_choosing(desk: Desk) -> None:
    """Draw the list of reports; ticking a box stops no answer."""
    reports = desk.library.reports()
    if not reports:
        st.caption("There are no reports yet.")
        return
    shown = _found(reports)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_said(len(searched(desk.library)), len(reports)), width="stretch")
        st.button("All", key="tick-all", type="tertiary", on_click=_tick_all, args=(shown, True))
        st.button("None", key="tick-none", type="tertiary", on_click=_tick_all, args=(shown, False))
    if len(reports) > _ROWS:
        _show_narrowing(reports)
    _show_boxes(reports, shown)


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
        with st.popover(
            "Filter",
            icon=":material/filter_alt:" if active else ":material/filter_list:",
            key="filter",
            width="content",
        ):
            kinds = sorted({report.kind for report in reports})
            st.pills("Kind", kinds, selection_mode="multi", key="kinds", persist_state="session")
            for name, label in (("since", "From"), ("until", "To")):
                st.text_input(label, key=name, placeholder="2024-05-31", persist_state="session")
            if any(_typed(name) and not _date(name) for name in ("since", "until")):
                st.caption(_NO_DATE)
            st.caption("A report without a date passes no date.")


def _show_boxes(reports: Sequence[Report], shown: Sequence[Report]) -> None:
    titles = Counter(one_line(report.title) for report in reports)
    with st.container(height=_FRAME if len(shown) > _ROWS else "content", border=False, gap="xsmall"):
        for report in shown[:_MOST]:
            # Drawn as it is, not set through the session: until it took that over, the browser would take it for empty.
            st.checkbox(
                report_label(report, with_name=titles[one_line(report.title)] > 1),
                value=_ticked(report),
                key=_key(report.id, _boxes()),
                on_change=_tick,
                args=(report.id, _boxes()),
            )
    if not shown:
        st.caption("No report has these words, or passes the filter.")
    elif len(shown) > _MOST:
        st.caption(f"and {len(shown) - _MOST:,} more: find them by their words.")


def _found(reports: Sequence[Report]) -> tuple[Report, ...]:
    """Return the reports that pass the filters and have the words that are looked for in their title or name."""
    words = str(st.session_state.get("find") or "").casefold().split()
    question = Question("", since=_date("since") or None, until=_date("until") or None, kinds=tuple(_kinds()) or None)
    return tuple(
        report
        for report in reports
        if passes(report, question) and all(word in f"{report.title} {report.name}".casefold() for word in words)
    )


def _kinds() -> list[str]:
    return cast(list[str], st.session_state.get("kinds") or [])


def _typed(name: str) -> str:
    return str(st.session_state.get(name) or "").strip()


def _date(name: str) -> str:
    """Return the date that was typed; "" for none and for what is no date."""
    return _typed(name) if _DATE.fullmatch(_typed(name)) else ""


def unticked() -> set[str]:
    """Return the ids of the reports that this visitor unticked; the set is the memory itself."""
    return cast(set[str], st.session_state.setdefault("unticked", set()))


def _ticked(report: Report) -> bool:
    return report.id not in unticked()


def _boxes() -> int:
    """Return the number of the boxes that are drawn now; All and None draw new ones."""
    return cast(int, st.session_state.setdefault("boxes", 0))


def _key(report: str, boxes: int) -> str:
    return f"tick-{boxes}-{report}"


def _tick(report: str, boxes: int) -> None:
    # The browser may tell once more how boxes were that are gone: they say nothing of what was ticked since.
    if boxes == _boxes():
        (unticked().discard if st.session_state[_key(report, boxes)] else unticked().add)(report)


def tick_all_but(reports: Collection[str]) -> None:
    """Tick every report but those with these ids, and let no filter keep one out."""
    for name in ("kinds", "since", "until"):
        st.session_state.pop(name, None)
    unticked().clear()
    unticked().update(reports)
    # New boxes: those that were drawn before say how they were ticked then.
    st.session_state["boxes"] = _boxes() + 1


def _tick_all(shown: Sequence[Report], ticked: bool) -> None:
    for report in shown:
        (unticked().discard if ticked else unticked().add)(report.id)
    st.session_state["boxes"] = _boxes() + 1


def _said(number: int, of: int) -> str:
    """Return how many reports are searched, in words."""
    if not number:
        return "None is searched"
    if number == of:
        return "It is searched" if of == 1 else f"All {of:,} are searched"
    return f"{number:,} of {of:,} {'is' if number == 1 else 'are'} searched"


def report_label(report: Report, *, with_name: bool) -> str:
    """Return a report's title and what is known of it as Markdown; with its name where another has the same title."""
    pages = f"{report.pages:,} page" + ("" if report.pages == 1 else "s")
    about = " · ".join(filter(None, (report.date, pages)))
    # Kept on one line, below the title where there is no room beside it.
    unbroken = plain(about).replace(" ", "\u00a0").replace("-", f"-{WORD_JOINER}")
    name = f"{plain(report.name)} · " if with_name else ""
    return f"{plain(report.title)} :small[:gray[{name}{unbroken}]]"
