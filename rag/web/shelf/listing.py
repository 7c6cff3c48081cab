"""The list of reports: a small browser component, a table that is sorted, turned over and chosen from by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from rag.web.components import component


def show_listing(data: dict[str, Any], *, key: str, on_asked: Callable[[dict[str, Any]], None]) -> None:
    """Draw a page of rows; ``on_asked`` is called with what was asked for: a ``sort``, a ``page`` or a ``chosen``."""
    component("footnote_listing", '<div class="listing"></div>', "shelf/listing.css", "shelf/listing.js")(
        key=key, data=data, on_asked_change=lambda: on_asked(st.session_state[key]["asked"] or {})
    )
