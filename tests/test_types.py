"""The nouns: frozen, and an Answer that goes to JSON and back without a loss."""

import json
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest

from rag import types
from rag.types import (
    Answer,
    Citation,
    Conflict,
    ConflictValue,
    Note,
    Passage,
    Refusal,
    Report,
    Seconds,
    Source,
    Statement,
    Usage,
)

SOURCE = Source("a1", "d1", "Tiangong opens", "2023-10-16", 1, "§ In brief", "A quote.", 10, 18)
CITATION = Citation(**{entry.name: getattr(SOURCE, entry.name) for entry in fields(Source)}, number=1)
FULL = Answer(
    question="and when?",
    standalone="when did the call come?",
    stage="done",
    answered=True,
    text="A quote. [1]",
    confidence=0.75,
    statements=(Statement("A quote.", (1,), "verified"), Statement("A guess.", (), "unsupported")),
    citations=(CITATION,),
    conflicts=(Conflict((0,), (ConflictValue("53", "2025-02-17", 1),)),),
    refusal=Refusal("Nothing was found.", ("cost",), (SOURCE,)),
    notes=(Note("model_failed", "Quotes were used instead."),),
    writer="fake:model",
    usage=Usage(10, 5, None),
    seconds=Seconds(0.1, 0.2, 0.3, 0.6),
)


def test_an_answer_as_json_has_the_contracts_keys_in_the_contracts_order() -> None:
    plain = FULL.to_json()
    assert list(plain) == (
        "version question standalone stage answered text confidence statements citations conflicts refusal notes "
        "writer usage seconds".split()
    )
    assert list(plain["statements"][0]) == ["text", "citations", "support"]
    assert list(plain["citations"][0]) == "number report document title date page label quote start end".split()
    assert list(plain["conflicts"][0]) == ["statements", "values"]
    assert list(plain["conflicts"][0]["values"][0]) == ["value", "date", "citation"]
    assert list(plain["refusal"]) == ["reason", "missing", "nearest"]
    assert list(plain["refusal"]["nearest"][0]) == "report document title date page label quote start end".split()
    assert list(plain["notes"][0]) == ["code", "message"]
    assert list(plain["usage"]) == ["input_tokens", "output_tokens", "cost"]
    assert list(plain["seconds"]) == ["retrieve", "write", "check", "total"]


def test_an_answer_as_json_holds_only_what_json_holds() -> None:
    plain = FULL.to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["version"] == 1
    assert plain["citations"][0]["number"] == 1


@pytest.mark.parametrize("answer", [FULL, Answer("q", "q"), replace(FULL, refusal=None, usage=None)])
def test_an_answer_comes_back_from_json_as_it_was(answer: Answer) -> None:
    assert Answer.from_json(json.loads(json.dumps(answer.to_json()))) == answer


@pytest.mark.parametrize("key", [entry.name for entry in fields(Answer)])
def test_json_that_lacks_a_field_is_no_answer(key: str) -> None:
    plain = FULL.to_json()
    del plain[key]
    with pytest.raises(ValueError, match="version None" if key == "version" else key):
        Answer.from_json(plain)


@pytest.mark.parametrize(
    ("key", "value"),
    [("statements", [1]), ("citations", [{}]), ("refusal", "no"), ("usage", {"tokens": 1}), ("seconds", None)],
)
def test_json_whose_parts_have_another_shape_is_no_answer(key: str, value: object) -> None:
    with pytest.raises(ValueError, match="not an Answer"):
        Answer.from_json({**FULL.to_json(), key: value})


def test_an_answer_of_another_version_is_not_read() -> None:
    with pytest.raises(ValueError, match="version 2; this program reads 1"):
        Answer.from_json({**FULL.to_json(), "version": 2})


def test_a_field_that_a_later_program_adds_is_passed_over() -> None:
    assert Answer.from_json({**FULL.to_json(), "mood": "glad"}) == FULL


def test_answers_define_no_plus() -> None:
    assert not hasattr(Answer, "__add__")
    with pytest.raises(TypeError):
        FULL + FULL


def test_every_noun_is_frozen() -> None:
    nouns = [kind for kind in vars(types).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert len(nouns) == 19
    assert all(kind.__dataclass_params__.frozen for kind in nouns)
    with pytest.raises(FrozenInstanceError):
        FULL.text = "another"


def test_an_answer_can_be_a_key() -> None:
    assert {FULL: 1}[Answer.from_json(FULL.to_json())] == 1


def test_a_passages_text_is_the_span_of_its_page() -> None:
    report = Report("a1", "d1", "a.md", "A", "markdown", None, 1, 1, 10, "2024-01-01T00:00:00+00:00")
    page = types.Page(1, "lines 1-2", "Ünïcödé 🚀 stays by code point.")
    passage = Passage("a1-0", report, page, 8, 15, "A", 0.03)
    assert passage.text == "🚀 stays"
