"""The conversation: questions in, answers drawn as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag import Answer, Library, Question
from rag.web.connections import own_connections
from rag.web.following import follow
from rag.web.footnotes import Held, show_conflict, show_refusal, show_statement
from rag.web.plain import plain
from rag.web.sidebar import chosen_reports, chosen_writer
from rag.web.state import Desk, Exchange, exchanges, in_words, turns
from rag.web.thumbs import show_thumbs

PROMPT = "Ask your reports"
# Asked of the sample reports; each is answered in another way: a why, a person's words, a table, a change over time.
EXAMPLES = (
    "Why might ESA reconsider Tiangong?",
    "What did Aschbacher say about Tiangong?",
    "When was Tianzhou-8 launched?",
    "How many countries have signed the Artemis Accords?",
)
_SAMPLE = "tiangong-opening.md"
_STAGES = {"retrieving": "Searching the reports", "writing": "Writing"}
_LOADING = "The embedding model is loading; your question comes next"
_STARTING = "Starting"
_STOPPED = "Stopped before the end. Ask again for the whole answer."


def show_chat(desk: Desk, asked: str) -> None:
    """Draw the conversation so far, then ``asked``, the question of this run ("" for none), and its growing answer."""
    held = desk.library.held()
    earlier = list(exchanges())
    for exchange in earlier:
        with _draw(exchange, held, iter([exchange.answer] if exchange.answer else [])):
            show_thumbs(desk, exchange)
    if asked:
        question = Question(asked, history=turns(earlier), reports=chosen_reports(desk.library))
        exchange = Exchange(len(earlier), asked, question)
        exchanges().append(exchange)
        growing = _growing(desk, exchange, question)
        with _draw(exchange, held, growing, waiting=_LOADING if desk.loading() else _STARTING):
            show_thumbs(desk, exchange)


def show_examples(library: Library) -> None:
    """Draw questions to begin with, where the sample reports are in."""
    if any(report.name == _SAMPLE for report in library.reports()):
        st.caption("For example")
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"example-{number}", on_click=_ask_next, args=(example,))


def taken_example() -> str:
    """Return the example question that was clicked to start this run, once; "" for none."""
    return cast(str, st.session_state.pop("example", ""))


def _ask_next(example: str) -> None:
    st.session_state["example"] = example


def _draw(exchange: Exchange, held: Held, answers: Iterator[Answer], *, waiting: str = "") -> DeltaGenerator:
    """Draw a question and its answer, old or growing, and return the answer's place: the same places in the same order,
    so that nothing moves when it is drawn again. ``waiting`` is said below the statements, where the summary comes,
    until the first answer does."""
    # Without a gap: what is followed has no height.
    with st.chat_message("user", avatar=":material/person:"), st.container(gap=None):
        follow(new=bool(waiting), key=f"asked-{exchange.number}")
        st.text(exchange.question)
    message = st.chat_message("assistant", avatar=":material/menu_book:")
    with message:
        place, below = st.container(), st.empty()
    _say(below, waiting)
    shown = 0
    for answer in answers:
        _say(below, _STAGES.get(answer.stage, "") if waiting else "")
        by_number = {citation.number: citation for citation in answer.citations}
        with place:
            for number, statement in enumerate(answer.statements[shown:], start=shown):
                show_statement(statement, by_number, held=held, key=f"statement-{exchange.number}-{number}")
            # They come with the last answer alone.
            for number, conflict in enumerate(answer.conflicts):
                show_conflict(conflict, by_number, key=f"conflict-{exchange.number}-{number}")
            if answer.refusal is not None:
                show_refusal(answer.text, answer.refusal, held=held, key=f"refusal-{exchange.number}")
        shown = len(answer.statements)
    _draw_end(exchange, below)
    return message


def _growing(desk: Desk, exchange: Exchange, question: Question) -> Iterator[Answer]:
    """Yield the answer as it grows, keeping in the exchange what was drawn; an error ends it and is kept in words."""
    try:
        writer = chosen_writer(desk)
        stream = desk.chain(writer, own_connections().get(writer)).stream(question)
        with closing(stream):  # type: ignore[type-var]
            for answer in stream:
                yield answer
                # Kept once it is drawn: who stops an answer finds what was on the page, and no sentence more.
                exchange.answer = answer
    except Exception as error:
        exchange.error = in_words(error)


def _say(below: DeltaGenerator, words: str) -> None:
    if words:
        below.caption(f":shimmer[{words}]")


def _draw_end(exchange: Exchange, below: DeltaGenerator) -> None:
    if exchange.error:
        below.error(plain(exchange.error), icon=":material/error:")
    elif exchange.stopped or exchange.answer is None:
        below.caption(_STOPPED)
    else:
        below.caption("  \n".join(map(plain, _summary(exchange.answer))))


def _summary(answer: Answer) -> list[str]:
    """Return the lines below an answer: its notes, what it was searched as, and who wrote it in how long."""
    lines = [note.message for note in answer.notes]
    if answer.standalone != answer.question:
        lines.append(f"Searched as: {answer.standalone}")
    writer = "Quoted word for word" if answer.writer == "quotes" else f"Written by {answer.writer}"
    lines.append(f"{writer if answer.answered else 'Searched'} · {answer.seconds.total:.1f} s")
    return lines
