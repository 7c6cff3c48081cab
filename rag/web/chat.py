"""The conversation: questions in, answers drawn as they grow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import streamlit as st

from rag import Answer, Exchange, Question
from rag.web.acting import show_actions
from rag.web.connections import own_connections
from rag.web.following import follow
from rag.web.footnotes import Held, show_conflict, show_refusal, show_statement
from rag.web.plain import plain
from rag.web.state import Desk, in_words
from rag.web.talk import begin, talk_id, turns

_STAGES = {"retrieving": "Searching the reports", "writing": "Writing"}
_LOADING = "The embedding model is loading; your question comes next"
_STARTING = "Starting"
_STOPPED = "Stopped before the end. Ask again for the whole answer."
_ELSEWHERE = "Being answered in another window."
# Seconds between two times that a growing answer is kept: a kill costs what came since.
_KEEP_EVERY = 1.0


def show_earlier(desk: Desk, earlier: Sequence[Exchange]) -> None:
    """Draw the conversation so far."""
    held = desk.library.held()
    for at, exchange in enumerate(earlier):
        message = _Message(exchange.number, exchange.question.text, held, last=at == len(earlier) - 1)
        if exchange.answer is not None:
            message.grow(exchange.answer)
        message.end(exchange, _ELSEWHERE if not exchange.done else "")
        with message.place:
            show_actions(desk, exchange, earlier[:at])


def show_asked(desk: Desk, question: Question, earlier: Sequence[Exchange], writer: str) -> None:
    """Draw a question and its answer as it grows; both are kept meanwhile."""
    exchange = begin(desk, question, number=len(earlier), writer=writer)
    message = _Message(exchange.number, question.text, desk.library.held(), new=True)
    message.wait(_LOADING if desk.loading() else _STARTING)
    with closing(_growing(desk, exchange, replace(question, history=turns(earlier)))) as grown:  # type: ignore[type-var]
        for exchange in grown:
            if exchange.answer is not None:
                message.grow(exchange.answer)
    message.end(exchange)
    with message.place:
        show_actions(desk, exchange, earlier)


def _growing(desk: Desk, exchange: Exchange, question: Question) -> Iterator[Exchange]:
    """Yield the exchange as its answer grows, keeping what was drawn; an error ends it and is kept in words."""
    id, kept = talk_id(), time.monotonic()
    desk.answering.add((id, exchange.number))
    try:
        stream = desk.chain(exchange.writer, own_connections().get(exchange.writer)).stream(question)
        with closing(stream):  # type: ignore[type-var]
            for answer in stream:
                yield replace(exchange, answer=answer)
                # Noted once it is drawn: who stops an answer finds what was on the page, and no sentence more.
                exchange = replace(exchange, answer=answer)
                if not exchange.done and time.monotonic() - kept > _KEEP_EVERY:
                    desk.conversations.save(id, exchange)
                    kept = time.monotonic()
    except Exception as error:
        exchange = replace(exchange, error=in_words(error))
        yield exchange
    finally:
        desk.answering.discard((id, exchange.number))
        desk.conversations.save(id, exchange if exchange.done else replace(exchange, stopped=True))


class _Message:
    """A question and its answer on the page, old or growing: the same places in the same order, so that nothing moves
    when it is drawn again. What else is drawn in its ``place`` stands below the answer."""

    def __init__(self, number: int, question: str, held: Held, *, new: bool = False, last: bool = False) -> None:
        self._key, self._held, self._new, self._shown = f"{talk_id()}-{number}", held, new, 0
        # Without a gap: what is followed has no height.
        with st.chat_message("user", avatar=":material/person:"), st.container(gap=None):
            follow(new=new, last=last, talk=talk_id(), key=f"asked-{self._key}")
            st.text(question)
        self.place = st.chat_message("assistant", avatar=":material/menu_book:")
        with self.place:
            self._statements, self._below = st.container(), st.empty()

    def wait(self, words: str) -> None:
        """Say below the statements what is being done, until the first answer does."""
        if words:
            self._below.caption(f":shimmer[{words}]")

    def grow(self, answer: Answer) -> None:
        """Draw what the answer has more than before."""
        self.wait(_STAGES.get(answer.stage, "") if self._new else "")
        by_number = {citation.number: citation for citation in answer.citations}
        with self._statements:
            for number, statement in enumerate(answer.statements[self._shown :], start=self._shown):
                show_statement(statement, by_number, held=self._held, key=f"statement-{self._key}-{number}")
            # They come with the last answer alone.
            for number, conflict in enumerate(answer.conflicts):
                show_conflict(conflict, by_number, held=self._held, key=f"conflict-{self._key}-{number}")
            if answer.refusal is not None:
                show_refusal(answer.text, answer.refusal, held=self._held, key=f"refusal-{self._key}")
        self._shown = len(answer.statements)

    def end(self, exchange: Exchange, instead: str = "") -> None:
        """Say below the statements how the answer came about, or why it did not; or what is given ``instead``."""
        if exchange.error:
            self._below.error(plain(exchange.error), icon=":material/error:")
        elif instead or exchange.stopped or exchange.answer is None:
            self._below.caption(instead or _STOPPED)
        else:
            self._below.caption("  \n".join(map(plain, _summary(exchange.answer))))


def _summary(answer: Answer) -> list[str]:
    """Return the lines below an answer: its notes, what it was searched as, and who wrote it in how long."""
    lines = [note.message for note in answer.notes]
    if answer.standalone != answer.question:
        lines.append(f"Searched as: {answer.standalone}")
    writer = "Quoted word for word" if answer.writer == "quotes" else f"Written by {answer.writer}"
    lines.append(f"{writer if answer.answered else 'Searched'} · {answer.seconds.total:.1f} s")
    return lines
