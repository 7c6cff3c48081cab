"""A real model writes, small enough for two cores, and what it writes keeps the promises. Run by ``make smollm``.

It may write anything: what is held here are the invariants, not what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field
from smollm import SmolLM, tokens

from rag.chain import AnswerChain, build_chain
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.types import Answer, Question, Source, Turn
from tests.conftest import ROOT, add_all

pytestmark = [pytest.mark.smollm, pytest.mark.timeout(1200)]

QUESTIONS = (
    Question("How many Chinese astronauts were in the sea survival course off Yantai?"),
    Question("Which ocean will the remains of the ISS fall into?"),
    Question("Who is the director general of ESA?"),
    Question("Who were they?", history=(Turn("Who trained at sea off Yantai in 2017?", "Two Europeans did. [1]"),)),
)


class Marking(SmolLM):
    """What the model writes, with marks in each sentence: of the passage that it was given, and of one that it was not;
    of itself it writes none. ``prompts`` and ``written`` are what went in and what it wrote, one for each run."""

    prompts: list[list[BaseMessage]] = Field(default_factory=list)
    written: list[str] = Field(default_factory=list)

    def _stream(self, messages: list[BaseMessage], *given: Any, **options: Any) -> Iterator[ChatGenerationChunk]:
        self.prompts.append(messages)
        self.written.append("")
        for part in super()._stream(messages, *given, **options):
            self.written[-1] += part.text
            part.message.content = part.text.replace(".", " [1][77].")
            yield part


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library(tmp_path_factory.mktemp("smollm"))
    yield library
    library.close()


@pytest.fixture(scope="module")
def answers(library: Library, minilm: Embedding) -> list[tuple[list[Answer], Marking]]:
    """What was streamed for each question, and the model that wrote it."""
    indexes = Indexes(library)
    assert {one.status for one in add_all(library, indexes, minilm, ROOT / "corpus")} == {"added"}
    found = []
    for question in QUESTIONS:
        model = Marking(most=100)
        chain: AnswerChain = build_chain(library, minilm, indexes=indexes, model=model, passages=1, timeout=300)
        found.append((list(chain.stream(question)), model))
    indexes.close()
    return found


def test_the_model_is_asked_each_time_and_writes(answers: list[tuple[list[Answer], Marking]]) -> None:
    # The follow-up is first written out to stand alone; over what it makes of that, the model may not be asked at all.
    assert [len(model.written) for _, model in answers] in ([1, 1, 1, 1], [1, 1, 1, 2])
    assert "trained at sea" in answers[-1][1].prompts[0][-1].text
    assert all(text.strip() for _, model in answers for text in model.written)
    assert any(streamed[-1].answered for streamed, _ in answers)
    assert {streamed[-1].writer for streamed, _ in answers} == {"marking:model"}


def test_no_invented_mark_survives(answers: list[tuple[list[Answer], Marking]]) -> None:
    for streamed, _ in answers:
        for answer in streamed:
            known = {one.number for one in answer.citations}
            assert {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)} == known
            assert all(set(one.citations) <= known for one in answer.statements)
            assert not any(re.search(r"\[\s*\d|77|【", one.text) for one in answer.statements)


def test_every_quote_is_a_quote(answers: list[tuple[list[Answer], Marking]], library: Library) -> None:
    quotes: list[Source] = []
    for streamed, _ in answers:
        for answer in streamed:
            quotes += [*answer.citations, *(answer.refusal.nearest if answer.refusal else ())]
    assert quotes
    for one in quotes:
        assert library.page(one.report, one.page).text[one.start : one.end] == one.quote


def test_every_statement_has_a_verdict_and_what_was_shown_stays(answers: list[tuple[list[Answer], Marking]]) -> None:
    for streamed, _ in answers:
        last = streamed[-1]
        assert (last.stage, last.answered) == ("done", bool(last.statements))
        assert last.answered or last.refusal is not None
        for one in last.statements:
            assert one.support in ("verified", "partial", "unsupported")
            assert bool(one.citations) == (one.support != "unsupported")
        for before in streamed[:-1]:
            assert last.statements[: len(before.statements)] == before.statements
            assert last.citations[: len(before.citations)] == before.citations


def test_the_usage_is_what_the_model_read_and_wrote(answers: list[tuple[list[Answer], Marking]]) -> None:
    for streamed, model in answers:
        used = streamed[-1].usage
        assert used is not None
        assert used.input_tokens == sum(len(tokens(prompt)) for prompt in model.prompts)
        assert 0 < used.output_tokens <= 100 * len(model.written)
