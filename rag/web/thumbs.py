"""Thumbs below an answer: down keeps the question as a case for the evals, in the home's own suite."""

from __future__ import annotations

import streamlit as st

from rag.cases import Header, append_case, saved_case
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk, Exchange

SUITE = "cases.jsonl"
_DOWN = 0


@part
def show_thumbs(desk: Desk, exchange: Exchange) -> None:
    """Draw the thumbs of a finished answer, and what came of them. Nothing else is drawn again when they are used."""
    if exchange.answer is None or not exchange.done or exchange.stopped or exchange.error:
        return
    key = f"thumbs-{exchange.number}"
    st.feedback("thumbs", key=key, on_change=_note, args=(desk, exchange, key))
    if exchange.remark:
        st.caption(plain(exchange.remark))


def _note(desk: Desk, exchange: Exchange, key: str) -> None:
    exchange.remark = _keep(desk, exchange) if st.session_state[key] == _DOWN else ""


def _keep(desk: Desk, exchange: Exchange) -> str:
    """Append the exchange to the home's suite, and say where it is and what to do with it."""
    if exchange.asked is None or exchange.answer is None:
        return ""
    path = desk.settings.home / SUITE
    names = {report.id: report.name for report in desk.library.reports()}
    try:
        append_case(path, saved_case(exchange.asked, exchange.answer, names), Header(suite="cases", home="."))
    except OSError as error:
        return f"The question could not be kept in {path}: {error}."
    return (
        f"Kept as a case in {path}. Write down there what should have been answered; python -m evals run asks it again."
    )
