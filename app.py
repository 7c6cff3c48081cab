"""The browser: ``streamlit run app.py``. Settings come from ``RAG_...``; see rag/settings.py."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rag.web.faults import say_uncaught
from rag.web.frame import ICON, show
from rag.web.serving import routes

if get_script_run_ctx(suppress_warning=True) is None:
    # The server imports this file once for the app and its routes; every visitor's run then executes it.
    app = st.App(__file__, routes=routes(), on_script_error=say_uncaught)
else:
    st.set_page_config(page_title="Footnote", page_icon=ICON, layout="wide")
    show(samples=Path(__file__).parent / "corpus")
