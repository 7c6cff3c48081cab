"""How near a statement is to what it cites, as a handful of numbers, and their weights.

The weights are those of a logistic regression on AttributionBench's dev claims (Apache-2.0), fitted by
``python -m evals.training.checker``: even odds are where half of the claims like this one were found attributable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from rag.checking.accounts import open_names
from rag.embedding import Embedding
from rag.evidence import Evidence
from rag.language import numbers, sentences, terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CLAUSE = re.compile(
    r"(?:[,;:—–]|\s-\s)\s+|\s+(?=(?:and|but|which|who|because|while|although|whereas|so that|including|such as)\s)"
)
_CLAUSE_WORDS = 5
# Sentences on either side of the nearest whose mean vector stands for its surroundings.
_AROUND = 2
# Places within which two terms of a statement are a pair, and within which the sources have to have both.
_PAIR = 3
_PAIR_FOUND = 5
# Further missing names say no more.
_MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class Nearness:
    """What of a statement is in the sentences, each from 0 to 1 but ``names``, the number missing (at most 2).

    ``meaning``: cosine to the surroundings of the nearest sentence. ``words``: most of its terms and numbers in one
    sentence. ``pairs``: its neighbouring terms that stand near each other in three sentences in a row. ``copied``: the
    terms it shares with the best sentence, of all that either has, times ``words``. ``clause``: the best cosine of its
    worst clause.
    """

    meaning: float
    words: float
    pairs: float
    copied: float
    clause: float
    names: float


@dataclass(frozen=True)
class Vectors:
    """The unit vectors of a statement, shape (dimension,), of its clauses and of the candidates, a row each."""

    statement: NDArray[np.float32]
    clauses: NDArray[np.float32]
    candidates: NDArray[np.float32]

    @property
    def likeness(self) -> list[float]:
        """The cosine of each candidate to the statement."""
        return [float(value) for value in self.candidates @ self.statement]


# Words count against what is said neither in their pairs nor in a sentence like it: these tell of one topic.
WEIGHTS = Nearness(meaning=2.70, words=-1.73, pairs=1.98, copied=3.39, clause=1.38, names=-0.38)
BIAS = -2.54


def probability(near: Nearness) -> float:
    """Return how likely people are to call a statement attributable that is as near as this to what it cites."""
    weighed = sum(value * weight for value, weight in zip(astuple(near), astuple(WEIGHTS), strict=True))
    return 1 / (1 + math.exp(-(weighed + BIAS)))


def nearness(
    text: str,
    candidates: Sequence[Evidence],
    vectors: Vectors,
    best: int,
    found: str,
) -> Nearness:
    """Return how near the statement is to the candidates.

    ``best`` is the place of the sentence that it
    rests on most, ``found`` the text in which its names are looked for.
    """
    order = terms(text)
    wanted = frozenset(order) | numbers(text)
    inside = [terms(one.text) for one in candidates]
    words = max(
        _share(wanted, frozenset(one) | numbers(each.text)) for one, each in zip(inside, candidates, strict=True)
    )
    mine, theirs = set(order), set(inside[best])
    alike = len(mine & theirs) / max(1, len(mine | theirs))
    return Nearness(
        meaning=_meaning(candidates, vectors),
        words=words,
        pairs=_pairs(order, candidates, inside),
        copied=alike * words,
        clause=_clause(vectors),
        names=min(len(open_names(text, found)), _MOST_NAMES),
    )


def embed(text: str, candidates: Sequence[Evidence], embedding: Embedding) -> Vectors:
    """Return the vectors of the statement, its clauses and the candidates, all made in one call."""
    parts = clauses(text)
    rows = embedding.documents([text, *parts, *(one.text for one in candidates)])
    return Vectors(rows[0], rows[1 : 1 + len(parts)], rows[1 + len(parts) :])


def clauses(text: str) -> list[str]:
    """Return the statement's clauses of five words or more, a shorter one joined to the one before it."""
    found: list[str] = []
    for start, end in sentences(text):
        held, first = "", len(found)
        for piece in _CLAUSE.split(text[start:end]):
            held = f"{held} {piece}".strip()
            if len(held.split()) >= _CLAUSE_WORDS:
                found.append(held)
                held = ""
        if held and len(found) > first:
            found[-1] += f" {held}"
        elif held:
            found.append(held)
    return found or [text]


def _clause(vectors: Vectors) -> float:
    return float((vectors.clauses @ vectors.candidates.T).max(axis=1).min())


def _meaning(candidates: Sequence[Evidence], vectors: Vectors) -> float:
    """Return the cosine of the statement to the mean of the nearest sentence and those around it in its passage."""
    likeness = vectors.likeness
    nearest = max(range(len(likeness)), key=likeness.__getitem__)
    around = range(max(0, nearest - _AROUND), min(len(candidates), nearest + _AROUND + 1))
    places = [at for at in around if candidates[at].passage == candidates[nearest].passage]
    middle = vectors.candidates[places].mean(axis=0)
    return float(middle @ vectors.statement) / max(math.sqrt(float(middle @ middle)), 1e-9)


def _pairs(order: Sequence[str], candidates: Sequence[Evidence], inside: Sequence[Sequence[str]]) -> float:
    """Return the share of the statement's pairs of terms that one sentence with its two neighbours has."""
    wanted = _near(order, _PAIR)
    if not wanted:
        return 0.0
    best = 0
    for at, one in enumerate(candidates):
        row = [
            term
            for place in range(max(0, at - 1), min(len(inside), at + 2))
            if candidates[place].passage == one.passage
            for term in inside[place]
        ]
        best = max(best, len(wanted & _near(row, _PAIR_FOUND)))
    return best / len(wanted)


def _near(order: Sequence[str], within: int) -> set[frozenset[str]]:
    return {frozenset((one, two)) for at, one in enumerate(order) for two in order[at + 1 : at + within + 1]}


def _share(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0
