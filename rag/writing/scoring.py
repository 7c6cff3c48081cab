"""How well a sentence answers a question: likeness, coverage, the kind of thing asked for, and names left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from rag.embedding import Embedding
from rag.evidence import Evidence, antecedents, evidence
from rag.language import ends_whole, names, numbers, terms
from rag.types import Passage
from rag.writing.cues import has_kind, kind_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A term of the question counts in full in the sentence, half in the headings above it, and this much where only a word
# of the same beginning stands there: *competition* for *compete*, which their stems do not tell.
_IN_HEADINGS = 0.5
_ALIKE = 0.7
_ALIKE_LETTERS = 5


@dataclass(frozen=True)
class Asked:
    """A question as sentences are weighed against it.

    ``text`` is what was typed and says what kind of thing is wanted. ``vector`` is of the standalone question, and
    ``weights`` its terms' inverse document frequency.
    """

    text: str
    vector: NDArray[np.float32]
    weights: Mapping[str, float]

    @property
    def kind(self) -> str:
        """What the question asks for, as ``rag.writing.cues`` names it."""
        return kind_of(self.text)

    @property
    def keys(self) -> frozenset[str]:
        """The names and numbers that an answer cannot do without."""
        return names(self.text) | numbers(self.text)


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with what it leans on, and how well the two answer.

    ``score`` ranks sentences of one question; ``chance`` (0 to 1) compares over questions.
    """

    evidence: Evidence
    before: tuple[Evidence, ...]
    vector: NDArray[np.float32]
    score: float
    chance: float

    @property
    def parts(self) -> tuple[Evidence, ...]:
        """What it leans on and itself, in reading order."""
        return (*self.before, self.evidence)


def score(asked: Asked, passages: Sequence[Passage], embedding: Embedding) -> list[Scored]:
    """Return the sentences and rows of the passages with their scores, best first; [] where there are none."""
    candidates = [(one, tuple(antecedents(one))) for one in evidence(passages)]
    if not candidates:
        return []
    vectors = embedding.documents(
        [
            f"{passages[one.passage].context.rpartition(' > ')[2]}: " + " ".join(part.text for part in (*before, one))
            for one, before in candidates
        ]
    )
    scored = [
        _scored(asked, passages[one.passage], one, before, vector)
        for (one, before), vector in zip(candidates, vectors, strict=True)
    ]
    return sorted(scored, key=lambda each: -each.score)


def coverage(weights: Mapping[str, float], inside: frozenset[str], above: frozenset[str]) -> float:
    """Return the share (0 to 1) of the weighted terms that are ``inside`` a text, less for those only ``above`` it."""
    total = sum(weights.values())
    return sum(weight * _presence(term, inside, above) for term, weight in weights.items()) / total if total else 0.0


# The weights of ``odds`` are a logistic regression's on 60 questions over ``corpus/``, rounded; provisional.
def _scored(
    asked: Asked, passage: Passage, one: Evidence, before: tuple[Evidence, ...], vector: NDArray[np.float32]
) -> Scored:
    text = " ".join(part.text for part in (*before, one))
    similarity = float(vector @ asked.vector)
    covered = coverage(asked.weights, frozenset(terms(text)), frozenset(terms(passage.context)))
    near = passage.similarity or 0.0
    fits = has_kind(asked.kind, text)
    around = f"{text} {passage.context} {passage.report.date or ''}".casefold()
    open_keys = sum(key not in around for key in asked.keys)
    whole = one.kind == "row" or ends_whole(one.quote)
    rank = (
        0.45 * similarity
        + 0.35 * covered
        + 0.2 * near
        + (0.05 if fits else -0.1)
        - (0.0 if whole else 0.05)
        - 0.1 * open_keys
        - 0.01 * one.passage
    )
    odds = 2.0 * similarity + 4.2 * covered + 1.1 * near - (0.0 if fits else 2.5) - 1.6 * open_keys - 3.6
    return Scored(one, before, vector, rank, 1.0 / (1.0 + exp(-odds)))


def _presence(term: str, inside: frozenset[str], above: frozenset[str]) -> float:
    if term in inside:
        return 1.0
    start = term[:_ALIKE_LETTERS]
    alike = len(start) == _ALIKE_LETTERS and any(other.startswith(start) for other in inside)
    return max(_ALIKE if alike else 0.0, _IN_HEADINGS if term in above else 0.0)
