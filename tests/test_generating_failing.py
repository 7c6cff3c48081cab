"""A model that fails is answered for by quotes, with a note, and what was shown stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from asking import CALL, REPORTS, WHEN, Ask, asking, chains
from chat_models import Part, Scripted, number_of, writing

from rag.chain import AnswerChain
from rag.embedding import Embedding
from rag.types import Question, Turn


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Iterator[Callable[..., AnswerChain]]:
    with chains(tmp_path_factory.mktemp("failing"), minilm, **REPORTS) as build:
        yield build


@pytest.fixture(scope="module")
def ask(build: Callable[..., AnswerChain]) -> Ask:
    return asking(build)


def cited(text: str) -> Callable[[str], list[Part]]:
    """Writes the text with [1] made the mark of the passage that holds the call."""
    return lambda prompt: [text.replace("[1]", f"[{number_of('cargo proposals', prompt)}]")]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([RuntimeError("no such model")], "The model failed: no such model"),
        ([PermissionError("401: wrong key")], "The model failed: 401: wrong key"),
        ([ValueError()], "The model failed: ValueError"),
        (["China called", ConnectionError("cut\noff")], "The model failed: cut off"),
        ([], "The model failed: No generation chunks were returned"),
        (["", ""], "The model wrote nothing. Try again, or choose another with RAG_MODEL."),
        ([" \n "], "The model wrote nothing."),
        (["![x](http://a.example/p.png)", " [1]"], "The model wrote nothing."),
    ],
)
def test_a_model_that_fails_before_its_first_sentence_is_answered_for_by_quotes(
    parts: list[Part], says: str, ask: Ask
) -> None:
    answer = ask(writing(*parts))
    assert [(one.text, one.support) for one in answer.statements] == [(CALL, "verified")]
    assert [one.quote for one in answer.citations] == [CALL]
    (note,) = answer.notes
    assert note.code == "model_failed"
    assert note.message.startswith(says)
    assert note.message.endswith(" Quotes were used instead.")
    assert (answer.writer, answer.stage, answer.answered) == ("quotes", "done", True)


def test_a_model_that_keeps_silent_past_its_timeout_is_answered_for_by_quotes(ask: Ask) -> None:
    model = writing("China", 5.0, " called.")
    began = time.monotonic()
    answer = ask(model, timeout=0.2)
    assert time.monotonic() - began < 3
    assert [one.text for one in answer.statements] == [CALL]
    assert [one.code for one in answer.notes] == ["model_failed"]
    assert answer.notes[0].message.startswith("The model kept silent for 0.2 s. Raise RAG_MODEL_TIMEOUT or try again.")


def test_a_model_that_is_slow_but_not_silent_is_waited_for(ask: Ask) -> None:
    mark = Scripted(writes=lambda prompt: [*_slowly(f"{CALL[:-1]} [{number_of('cargo', prompt)}].")])
    answer = ask(mark, timeout=0.5)
    assert (answer.notes, answer.writer) == ((), "scripted:model")
    assert [one.text for one in answer.statements] == [CALL]


def _slowly(text: str) -> Iterator[Part]:
    for word in text.split(" "):
        yield 0.05
        yield f"{word} "


@pytest.mark.parametrize("end", [RuntimeError("lost"), 5.0])
def test_a_model_that_fails_half_way_keeps_what_was_shown_and_says_so(end: Part, ask: Ask) -> None:
    def write(prompt: str) -> list[Part]:
        return [*cited(f"{CALL} [1] It is also true ")(prompt), "that the ", end, "rest."]

    answer = ask(Scripted(writes=write), timeout=0.3)
    assert [(one.text, one.citations, one.support) for one in answer.statements] == [(CALL, (1,), "verified")]
    (note,) = answer.notes
    assert note.code == "model_stopped"
    assert note.message.endswith(" The answer may be incomplete.")
    assert (answer.writer, answer.stage, answer.answered) == ("scripted:model", "done", True)


def test_a_model_that_fails_after_unsupported_sentences_alone_leaves_none_of_them(ask: Ask) -> None:
    answer = ask(writing("The station is made of cheese. It is so. ", "And then", RuntimeError("lost")))
    assert [one.text for one in answer.statements] == [CALL]
    assert [one.code for one in answer.notes] == ["model_failed"]
    assert answer.writer == "quotes"


def test_a_failed_model_where_quotes_refuse_is_a_refusal_with_the_note(ask: Ask) -> None:
    answer = ask(writing(RuntimeError("lost")), threshold=1.0)
    assert (answer.answered, answer.statements, answer.text) == (False, (), "The reports do not say.")
    assert [one.code for one in answer.notes] == ["model_failed"]


def test_a_follow_up_is_searched_as_the_model_condenses_it(ask: Ask) -> None:
    turn = Turn("Who called for cargo?", "China did. [1]")

    def write(prompt: str) -> list[Part]:
        return [WHEN, " \n"] if "Last question:" in prompt else cited(f"{CALL} [1]")(prompt)

    model = Scripted(writes=write)
    answer = ask(model, "And when was that?", turn)
    assert (answer.question, answer.standalone) == ("And when was that?", WHEN)
    assert answer.text == f"{CALL} [1]"
    condensing, answering = model.prompts
    assert condensing.startswith("You rewrite the last question of a conversation")
    assert condensing.endswith(
        "Question: Who called for cargo?\nAnswer: China did. [1]\n\nLast question: And when was that?"
    )
    assert answering.endswith(f"Question: {WHEN}")


def test_without_history_nothing_is_condensed(ask: Ask) -> None:
    model = Scripted(writes=cited(f"{CALL} [1]"))
    answer = ask(model)
    assert (len(model.prompts), answer.standalone) == (1, WHEN)


@pytest.mark.parametrize("wrong", [[RuntimeError("lost")], [""], [5.0, "When?"]])
def test_a_follow_up_that_cannot_be_condensed_is_searched_with_what_was_said_before(
    wrong: list[Part], ask: Ask
) -> None:
    turn = Turn("Who called for cargo proposals?", "China did. [1]")

    def write(prompt: str) -> list[Part]:
        return wrong if "Last question:" in prompt else cited(f"{CALL} [1]")(prompt)

    answer = ask(Scripted(writes=write), "And when did China do that?", turn, timeout=0.3)
    assert answer.standalone == "And when did China do that? (Who called for cargo proposals?)"
    assert answer.text == f"{CALL} [1]"
    (note,) = answer.notes
    assert note.code == "condense_failed"
    assert note.message.endswith(" The question was searched with what was said before it.")


def test_what_is_shown_while_a_model_fails_never_changes(build: Callable[..., AnswerChain]) -> None:
    for end in (RuntimeError("lost"), "that is all."):
        model = writing("It is made of cheese. ", CALL, f" [1][2][3] {CALL} [2][1][3] More of it ", end)
        answers = list(build(model=model).stream(Question(WHEN)))
        for earlier, later in pairwise(answers):
            assert later.statements[: len(earlier.statements)] == earlier.statements
            assert later.citations[: len(earlier.citations)] == earlier.citations
