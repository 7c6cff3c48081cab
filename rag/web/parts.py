"""Parts of the page that run alone when they are used: Streamlit's fragments, each in a place of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import ParamSpec

import streamlit as st

from rag.web.faults import guarded

_Given = ParamSpec("_Given")
_NUMBERS = count()


def part(draw: Callable[_Given, None], *, run_every: float | None = None) -> Callable[_Given, None]:
    """Make what ``draw`` draws a fragment, alone in a container; ``run_every`` is in seconds.

    When a fragment's own run follows the page's at once, Streamlit 1.67 throws away what the page's run drew of it and
    was not sent yet, its block as well. The browser then takes the block for gone, moves up what stands beside it, and
    puts the fragment in the place of its neighbour, which is not drawn again. Alone, it has no neighbour.

    What goes wrong in it is said in its place, and the rest of the page is drawn: the page's own guard is not there
    when it runs alone.
    """

    @wraps(draw)
    def guard(number: int, *args: _Given.args, **kwargs: _Given.kwargs) -> None:
        with guarded(f"{draw.__qualname__}-{number}"):
            draw(*args, **kwargs)

    fragment = st.fragment(guard, run_every=run_every)

    @wraps(draw)
    def placed(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        with st.container():
            fragment(next(_NUMBERS), *args, **kwargs)

    return placed
