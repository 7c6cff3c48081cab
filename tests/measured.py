"""Hand-made rows for the tests of measures and figures: a case, what was answered, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.rows import Row
from rag import Answer, Case, Citation, Statement, Usage
from rag.library import report_id


def a_case(name: str = "c", *, answerable: bool = True, **fields: Any) -> Case:
    return Case.model_validate({"id": name, "question": "Who?", "answerable": answerable, **fields})


def evidence(report: str, *pages: int, quote: str | None = None) -> dict[str, Any]:
    return {"report": report, "pages": pages, "quote": quote}


def cite(report: str, page: int, quote: str = "Words.", number: int = 1) -> Citation:
    """A citation of the report with that name."""
    return Citation(report_id(report), "d", report, None, page, f"p. {page}", quote, 0, len(quote), number=number)


def say(text: str, *citations: int, support: Any = "verified") -> Statement:
    return Statement(text, citations, support)


def answered(
    *statements: Statement, citations: Sequence[Citation] = (), confidence: float = 0.9, usage: Usage | None = None
) -> Answer:
    return Answer("Who?", "Who?", "done", True, "", confidence, statements, tuple(citations), usage=usage)


def refusal(confidence: float = 0.1) -> Answer:
    return Answer("Who?", "Who?", confidence=confidence)


def a_row(
    name: str,
    *,
    answerable: bool = True,
    confidence: float | None = None,
    refused: bool = False,
    seconds: float = 1.0,
    tags: Sequence[str] = (),
    **measures: float,
) -> Row:
    """A row as it was measured; without a confidence, one of retrieval alone."""
    case = a_case(name, answerable=answerable, tags=tags)
    if confidence is None:
        return Row(case, seconds=seconds, measures=measures)
    answer = refusal(confidence) if refused else answered(say("Yes."), confidence=confidence)
    return Row(case, answer, seconds=seconds, measures={"refused": float(refused), **measures})
