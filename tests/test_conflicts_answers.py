"""Conflicts in answers: both values are quoted, newest first, and what was shown stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from chat_models import Scripted, number_of, writing

from rag.chain import AnswerChain, build_chain
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.types import Answer, Conflict, ConflictValue
from rag.writing.quoting import QuotingOptions
from tests.conftest import add_all

NEW = "The Harsund bridge is expected to cost 4.8 billion kroner."
OLD = "The Harsund bridge is expected to cost 3.1 billion kroner."
COST = "How much will the Harsund bridge cost?"
REPORTS = {
    "First estimate": f"Date: 2020-03-01\n\n{OLD}",
    "Second estimate": f"Date: 2023-11-01\n\n{NEW}",
    "Ferries": "Date: 2022-05-05\n\nThe Velm ferry is expected to cost 60 million kroner.",
}
BOTH = (
    ConflictValue("4.8 billion kroner", "2023-11-01", 2),
    ConflictValue("3.1 billion kroner", "2020-03-01", 1),
)

# Quotes the best sentence alone.
ONE = QuotingOptions(close=1.1)

Build = Callable[..., AnswerChain]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Iterator[Build]:
    """A way to build chains over the three dated reports."""
    shelf: Path = tmp_path_factory.mktemp("shelf")
    for title, text in REPORTS.items():
        (shelf / f"{title}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    library = Library(tmp_path_factory.mktemp("home"))
    indexes = Indexes(library)
    add_all(library, indexes, minilm, shelf)
    yield lambda **options: build_chain(library, minilm, indexes=indexes, **{"timeout": 20, **options})
    indexes.close()
    library.close()


def dated(answer: Answer) -> list[tuple[str, str | None, str]]:
    """The values of the one conflict, each with its date and the quote that its number stands for."""
    (conflict,) = answer.conflicts
    quotes = {one.number: one.quote for one in answer.citations}
    return [(one.value, one.date, quotes[one.citation]) for one in conflict.values]


def test_two_reports_that_give_two_values_are_both_quoted_and_said_to_differ_newest_first(build: Build) -> None:
    answer = build().invoke(COST)
    assert dated(answer) == [("4.8 billion kroner", "2023-11-01", NEW), ("3.1 billion kroner", "2020-03-01", OLD)]
    (conflict,) = answer.conflicts
    assert {answer.statements[at].text for at in conflict.statements} == {NEW, OLD}


def test_a_value_that_the_writer_did_not_choose_is_quoted_as_a_further_statement(build: Build) -> None:
    chain = build(quoting=ONE)
    answers = list(chain.stream(COST))
    first = next(answer for answer in answers if answer.statements)
    assert len(first.statements) == 1
    assert [one.text for one in answers[-1].statements] in ([NEW, OLD], [OLD, NEW])
    assert [one.support for one in answers[-1].statements] == ["verified", "verified"]
    assert [value for value, _, _ in dated(answers[-1])] == ["4.8 billion kroner", "3.1 billion kroner"]


def test_the_conflicts_come_with_the_last_answer_and_what_was_shown_stays(build: Build) -> None:
    answers = list(build(quoting=ONE).stream(COST))
    assert [bool(answer.conflicts) for answer in answers] == [False] * (len(answers) - 1) + [True]
    for earlier, later in pairwise(answers):
        assert later.statements[: len(earlier.statements)] == earlier.statements
        assert later.citations[: len(earlier.citations)] == earlier.citations


def test_a_question_of_one_report_has_no_conflict(build: Build) -> None:
    answer = build().invoke("How much will the Velm ferry cost?")
    assert answer.statements[0].text == "The Velm ferry is expected to cost 60 million kroner."
    assert answer.conflicts == ()


def test_a_refusal_has_no_conflict(build: Build) -> None:
    assert build().invoke("Who was the first queen of Denmark?").conflicts == ()


def test_what_a_model_cites_is_held_against_each_other_and_no_quote_is_added(build: Build) -> None:
    def write(prompt: str, *, both: bool) -> list[str]:
        said = [f"The Harsund bridge was to cost 3.1 billion kroner as expected [{number_of(OLD, prompt)}]. "]
        later = f"Now the Harsund bridge is expected to cost 4.8 billion kroner [{number_of(NEW, prompt)}]."
        return [*said, later] if both else said

    answer = build(model=Scripted(writes=lambda prompt: list(write(prompt, both=True)))).invoke(COST)
    assert answer.conflicts == (Conflict((0, 1), BOTH),)
    alone = build(model=Scripted(writes=lambda prompt: list(write(prompt, both=False)))).invoke(COST)
    assert (len(alone.statements), alone.conflicts) == (1, ())


def test_quotes_in_the_place_of_a_model_that_fails_have_their_conflict(build: Build) -> None:
    answer = build(model=writing(RuntimeError("down"))).invoke(COST)
    assert answer.writer == "quotes"
    assert [value for value, _, _ in dated(answer)] == ["4.8 billion kroner", "3.1 billion kroner"]
