"""Judged measures: what a judge is asked, which of its replies count, and what is left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from evals.judging import PROMPTS, Judge
from evals.rows import Row
from rag import Answer, Case, Citation, Refusal, Statement

CASE = Case(id="a", question="How many live there?", reference="Three people.", facts=(("three",),))
CITATION = Citation("r1", "d1", "Crew", None, 1, "p. 1", "A crew of three {lives} there.", 0, 29, number=1)
ANSWER = Answer(
    question=CASE.question,
    standalone=CASE.question,
    answered=True,
    text="Three live there. [1]",
    statements=(Statement("Three live there.", (1,), "verified"),),
    citations=(CITATION,),
)


def judge(*replies: str) -> Judge:
    return Judge(GenericFakeChatModel(messages=iter([AIMessage(reply) for reply in replies])), "fake:judge")


def test_an_answer_is_graded_against_its_quotes_and_against_the_reference() -> None:
    found = judge('{"reason": "all of it", "score": 1}', 'I think: {"reason": "half", "score": 0.5}').judge(
        Row(CASE, ANSWER, measures={"seconds": 0.1})
    )
    assert found.measures == {"seconds": 0.1, "faithfulness": 1.0, "correctness": 0.5, "ungraded": 0.0}
    assert found.remarks == ()


def listening(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the judge is asked, filled as it is."""
    asked: list[str] = []
    invoke: Callable[..., AIMessage] = GenericFakeChatModel.invoke

    def overhear(self: GenericFakeChatModel, input: list[AIMessage]) -> AIMessage:
        asked.append(input[-1].text)
        return invoke(self, input)

    monkeypatch.setattr(GenericFakeChatModel, "invoke", overhear)
    return asked


def test_the_judge_sees_the_quotes_the_reference_and_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listening(monkeypatch)
    judge('{"score": 1}', '{"score": 1}').judge(Row(CASE, ANSWER))
    assert "[1] Crew, p. 1: A crew of three {lives} there." in asked[0]
    assert "Reference: Three people." in asked[1]
    assert all("Three live there. [1]" in one for one in asked)


def test_the_judge_sees_every_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listening(monkeypatch)
    several = CASE.model_copy(update={"references": ("A crew of three.", "3")})
    judge('{"score": 1}', '{"score": 1}').judge(Row(several, ANSWER))
    assert "Reference: Three people.\nor: A crew of three.\nor: 3\n" in asked[1]


@pytest.mark.parametrize(
    "reply",
    [
        "good",
        '{"score": 2}',
        '{"score": "high"}',
        '{"score": true}',
        '{"score": "1"}',
        '{"score": NaN}',
        '{"score": [1]}',
        '{"grade": 1}',
        "{score: 1}",
        '{"reason": "a short sentence", "score": S}',
        '{"reason": "cut off, "score": 1',
        '[{"deeper": {"score": 1}}]',
        "{" * 70,
        "",
    ],
)
def test_a_reply_without_a_grade_is_left_out_counted_and_said(reply: str) -> None:
    found = judge(reply, '{"score": 1}').judge(Row(CASE, ANSWER))
    # One of the two grades that were asked for was not given.
    assert found.measures == {"correctness": 1.0, "ungraded": 0.5}
    assert found.remarks == (f'faithfulness was not judged: the judge replied {reply!r}, not {{"score": 0 to 1}}',)


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ('{"reason": "the quote has {lives} in it", "score": 0.5}', 0.5),
        ("""It says {"score": 1}, and so:\n```json\n{"reason": "no: {'score': 1}", "score": 0}\n```""", 0.0),
        ('{"score": 0.25} {of all claims}', 0.25),
    ],
)
def test_the_last_grade_of_a_rambling_reply_counts_whatever_braces_are_about_it(reply: str, score: float) -> None:
    assert judge(reply, '{"score": 1}').judge(Row(CASE, ANSWER)).measures["faithfulness"] == score


def test_a_judge_that_fails_is_said_and_counted() -> None:
    # Nothing is left to reply.
    found = judge().judge(Row(CASE, ANSWER))
    assert found.measures == {"ungraded": 1.0}
    assert [one.partition(":")[0] for one in found.remarks] == [
        "faithfulness was not judged",
        "correctness was not judged",
    ]


def test_a_refusal_or_a_failure_where_there_is_an_answer_is_not_correct_and_the_judge_is_not_asked() -> None:
    refused = Answer(question="?", standalone="?", refusal=Refusal("Nothing."))
    assert judge().judge(Row(CASE, refused)).measures == {"correctness": 0.0}
    assert judge().judge(Row(CASE, error="RuntimeError: no")).measures == {"correctness": 0.0}


def test_a_case_without_a_reference_is_judged_by_its_quotes_alone() -> None:
    bare = Case(id="a", question="How many live there?", answerable=False)
    assert judge('{"score": 0}').judge(Row(bare, ANSWER)).measures == {"faithfulness": 0.0, "ungraded": 0.0}
    assert judge().judge(Row(bare, Answer(question="?", standalone="?"))).measures == {}


def test_the_results_name_the_judge_and_its_prompts() -> None:
    about = judge().about()
    assert about["model"] == "fake:judge"
    assert list(about["prompts"]) == list(PROMPTS)
    assert all(len(sha256) == 64 for sha256 in about["prompts"].values())
