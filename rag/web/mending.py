"""What Streamlit draws in a way that not everyone can hear or read, put right in the browser."""

from __future__ import annotations

import streamlit as st

from rag.web.components import component

# In the dark, the colour that a button's white words are read on is too dim for words: a tab gets that of links.
_TAB = "[data-testid='stTab'][aria-selected='true'] { color: light-dark(#2b4c7e, #93b7e6) }"
# The words of a button stand in its middle: titles that are folded would, in a list of others that begin at its edge.
_TITLES = "[class*='st-key-chat-'] button { text-align: start; justify-content: start }"

# Beside a long list, what is chosen from it stays in view.
_DETAILS = """@media (min-width: 640px) { [data-testid='stColumn']:has(.st-key-details) {
  position: sticky; top: 4.5rem; align-self: start; max-height: calc(100vh - 6rem); overflow-y: auto } }"""


def mend() -> None:
    """Mend every page: names of tick boxes, the colour of the chosen tab, where titles of chats begin, and details."""
    st.html(f"<style>{_TAB} {_TITLES} {_DETAILS}</style>")
    component("footnote_mending", "", "mending.js")(key="mending", data={})
