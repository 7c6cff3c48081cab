"""How well a sentence answers a question: likeness, coverage, the kind of thing asked for, and names left open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING

from rag.embedding import Embedding
from rag.evidence import Evidence, antecedents, evidence
from rag.language import names, numbers, terms
from rag.types import Passage
from rag.writing.abbreviations import abbreviations, with_long_forms
from rag.writing.cues import has_kind, kind_of, without_asking
from rag.writing.weighing import Features, chance, rank

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A term of the question counts in full in the sentence, half in the headings above it, a tenth elsewhere in the
# passage, and this much where only a word of the same beginning, of more than four letters, stands in the sentence:
# *competition* for *compete*, which their stems do not tell.
_IN_HEADINGS = 0.5
_IN_PASSAGE = 0.1
_ALIKE = 0.7
_ALIKE_LETTERS = 4
# The share of a missing name or number that counts where it stands elsewhere in the passage.
_NAMED_NEAR = 0.5


@dataclass(frozen=True)
class Asked:
    """A question as sentences are weighed against it.

    ``text`` is what was typed and says what kind of thing is wanted. ``vector`` is of the standalone question, and
    ``weights`` its terms' inverse document frequency.
    """

    text: str
    vector: NDArray[np.float32]
    weights: Mapping[str, float]

    @cached_property
    def kind(self) -> str:
        """What the question asks for, as ``rag.writing.cues`` names it."""
        return kind_of(self.text)

    @cached_property
    def content(self) -> dict[str, float]:
        """The weights of the terms that an answer should have: *high* of *how high* is none."""
        asking = set(terms(self.text)) - set(terms(without_asking(self.text)))
        return {term: weight for term, weight in self.weights.items() if term not in asking}

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The names and numbers, lowercased, that an answer cannot do without; names side by side are one key."""
        known, keys, end = names(self.text), [[number] for number in sorted(numbers(self.text))], -1
        for found in re.finditer(r"[^\s,;:()/]+", self.text):
            # Alone, a word would open the text; whether it is a name there, the whole text tells.
            name = next((one for one in names(f"x {found.group()}") if one in known), "")
            if name and self.text[end : found.start()].isspace():
                keys[-1].append(name)
            elif name:
                keys.append([name])
            end = found.end() if name else -1
        return tuple(tuple(key) for key in keys)


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with what it leans on, and how well the two answer.

    ``score`` ranks sentences of one question; ``chance`` (0 to 1) compares over questions. ``after`` is what takes the
    sentence back, where it is quoted with that.
    """

    evidence: Evidence
    before: tuple[Evidence, ...]
    vector: NDArray[np.float32]
    features: Features
    score: float
    chance: float
    after: tuple[Evidence, ...] = ()

    @property
    def parts(self) -> tuple[Evidence, ...]:
        """What it leans on, itself and what takes it back, in reading order."""
        return (*self.before, self.evidence, *self.after)


def score(asked: Asked, passages: Sequence[Passage], embedding: Embedding) -> list[Scored]:
    """Return the sentences and rows of the passages with their scores, best first; [] where there are none."""
    candidates = [(one, tuple(antecedents(one))) for one in evidence(passages)]
    if not candidates:
        return []
    vectors = embedding.documents(
        [
            f"{innermost(passages[one.passage])}: " + " ".join(part.text for part in (*before, one))
            for one, before in candidates
        ]
    )
    known = abbreviations(passage.page.text for passage in passages)
    lead = max((one.relevance for one in passages if one.relevance is not None), default=0.0)
    around = [_Around(passage, known, lead) for passage in passages]
    scored = [
        _scored(asked, around[one.passage], one, before, vector)
        for (one, before), vector in zip(candidates, vectors, strict=True)
    ]
    return sorted(scored, key=lambda each: -each.score)


@dataclass(frozen=True, slots=True)
class Found:
    """The terms, names and numbers of a sentence: ``inside`` it, ``above`` it in the headings, ``around`` it in its
    passage."""

    inside: frozenset[str]
    above: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()

    def share(self, term: str) -> float:
        """Return how far (0 to 1) the sentence has the term."""
        if term in self.inside:
            return 1.0
        return max(
            _ALIKE if _has_alike(term, self.inside) else 0.0,
            _IN_HEADINGS if term in self.above else 0.0,
            _IN_PASSAGE if term in self.around else 0.0,
        )

    def lacks(self, key: Sequence[str]) -> float:
        """Return how far (0 to 1) the name or number is missing, over its words: 1 where none is near."""
        return sum(self._lacks(word) for word in key) / len(key)

    def _lacks(self, word: str) -> float:
        if _names(word, self.inside | self.above):
            return 0.0
        return _NAMED_NEAR if _names(word, self.around) else 1.0


def innermost(passage: Passage) -> str:
    """Return the last heading above the passage, or the report's title."""
    return passage.context.rpartition(" > ")[2]


