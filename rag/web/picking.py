"""Who writes the answers: the picker of writers, and what this visitor picked."""

from __future__ import annotations

import streamlit as st

from rag.web.connections import own_connections
from rag.web.parts import part
from rag.web.state import Desk
from rag.web.writers import writer_label


def offered_writers(desk: Desk) -> tuple[str, ...]:
    """Return the writers that this visitor can pick: everybody's, then those that the visitor connected."""
    return tuple(dict.fromkeys((*desk.writers.offered(), *own_connections())))


def chosen_writer(desk: Desk) -> str:
    """Return the writer that is picked; one that is no longer on offer gives way to the preferred one."""
    # A page that does not draw the picker loses its value: what was picked is remembered beside it.
    picked = st.session_state.get("writer", st.session_state.get("picked-writer"))
    return picked if picked in offered_writers(desk) else desk.writers.preferred()


@part
def show_writers(desk: Desk) -> None:
    """Draw the picker."""
    offered = offered_writers(desk)
    if st.session_state.get("writer") not in offered:
        st.session_state.pop("writer", None)
    st.selectbox(
        "Writer",
        offered,
        # Not set in the session: until the browser had taken that over, it would send the first one back.
        index=offered.index(chosen_writer(desk)),
        format_func=writer_label,
        key="writer",
        on_change=_note_writer,
        help="Who turns what was found into an answer. Connect a language model in the settings, set RAG_MODEL, or "
        "start Ollama, and a model is offered here.",
    )


def _note_writer() -> None:
    st.session_state["picked-writer"] = st.session_state["writer"]
