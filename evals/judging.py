"""Measures that a language model gives: faithfulness and correctness, with any LangChain chat model as the judge.

Both are optional, and the results name the judge and the prompts' hashes. After Zheng et al. (2023), "Judging
LLM-as-a-Judge", arXiv:2306.05685, and for faithfulness Es et al. (2024), "RAGAS", arXiv:2309.15217.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evals.provenance import prompt_hashes
from evals.rows import Row
from rag import Answer
from rag.prompts import messages
from rag.writing.generating import load_model

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PROMPTS = ("judge-faithfulness", "judge-correctness")
# Seconds that a judge may take.
_TIMEOUT = 120.0
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Judge:
    """A chat model that grades answers from 0 to 1; ``name`` is how it was asked for."""

    model: BaseChatModel
    name: str

    @classmethod
    def named(cls, name: str) -> Judge:
        """Return the model ``provider:model`` as a judge. Raises ModelError where it cannot be used."""
        return cls(load_model(name, timeout=_TIMEOUT), name)

    def about(self) -> dict[str, Any]:
        """Return what names this judge in the results."""
        hashes = prompt_hashes()
        return {"model": self.name, "prompts": {name: hashes[name] for name in PROMPTS}}

    def judge(self, row: Row) -> Row:
        """Return the measured row with the grades that apply: faithfulness of an answer to its quotes, correctness
        against the case's reference, of which a refusal or a failure has nothing. A grade that the judge does not give
        as asked is left out, a remark says so, and the share of those is the measure ungraded."""
        answer = row.answer
        if row.case.answerable and row.case.reference and (answer is None or not answer.answered):
            return replace(row, measures=row.measures | {"correctness": 0.0})
        if answer is None or not answer.answered:
            return row
        wanted = {"faithfulness": {"quotes": _quotes(answer)}}
        if row.case.answerable and row.case.reference:
            references = "\nor: ".join((row.case.reference, *row.case.references))
            wanted["correctness"] = {"question": row.case.question, "reference": references}
        grades: dict[str, float] = {}
        said = []
        for name, variables in wanted.items():
            try:
                grades[name] = self._grade(f"judge-{name}", answer=answer.text, **variables)
            except Exception as error:
                said.append(f"{name} was not judged: {error}")
        grades["ungraded"] = len(said) / len(wanted)
        return replace(row, measures=row.measures | grades, remarks=(*row.remarks, *said))

    def _grade(self, prompt: str, **variables: str) -> float:
        """Return the grade. Raises ValueError where the reply holds no ``{"score": 0 to 1}``."""
        reply = self.model.invoke(messages(prompt, **variables)).text
        scores = [score for score in _scores(reply) if 0 <= score <= 1]
        if not scores:
            raise ValueError(f'the judge replied {reply[:80]!r}, not {{"score": 0 to 1}}')
        # A model that thinks aloud ends with what it means.
        return scores[-1]


def _scores(reply: str) -> Iterator[float]:
    """Yield the score of each JSON object in the reply that has a number for it, in order; what is around is passed."""
    at = reply.find("{")
    while at >= 0:
        try:
            found, end = _DECODER.raw_decode(reply, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            # Not by float(): of true, and of words, it makes a number.
            score = found.get("score")
            if isinstance(score, int | float) and not isinstance(score, bool):
                yield score
        at = reply.find("{", end)


def _quotes(answer: Answer) -> str:
    return "\n".join(f"[{one.number}] {one.title}, {one.label}: {one.quote}" for one in answer.citations)
