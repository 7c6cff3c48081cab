"""The page of the chat: sidebar, conversation, and what makes it notice changes without being touched."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag.web.adding import add_samples, show_adding, show_uploads, told_beside
from rag.web.chat import PROMPT, show_chat, show_examples, taken_example
from rag.web.looking import look
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.sidebar import TAGLINE, show_sidebar
from rag.web.state import Desk, exchanges, settle

# Seconds between looks for a change: while the model loads, and then.
_SOON, _LATER = 0.5, 3.0


def show_chat_page(desk: Desk, samples: Path) -> None:
    """Draw the chat; ``samples`` is the folder of sample reports, which may be absent."""
    settle()
    # Before anything of it is drawn: what changes meanwhile is seen at the next look.
    st.session_state["seen"] = _state(desk)
    # In the bottom by name: where Streamlit puts it there itself, the page follows its end. See following.
    asked = (st.bottom.chat_input(PROMPT, key="question", submit_mode="stop") or taken_example()).strip()
    talking = bool(asked or exchanges())
    beside = talking or told_beside()
    show_sidebar(desk, with_uploads=beside)
    # Each part has a place that is there in every run: what is gone leaves at once, however long the rest takes.
    welcome, chat, watch = st.empty(), st.container(), st.empty()
    if not talking:
        with welcome.container():
            _show_welcome(desk, samples, with_uploads=not beside)
    desk.warm()
    with watch.container():
        part(_watch)(desk, talking, _SOON if desk.loading() else _LATER)
    with chat:
        show_chat(desk, asked)


def _show_welcome(desk: Desk, samples: Path, *, with_uploads: bool) -> None:
    st.title(TAGLINE[0], anchor=False)
    st.markdown(TAGLINE[1])
    if desk.library.held():
        show_examples(desk.library)
    else:
        st.markdown("There are no reports yet. Add your own: PDF, Word, PowerPoint, Excel, HTML, EPUB, Markdown, text.")
        show_adding(desk, beside=False)
        if samples.is_dir() and not desk.jobs.states():
            st.button(
                "Add the sample reports",
                key="samples",
                icon=":material/library_add:",
                on_click=add_samples,
                args=(desk, samples),
            )
    if with_uploads:
        show_uploads(desk)


def _watch(desk: Desk, talking: bool, every: float) -> None:
    """Draw the page again when something changed that this visitor did not do here."""
    closed = look(every=every, key="look")
    if desk.loading() and not talking:
        st.caption(":shimmer[The embedding model is loading. You can ask already.]")
    if desk.fault() and not talking:
        st.error(plain(desk.fault()), icon=":material/error:")
    # Alone, this runs when the page rests: what is unfinished then was stopped. In a run of the page, all is settled.
    stopped = any(not exchange.done for exchange in exchanges())
    if closed or stopped or _state(desk) != st.session_state["seen"]:
        st.rerun()


def _state(desk: Desk) -> tuple[object, ...]:
    """What the page shows of the world: the library, the model, the writers, the jobs."""
    return desk.library.generation(), desk.loading(), desk.writers.offered(), desk.jobs.states()
