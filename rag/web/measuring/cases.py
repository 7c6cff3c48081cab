"""The cases of a run: sifted by what came of them, each with its answer, what was expected and how it scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from rag.web.facts import Fact, show_facts
from rag.web.footnotes import show_refusal, show_statement
from rag.web.measuring.asking import Asked, ask_in_chat, asked_again
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk

if TYPE_CHECKING:
    from evals.results import Results
    from evals.rows import Row

# Cases on a page of them.
_SHOWN = 15
_ALL, _WRONG = "All cases", "Where it went wrong"
# What came of a case where nothing went wrong, or nothing can be said.
_WELL = frozenset({"right", "found", "not judged"})


@part
def show_cases(desk: Desk, results: Results, chat: st.Page) -> None:
    """Draw the cases that are sifted out, some at a time. Choosing others draws nothing else of the page again."""
    from evals.outcomes import names_in, outcome

    outcomes = [outcome(row) for row in results.rows]
    chosen = _show_sieve(outcomes, sorted({tag for row in results.rows for tag in row.case.tags}))
    found = [(row, what) for row, what in zip(results.rows, outcomes, strict=True) if _passes(row, what, *chosen)]
    if not found:
        st.caption("No case is left. Choose others above.")
        return
    pages = -(-len(found) // _SHOWN)
    at = 1
    if pages > 1:
        at = min(st.pagination(pages, key="cases-page"), pages)
    names = names_in(results.rows)
    for row, what in found[(at - 1) * _SHOWN : at * _SHOWN]:
        label = f"{plain(row.case.question)} :small[:gray[{plain(what)}]]"
        opened = st.expander(label, key=f"case-{results.folder.name}-{row.case.id}", on_change="rerun")
        if opened.open:
            with opened:
                _show_case(desk, row, names, chat)


def went_wrong(outcome: str) -> bool:
    """Return whether something went wrong in a case, by what came of it."""
    return outcome not in _WELL


def _show_sieve(outcomes: Sequence[str], tags: Sequence[str]) -> tuple[str, str | None, str]:
    """Draw the ways to sift, and return the choice of outcome, of tag, and the words looked for."""
    from evals.outcomes import OUTCOMES

    counts = Counter(outcomes)
    counts[_ALL], counts[_WRONG] = len(outcomes), sum(map(went_wrong, outcomes))
    kinds = [_ALL, _WRONG, *(name for name in OUTCOMES if counts[name])]
    which, tagged, words = st.columns(3)
    outcome = which.selectbox(
        "Show", kinds, format_func=lambda one: f"{one.capitalize()} ({counts[one]})", key="cases-outcome"
    )
    tag = tagged.selectbox("Tag", tags, index=None, placeholder="Any", key="cases-tag", disabled=not tags)
    said = words.text_input("Words of the question", key="cases-words", icon=":material/search:")
    return outcome, tag, said


def _passes(row: Row, what: str, outcome: str, tag: str | None, words: str) -> bool:
    fits = outcome == _ALL or (went_wrong(what) if outcome == _WRONG else what == outcome)
    question = row.case.question.casefold()
    return fits and (tag is None or tag in row.case.tags) and all(one in question for one in words.casefold().split())


def _show_case(desk: Desk, row: Row, names: Any, chat: st.Page) -> None:
    from evals.casebook import case_entry
    from evals.outcomes import OUTCOMES, is_claim

    entry = case_entry(row, names)
    for turn in entry["history"]:
        st.caption(plain(f"Asked before: {turn['question']}"))
    if not is_claim(row):
        _show_asking(row, asked_again(row, desk.library), chat)
    _show_answer(desk, row)
    for fault in entry["faults"]:
        st.markdown(f":red[:material/close:] {plain(fault)}")
    st.caption(plain(f"{row.case.id}: {OUTCOMES[entry['outcome']]}"))
    show_facts([*_expected(entry), *_scores(entry)], key=f"scores-{row.case.id}")


def _show_asking(row: Row, asked: Asked, chat: st.Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Ask it in the chat", key=f"ask-{row.case.id}", icon=":material/forum:"):
            ask_in_chat(asked, chat)
        if asked.lacking:
            st.caption(plain(f"This library does not hold {', '.join(asked.lacking)}: the answer will be another."))
        elif row.case.history:
            st.caption("A follow-up: it is asked as it was searched, with the words of the questions before it.")


def _show_answer(desk: Desk, row: Row) -> None:
    answer = row.answer
    if answer is None:
        st.caption(plain(row.error or "Nothing was answered: retrieval alone was run."))
        return
    held, cited = desk.library.held(), {one.number: one for one in answer.citations}
    for number, statement in enumerate(answer.statements):
        show_statement(statement, cited, held=held, key=f"said-{row.case.id}-{number}")
    if answer.refusal is not None:
        show_refusal(answer.text, answer.refusal, held=held, key=f"refused-{row.case.id}")


def _expected(entry: dict[str, Any]) -> list[Fact]:
    """Return what a right answer holds, and whether this one does."""
    expected, marks = entry["expected"], {True: "stated", False: "missing", None: ""}
    facts = [Fact("Expected fact", " / ".join(one["alternatives"]), marks[one["covered"]]) for one in expected["facts"]]
    places = [
        Fact("Expected page", f"{one['report']}, {page['label']}", _found(page))
        for one in expected["evidence"]
        for page in one["pages"]
    ]
    reference = [Fact("Right answer", expected["reference"])] if expected["reference"] else []
    no = [] if entry["answerable"] else [Fact("Right answer", "A refusal: the reports do not hold it")]
    return [*no, *reference, *facts, *places]


def _found(page: dict[str, Any]) -> str:
    rank = "not found" if page["rank"] is None else f"found as number {page['rank']}"
    return f"{rank}, cited" if page["cited"] else f"{rank}, not cited" if page["cited"] is False else rank


def _scores(entry: dict[str, Any]) -> list[Fact]:
    confidence = [] if entry["confidence"] is None else [Fact("Confidence", f"{entry['confidence']:.2f}")]
    seconds = [] if entry["seconds"] is None else [Fact("Time", f"{entry['seconds']:.2f} s")]
    remarks = [Fact("Remark", one) for one in entry["remarks"]]
    measures = " · ".join(f"{label} {value}" for label, value in entry["measures"])
    return [*([Fact("Scores", measures)] if measures else []), *confidence, *seconds, *remarks]
