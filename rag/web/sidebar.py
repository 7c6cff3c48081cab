"""The side of the chat: which reports are searched, adding and removing them, the conversations, and who writes."""

from __future__ import annotations

import streamlit as st

from rag.web.adding import show_adding, show_uploads
from rag.web.chats import show_chats
from rag.web.choosing import show_choosing
from rag.web.picking import show_writers
from rag.web.state import Desk
from rag.web.talk import enter

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
            show_writers(desk)
        with chats:
            show_chats(desk)
