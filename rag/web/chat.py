"""The conversation: questions in, answers drawn as they grow."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from textwrap import shorten

import streamlit as st

from rag import Answer, Exchange, Question
from rag.web.acting import show_actions
from rag.web.connections import own_connections
from rag.web.following import follow
from rag.web.footnotes import Held, show_conflict, show_refusal, show_statement
from rag.web.interrupting import interruptible
from rag.web.plain import plain
from rag.web.state import Desk, in_words
from rag.web.talk import talk_id, turns

_STAGES = {"retrieving": "Searching the reports", "writing": "Writing"}
_LOADING = "The embedding model is loading; your question comes next"
_STARTING = "Starting"
_STOPPED = "Stopped before the end. Ask again for the whole answer."
_KEPT = " The answer from before is kept."
_ELSEWHERE = "Being answered in another window."
# Characters of what a question was searched as.
_MOST_SHOWN = 300
# Seconds between two times that a growing answer is kept: a kill costs what came since.
_KEEP_EVERY = 1.0


def show_earlier(desk: Desk, earlier: Sequence[Exchange], *, further: int) -> None:
    """Draw the conversation so far; ``further`` is how many questions follow."""
    held = desk.library.held()
    for at, exchange in enumerate(earlier):
        message = _Message(exchange.number, exchange.question.text, held, last=at == len(earlier) - 1)
        if exchange.answer is not None:
            message.grow(exchange.answer)
        message.end(exchange, _ELSEWHERE if not exchange.done else "")
        with message.place:
            show_actions(desk, exchange, earlier[:at], later=len(earlier) - at - 1 + further)


def show_asked(
    desk: Desk, question: Question, earlier: Sequence[Exchange], writer: str, *, again: bool, stop: bool
) -> None:
    """Draw a question and its answer as it grows; both are kept meanwhile.

    Asked ``again``, it takes the place of what the conversation has after the earlier ones, once its answer is whole.
    ``stop`` draws a button that stops it: the box for questions has one for those that were asked there alone.
    """
    exchange = Exchange(len(earlier), replace(question, history=()), writer=writer)
    if not again:
        desk.conversations.save(talk_id(), exchange)
    message = _Message(exchange.number, question.text, desk.library.held(), new=True)
    message.wait(_LOADING if desk.loading() else _STARTING)
    if stop:
        # The run that it begins ends this one.
        message.ending.button(
            "Stop", key=f"stop-{talk_id()}-{exchange.number}", icon=":material/stop:", type="tertiary"
        )
    with closing(_growing(desk, exchange, replace(question, history=turns(earlier)), again)) as grown:
        for exchange in grown:
            if exchange.answer is not None:
                message.grow(exchange.answer)
    message.end(exchange)
    message.ending.empty()
    with message.place:
        show_actions(desk, exchange, earlier, later=0)


def _growing(desk: Desk, exchange: Exchange, question: Question, again: bool) -> Generator[Exchange, None, None]:
    """Yield the exchange as its answer grows, keeping what was drawn; an error ends it and is kept in words. Asked
    ``again``, it is kept once it is whole, and not at all where it fails or is stopped."""
    id, kept = talk_id(), time.monotonic()
    desk.answering.add((id, exchange.number))
    try:
        chain = desk.chain(exchange.writer, own_connections().get(exchange.writer))
        with closing(interruptible(lambda over: chain.stream(question, stopped=over))) as stream:
            for answer in stream:
                yield replace(exchange, answer=answer)
                # Noted once it is drawn: who stops an answer finds what was on the page, and no sentence more.
                exchange = replace(exchange, answer=answer)
                if not again and not exchange.done and time.monotonic() - kept > _KEEP_EVERY:
                    desk.conversations.save(id, exchange)
                    kept = time.monotonic()
    except Exception as error:
        exchange = replace(exchange, error=in_words(error) + (_KEPT if again else ""))
        yield exchange
    finally:
        desk.answering.discard((id, exchange.number))
        if not again:
            desk.conversations.save(id, exchange if exchange.done else replace(exchange, stopped=True))
        elif exchange.done and not exchange.error:
            desk.conversations.save(id, exchange, last=True)


class _Message:
    """A question and its answer on the page, old or growing: the same places in the same order, so that nothing moves
    when it is drawn again. What else is drawn in its ``place`` stands below the answer, and ``ending`` between."""

    def __init__(self, number: int, question: str, held: Held, *, new: bool = False, last: bool = False) -> None:
        self._key, self._held, self._new, self._shown = f"{talk_id()}-{number}", held, new, 0
        # Without a gap: what is followed has no height.
        with st.chat_message("user", avatar=":material/person:"), st.container(gap=None):
            follow(new=new, last=last, talk=talk_id(), key=f"asked-{self._key}")
            st.text(question)
        self.place = st.chat_message("assistant", avatar=":material/menu_book:")
        with self.place:
            self._statements, self._below, self.ending = st.container(), st.empty(), st.empty()

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
        lines.append(f"Searched as: {shorten(answer.standalone, _MOST_SHOWN, placeholder=' …')}")
    writer = "Quoted word for word" if answer.writer == "quotes" else f"Written by {answer.writer}"
    lines.append(f"{writer if answer.answered else 'Searched'} · {answer.seconds.total:.1f} s")
    return lines
