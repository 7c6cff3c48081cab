"""Evaluation cases: a question and what a right answer to it holds. A suite keeps one a line, as JSON.

``evals`` reads and measures them; the command line and the chat append to a suite of the user's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rag.types import Answer, Question

_Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseTurn(_Frozen):
    """An earlier question of the conversation and the text of its answer."""

    question: _Written
    answer: str = ""


class Evidence(_Frozen):
    """Where a right answer stands: a report by its name, pages of it from 1, and words of the first of them."""

    report: _Written
    pages: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    quote: _Written | None = None


class Case(_Frozen):
    """A question and what a right answer to it holds.

    ``reference`` is a right answer in words; ``references`` are further ones, of which an answer need match only the
    nearest. Each of ``facts`` is a list of alternatives, of which a right answer has one. ``reports`` are the names of
    those that are searched, None for all. A case that is not ``answerable`` has no reference, facts or evidence.
    """

    id: _Written
    question: _Written
    history: tuple[CaseTurn, ...] = ()
    reports: tuple[_Written, ...] | None = None
    answerable: bool = True
    reference: str = ""
    references: tuple[_Written, ...] = ()
    facts: tuple[Annotated[tuple[_Written, ...], Field(min_length=1)], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    tags: tuple[_Written, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _expects_what_can_be(self) -> Case:
        given = [name for name in ("reference", "references", "facts", "evidence") if getattr(self, name)]
        if given and not self.answerable:
            raise ValueError(f"the case is not answerable and yet has {' and '.join(given)}")
        if self.references and not self.reference:
            raise ValueError("references are further answers beside a reference, which is not there")
        return self


class Header(_Frozen):
    """The first line of a suite: its name, and what it is asked over.

    ``reports`` is a folder of reports that a run takes into a library of its own, ``home`` one whose library is asked
    as it is; both are relative to the suite's file, and a run may name others.
    """

    suite: _Written
    about: str = ""
    reports: str | None = None
    home: str | None = None


def saved_case(
    question: Question, answer: Answer, names: Mapping[str, str], *, good: bool = False, reason: str = ""
) -> Case:
    """Return a case that asks this again; ``names`` gives the reports' names by id.

    Its note says what was answered, and the ``reason`` why that is to be kept, so that a person can write down what
    should have been. Of a ``good`` answer the case expects what it says and cites, or that it is refused. Filters by
    date and kind are not part of a case.
    """
    asked = json.dumps([question.text, [turn.question for turn in question.history], question.reports])
    return Case(
        id=hashlib.sha256(asked.encode()).hexdigest()[:12],
        question=question.text,
        history=tuple(CaseTurn(question=turn.question, answer=turn.answer) for turn in question.history),
        reports=None if question.reports is None else tuple(names.get(one, one) for one in question.reports),
        tags=("saved",),
        note=" ".join(filter(None, (reason.strip(), f"Answered: {answer.text}"))),
        **(_expected(answer, names) if good else {}),
    )


def _expected(answer: Answer, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a case has to hold so that it expects this answer."""
    if not answer.answered:
        return {"answerable": False}
    evidence = tuple(
        Evidence(report=names.get(one.report, one.report), pages=(one.page,), quote=one.quote)
        for one in answer.citations
    )
    return {"reference": " ".join(statement.text for statement in answer.statements), "evidence": evidence}


def append_case(path: Path, case: Case, header: Header) -> bool:
    """Append the case to the suite in ``path`` and return True; False where it has a case of that id already.

    A file that is not there yet begins with the header. A line is written at once and whole, so that several processes
    may append. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0)
        held = file.read()
        if any(_id(line) == case.id for line in held.splitlines()):
            return False
        before = b"" if held.endswith(b"\n") else b"\n" if held else _line(header)
        file.write(before + _line(case))
    return True


def _line(one: BaseModel) -> bytes:
    return one.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _id(line: bytes) -> str | None:
    try:
        plain = json.loads(line)
    except ValueError:
        return None
    return plain.get("id") if isinstance(plain, dict) else None
