"""The page of the library: its head, the form for files, jobs on their way, the list with its details, the upkeep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import streamlit as st

from rag import Library, Report
from rag.web.adding import show_adding, show_samples, show_uploads
from rag.web.looking import look
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.removing import counted
from rag.web.shelf.details import show_details, take_begun, take_receipt
from rag.web.shelf.listing import show_listing
from rag.web.shelf.rows import View, find, listed
from rag.web.shelf.upkeep import show_upkeep
from rag.web.state import Desk

# Seconds between looks for a change: while a job is at work, and at rest.
_SOON, _LATER = 2.0, 3.0
_KINDS = "PDF, Word, PowerPoint, Excel, CSV, HTML, EPUB, Markdown, text, or a zip of them."


def show_library_page(desk: Desk, samples: Path) -> None:
    """Draw the library; ``samples`` is the folder of sample reports, which may be absent."""
    # Before anything of it is drawn: what changes meanwhile is seen at the next look.
    seen = st.session_state["seen-library"] = _state(desk)
    reports = desk.library.reports()
    st.title("Library", anchor=False)
    if removal := take_receipt():
        if removal.failed:
            st.error(plain(removal.words))
        else:
            st.success(plain(removal.words), icon=":material/check:")
    if begun := take_begun():
        # The list may be long, and what is begun is seen above it.
        st.toast(plain(begun), icon=":material/hourglass_top:", duration="long")
    # Each part has a place that is there in every run, so that none takes another's.
    under_way, adding, shelf, upkeep = st.container(), st.container(), st.container(), st.container()
    with under_way:
        show_uploads(desk)
    with adding:
        _show_adding(desk, samples, empty=not reports)
    if reports:
        with shelf:
            part(_show_shelf)(desk)
        with upkeep:
            part(show_upkeep)(desk)
    running = any(state == "running" for _, state in seen[1])
    part(_watch)(desk, _SOON if running else _LATER)


def _show_adding(desk: Desk, samples: Path, *, empty: bool) -> None:
    if not empty:
        # Known to the server, not to the browser alone: it stays open however often the page is drawn again.
        shown = bool(st.session_state.get("adding-shown"))
        icon, label = ("close", "Close the form") if shown else ("add", "Add reports")
        st.button(label, key="show-adding", icon=f":material/{icon}:", on_click=_turn_adding)
        if shown:
            with st.container(border=True):
                st.caption(_KINDS)
                show_adding(desk, beside=False)
        return
    st.markdown("There are no reports yet. Add your own:")
    st.caption(_KINDS)
    show_adding(desk, beside=False)
    show_samples(desk, samples)


def _turn_adding() -> None:
    st.session_state["adding-shown"] = not st.session_state.get("adding-shown")


def _show_shelf(desk: Desk) -> None:
    """Draw the list as it is searched, filtered and sorted, beside the details of the chosen report."""
    reports = desk.library.reports()
    found = _searched(reports)
    st.caption(_summary(reports, found))
    view = _view()
    chosen = next((report for report in reports if report.id == view.chosen), None)
    if chosen is None:
        _show_list(desk.library, found, replace(view, chosen=""))
        return
    beside, details = st.columns([3, 2], gap="medium")
    with beside:
        _show_list(desk.library, found, view)
    with details, st.container(border=True, key="details"):
        show_details(desk, chosen, close=_close)


def _searched(reports: tuple[Report, ...]) -> list[Report]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search",
            key="shelf-words",
            placeholder="Title, file or date",
            icon=":material/search:",
            on_change=_turn_back,
        )
        kinds = sorted({report.kind for report in reports})
        kind = st.selectbox(
            "Kind", kinds, index=None, placeholder="All kinds", key="shelf-kind", width=160, on_change=_turn_back
        )
    return find(reports, words=words or "", kind=kind)


def _show_list(library: Library, found: list[Report], view: View) -> None:
    if found:
        show_listing(listed(found, view, library.original), key="listing", on_asked=_ask)
    else:
        st.markdown("No report has these words and this kind. Search for fewer words, or choose all kinds.")


def _summary(reports: tuple[Report, ...], found: list[Report]) -> str:
    pages = counted(sum(report.pages for report in found), "page")
    if len(found) == len(reports):
        return f"{counted(len(reports), 'report')} · {pages}"
    return f"{len(found):,} of {counted(len(reports), 'report')} · {pages}"


def _view() -> View:
    return cast(View, st.session_state.setdefault("shelf-view", View()))


def _ask(asked: dict[str, Any]) -> None:
    """Change the view as the list asked for it. What a browser says is no more than a wish."""
    view = _view()
    if isinstance(asked.get("sort"), str):
        view = view.sorted_by(asked["sort"])
    elif isinstance(asked.get("page"), int):
        view = view.at(asked["page"])
    elif isinstance(asked.get("chosen"), str):
        view = view.choosing(asked["chosen"])
    st.session_state["shelf-view"] = view


def _close() -> None:
    st.session_state["shelf-view"] = replace(_view(), chosen="")


def _turn_back() -> None:
    st.session_state["shelf-view"] = _view().at(0)


def _watch(desk: Desk, every: float) -> None:
    """Draw the page again when something changed that this visitor did not do here."""
    look(every=every, key="look-library")
    if _state(desk) != st.session_state["seen-library"]:
        st.rerun()


def _state(desk: Desk) -> tuple[int, tuple[tuple[str, str], ...]]:
    return desk.library.generation(), desk.jobs.states()
