"""The side of the page: which reports are searched, adding and removing them, and who writes."""

from __future__ import annotations

from collections import Counter
from typing import cast

import streamlit as st

from rag import Library, RagError, Report
from rag.web.adding import show_adding, show_uploads
from rag.web.parts import part
from rag.web.plain import WORD_JOINER, one_line, plain
from rag.web.state import Desk, exchanges, in_words
from rag.web.writers import writer_label

TAGLINE = ("Ask your reports.", "Every sentence of the answer carries a footnote you can check.")
# More rows than this scroll in a frame of their own, in pixels.
_ROWS, _FRAME = 7, 330


def show_sidebar(desk: Desk, *, with_uploads: bool) -> None:
    """Draw the sidebar. Its parts run alone when used, so that ticking a box stops no answer."""
    with st.sidebar:
        st.header("Footnote", anchor=False)
        st.button(
            "New chat", key="new-chat", icon=":material/edit_square:", on_click=exchanges().clear, width="stretch"
        )
        _show_reports(desk)
        # Above the form, where they are in view: below it, the page often ends.
        if with_uploads:
            show_uploads()
        if desk.library.held():
            show_adding(desk.settings.home, beside=True)
        show_writers(desk)


def chosen_reports(library: Library) -> tuple[str, ...] | None:
    """Return the ids of the ticked reports, None where all are: a report is ticked until someone unticks it."""
    reports = library.reports()
    ticked = tuple(report.id for report in reports if _ticked(report))
    return None if len(ticked) == len(reports) else ticked


def chosen_writer(desk: Desk) -> str:
    """Return the writer that is picked; one that is no longer on offer gives way to the preferred one."""
    picked = st.session_state.get("writer")
    return picked if picked in desk.writers.offered() else desk.writers.preferred()


def _unticked() -> set[str]:
    """Return the ids of the reports that this visitor unticked; the set is the memory itself."""
    return cast(set[str], st.session_state.setdefault("unticked", set()))


def _ticked(report: Report) -> bool:
    return report.id not in _unticked()


def _boxes() -> int:
    """Return the number of the boxes that are drawn now; All and None draw new ones."""
    return cast(int, st.session_state.setdefault("boxes", 0))


def _key(report: str, boxes: int) -> str:
    return f"tick-{boxes}-{report}"


def _tick(report: str, boxes: int) -> None:
    # The browser may tell once more how boxes were that are gone: they say nothing of what was ticked since.
    if boxes == _boxes():
        (_unticked().discard if st.session_state[_key(report, boxes)] else _unticked().add)(report)


def _tick_all(reports: tuple[Report, ...], ticked: bool) -> None:
    _unticked().clear()
    _unticked().update(() if ticked else (report.id for report in reports))
    st.session_state["boxes"] = _boxes() + 1


@part
def _show_reports(desk: Desk) -> None:
    reports = desk.library.reports()
    if "receipt" in st.session_state:
        st.caption(plain(st.session_state.pop("receipt")))
    if not reports:
        return
    ticked = sum(map(_ticked, reports))
    st.subheader("Reports", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_searched(ticked, len(reports)), width="stretch")
        st.button("All", key="tick-all", type="tertiary", on_click=_tick_all, args=(reports, True))
        st.button("None", key="tick-none", type="tertiary", on_click=_tick_all, args=(reports, False))
    with st.container(height=_FRAME if len(reports) > _ROWS else "content", border=False, gap="xsmall"):
        titles = Counter(one_line(report.title) for report in reports)
        for report in reports:
            # Drawn as it is, not set through the session: until it took that over, the browser would take it for empty.
            st.checkbox(
                report_label(report, with_name=titles[one_line(report.title)] > 1),
                value=_ticked(report),
                key=_key(report.id, _boxes()),
                on_change=_tick,
                args=(report.id, _boxes()),
            )
    _show_removing(desk, reports)


def _searched(ticked: int, of: int) -> str:
    """Return how many reports are searched, in words."""
    if not ticked:
        return "None is searched"
    if ticked == of:
        return "It is searched" if of == 1 else f"All {of} are searched"
    return f"{ticked} of {of} {'is' if ticked == 1 else 'are'} searched"


def report_label(report: Report, *, with_name: bool) -> str:
    """Return a report's title and what is known of it; with its name where another report has the same title."""
    about = " · ".join(filter(None, (report.date, _counted(report.pages, "page"))))
    # Kept on one line, below the title where there is no room beside it.
    unbroken = plain(about).replace(" ", "\u00a0").replace("-", f"-{WORD_JOINER}")
    name = f"{plain(report.name)} · " if with_name else ""
    return f"{plain(report.title)} :small[:gray[{name}{unbroken}]]"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _show_removing(desk: Desk, reports: tuple[Report, ...]) -> None:
    titles = {report.id: f"{report.title} ({report.name})" for report in reports}
    with st.popover("Remove a report", type="tertiary", icon=":material/delete:", key="removing"):
        # Nothing is picked beforehand: one click must not remove what nobody chose.
        picked = st.selectbox(
            "Report",
            list(titles),
            index=None,
            format_func=lambda one: titles.get(one, one),
            placeholder="Choose a report",
            key="remove-which",
        )
        st.caption("It leaves the shelf for good: its file, its pages and what was made of them.")
        if st.button("Remove it", key="remove", type="primary", disabled=picked is None) and picked:
            _remove(desk, picked)
            st.rerun()


def _remove(desk: Desk, report: str) -> None:
    try:
        receipt = desk.indexes.remove(report)
        removed = receipt.report
        went = ", ".join(
            _counted(number, noun)
            for number, noun in ((receipt.pages, "page"), (receipt.chunks, "chunk"), (receipt.vectors, "vector"))
        )
        said = f"Removed: {removed.title} ({went})."
        _unticked().discard(removed.id)
    except RagError as error:
        said = in_words(error)
    st.session_state["receipt"] = said


@part
def show_writers(desk: Desk) -> None:
    """Draw the picker of the writer; what is picked holds on every page."""
    offered = desk.writers.offered()
    if st.session_state.get("writer") not in offered:
        st.session_state.pop("writer", None)
    st.selectbox(
        "Writer",
        offered,
        # Not set in the session: until the browser had taken that over, it would send the first one back.
        index=offered.index(desk.writers.preferred()),
        format_func=writer_label,
        key="writer",
        persist_state="session",
        help="Who turns what was found into an answer. Set RAG_MODEL, or start Ollama, and a model is offered here.",
    )
