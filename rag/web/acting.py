"""What can be done with an answer: judging it, keeping the question as a case for the evals, and asking it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from rag import Answer, Exchange, Question
from rag.cases import Header, append_case, saved_case
from rag.errors import why
from rag.interpreter import python
from rag.web.parts import part
from rag.web.picking import offered_writers
from rag.web.plain import plain
from rag.web.state import Desk
from rag.web.talk import Again, ask_again, talk_id, times_asked_again, turns
from rag.web.writers import writer_label

SUITE = "cases.jsonl"
_DOWN = 0
_WHY = ("What should have been answered?", "What is good about it?")


@part
def show_actions(desk: Desk, exchange: Exchange, earlier: Sequence[Exchange], *, later: int) -> None:
    """Draw what can be done with a finished answer, and what came of it. Nothing else is drawn again by it.

    ``later`` is how many questions were asked after it.
    """
    if not exchange.done:
        return
    key = f"{talk_id()}-{exchange.number}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"actions-{key}"):
        if exchange.answer is not None and not exchange.stopped and not exchange.error:
            st.feedback(
                "thumbs",
                key=f"thumbs-{key}",
                default=exchange.thumb,
                on_change=_judge,
                args=(desk, exchange, f"thumbs-{key}"),
            )
        _show_again(desk, exchange, key, later)
    thumb = st.session_state.get(f"thumbs-{key}")
    if exchange.answer is not None and thumb is not None:
        _show_case(desk, exchange, exchange.answer, earlier, key)


def _judge(desk: Desk, exchange: Exchange, key: str) -> None:
    desk.conversations.save(talk_id(), replace(exchange, thumb=st.session_state[key]))


def _show_case(desk: Desk, exchange: Exchange, answer: Answer, earlier: Sequence[Exchange], key: str) -> None:
    """Draw a line for the reason, and the button that keeps the question as a case; then where it was kept."""
    told = st.session_state.get(f"remark-{key}", exchange.remark)
    if told:
        st.caption(plain(told))
        return
    asked = replace(exchange.question, history=turns(earlier))
    with st.form(f"case-{key}", border=False):
        why = _WHY[st.session_state[f"thumbs-{key}"]]
        st.text_input(why, key=f"reason-{key}", placeholder="In your own words, if you like")
        st.form_submit_button(
            "Keep it as a case for the evals",
            key=f"keep-{key}",
            on_click=_note,
            args=(desk, exchange, asked, answer, key),
        )


def _note(desk: Desk, exchange: Exchange, asked: Question, answer: Answer, key: str) -> None:
    """Keep the question as a case, and what is said of that with the exchange."""
    thumb, reason = st.session_state[f"thumbs-{key}"], st.session_state[f"reason-{key}"] or ""
    remark = _keep(desk, asked, answer, good=thumb != _DOWN, reason=reason)
    st.session_state[f"remark-{key}"] = remark
    desk.conversations.save(talk_id(), replace(exchange, thumb=thumb, remark=remark))


def _keep(desk: Desk, asked: Question, answer: Answer, *, good: bool, reason: str) -> str:
    """Append the question to the home's suite, and say where it is and what to do with it."""
    path = desk.settings.home / SUITE
    names = {report.id: report.name for report in desk.library.reports()}
    case = saved_case(asked, answer, names, good=good, reason=reason)
    try:
        new = append_case(path, case, Header(suite="cases", home="."))
    except OSError as error:
        return f"The question could not be kept in {path}: {why(error)}."
    if not new:
        return f"This question is a case in {path} already; change it there."
    return f"Kept as a case in {path}; {python()} -m evals run {shlex.quote(str(path))} asks it again."


def _show_again(desk: Desk, exchange: Exchange, key: str, later: int) -> None:
    """Draw the question to change and the writer to choose, behind a button."""
    # Another one after each time that it was used: this one stays open.
    key = f"{key}-{times_asked_again()}"
    with st.popover("Ask again", type="tertiary", icon=":material/replay:", key=f"again-{key}"):
        text = st.text_area("Question", exchange.question.text, key=f"again-text-{key}")
        offered = offered_writers(desk)
        writer = st.selectbox(
            "Writer",
            offered,
            index=offered.index(exchange.writer) if exchange.writer in offered else 0,
            format_func=writer_label,
            key=f"again-writer-{key}",
        )
        follow = "" if not later else " the next question" if later == 1 else f" the next {later} questions"
        st.caption(f"The new answer takes the place of this one{follow and ' and of'}{follow}, once it is whole.")
        if st.button(
            f"Ask{follow and ' and drop'}{follow}",
            key=f"again-go-{key}",
            type="primary",
            disabled=not (text or "").strip(),
        ):
            ask_again(Again(exchange.number, (text or "").strip(), writer))
            st.rerun()
