"""The source panel: a report's page beside what cites it, with the quote marked. A small browser component.

It listens for ``footnote:open``, which any component may dispatch on the window, and fetches pages from
``rag.web.serving``: opening a source runs nothing of Streamlit's, and a growing answer goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def show_viewer() -> None:
    """Mount the panel, closed. One stands in the frame, so that it stays open from page to page."""
    _component()(key="viewer", data={})


@cache
def _component() -> Callable[..., Any]:
    folder = Path(__file__).parent
    return st.components.v2.component(
        "footnote_viewer",
        html='<aside class="viewer" popover="manual" tabindex="-1" role="complementary" aria-label="Source"></aside>',
        css=(folder / "viewer.css").read_text(encoding="utf-8"),
        js=(folder / "viewer.js").read_text(encoding="utf-8"),
    )
