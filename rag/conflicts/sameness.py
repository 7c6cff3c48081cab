"""Whether two claims are about the same thing at the same time, by their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from rag.conflicts.claims import NO_NAME, Claim, numbered
from rag.conflicts.dates import NOT_BEFORE
from rag.language import names, negations, sentences, terms
from rag.writing.abbreviations import with_long_forms

# The share of the terms of the shorter claim that the other has, values aside. Chosen on the half "tune" of
# tests/planted/conflicts.jsonl.
_SHARED = 0.5
# A claim of fewer terms ("Date: 2023") does not say what it is about.
_LEAST_TERMS = 2

_PLANNED = re.compile(
    r"\b(?:plan(?:s|ned|ning)?|will|would|(?:is|are|was|were) to|to be|expect(?:s|ed)?|scheduled?|aims?|"
    r"due|intend(?:s|ed)|hopes?|proposed|(?-i:may)|might|could|set to|(?:estimated|projected) to)\b",
    re.IGNORECASE,
)
# Words that say of which of several like things, or of what about it, a value is. Where both claims have some of one
# line and not the same, they are about two things; of the first lines, where one of them has.
_EITHER = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"each|per|every|apiece|further|additional|more(?! than)|less(?! than)",
        r"(?:ris\w+|rose|fell|fall\w*|grew|grow\w*|increas\w+|decreas\w+|dropped|declin\w+|cut|raised) by",
        r"maximum|minimum|average|mean|median|peak|lowest|highest",
    )
)
_BOTH = tuple(
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"men|women|male|female|boys|girls|adults|children",
        r"north\w*|south\w*|east\w*|west\w*|left|right|upper|lower|inner|outer",
        r"first|second|third|fourth|fifth|sixth|last|final|next|previous|q[1-4]|\d+(?:st|nd|rd|th)",
        r"beg[aiu]n|start\w*|open(?:s|ed)|founded|end(?:s|ed)|clos(?:es|ed)|finish(?:es|ed)|moved|completed?",
        r"january|february|march|april|(?-i:May)|june|july|august|september|october|november|december",
        r"sold|bought|owns?|sells?|buys?|imports?|exports?|imported|exported|lost|won|gained|gross|net",
    )
)
# Words in whose place others may stand, as stems: most sentences have one of them between a thing and its value.
_LIGHT = frozenset(
    "run oper employ work live hous consist compris contain includ number amount reach cover hold stand give count "
    "total take part measur weigh cost worth expect plan schedul estim intend hope aim project forecast report state "
    "accord now today current present new remain keep kept give gave put serv carri support provid offer allow can "
    "could use call known size length height area mass capac rate level valu figur popul inhabit peopl person nation "
    "countri member staff crew".split()
)
_SWAPPED = 2
# "in Norway", "for women": a name that only one of two claims has after such a word narrows it.
_NARROWS = r"\b(?:in|at|to|from|on|near|for|of)\s+(?:the\s+)?(?:[A-Z][\w-]*\s+)?"


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells whose values a claim gives: the stems of its names and of all its words, and those around it."""

    names: frozenset[str]
    terms: frozenset[str]
    around: frozenset[str]


def marks(claim: Claim, *, common: frozenset[str], known: Mapping[str, frozenset[str]]) -> Marks:
    """Return the claim's marks. ``common`` are words that stand in small letters somewhere, which no capital makes a
    name; ``known`` are abbreviations with the terms of their long forms."""
    own = with_long_forms(frozenset(terms(claim.masked)), known)
    around = with_long_forms(frozenset(terms(claim.around)), known)
    return Marks(with_long_forms(_names(claim.text, common), known), own, around)


def same_time(one: Claim, other: Claim) -> bool:
    """Whether both speak of one time: of none but their report's own, or of times that may be the same.

    "In 2021" and "in 2023" are two points of a series, and so are "in 2021" and now.
    """
    if not one.times and not other.times:
        return True
    return any(first.agrees(second) for first, second in product(one.times, other.times))


def is_plan(claim: Claim) -> bool:
    """Whether the claim says what is to be, not what is or was."""
    return bool(_PLANNED.search(claim.text))


def same_thing(one: Claim, other: Claim, ones: Marks, others: Marks) -> bool:
    """Whether the words of both may be about one thing: no name, plan, denial or scope that tells them apart."""
    if is_plan(one) != is_plan(other):
        return False
    if _denies(one) != _denies(other) or not _same_scope(one.masked, other.masked):
        return False
    shorter = min(len(ones.terms), len(others.terms))
    if shorter < _LEAST_TERMS or len(ones.terms & others.terms) / shorter < _SHARED:
        return False
    return not _contrast(ones, others) and _same_names(one, other, ones, others)


def _contrast(ones: Marks, others: Marks) -> bool:
    """Whether each claim has a word or two in the place of the other's, as *killed* for *injured*.

    Where more differs, the sentence is told in other words, and its likeness has to say whether it means the same.
    """
    left, right = (
        {term for term in these.terms - those.terms - _LIGHT - these.names if not _has_kin(term, those.terms)}
        for these, those in ((ones, others), (others, ones))
    )
    return 0 < len(left) <= _SWAPPED and 0 < len(right) <= _SWAPPED


def _has_kin(term: str, others: frozenset[str]) -> bool:
    """Whether a stem of the same beginning is there: *employ* for *employe*."""
    return any(term[:4] == other[:4] for other in others if len(term) >= 4)


def _denies(claim: Claim) -> bool:
    """Whether the claim denies something: "not before 2027" does not."""
    late = any(NOT_BEFORE.search(claim.text[: day.start]) for day in claim.times)
    return negations(claim.text) > int(late)


def _same_names(one: Claim, other: Claim, ones: Marks, others: Marks) -> bool:
    lone = ones.names - others.names - others.terms - others.around
    lone_other = others.names - ones.names - ones.terms - ones.around
    if lone and lone_other:
        return False
    if any(_narrows(name, claim.text) for claim, left in ((one, lone), (other, lone_other)) for name in left):
        return False
    if ones.names & others.names:
        return True
    if ones.names or others.names:
        # One says "the station" or *it*: what stands around it has to name it.
        return bool((ones.names or others.names) & (others.around if ones.names else ones.around))
    return bool(ones.around & others.around)


def _narrows(name: str, text: str) -> bool:
    """Whether the name has a number or stands in a place that narrows the claim."""
    if any(letter.isdigit() for letter in name):
        return True
    return any(
        name in (match.group(1).casefold(), *terms(match.group(1)))
        for match in re.finditer(_NARROWS + r"([A-Z][\w’'-]*)", text)
    )


def _same_scope(one: str, other: str) -> bool:
    for line in (*_EITHER, *_BOTH):
        words, others = ({found.casefold() for found in line.findall(text)} for text in (one, other))
        if words != others and (line in _EITHER or (words and others)):
            return False
    return True


def _names(text: str, common: frozenset[str]) -> frozenset[str]:
    found = set(names(text))
    for start, end in sentences(text):
        opening = re.match(r"\W*([^\W\d_][\w’'-]*)", text[start:end])
        word = opening.group(1) if opening else ""
        if word[:1].isupper() and word.casefold() not in common:
            found.add(re.sub(r"['’]s?$", "", word.casefold()))
    stems = {stem for name in found if not NO_NAME.match(name) for stem in _stems(name)}
    return frozenset(stems | {match.group().casefold() for match in numbered(text)})


def _stems(name: str) -> list[str]:
    """Return the stem of a name; one with a number, such as "ax-4", stays whole."""
    return [name] if any(letter.isdigit() for letter in name) else terms(name)
