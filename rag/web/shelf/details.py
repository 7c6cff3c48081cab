"""The details of the chosen report, and what can be done with it: replace, read again, remove."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import streamlit as st

from rag import Report
from rag.intake import came_as_file
from rag.reading import KINDS
from rag.web.adding import begin
from rag.web.plain import plain
from rag.web.removing import Removal, remove
from rag.web.shelf.facts import show_facts
from rag.web.state import Desk
from rag.web.upload import begin_renewing, begin_replacing

_FROM_PROGRAM = "A program added this report and keeps it up to date. It can be removed here."
_PROGRESS = "with progress at the top of this page"
_LOST = "Its original is lost: replace it with the same file, and it is kept again."


def show_details(desk: Desk, report: Report, *, close: Callable[[], None]) -> None:
    """Draw what is known of a report and what can be done with it; ``close`` chooses none again."""
    original = desk.library.original(report.document)
    kept = original.is_file()
    show_facts(desk.library, report, kept=kept)
    endings = [ending for ending, kind in KINDS.items() if kind == report.kind]
    by_file = bool(endings) and came_as_file(report, original)
    if not by_file:
        st.caption(_FROM_PROGRAM)
    elif not kept:
        st.warning(_LOST, icon=":material/warning:")
    with st.container(horizontal=True, gap="small"):
        if by_file:
            _show_replacing(desk, report, endings)
        if by_file and kept:
            _show_renewing(desk, report, original)
        _show_removing(desk, report)
        st.button("Close", key="close", icon=":material/close:", type="tertiary", on_click=close)


def take_receipt() -> Removal | None:
    """Return what came of the last removal, once; None where none was tried."""
    return cast(Removal | None, st.session_state.pop("shelf-receipt", None))


def take_begun() -> str:
    """Return what was begun with the chosen report since the last call; "" for nothing."""
    return cast(str, st.session_state.pop("shelf-begun", ""))


def _begin(desk: Desk, report: Report, start: Callable[[], str], *, said: str) -> None:
    """Start a job and draw the page again, which is to tell of it wherever the visitor stands."""
    begin(desk, start, beside=False)
    st.session_state["shelf-begun"] = f"{said}, {_PROGRESS}: {report.title}"
    st.rerun()


def _show_replacing(desk: Desk, report: Report, endings: list[str]) -> None:
    # With each file that was put in place comes a new popover, which is closed and empty.
    times = cast(int, st.session_state.get("shelf-replaced", 0))
    with st.popover("Replace", icon=":material/upload_file:", type="tertiary", key=f"replacing-{report.id}-{times}"):
        st.caption(f"A new version, whatever its file is called. It goes by {plain(report.name)} as before.")
        file = st.file_uploader("New version", type=endings, key=f"version-{report.id}-{times}")
        if st.button("Put it in place", key=f"replace-{report.id}", type="primary", disabled=file is None) and file:
            home, content = desk.settings.home, file.getvalue
            st.session_state["shelf-replaced"] = times + 1
            start = partial(begin_replacing, desk.jobs, report, content, home=home)
            _begin(desk, report, start, said=f"Being replaced by {file.name}")


def _show_renewing(desk: Desk, report: Report, original: Path) -> None:
    if st.button(
        "Read again",
        key=f"renew-{report.id}",
        icon=":material/refresh:",
        type="tertiary",
        help="Reads the kept original anew and indexes it anew. Until that is done, the report stays as it is.",
    ):
        start = partial(begin_renewing, desk.jobs, report, original, home=desk.settings.home)
        _begin(desk, report, start, said="Being read again")


def _show_removing(desk: Desk, report: Report) -> None:
    with st.popover("Remove", icon=":material/delete:", type="tertiary", key=f"removing-{report.id}"):
        st.markdown(f"Remove {plain(report.title)}?")
        st.caption("It leaves the shelf for good: its file, its pages and what was made of them.")
        purge = st.checkbox("Blank what conversations quote of it, too", key=f"purge-{report.id}")
        if st.button("Remove it for good", key=f"remove-{report.id}", type="primary"):
            st.session_state["shelf-receipt"] = remove(desk, report.id, purge=purge)
            st.rerun()
