"""Parts of the page that run alone when they are used: Streamlit's fragments, each in a place of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

_Given = ParamSpec("_Given")


def part(draw: Callable[_Given, None], *, run_every: float | None = None) -> Callable[_Given, None]:
    """Make what ``draw`` draws a fragment, alone in a container; ``run_every`` is in seconds.

    When a fragment's own run follows the page's at once, Streamlit 1.67 throws away what the page's run drew of it and
    was not sent yet, its block as well. The browser then takes the block for gone, moves up what stands beside it, and
    puts the fragment in the place of its neighbour, which is not drawn again. Alone, it has no neighbour.
    """
    fragment = st.fragment(draw, run_every=run_every)

    @wraps(draw)
    def placed(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        with st.container():
            fragment(*args, **kwargs)

    return placed
