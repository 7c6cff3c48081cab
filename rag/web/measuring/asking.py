"""A case of a run -> a question to ask in the chat, with the reports that it was asked of ticked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from rag import Library, Question, Turn
from rag.condensing import standalone
from rag.web.choosing import ask_all_but
from rag.web.suggestions import ask_next
from rag.web.talk import enter

if TYPE_CHECKING:
    from evals.rows import Row


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, the ids of the reports that are not searched, and the names of those that this library lacks."""

    question: str
    unticked: frozenset[str]
    lacking: tuple[str, ...]


def asked_again(row: Row, library: Library) -> Asked:
    """Return how the case is asked of this library.

    A follow-up is asked as it was searched, since the turns before it are not in the chat. Where a case names no
    reports, all are searched, and those that hold its evidence count as wanted.
    """
    case, ids = row.case, {report.name: report.id for report in library.reports()}
    turns = tuple(Turn(turn.question, turn.answer) for turn in case.history)
    question = row.answer.standalone if row.answer else standalone(Question(case.question, history=turns))
    wanted = case.reports if case.reports is not None else tuple(one.report for one in case.evidence)
    searched = ids.values() if case.reports is None else (ids[name] for name in case.reports if name in ids)
    lacking = tuple(dict.fromkeys(name for name in wanted if name not in ids))
    return Asked(question, frozenset(ids.values()) - frozenset(searched), lacking)


def ask_in_chat(asked: Asked, chat: st.Page) -> None:
    """Go to the chat with the question asked and its reports ticked, in a conversation of its own."""
    enter("")
    ask_all_but(asked.unticked)
    ask_next(asked.question)
    # With none named, Streamlit 1.67 refuses to leave a page that keeps a widget's value in its address.
    st.switch_page(chat, query_params={})
