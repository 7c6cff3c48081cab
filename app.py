"""The chat: ``streamlit run app.py``. Settings come from ``RAG_...``; see rag/settings.py."""

from pathlib import Path

import streamlit as st

from rag.web.page import ICON, show_page

st.set_page_config(page_title="Footnote", page_icon=ICON, layout="centered")
show_page(samples=Path(__file__).parent / "corpus")
