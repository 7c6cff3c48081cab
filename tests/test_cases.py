"""Cases for the evals: what a saved one holds, and how a suite of the user's grows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.cases import Case, Header, append_case, saved_case
from rag.types import Answer, Question, Turn

ANSWER = Answer(question="Who lives there?", standalone="Who lives there?", text="Three astronauts. [1]", answered=True)
HEADER = Header(suite="mine", home="../home")


def test_a_saved_case_asks_the_same_again_and_notes_what_was_answered() -> None:
    question = Question(
        "Who lives there?", history=(Turn("What is Tiangong?", "A station."),), reports=("5e1f", "none")
    )
    case = saved_case(question, ANSWER, {"5e1f": "crew.md"})
    assert case.model_dump(exclude={"id"}, exclude_defaults=True) == {
        "question": "Who lives there?",
        "history": ({"question": "What is Tiangong?", "answer": "A station."},),
        "reports": ("crew.md", "none"),
        "tags": ("saved",),
        "note": "Answered: Three astronauts. [1]",
    }


def test_the_id_of_a_saved_case_is_that_of_its_question_history_and_reports() -> None:
    one = saved_case(Question("Who?"), ANSWER, {})
    assert one.id == saved_case(Question("Who?"), Answer(question="Who?", standalone="Who?"), {}).id
    others = [Question("When?"), Question("Who?", history=(Turn("What?"),)), Question("Who?", reports=("5e1f",))]
    assert len({one.id, *(saved_case(other, ANSWER, {}).id for other in others)}) == 4


def test_a_suite_begins_with_its_header_and_takes_each_case_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mine.jsonl"
    first, second = Case(id="a", question="Who?"), Case(id="b", question="Wer trägt die Kosten?")
    assert [append_case(path, case, HEADER) for case in (first, second, first)] == [True, True, False]
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"suite": "mine", "home": "../home"},
        {"id": "a", "question": "Who?"},
        {"id": "b", "question": "Wer trägt die Kosten?"},
    ]


def test_a_case_begins_a_line_of_its_own_below_a_last_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"suite": "mine"}\nnot JSON\n{"id": "a", "question": "Who?"}')
    assert append_case(path, Case(id="b", question="When?"), HEADER)
    assert path.read_text().splitlines()[2:] == ['{"id": "a", "question": "Who?"}', '{"id":"b","question":"When?"}']


def test_a_case_that_is_not_answerable_expects_nothing() -> None:
    with pytest.raises(ValidationError, match="the case is not answerable and yet has reference and facts"):
        Case(id="a", question="Who?", answerable=False, reference="Nobody.", facts=(("nobody",),))


def test_a_case_that_is_not_answerable_has_no_other_references_either() -> None:
    with pytest.raises(ValidationError, match="the case is not answerable and yet has reference and references"):
        Case(id="a", question="Who?", answerable=False, reference="Nobody.", references=("None.",))


def test_other_references_stand_beside_a_reference() -> None:
    assert Case(id="a", question="Who?", reference="Rollo", references=("a Norse",)).references == ("a Norse",)
    with pytest.raises(ValidationError, match="references are further answers beside a reference, which is not there"):
        Case(id="a", question="Who?", references=("Rollo",))


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "", "question": "Who?"},
        {"id": "a", "question": "  "},
        {"id": "a", "question": "Who?", "facts": [[]]},
        {"id": "a", "question": "Who?", "reference": "Rollo", "references": "Norse"},
        {"id": "a", "question": "Who?", "reference": "Rollo", "references": [" "]},
        {"id": "a", "question": "Who?", "evidence": [{"report": "crew.md", "pages": []}]},
        {"id": "a", "question": "Who?", "evidence": [{"report": "crew.md", "pages": [0]}]},
        {"id": "a", "question": "Who?", "tag": ["who"]},
    ],
)
def test_what_is_no_case_is_not_taken_for_one(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Case.model_validate(fields)
