"""Looking for changes that a visitor did not make: a small browser component that draws nothing.

Streamlit's own clock for a fragment, ``run_every``, ticks while the page runs too. Its run then waits for the page's,
and their ends reach the browser together. Streamlit 1.67's chat input opens again when it sees the end of the page's
run; now and then it sees the other end alone, and stays closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def look(*, every: float, key: str) -> bool:
    """Run this fragment again every so many seconds while the page rests; return whether the chat's box is closed then.

    A whole run of the page opens the box.
    """
    return bool(_component()(key=key, data={"every": every}, on_due_change=_nothing).due == "closed")


def _nothing() -> None:
    """Streamlit returns the values of those triggers alone that have a callback."""


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "footnote_looking", js=Path(__file__).with_name("looking.js").read_text(encoding="utf-8")
    )
