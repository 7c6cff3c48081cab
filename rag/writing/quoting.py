"""Passages -> the one to four sentences that answer, verbatim, and how sure it is that they do. No language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING

from rag.embedding import Embedding
from rag.evidence import Evidence, antecedents, evidence
from rag.language import ends_whole, terms
from rag.types import Passage
from rag.writing import Draft
from rag.writing.cues import has_kind, kind_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 4
# The nearest places that a refusal names.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class QuotingOptions:
    """What the quoting writer is tuned by; the defaults were chosen on questions over ``corpus/``.

    ``threshold`` is the confidence below which it refuses. ``close`` is the share of the best sentence's score that a
    further one must reach, ``repeated`` the cosine to a chosen sentence at which one says nothing new.
    """

    threshold: float = 0.5
    close: float = 0.82
    repeated: float = 0.9


@dataclass(frozen=True, slots=True)
class Quotes:
    """The drafts in reading order, the confidence (0 to 1) that they answer, the question's words that were not found,
    and the best sentences of the nearest pages."""

    drafts: tuple[Draft, ...]
    confidence: float
    missing: tuple[str, ...] = ()
    nearest: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question as the quoting writer weighs it.

    ``text`` is what was typed and says what kind of thing is wanted, ``vector`` and ``weights`` are of the standalone
    question: inverse document frequency by term.
    """

    text: str
    vector: NDArray[np.float32]
    weights: Mapping[str, float]
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", kind_of(self.text))


@dataclass(frozen=True, slots=True)
class _Scored:
    """A sentence with what it leans on, and how well the two answer."""

    evidence: Evidence
    before: tuple[Evidence, ...]
    score: float
    similarity: float
    coverage: float
    fits: bool
    vector: NDArray[np.float32]


def quote(
    asked: Asked, passages: Sequence[Passage], embedding: Embedding, options: QuotingOptions = QuotingOptions()
) -> Quotes:
    """Return the sentences of the passages that answer the question; no drafts where the confidence is too low.

    A sentence is scored by its likeness to the question, by the share of the question's terms that it has (weighted by
    inverse document frequency), by whether it holds the kind of thing that is asked for, and by its passage's rank.
    """
    scored = _scored(asked, passages, embedding)
    if not scored:
        return Quotes((), 0.0, missing_terms(asked, ()))
    chosen = _chosen(scored, options)
    confidence = _confidence(asked, chosen, passages)
    missing = missing_terms(asked, [one.text for picked in chosen for one in (*picked.before, picked.evidence)])
    drafts = _drafts(chosen) if confidence >= options.threshold else []
    return Quotes(tuple(drafts), confidence, missing, _nearest(scored))


def missing_terms(asked: Asked, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the question's words whose stems occur in none of the texts, as the question writes them."""
    found = {term for text in texts for term in terms(text)}
    words = dict.fromkeys(word.strip(".,;:!?\"'“”‘’()[]") for word in asked.text.split())
    return tuple(word for word in words if word and (stems := terms(word)) and not found.intersection(stems))


def _scored(asked: Asked, passages: Sequence[Passage], embedding: Embedding) -> list[_Scored]:
    candidates = [(one, tuple(antecedents(one))) for one in evidence(passages)]
    if not candidates:
        return []
    vectors = embedding.documents([" ".join(part.text for part in (*before, one)) for one, before in candidates])
    similarities = vectors @ asked.vector
    scored = []
    for (one, before), similarity, vector in zip(candidates, similarities, vectors, strict=True):
        coverage = _coverage(asked, passages[one.passage], (*before, one))
        fits = has_kind(asked.kind, " ".join(part.text for part in (*before, one)))
        whole = one.kind == "row" or ends_whole(one.quote)
        score = (
            0.5 * float(similarity)
            + 0.35 * coverage
            + 0.15 * (passages[one.passage].similarity or 0.0)
            + (0.05 if fits else -0.05)
            - (0.0 if whole else 0.05)
            - 0.01 * one.passage
        )
        scored.append(_Scored(one, before, score, float(similarity), coverage, fits, vector))
    return sorted(scored, key=lambda each: -each.score)


def _coverage(asked: Asked, passage: Passage, parts: Sequence[Evidence]) -> float:
    """Return the share of the question's terms, by weight, that the sentences have; the headings count half."""
    total = sum(asked.weights.values())
    if not total:
        return 0.0
    inside = {term for part in parts for term in terms(part.text)}
    above = set(terms(passage.context))
    covered = sum(
        weight * (1.0 if term in inside else 0.5 if term in above else 0.0) for term, weight in asked.weights.items()
    )
    return covered / total


def _chosen(scored: Sequence[_Scored], options: QuotingOptions) -> list[_Scored]:
    """Return the best sentence and the further ones that are nearly as good and say something else."""
    chosen = [scored[0]]
    for one in scored[1:]:
        taken = {part for each in chosen for part in (*each.before, each.evidence)}
        if len(taken | {*one.before, one.evidence}) > MOST or one.score < options.close * scored[0].score:
            continue
        if one.evidence not in taken and all(float(one.vector @ each.vector) < options.repeated for each in chosen):
            chosen.append(one)
    return chosen


def _confidence(asked: Asked, chosen: Sequence[_Scored], passages: Sequence[Passage]) -> float:
    """Return the confidence that the chosen sentences answer, a logistic function of how well they fit."""
    best = max(one.similarity for one in chosen)
    covered = max(_coverage(asked, passages[one.evidence.passage], (*one.before, one.evidence)) for one in chosen)
    fits = any(one.fits for one in chosen)
    return 1.0 / (1.0 + exp(-(6.0 * (best - 0.45) + 6.0 * (covered - 0.55) + (0.0 if fits else -1.5))))


def _drafts(chosen: Sequence[_Scored]) -> list[Draft]:
    """Return the drafts: passages in order of their best sentence, sentences of one page as the page has them."""
    parts = {part: None for one in chosen for part in (*one.before, one.evidence)}
    first: dict[tuple[int, str], int] = {}
    for place, part in enumerate(parts):
        first.setdefault(_page_of(part), place)
    ordered = sorted(parts, key=lambda part: (first[_page_of(part)], part.start))
    return [Draft(text=part.text, cited=(part.passage,), spans=part.spans) for part in ordered]


def _nearest(scored: Sequence[_Scored]) -> tuple[Evidence, ...]:
    """Return the best sentence of each of the nearest pages, best first."""
    pages: dict[int, Evidence] = {}
    for one in scored:
        pages.setdefault(one.evidence.passage, one.evidence)
    return tuple(pages.values())[:NEAREST]


def _page_of(part: Evidence) -> tuple[int, str]:
    return part.page.number, part.page.label
