"""Questions to begin with, on a page where nothing was asked yet: each was asked before, and is answered."""

from __future__ import annotations

from typing import cast

import streamlit as st

from rag.web.plain import plain
from rag.web.state import Desk

_SEARCHING = "Looking for questions that your reports answer"


def show_suggestions(desk: Desk) -> None:
    """Draw the questions that were found so far, inside of a part that is drawn again while more may come."""
    found = desk.suggestions.found()
    if found:
        st.caption("For example")
    for number, question in enumerate(found):
        if st.button(plain(question), key=f"suggestion-{number}"):
            ask_next(question)
            st.rerun()
    if desk.suggestions.searching() and not desk.loading():
        st.caption(f":shimmer[{_SEARCHING}]")


def taken_suggestion() -> str:
    """Return the question that was clicked to start this run, once; "" for none."""
    return cast(str, st.session_state.pop("suggestion", ""))


def ask_next(question: str) -> None:
    """Have the next run of the chat's page ask this."""
    st.session_state["suggestion"] = question
