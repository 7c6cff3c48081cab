"""Passages -> the one to four sentences that answer, verbatim, and how sure it is that they do. No language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.embedding import Embedding
from rag.evidence import Evidence
from rag.language import numbers, terms
from rag.types import Passage
from rag.writing import Draft
from rag.writing.scoring import Asked, Scored, score

MOST = 4
# The nearest places that a refusal names.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class QuotingOptions:
    """What the quoting writer is tuned by; the defaults were chosen on questions over ``corpus/``.

    ``threshold`` is the confidence below which it refuses. ``close`` is the share of the best sentence's score that a
    further one must reach, ``repeated`` the cosine to a chosen sentence at which one says nothing new, unless it has
    other numbers.
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


def quote(
    asked: Asked, passages: Sequence[Passage], embedding: Embedding, options: QuotingOptions = QuotingOptions()
) -> Quotes:
    """Return the sentences of the passages that answer the question; no drafts where the confidence is too low."""
    scored = score(asked, passages, embedding)
    chosen = _chosen(scored, options)
    confidence = max((one.chance for one in chosen), default=0.0)
    missing = missing_terms(asked, [part.text for one in chosen for part in one.parts])
    drafts = _drafts(chosen) if confidence >= options.threshold else []
    return Quotes(tuple(drafts), confidence, missing, _nearest(scored))


def missing_terms(asked: Asked, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the question's words whose stems occur in none of the texts, as the question writes them."""
    found = {term for text in texts for term in terms(text)}
    words = dict.fromkeys(word.strip(".,;:!?\"'“”‘’()[]") for word in asked.text.split())
    return tuple(word for word in words if (stems := terms(word)) and not found.intersection(stems))


def _chosen(scored: Sequence[Scored], options: QuotingOptions) -> list[Scored]:
    """Return the best sentence and the further ones that are nearly as good and say something else."""
    chosen: list[Scored] = []
    taken: set[Evidence] = set()
    for one in scored:
        close = not chosen or (
            one.score >= options.close * chosen[0].score
            and one.chance >= options.threshold
            and one.evidence not in taken
            and not any(_repeats(one, each, options) for each in chosen)
        )
        if close and len(taken | set(one.parts)) <= MOST:
            chosen.append(one)
            taken.update(one.parts)
    return chosen


def _repeats(one: Scored, other: Scored, options: QuotingOptions) -> bool:
    """Whether a sentence says what another says already; with a number of its own it does not."""
    new = numbers(one.evidence.text) - numbers(other.evidence.text)
    return not new and float(one.vector @ other.vector) >= options.repeated


def _drafts(chosen: Sequence[Scored]) -> list[Draft]:
    """Return the drafts: passages in order of their best sentence, sentences of one page as the page has them."""
    parts = {part: None for one in chosen for part in one.parts}
    first: dict[tuple[int, str], int] = {}
    for place, part in enumerate(parts):
        first.setdefault(_page_of(part), place)
    ordered = sorted(parts, key=lambda part: (first[_page_of(part)], part.start))
    return [Draft(text=part.text, cited=(part.passage,), spans=part.spans) for part in ordered]


def _nearest(scored: Sequence[Scored]) -> tuple[Evidence, ...]:
    """Return the best sentence of each of the nearest pages, best first."""
    pages: dict[int, Evidence] = {}
    for one in scored:
        pages.setdefault(one.evidence.passage, one.evidence)
    return tuple(pages.values())[:NEAREST]


def _page_of(part: Evidence) -> tuple[int, str]:
    return part.page.number, part.page.label
