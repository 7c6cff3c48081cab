"""The page of the settings: what is in use and where that was set, and the language models that are connected."""

from __future__ import annotations

import streamlit as st

from rag.web.facts import show_facts
from rag.web.parts import part
from rag.web.picking import chosen_writer, offered_writers
from rag.web.setup.connecting import show_connected, show_connecting
from rag.web.setup.using import library_facts, reading_facts, search_facts, version_facts, writer_facts
from rag.web.state import Desk

_ABOUT = (
    "What is in use, and which variable of the environment sets it. Those are read when Footnote starts: change one "
    "and start it again."
)


def show_settings_page(desk: Desk) -> None:
    """Draw what is in use, and the form that connects a language model."""
    st.title("Settings", anchor=False)
    st.markdown(_ABOUT)
    _show_models(desk)
    st.subheader("Library", anchor=False)
    show_facts(library_facts(desk), key="facts-library")
    st.subheader("Search", anchor=False)
    show_facts(search_facts(desk), key="facts-search")
    st.subheader("Reading files", anchor=False)
    show_facts(reading_facts(desk.settings), key="facts-reading")
    st.subheader("Versions", anchor=False)
    show_facts(version_facts(), key="facts-versions")


@part
def _show_models(desk: Desk) -> None:
    """Alone: testing a key draws nothing else of the page again."""
    st.subheader("Writer", anchor=False)
    show_facts(writer_facts(desk, chosen_writer(desk), offered_writers(desk)), key="facts-writer")
    # In a place that is there in every run: what comes and goes in it moves no field into the place of another.
    with st.container():
        show_connected(desk.settings.home)
    st.markdown("**Connect a language model**")
    st.markdown(
        "It writes from what is found, in its own words; each sentence is still checked. "
        "It is yours alone, and gone when this page is reloaded or closed, unless you have it kept."
    )
    show_connecting(desk.settings.home)
