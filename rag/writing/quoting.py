"""Passages -> the one to six sentences that answer, verbatim, and how sure it is that they do. No language model.

A comparison shares them between its sides (``together``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from rag.embedding import Embedding
from rag.evidence import Evidence, retraction
from rag.language import numbers, terms
from rag.types import Passage
from rag.writing import Draft
from rag.writing.cues import WANTED, has_kind, without_asking
from rag.writing.scoring import Asked, Scored, score
from rag.writing.weighing import confidence, of_another

_Place = tuple[str, int, int]
# The nearest places that a refusal names.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class QuotingOptions:
    """What the quoting writer is tuned by; the defaults were chosen on ``evals/suites/stations.jsonl``.

    ``threshold`` is the confidence below which it refuses. ``close`` is how far in log-odds a further sentence may be
    behind the best one, ``most`` and ``words`` how many sentences there may be, and words in all of them where there
    are several, and ``repeated`` the cosine to a chosen sentence at which one says nothing new, unless it has other
    numbers.
    """

    threshold: float = 0.5
    close: float = 2.0
    most: int = 6
    words: int = 110
    repeated: float = 0.9

    def shared(self, parts: int) -> QuotingOptions:
        """Return the options of each of so many parts of one answer."""
        return replace(self, most=max(1, self.most // parts), words=self.words // parts)


@dataclass(frozen=True, slots=True)
class Quotes:
    """The drafts in reading order, the confidence (0 to 1) that they answer, the question's words that were not found,
    and the best sentences of the nearest pages."""

    drafts: tuple[Draft, ...]
    confidence: float
    missing: tuple[str, ...] = ()
    nearest: tuple[Evidence, ...] = ()

    def moved(self, places: Sequence[int]) -> Quotes:
        """Return the quotes of passages that stand in these places of others."""
        return replace(
            self,
            drafts=tuple(replace(one, cited=tuple(places[at] for at in one.cited)) for one in self.drafts),
            nearest=tuple(replace(one, passage=places[one.passage]) for one in self.nearest),
        )


def quote(
    asked: Asked, passages: Sequence[Passage], embedding: Embedding, options: QuotingOptions = QuotingOptions()
) -> Quotes:
    """Return the sentences of the passages that answer the question; no drafts where the confidence is too low."""
    scored = score(asked, passages, embedding)
    chosen = _chosen(scored, passages, options)
    sure = confidence([(one.score, one.chance) for one in scored if not of_another(one.features, scored[0].features)])
    nearest = _nearest(scored, passages)
    # What stands in a quote that a refusal shows beside them is not called missing.
    shown = [one.text for one in nearest]
    missing = missing_terms(asked, [_with_headings(one, passages) for one in chosen], shown)
    drafts = _drafts(chosen, passages) if sure >= options.threshold else []
    return Quotes(tuple(drafts), sure, missing, nearest)


def together(parts: Sequence[Quotes]) -> Quotes:
    """Return one answer of the parts', as sure as the least sure of them; no drafts where one of them has none."""
    if len(parts) == 1:
        return parts[0]
    whole = all(one.drafts for one in parts)
    drafts = {draft.text: draft for one in parts for draft in one.drafts if whole}
    nearest = [one for row in zip_longest(*(part.nearest for part in parts)) for one in row if one is not None]
    return Quotes(
        tuple(drafts.values()),
        min(one.confidence for one in parts),
        tuple(dict.fromkeys(word for one in parts for word in one.missing)),
        tuple(dict.fromkeys(nearest))[:NEAREST],
    )


def missing_terms(asked: Asked, texts: Sequence[str], shown: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the question's words that neither the texts nor what is ``shown`` have, as the question writes them, then
    the kind of thing that it asks for if the texts lack that ("a date"). Of "Ax-5" both parts have to be there."""
    found = {term for text in (*texts, *shown) for term in terms(text)}
    words = dict.fromkeys(word.strip(".,;:!?\"'“”‘’()[]") for word in without_asking(asked.text).split())
    missing = [word for word in words if not found.issuperset(terms(word))]
    if texts and asked.kind in WANTED and not any(has_kind(asked.kind, text, asked.text) for text in texts):
        missing.append(WANTED[asked.kind])
    return tuple(missing)


def _chosen(scored: Sequence[Scored], passages: Sequence[Passage], options: QuotingOptions) -> list[Scored]:
    """Return the best sentence and the further ones that are nearly as good, say something else and fit in."""
    chosen: list[Scored] = []
    taken: dict[_Place, int] = {}
    for one in scored:
        if chosen and one.score < chosen[0].score - options.close:
            break
        if chosen and of_another(one.features, chosen[0].features):
            continue
        if _place(one.evidence, passages) in taken or any(_repeats(one, each, options) for each in chosen):
            continue
        after = retraction(one.evidence)
        whole = replace(one, after=(after,)) if after else one
        parts = taken | {_place(part, passages): len(part.text.split()) for part in whole.parts}
        if not chosen or (len(parts) <= options.most and sum(parts.values()) <= options.words):
            chosen.append(whole)
            taken = parts
    return chosen


def _repeats(one: Scored, other: Scored, options: QuotingOptions) -> bool:
    """Whether a sentence says what another says already; with a number of its own it does not."""
    new = numbers(one.evidence.text) - numbers(other.evidence.text)
    return not new and float(one.vector @ other.vector) >= options.repeated


def _drafts(chosen: Sequence[Scored], passages: Sequence[Passage]) -> list[Draft]:
    """Return the drafts: pages in order of their best sentence, the sentences of one page as the page has them."""
    parts = {_place(part, passages): part for one in chosen for part in one.parts}
    pages = {place[:2]: None for place in parts}
    order = {page: at for at, page in enumerate(pages)}
    drafts: dict[str, Draft] = {}
    for _, part in sorted(parts.items(), key=lambda pair: (order[pair[0][:2]], pair[0][2])):
        # One report in two files says the same: once is enough.
        drafts.setdefault(part.text, Draft(text=part.text, cited=(part.passage,), spans=part.spans))
    return list(drafts.values())


def _nearest(scored: Sequence[Scored], passages: Sequence[Passage]) -> tuple[Evidence, ...]:
    """Return the best sentence of each of the nearest pages, best first."""
    best: dict[tuple[str, int], Evidence] = {}
    for one in scored:
        best.setdefault(_place(one.evidence, passages)[:2], one.evidence)
    return tuple(best.values())[:NEAREST]


def _place(part: Evidence, passages: Sequence[Passage]) -> _Place:
    """Return report, page and start: two passages of one page may bring the same sentence."""
    return passages[part.passage].report.id, part.page.number, part.start


def _with_headings(one: Scored, passages: Sequence[Passage]) -> str:
    return " ".join((passages[one.evidence.passage].context, *(part.text for part in one.parts)))
