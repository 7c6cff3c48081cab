"""The upkeep of the shelf: what it takes on the disk, and what the doctor says of it."""

from __future__ import annotations

from typing import cast

import streamlit as st

from rag import RagError
from rag.doctor import Diagnosis, diagnose, disk_use
from rag.reading import size_said
from rag.web.plain import plain
from rag.web.removing import counted
from rag.web.state import Desk, in_words

_KEY = "diagnosis"


def show_upkeep(desk: Desk) -> None:
    """Draw what the home takes on the disk, by part, and the doctor's verdict when it is asked for."""
    st.subheader("Upkeep", anchor=False)
    use = disk_use(desk.library)
    parts = (
        ("originals", use.originals),
        ("library", use.library),
        ("indexes", use.indexes),
        ("on its way", use.underway),
    )
    said = " · ".join(f"{name} {size_said(size)}" for name, size in parts if size)
    st.markdown(plain(f"On disk: {size_said(use.total)}, with {size_said(use.free)} free."))
    st.caption(plain(f"{said} · in {desk.library.home}"))
    if st.button("Check the library", key="check", icon=":material/health_and_safety:"):
        with st.spinner("Comparing every report with both indexes, and every original with its hash"):
            _diagnose(desk)
    found = cast("tuple[int, Diagnosis | str] | None", st.session_state.get(_KEY))
    if found is not None:
        _show_verdict(desk, found)


def _diagnose(desk: Desk, *, repair: bool = False) -> None:
    generation = desk.library.generation()
    found: Diagnosis | str
    try:
        if repair:
            desk.indexes.repair()
        found = diagnose(desk.library, desk.indexes)
    except RagError as error:
        found = in_words(error)
    st.session_state[_KEY] = generation, found


def _show_verdict(desk: Desk, found: tuple[int, Diagnosis | str]) -> None:
    generation, diagnosis = found
    if isinstance(diagnosis, str):
        st.error(plain(diagnosis), icon=":material/error:")
        return
    counts = (diagnosis.reports, "report"), (diagnosis.pages, "page"), (diagnosis.chunks, "chunk")
    held = ", ".join(counted(number, noun) for number, noun in counts)
    since = "" if generation == desk.library.generation() else " The shelf has changed since; check it again."
    if not diagnosis.faults:
        st.success(f"All is well: {held}, and both indexes hold just these.{since}", icon=":material/check:")
        return
    for fault in diagnosis.faults:
        st.error(plain(f"{fault[:1].upper()}{fault[1:]}."), icon=":material/error:")
    st.caption(f"The library holds {held}.{since}")
    # What the library records cannot be made from anything else; both indexes can.
    derived = any(fault.startswith(("the dense index", "the lexical index")) for fault in diagnosis.faults)
    if derived and st.button("Rebuild the indexes", key="repair", type="primary"):
        with st.spinner("Rebuilding both indexes from the library"):
            _diagnose(desk, repair=True)
        st.rerun()
