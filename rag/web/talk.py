"""The conversation that a visitor is in: kept in the library, and named in the page's address for a reload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import streamlit as st

from rag import Exchange, Turn, UnknownConversation
from rag.web.state import Desk

_ADDRESS = "chat"
_GONE = "That conversation is not there any more: it may have been deleted. This is a new one."


@dataclass(frozen=True, slots=True)
class Again:
    """A question that is asked once more, perhaps in other words or of another writer, in the place of an exchange."""

    number: int
    text: str
    writer: str


def talk_id() -> str:
    """Return the id of the conversation that this visitor is in; "" for one that has not begun."""
    return cast(str, st.session_state.get("talk", ""))


def enter(id: str) -> None:
    """Go to a conversation; "" begins a new one with the next question."""
    st.session_state["talk"] = id
    if id:
        st.query_params[_ADDRESS] = id
    else:
        st.query_params.pop(_ADDRESS, None)


def arrive(desk: Desk) -> str:
    """Go where the page's address says, and return what is to be said of that; "" for nothing.

    An address without a conversation, as another page's link to the chat has it, leaves the visitor where they were.
    """
    named = st.query_params.get(_ADDRESS, "")
    wanted = named or talk_id()
    try:
        if wanted:
            desk.conversations.get(wanted)
    except UnknownConversation:
        enter("")
        return _GONE if named else ""
    if wanted != talk_id() or wanted != named:
        enter(wanted)
    return ""


def exchanges(desk: Desk) -> tuple[Exchange, ...]:
    """Return the exchanges of the visitor's conversation; what is unfinished and not being answered was stopped."""
    try:
        found = desk.conversations.exchanges(talk_id()) if talk_id() else ()
    except UnknownConversation:
        return ()
    return tuple(
        replace(one, stopped=True) if not one.done and (talk_id(), one.number) not in desk.answering else one
        for one in found
    )


def state_of_talk(desk: Desk) -> tuple[object, ...]:
    """Return what changes when another window asks, answers or deletes in the visitor's conversation; () for none.

    It costs less than reading the exchanges, and is looked at again and again.
    """
    try:
        found = desk.conversations.get(talk_id()) if talk_id() else None
    except UnknownConversation:
        found = None
    if found is None:
        return ()
    return found.id, found.changed, tuple(sorted(number for id, number in list(desk.answering) if id == found.id))


def ask_again(again: Again) -> None:
    """Have the next run of the page ask once more."""
    st.session_state["again"] = again
    st.session_state["agains"] = times_asked_again() + 1


def times_asked_again() -> int:
    """Return how often this visitor asked once more."""
    return cast(int, st.session_state.get("agains", 0))


def taken_again() -> Again | None:
    """Return what is to be asked once more in this run, if anything."""
    return cast("Again | None", st.session_state.pop("again", None))


def turns(earlier: Sequence[Exchange]) -> tuple[Turn, ...]:
    """Return the finished exchanges as the history of the next question."""
    return tuple(
        Turn(one.question.text, one.answer.text) for one in earlier if one.answer and one.answer.stage == "done"
    )
