"""What goes wrong while something is drawn: said in words in its place, with a way on. Never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from rag import RagError, SettingsError
from rag.web.looking import look
from rag.web.plain import plain
from rag.web.state import in_words

# Seconds between tries of what another program may have mended meanwhile.
_EVERY = 5.0


@contextmanager
def guarded(place: str) -> Iterator[None]:
    """Say what goes wrong inside, in its place, and how to go on; ``place`` tells it from the others on the page."""
    try:
        yield
    except Exception as error:
        show_fault(error, place)


def show_fault(error: Exception, place: str) -> None:
    """Draw an error in words and a button that draws the part, or the page, anew.

    What the library or a model says may be over soon, so that it is tried again by itself. What is a fault of ours or a
    setting's would come back each time.
    """
    st.error(plain(in_words(error)), icon=":material/error:")
    st.button("Try again", key=f"retry-{place}", icon=":material/refresh:")
    if isinstance(error, RagError) and not isinstance(error, SettingsError):
        look(every=_EVERY, key=f"look-{place}")


def say_uncaught(error: Exception) -> bool:
    """Draw what no part and no page caught, a button's own action say, and return that nothing else need be shown."""
    show_fault(error, "app")
    return True
