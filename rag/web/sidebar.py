"""The side of the chat: which reports are searched, adding and removing them, the conversations, and who writes."""

from __future__ import annotations

import streamlit as st

from rag.web.adding import show_adding, show_uploads
from rag.web.chats import show_chats
from rag.web.choosing import show_choosing
from rag.web.parts import part
from rag.web.state import Desk
from rag.web.talk import enter
from rag.web.writers import writer_label

TAGLINE = ("Ask your reports.", "Every sentence of the answer carries a footnote you can check.")


def show_sidebar(desk: Desk, *, with_uploads: bool) -> None:
    """Draw the sidebar. Its parts run alone when used, so that ticking a box stops no answer."""
    with st.sidebar:
        st.header("Footnote", anchor=False)
        st.button(
            "New chat", key="new-chat", icon=":material/edit_square:", on_click=enter, args=("",), width="stretch"
        )
        reports, chats = st.tabs(["Reports", "Chats"])
        with reports:
            show_choosing(desk)
            # Above the form, where they are in view: below it, the page often ends.
            if with_uploads:
                show_uploads(desk)
            if desk.library.held():
                show_adding(desk, beside=True)
            _show_writers(desk)
        with chats:
            show_chats(desk)


def chosen_writer(desk: Desk) -> str:
    """Return the writer that is picked; one that is no longer on offer gives way to the preferred one."""
    picked = st.session_state.get("writer")
    return picked if picked in desk.writers.offered() else desk.writers.preferred()


@part
def _show_writers(desk: Desk) -> None:
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
        help="Who turns what was found into an answer. Set RAG_MODEL, or start Ollama, and a model is offered here.",
    )
