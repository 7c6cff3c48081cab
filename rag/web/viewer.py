"""The source panel: a report's page beside what cites it, with the quote marked. A small browser component.

It listens for ``footnote:open``, which any component may dispatch on the window, and fetches pages from
``rag.web.serving``: opening a source runs nothing of Streamlit's, and a growing answer goes on.
"""

from __future__ import annotations

from rag.web.components import component


def show_viewer() -> None:
    """Mount the panel, closed. One stands in the frame, so that it stays open from page to page."""
    component(
        "footnote_viewer",
        '<aside class="viewer" popover="manual" tabindex="-1" role="complementary" aria-label="Source"></aside>',
        "viewer.css",
        "viewer.js",
    )(key="viewer", data={})
