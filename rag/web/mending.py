"""What Streamlit draws in a way that not everyone can hear or read, put right in the browser."""

from __future__ import annotations

import streamlit as st

from rag.web.components import component

# In the dark, the colour that a button's white words are read on is too dim for words: a tab gets that of links.
_STYLE = "<style>[data-testid='stTab'][aria-selected='true'] { color: light-dark(#2b4c7e, #93b7e6) }</style>"


def mend() -> None:
    """Mend every page: the names of tick boxes, and the colour of the chosen tab."""
    st.html(_STYLE)
    component("footnote_mending", "", "mending.js")(key="mending", data={})
