"""Questions to begin with, on a page where nothing was asked yet: each was asked before, and is answered."""

from __future__ import annotations

from typing import cast

import streamlit as st

from rag.web.looking import look
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk

# Seconds between looks for more.
_EVERY = 1.0
_SEARCHING = "Looking for questions that your reports answer"


@part
def show_suggestions(desk: Desk) -> None:
    """Draw the questions that were found so far, and those to come, alone: who types meanwhile is not disturbed."""
    found, searching = desk.suggestions.found(), desk.suggestions.searching()
    if found:
        st.caption("For example")
    for number, question in enumerate(found):
        if st.button(plain(question), key=f"suggestion-{number}"):
            ask_next(question)
            st.rerun()
    if searching:
        if not desk.loading():
            st.caption(f":shimmer[{_SEARCHING}]")
        look(every=_EVERY, key="look-suggestions")


def taken_suggestion() -> str:
    """Return the question that was clicked to start this run, once; "" for none."""
    return cast(str, st.session_state.pop("suggestion", ""))


def ask_next(question: str) -> None:
    """Have the next run of the chat's page ask this."""
    st.session_state["suggestion"] = question