def coverage(weights: Mapping[str, float], found: Found) -> float:
    """Return the share (0 to 1) of the weighted terms that a sentence has, less for those only near it; 0 for none."""
    total = sum(weights.values())
    return sum(weight * found.share(term) for term, weight in weights.items()) / total if total else 0.0


class _Around:
    """A passage, and what its headings and its text have."""

    def __init__(self, passage: Passage, known: Mapping[str, frozenset[str]], lead: float) -> None:
        self._passage = passage
        self._behind = 0.0 if passage.relevance is None else lead - passage.relevance
        self.near = passage.similarity or 0.0
        self.heading = innermost(passage)
        self._known = known
        self._above = self._marks(f"{passage.context} {passage.report.date or ''}")
        self._around = self._marks(passage.text)

    def found(self, text: str) -> Found:
        return Found(self._marks(text), self._above, self._around)

    def read(self, one: Evidence) -> dict[str, float]:
        """Return the features that a reranker gives; none where none read the passage."""
        pieces = self._passage.pieces
        if not pieces:
            return {}
        start, end = (at - self._passage.start for at in (one.start, one.end))
        inside = [logit for left, right, logit in pieces if left < end and start < right]
        # Of a sentence that the reranker did not get to, nothing speaks for it.
        span = fmean(inside) if inside else min(logit for _, _, logit in pieces)
        return {"span": span, "behind": self._behind, "read": 1.0}

    def _marks(self, text: str) -> frozenset[str]:
        return with_long_forms(frozenset(terms(text)) | names(text) | numbers(text), self._known)


def _scored(
    asked: Asked, around: _Around, one: Evidence, before: tuple[Evidence, ...], vector: NDArray[np.float32]
) -> Scored:
    text = " ".join(part.text for part in (*before, one))
    found = around.found(text)
    # A heading may give the date ("2017: sea survival"), and is shown as the place of the quote.
    dated = f"{around.heading} {text}" if asked.kind == "when" else text
    unfit = float(not has_kind(asked.kind, dated, asked.text))
    features = Features(
        similarity=float(vector @ asked.vector),
        covered=coverage(asked.content, found),
        near=around.near,
        unfit=unfit * (asked.kind != "why"),
        unfit_why=unfit * (asked.kind == "why"),
        unnamed=sum(found.lacks(key) for key in asked.keys),
        row=float(one.kind == "row"),
        **around.read(one),
    )
    return Scored(one, before, vector, features, rank(features), chance(features))


def _names(word: str, place: frozenset[str]) -> bool:
    """Whether the name or number is there, or one of its beginning (*Russia* for *Russian*); "tiangong-3" is not
    there because "Tiangong" is and a 3."""
    stems = terms(word)
    alone = stems[0] if len(stems) == 1 else ""
    return word in place or alone in place or (word.isalpha() and _has_alike(alone, place))


def _has_alike(term: str, found: frozenset[str]) -> bool:
    """Whether a stem is there that begins alike but for its end: *competit* and *compet*, *russia* and *russian*,
    *china* and *chines*, but not *austria* and *australia*."""
    return any(_alike(term, other) for other in found if other[:_ALIKE_LETTERS] == term[:_ALIKE_LETTERS])


def _alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return shorter > _ALIKE_LETTERS and one[: shorter - 1] == other[: shorter - 1]
