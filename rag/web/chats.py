"""The conversations at the side: finding one, opening it, and what can be done with the one that is open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rag import Conversation, RagError, to_docx, to_markdown
from rag.exporting import file_name
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk, in_words
from rag.web.talk import enter, talk_id

_MOST = 30
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LONGEST_LABEL = 46


@part
def show_chats(desk: Desk) -> None:
    """Draw the conversations, the newest first; one that is chosen is opened."""
    everything = desk.conversations.all()
    if not everything:
        st.caption("No conversation yet: the first question begins one.")
        return
    current = next((one for one in everything if one.id == talk_id()), None)
    if current is not None:
        _show_current(desk, current)
    found = everything
    if len(everything) > 1:
        words = st.text_input(
            "Find a conversation",
            key="find-chat",
            placeholder="Find a conversation",
            label_visibility="collapsed",
            icon=":material/search:",
        )
        found = desk.conversations.all(words) if words else everything
    with st.container(gap="xsmall"):
        for one in found[:_MOST]:
            _show_row(one, here=one.id == talk_id())
    if not found:
        st.caption("No conversation has these words.")
    elif len(found) > _MOST:
        st.caption(f"and {len(found) - _MOST:,} more: find them by their words.")


def _show_row(one: Conversation, *, here: bool) -> None:
    title = one.title if len(one.title) <= _LONGEST_LABEL else f"{one.title[:_LONGEST_LABEL].rstrip()}…"
    # The weight tells by eye which one is open; the words tell it, too.
    words = f"**{plain(title)}** :small[:gray[(open)]]" if here else plain(title)
    if st.button(words, key=f"chat-{one.id}", type="tertiary", help=f"{one.changed[:10]}"):
        enter(one.id)
        st.rerun()


def _show_current(desk: Desk, current: Conversation) -> None:
    """Draw what can be done with the conversation that is open."""
    with st.popover("This conversation", icon=":material/more_horiz:", key="this-chat", width="stretch"):
        title = st.text_input("Title", current.title, key=f"title-{current.id}")
        if st.button("Rename", key="rename-chat", disabled=not title or title == current.title) and title:
            _attempt(desk.conversations.rename, current.id, title)
            st.rerun()
        st.caption("Save it with its footnotes as")
        with st.container(horizontal=True, gap="small"):
            _show_export(desk, current, "Markdown", "md", "text/markdown")
            _show_export(desk, current, "Word", "docx", _DOCX)
        st.caption("Deleting it cannot be undone. Reports stay.")
        if st.button("Delete", key="delete-chat", icon=":material/delete:"):
            _attempt(desk.conversations.delete, current.id)
            enter("")
            st.rerun()
    if "chat-fault" in st.session_state:
        st.error(plain(st.session_state.pop("chat-fault")), icon=":material/error:")


def _show_export(desk: Desk, current: Conversation, name: str, ending: str, mime: str) -> None:
    def write() -> str | bytes:
        return (to_docx if ending == "docx" else to_markdown)(
            current, desk.conversations.exchanges(current.id), held=desk.library.held()
        )

    # Written when it is pressed: a long conversation takes a while.
    st.download_button(
        name,
        write,
        file_name=file_name(current, ending),
        mime=mime,
        key=f"export-{ending}",
        icon=":material/download:",
        on_click="ignore",
    )


def _attempt(change: Callable[..., None], *values: str) -> None:
    try:
        change(*values)
    except RagError as error:
        # Another window may have deleted it meanwhile.
        st.session_state["chat-fault"] = in_words(error)
