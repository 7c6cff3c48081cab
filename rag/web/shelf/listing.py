"""The list of reports: a small browser component, a table that is sorted, turned over and chosen from by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def show_listing(data: dict[str, Any], *, key: str, on_asked: Callable[[dict[str, Any]], None]) -> None:
    """Draw a page of rows; ``on_asked`` is called with what was asked for: a ``sort``, a ``page`` or a ``chosen``."""
    _component()(key=key, data=data, on_asked_change=lambda: on_asked(st.session_state[key]["asked"] or {}))


@cache
def _component() -> Callable[..., Any]:
    folder = Path(__file__).parent
    return st.components.v2.component(
        "footnote_listing",
        html='<div class="listing"></div>',
        css=(folder / "listing.css").read_text(encoding="utf-8"),
        js=(folder / "listing.js").read_text(encoding="utf-8"),
    )
