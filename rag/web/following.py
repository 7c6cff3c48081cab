"""Bringing a new question into view, with the start of its answer: a small browser component that draws nothing.

Streamlit would follow the end of the page instead, but only for those who are there: who has scrolled up to an earlier
answer would not see the new one, and of an answer taller than the window the end alone is seen. It does so for a chat
input that it places itself, and not for one in ``st.bottom``, where ``page`` puts it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def follow(*, new: bool, key: str) -> None:
    """Mark the top of a question; the page goes there if it is new, and stays while its answer grows."""
    _component()(key=key, data={"new": new})


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "footnote_following",
        html='<div class="asked"></div>',
        js=Path(__file__).with_name("following.js").read_text(encoding="utf-8"),
    )
