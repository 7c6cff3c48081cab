"""Questions to begin with, on a page where nothing was asked yet."""

from __future__ import annotations

from typing import cast

import streamlit as st

from rag.web.state import Desk

# Asked of the sample reports; each is answered in another way: a why, a person's words, a table, a change over time.
EXAMPLES = (
    "Why might ESA reconsider Tiangong?",
    "What did Aschbacher say about Tiangong?",
    "When was Tianzhou-8 launched?",
    "How many countries have signed the Artemis Accords?",
)
_SAMPLE = "tiangong-opening.md"


def show_suggestions(desk: Desk) -> None:
    """Draw questions to begin with, where the sample reports are in."""
    if any(report.name == _SAMPLE for report in desk.library.reports()):
        st.caption("For example")
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example-{number}", on_click=ask_next, args=(example,))


def taken_suggestion() -> str:
    """Return the question that was clicked to start this run, once; "" for none."""
    return cast(str, st.session_state.pop("example", ""))


def ask_next(question: str) -> None:
    """Have the next run of the chat's page ask this."""
    st.session_state["example"] = question
