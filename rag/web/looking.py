"""Looking for changes that a visitor did not make: a small browser component that draws nothing.

Streamlit's own clock for a fragment, ``run_every``, ticks while the page runs too. Its run then waits for the page's,
and their ends reach the browser together. Streamlit 1.67's chat input opens again when it sees the end of the page's
run; now and then it sees the other end alone, and stays closed.
"""

from __future__ import annotations

from rag.web.components import component


def look(*, every: float, key: str) -> bool:
    """Run this fragment again every so many seconds while the page rests; return whether the chat's box is closed then.

    A whole run of the page opens the box.
    """
    return bool(
        component("footnote_looking", "", "looking.js")(key=key, data={"every": every}, on_due_change=_nothing).due
        == "closed"
    )


def _nothing() -> None:
    """Streamlit returns the values of those triggers alone that have a callback."""
