"""The conflicts of one answer: what to quote beside it, and which of its values differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rag.conflicts.claims import Claim, read_claims
from rag.conflicts.finding import Disagreement, Member, disagreements
from rag.embedding import Embedding
from rag.evidence import Evidence, antecedents, evidence
from rag.types import Answer, Conflict, ConflictValue, Passage
from rag.writing import Draft
from rag.writing.cues import kind_of

# Questions that a value answers, beside those whose kind says so: "What is the dose limit?"
_VALUES = frozenset({"money", "when", "count", "measure"})
_WHAT_IS = re.compile(r"\bwhat(?:['’]s| (?:is|are|was|were))\b|\bhow (?:much|many)\b", re.IGNORECASE)
# Sentences that an answer takes in because they give another value: more would crowd out the answer.
_MOST_FURTHER = 2
_Place = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The disagreements about what an answer says, among the sentences and rows that were read for it."""

    passages: tuple[Passage, ...]
    read: tuple[Evidence, ...]
    given: frozenset[int]
    disagreements: tuple[Disagreement, ...]

    def further(self) -> list[Draft]:
        """Return drafts of the sentences that give another value than the answer's own, each after what it leans on;
        [] where the answer has them all."""
        chosen: list[int] = []
        for each in self.disagreements:
            values = [value for claim, value in each.members if claim.index in self.given]
            for claim, value in each.members:
                if claim.index not in self.given and not any(value.agrees(other) for other in values):
                    values.append(value)
                    chosen.append(claim.index)
        drafts: dict[str, Draft] = {}
        for one in (self.read[index] for index in list(dict.fromkeys(chosen))[:_MOST_FURTHER]):
            for part in (*antecedents(one), one):
                drafts.setdefault(part.text, Draft(part.text, (part.passage,), part.spans))
        return list(drafts.values())

    def conflicts(self, answer: Answer) -> tuple[Conflict, ...]:
        """Return the conflicts among what the answer cites; () for none."""
        numbers = {(one.report, one.page, one.start, one.end): one.number for one in answer.citations}
        found = (self._conflict(each.members, answer, numbers) for each in self.disagreements)
        return tuple(one for one in found if one is not None)

    def _conflict(self, members: Sequence[Member], answer: Answer, numbers: dict[_Place, int]) -> Conflict | None:
        cited: dict[tuple[str, str], ConflictValue] = {}
        values = []
        for claim, value in members:
            number = numbers.get(_place(self.read[claim.index], self.passages))
            if number is not None:
                values.append(value)
                cited.setdefault((claim.report, value.text), ConflictValue(value.text, claim.written, number))
        # Of the members some may not be cited, and those left may agree.
        if all(one.agrees(other) for one, other in combinations(values, 2)):
            return None
        held = {value.citation for value in cited.values()}
        statements = tuple(at for at, one in enumerate(answer.statements) if held & {*one.citations})
        return Conflict(statements, tuple(cited.values()))


def find_conflicts(answer: Answer, passages: Sequence[Passage], embedding: Embedding, *, further: bool) -> Found:
    """Return where other reports give another value than what the answer cites (``disagreements`` says when).

    With ``further`` all sentences of the passages are read where the question asks for a value; otherwise only those
    that the answer cites.
    """
    cited = {(one.report, one.page, one.start, one.end) for one in answer.citations}
    kind = kind_of(answer.question)
    pieces = {_place(one, passages): one for one in reversed(evidence(passages))}
    all_read = further and (kind in _VALUES or (not kind and bool(_WHAT_IS.search(answer.question))))
    read = tuple(one for place, one in reversed(pieces.items()) if all_read or place in cited)
    given = frozenset(at for at, one in enumerate(read) if _place(one, passages) in cited)
    claims = [claim for at, one in enumerate(read) for claim in _claims(at, one, passages)]
    texts = [text for one in read for text in (one.text, passages[one.passage].context)]
    found = disagreements(claims, given, kind=kind, texts=texts, embedding=embedding)
    return Found(tuple(passages), read, given, tuple(found))


def _claims(at: int, one: Evidence, passages: Sequence[Passage]) -> list[Claim]:
    passage = passages[one.passage]
    around = " ".join((passage.report.title, passage.context, *(each.text for each in antecedents(one))))
    return read_claims(at, one.text, report=passage.report.id, written=passage.report.date, around=around)


def _place(one: Evidence, passages: Sequence[Passage]) -> _Place:
    return passages[one.passage].report.id, one.page.number, one.start, one.end
