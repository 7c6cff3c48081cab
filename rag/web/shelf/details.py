"""The details of the chosen report, and what can be done with it: replace, read again, remove."""

from __future__ import annotations

from collections.abc import Callable
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


def _show_replacing(desk: Desk, report: Report, endings: list[str]) -> None:
    with st.popover("Replace", icon=":material/upload_file:", type="tertiary", key=f"replacing-{report.id}"):
        st.caption(f"A new version, whatever its file is called. It goes by {plain(report.name)} as before.")
        file = st.file_uploader("New version", type=endings, key=f"version-{report.id}-{report.document[:12]}")
        if st.button("Put it in place", key=f"replace-{report.id}", type="primary", disabled=file is None) and file:
            home, content = desk.settings.home, file.getvalue
            begin(desk, lambda: begin_replacing(desk.jobs, report, content, home=home), beside=False)
            st.rerun()


def _show_renewing(desk: Desk, report: Report, original: Path) -> None:
    if st.button(
        "Read again",
        key=f"renew-{report.id}",
        icon=":material/refresh:",
        type="tertiary",
        help="Reads the kept original anew and indexes it anew. Until that is done, the report stays as it is.",
    ):
        begin(desk, lambda: begin_renewing(desk.jobs, report, original, home=desk.settings.home), beside=False)
        st.rerun()


def _show_removing(desk: Desk, report: Report) -> None:
    with st.popover("Remove", icon=":material/delete:", type="tertiary", key=f"removing-{report.id}"):
        st.markdown(f"Remove {plain(report.title)}?")
        st.caption("It leaves the shelf for good: its file, its pages and what was made of them.")
        purge = st.checkbox("Blank what conversations quote of it, too", key=f"purge-{report.id}")
        if st.button("Remove it for good", key=f"remove-{report.id}", type="primary"):
            st.session_state["shelf-receipt"] = remove(desk, report.id, purge=purge)
            st.rerun()
