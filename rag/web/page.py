"""The page of the chat: sidebar, conversation, and what makes it notice changes without being touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag.web.adding import show_adding, show_samples, show_uploads, told_beside
from rag.web.chat import show_asked, show_earlier
from rag.web.choosing import asked_of
from rag.web.looking import look
from rag.web.parts import part
from rag.web.picking import chosen_writer
from rag.web.plain import plain
from rag.web.sidebar import TAGLINE, show_sidebar
from rag.web.state import Desk
from rag.web.suggestions import show_suggestions, taken_suggestion
from rag.web.talk import arrive, enter, exchanges, state_of_talk, taken_again, talk_id

PROMPT = "Ask your reports"
# Seconds between looks for a change: while the model loads, and then.
_SOON, _LATER = 0.5, 3.0
# Characters of a question.
_LONGEST = 4_000
# In pixels: longer lines are hard to read.
_COLUMN = 820


def show_chat_page(desk: Desk, samples: Path) -> None:
    """Draw the chat; ``samples`` is the folder of sample reports, which may be absent."""
    said = arrive(desk)
    # In the bottom by name: where Streamlit puts it there itself, the page follows its end. See following.
    with _column(st.bottom.container):
        typed = st.chat_input(PROMPT, key="question", submit_mode="stop", max_chars=_LONGEST)
    asked = (typed or taken_suggestion()).strip()
    again, earlier = taken_again(), exchanges(desk)
    if again:
        asked, earlier = again.text, earlier[: again.number]
    talking = bool(asked or earlier)
    if asked and not talk_id():
        # Before the side is drawn, which lists it.
        enter(desk.conversations.begin(asked).id)
    # Before anything of it is drawn: what changes meanwhile is seen at the next look.
    world = _world(desk)
    st.session_state["seen"] = world, state_of_talk(desk)
    beside = talking or told_beside()
    show_sidebar(desk, with_uploads=beside)
    chat, watch = _show_places(desk, samples, said, welcomed=not talking, with_uploads=not beside)
    desk.warm()
    with watch.container():
        part(_watch)(desk, talking)
    with chat:
        show_earlier(desk, earlier, further=int(bool(asked)))
        if asked and again:
            # If it is stopped, what it was to take the place of comes back with the next look.
            st.session_state["seen"] = ()
        if asked:
            question, writer = asked_of(desk.library, asked), again.writer if again else chosen_writer(desk)
            show_asked(desk, question, earlier, writer, again=bool(again), stop=not typed)
            # What this run did is no news to it.
            st.session_state["seen"] = world, state_of_talk(desk)


def _show_places(desk: Desk, samples: Path, said: str, *, welcomed: bool, with_uploads: bool) -> list[DeltaGenerator]:
    """Draw what stands above the conversation, and return the places of that and of what watches."""
    with _column(st.container):
        if said:
            st.warning(said, icon=":material/info:")
        # Each part has a place that is there in every run: what is gone leaves at once, however long the rest takes.
        welcome, chat, watch = st.empty(), st.container(), st.empty()
    if welcomed:
        with welcome.container():
            _show_welcome(desk, samples, with_uploads=with_uploads)
    return [chat, watch]


def _column(container: Callable[..., DeltaGenerator]) -> DeltaGenerator:
    """Return a column in the middle of a new container, where the page is wider."""
    return container(horizontal_alignment="center").container(width=_COLUMN)


def _show_welcome(desk: Desk, samples: Path, *, with_uploads: bool) -> None:
    st.title(TAGLINE[0], anchor=False)
    st.markdown(TAGLINE[1])
    if not desk.library.held():
        st.markdown("There are no reports yet. Add your own: PDF, Word, PowerPoint, Excel, HTML, EPUB, Markdown, text.")
        show_adding(desk, beside=False)
        show_samples(desk, samples)
    if with_uploads:
        show_uploads(desk)


def _watch(desk: Desk, talking: bool) -> None:
    """Draw questions to begin with, and the page again when something changed that this visitor did not do here."""
    if not talking and desk.library.held():
        show_suggestions(desk)
    soon = desk.loading() or (not talking and desk.suggestions.searching())
    closed = look(every=_SOON if soon else _LATER, key="look")
    if desk.loading() and not talking:
        st.caption(":shimmer[The embedding model is loading. You can ask already.]")
    if desk.fault() and not talking:
        st.error(plain(desk.fault()), icon=":material/error:")
    if closed or (_world(desk), state_of_talk(desk)) != st.session_state["seen"]:
        st.rerun()


def _world(desk: Desk) -> tuple[object, ...]:
    """What the page shows of the world: the library, the model, the writers, the jobs."""
    return desk.library.generation(), desk.loading(), desk.writers.offered(), desk.jobs.states()
