"""A draft and the passages it cites -> a statement with its verdict and exact sources: the one gate of both writers.

A statement equal to its quote (white space folded) is verified by identity. Any other is held against the sentences
of the passages it cites: their words, every number and name, negation and modality, and likeness of meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.embedding import Embedding
from rag.evidence import Evidence, evidence, source
from rag.language import folded, names, negations, numbers, sentences, terms
from rag.types import Passage, Source, Support
from rag.writing import Draft

# Provisional, set on hand-written statements over ``corpus/``; the evals hold them to numbers.
VERIFIED_LIKENESS = 0.6
VERIFIED_COVERAGE = 0.6
PARTIAL_LIKENESS = 0.45
PARTIAL_COVERAGE = 0.35
# Sentences of one passage that may stand behind one statement.
_MOST = 3

_HEDGE = re.compile(
    r"\b(?:(?-i:may)|might|could|would|possibl[ey]|potential(?:ly)?|perhaps|probabl[ey]|likely|unlikely|appears?|seems?|"
    r"suggests?|proposed?|plans?|planned|expects?|expected|if)\b",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"\b(?:all|every(?:one|body|thing)?|always|only|entire(?:ly)?|complete(?:ly)?|certain(?:ly)?|definite(?:ly)?|"
    r"proof|prove[sdn]?|guarantee[sd]?|must)\b",
    re.IGNORECASE,
)
# Counts in words, as the digits they stand for; those without digits stand for themselves. "One" is a pronoun too.
_COUNTS = {
    word: str(place)
    for place, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
} | {word: word for word in "first second third half twice hundred thousand million billion trillion".split()}
# What may open a sentence with a capital and is no name, beside the stop words.
_OPENER = re.compile(
    r"(?:(?!italy|sicily)\w+ly|according|during|after|before|since|while|although|though|because|despite|given|once|today|overall|"
    r"under|until|within|without|between|among|through|unlike|like|besides|following|based|using|citing|one)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement's text, its verdict, and the exact sources that it rests on, best first."""

    text: str
    support: Support
    sources: tuple[Source, ...]


def check(draft: Draft, passages: Sequence[Passage], embedding: Embedding) -> Checked:
    """Return the draft as checked against the passages that it cites.

    Citations of passages that were not retrieved are dropped. With no valid citation, or none that supports anything,
    the statement is unsupported and keeps no source.
    """
    cited = tuple(dict.fromkeys(index for index in draft.cited if 0 <= index < len(passages)))
    if draft.spans and len(cited) == 1:
        exact = tuple(source(passages[cited[0]], start, end) for start, end in draft.spans)
        if folded(draft.text) == ": ".join(folded(one.quote) for one in exact):
            return Checked(draft.text, "verified", exact)
    held = _support(draft.text, [one for one in evidence(passages) if one.passage in cited], embedding)
    support = _verdict(draft.text, held, passages) if held else "unsupported"
    if support == "unsupported":
        return Checked(draft.text, support, ())
    return Checked(draft.text, support, tuple(source(passages[one.passage], one.start, one.end) for one, _ in held))


def _support(text: str, candidates: Sequence[Evidence], embedding: Embedding) -> list[tuple[Evidence, float]]:
    """Return the sentences that the statement rests on with their likeness (cosine): the best, then those that add.

    A further sentence is taken while it accounts for a term, number or name of the statement that is still open. [] is
    returned where even the best is too far from the statement in meaning and in words.
    """
    if not candidates:
        return []
    vectors = embedding.documents([text, *(one.text for one in candidates)])
    likeness = [float(value) for value in vectors[1:] @ vectors[0]]
    wanted = _marks(text)
    shares = [_share(wanted, _marks(one.text)) for one in candidates]
    order = sorted(range(len(candidates)), key=lambda place: -(likeness[place] + shares[place]))
    first = order[0]
    if likeness[first] < PARTIAL_LIKENESS or shares[first] < PARTIAL_COVERAGE / 2:
        return []
    held = [(candidates[first], likeness[first])]
    open_marks = wanted - _marks(candidates[first].text)
    for place in order[1:]:
        added = open_marks & _marks(candidates[place].text)
        if added and likeness[place] >= PARTIAL_LIKENESS and len(held) < _MOST:
            held.append((candidates[place], likeness[place]))
            open_marks -= added
    return held


def _verdict(text: str, held: Sequence[tuple[Evidence, float]], passages: Sequence[Passage]) -> Support:
    """Return how far the sentences support the statement."""
    written = " ".join(one.text for one, _ in held)
    # A title or heading may give the name that a sentence calls "it", and the report's date its year.
    around = " ".join({f"{passages[one.passage].context} {_year(passages[one.passage])}" for one, _ in held})
    found = f"{written} {around}"
    covered = _share(_marks(text), _marks(found))
    likeness = max(value for _, value in held)
    if covered < PARTIAL_COVERAGE or likeness < PARTIAL_LIKENESS:
        return "unsupported"
    open_amounts = _amounts(text) - _amounts(found)
    open_names = _open_names(text, found)
    turned = _turned(text, [one.text for one, _ in held])
    if open_amounts and not _amounts(text) & _amounts(written) and (open_names or turned):
        return "unsupported"
    sound = covered >= VERIFIED_COVERAGE and likeness >= VERIFIED_LIKENESS
    return "verified" if sound and not (open_amounts or open_names or turned) else "partial"


def _turned(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement denies, doubts or generalises otherwise than the sentences that it rests on."""
    denied = [negations(one) for one in held]
    denies = negations(text) not in (denied[0], sum(denied))
    doubts = bool(_HEDGE.search(text)) != any(_HEDGE.search(one) for one in held)
    absolute = {word.casefold() for word in _ABSOLUTE.findall(text)}
    return denies or doubts or not absolute <= {word.casefold() for one in held for word in _ABSOLUTE.findall(one)}


def _open_names(text: str, found: str) -> frozenset[str]:
    """Return the statement's names of which the sources have not every part; what opens a sentence may be one."""
    known, marked = frozenset(terms(found)), names(found)
    opening = (text[start:end].split()[0].strip(",") for start, end in sentences(text))
    wanted = names(text) | {word for word in opening if word[0].isupper() and terms(word) and not _OPENER.match(word)}
    # A name that is a stop word in small letters ("US", "May") has no terms: it has to be marked as a name there, too.
    return frozenset(
        name for name in wanted if name not in marked and not ((parts := terms(name)) and known.issuperset(parts))
    )


def _year(passage: Passage) -> str:
    return (passage.report.date or "")[:4]


def _amounts(text: str) -> frozenset[str]:
    """Return the text's numbers, those written as words included."""
    words = re.findall(r"[a-z]+", text.casefold())
    return numbers(text) | {_COUNTS[word] for word in words if word in _COUNTS}


def _marks(text: str) -> frozenset[str]:
    """Return what of a text has to be accounted for: its content terms and numbers."""
    return frozenset(terms(text)) | numbers(text)


def _share(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0
