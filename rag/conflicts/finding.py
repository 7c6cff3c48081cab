"""Claims -> the disagreements among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from rag.conflicts.claims import Claim
from rag.conflicts.sameness import Marks, is_plan, marks, same_thing, same_time
from rag.conflicts.units import CURRENCIES
from rag.conflicts.values import Value
from rag.embedding import Embedding
from rag.language import terms
from rag.writing.abbreviations import abbreviations

# The cosine of two claims without their values from which they are about one thing. Chosen on the half "tune" of
# tests/planted/conflicts.jsonl.
LIKENESS = 0.695
_AMOUNTS = frozenset({"money", "count", "measure"})
# Characters to each side of a value that tell it from other values of its sentence.
_NEAR = 30

Member = tuple[Claim, Value]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Claims of at least two reports with the values that differ, newest report first, undated ones last.

    Of three members two may agree, both of which differ from the third.
    """

    members: tuple[Member, ...]


def disagreements(
    found: Sequence[Claim],
    given: Collection[int],
    *,
    kind: str,
    texts: Sequence[str],
    embedding: Embedding,
) -> list[Disagreement]:
    """Return the disagreements of the claims whose index is ``given`` with any others; [] for none.

    Two claims of different reports disagree where all of this holds:

    - They give values of one unit (a number of the same noun, a measure, a share, a sum in one currency) or dates that
      differ by more than rounding, a range, "more than" or "by" leave open.
    - They are about the same thing: the same names and numbers of names, with abbreviations spelled out; most of the
      other words; the same plan or fact, denial and scope (each or in all, average or maximum, north or south); and
      without their values they mean nearly the same (cosine).
    - They speak of the same time. "In 2021" and "in 2023" are points of a series; "as of" its own date is what a
      report says now, and two reports that each say now differ. Where a date is the value, when something was or is
      planned, it is compared itself.

    ``kind`` is what the question asks for (``rag.writing.cues.kind_of``): dates are compared where it asks when,
    amounts where it asks for one (sums where it asks what is paid), and otherwise amounts and the dates of plans.
    ``texts`` are all the sentences and headings read: they tell names from words and spell out abbreviations. One call
    of the embedding, none without a candidate.
    """
    near = list(_candidates(found, frozenset(given), kind))
    if not near:
        return []
    known = abbreviations(texts)
    common = frozenset(word for text in texts for word in re.findall(r"(?<![^\W_])[^\W\d_A-Z][^\W\d_]*", text))
    about = {one: marks(one, common=common, known=known) for pair in near for one, _ in pair}
    near = [pair for pair in near if _same_thing(pair, about)]
    return _grouped(_alike(near, embedding))


def _candidates(found: Sequence[Claim], given: frozenset[int], kind: str) -> Iterator[tuple[Member, Member]]:
    """Yield the pairs of claims of different reports whose values clash, at least one of each pair given."""
    for at, one in enumerate(found):
        if one.index not in given:
            continue
        for place, other in enumerate(found):
            twice = other.index in given and place <= at
            if other.report != one.report and not twice and (pair := _clash(one, other, kind)):
                yield pair


def _clash(one: Claim, other: Claim, kind: str) -> tuple[Member, Member] | None:
    """Return the values of two claims that differ; None where none do."""
    amounts = _differing(_amounts(one, kind), other.values, one, other)
    if kind != "when" and amounts and same_time(one, other):
        return amounts
    # Where an amount differs as well as the date, the two are points of a series.
    if kind in _AMOUNTS or amounts or (kind != "when" and not (is_plan(one) and is_plan(other))):
        return None
    return _differing(_dates(one), _dates(other), one, other)


def _amounts(claim: Claim, kind: str) -> list[Value]:
    return [each for each in claim.values if (each.unit in CURRENCIES if kind == "money" else each.unit != "date")]


def _dates(claim: Claim) -> list[Value]:
    return [each for each in claim.values if each.unit == "date"]


def _differing(
    ones: Sequence[Value], others: Sequence[Value], one: Claim, other: Claim
) -> tuple[Member, Member] | None:
    """Return the two comparable values in the likest words, of those that agree with none; None for none."""
    # "21,000, of whom 4,300 work there" agrees with "4,300 people", whatever its number seems to count.
    spans = [{(each.least, each.most) for each in claim.values} for claim in (one, other)]
    pairs = [
        (first, second)
        for first, second in product(_open(ones, others), _open(others, ones))
        if first.comparable(second)
        and (first.least, first.most) not in spans[1]
        and (second.least, second.most) not in spans[0]
    ]
    if not pairs:
        return None
    first, second = max(pairs, key=lambda pair: len(_near(one, pair[0]) & _near(other, pair[1])))
    return (one, first), (other, second)


def _open(values: Sequence[Value], others: Sequence[Value]) -> list[Value]:
    """Return the values that agree with none of the others."""
    return [one for one in values if not any(one.comparable(other) and one.agrees(other) for other in others)]


def _near(claim: Claim, value: Value) -> frozenset[str]:
    return frozenset(terms(claim.text[max(0, value.start - _NEAR) : value.end + _NEAR]))


def _same_thing(pair: tuple[Member, Member], about: Mapping[Claim, Marks]) -> bool:
    (one, _), (other, _) = pair
    return same_thing(one, other, about[one], about[other])


def _alike(near: Sequence[tuple[Member, Member]], embedding: Embedding) -> list[tuple[Member, Member]]:
    texts = list(dict.fromkeys(claim.masked for pair in near for claim, _ in pair))
    place = {text: at for at, text in enumerate(texts)}
    vectors = embedding.documents(texts)
    return [
        pair
        for pair in near
        if float(vectors[place[pair[0][0].masked]] @ vectors[place[pair[1][0].masked]]) >= LIKENESS
    ]


def _grouped(pairs: Sequence[tuple[Member, Member]]) -> list[Disagreement]:
    """Return the pairs that share a value as one disagreement."""
    groups: list[list[Member]] = []
    for pair in pairs:
        touched = [group for group in groups if any(member in group for member in pair)]
        merged = list(dict.fromkeys(member for group in (*touched, list(pair)) for member in group))
        groups = [group for group in groups if group not in touched] + [merged]
    return [
        Disagreement(tuple(sorted(group, key=lambda each: each[0].written or "", reverse=True))) for group in groups
    ]
