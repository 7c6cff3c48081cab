"""A draft and the passages it cites -> a statement with its verdict and exact sources: the one gate of both writers.

A statement equal to its quote (white space folded) is verified by identity. Any other is weighed against the sentences
of the passages it cites (``weighing``): near enough in words and meaning, and with every number found (``accounts``)
and nothing denied, doubted, widened or turned into its opposite (``turns``), it is verified. What it only says of the
passages themselves is left out (``framing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.checking.accounts import amounts, open_amounts, open_names, open_openings, swapped
from rag.checking.framing import claimed, says_absent
from rag.checking.turns import affirms, assures, denies, doubts, opposed, ventures, widened
from rag.checking.weighing import Nearness, Vectors, embed, nearness, probability
from rag.embedding import Embedding
from rag.evidence import Evidence, evidence, source
from rag.language import folded, numbers, terms
from rag.types import Passage, Source, Support
from rag.writing import Draft

# Below these a sentence is not about the statement. Set on hand-written statements over ``corpus/``.
PARTIAL_LIKENESS = 0.45
PARTIAL_COVERAGE = 0.35
# As is one that people so seldom call attributable. By what a small model wrote (`python -m pytest
# tests/test_smollm2.py`), and AttributionBench: of its claims that this alone turns down, two in three are not.
PARTIAL_PROBABILITY = 0.4
# Even odds, which is where the weights were fitted to set apart attributable from not.
VERIFIED_PROBABILITY = 0.5
# With this share of a statement's terms a sentence says so nearly the same that what it denies and the statement does
# not, or a name that only the statement has, is a change; a statement farther off may be worded otherwise. Each of 0.3
# to 0.8, by `python -m evals.training.checker`: below, more true claims are turned down, above, more changed ones pass.
NEAR = 0.5
NEAR_FOR_NAMES = 0.7
# Of a statement that says so nearly all of a sentence, a *might* put in is a change, and an opening word is a name.
NEARLY_EQUAL = 0.9
# Sentences of one passage that may stand behind one statement.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement's text, its verdict, and the exact sources that it rests on, best first."""

    text: str
    support: Support
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of a statement in the sentences ``held`` of its sources, best first.

    ``likeness`` and ``covered`` are the best cosine and the share of its terms and numbers; ``amounts``, ``names`` and
    ``turned`` say whether a number or name is left open, and whether it turns what they say.
    """

    held: tuple[Evidence, ...]
    near: Nearness
    likeness: float
    covered: float
    amounts: bool
    shared_amounts: bool
    names: bool
    turned: bool

    @property
    def changed(self) -> bool:
        """Whether the statement says something else than the sentences, however near it is to them."""
        return self.amounts or self.names or self.turned


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
    candidates = [one for one in evidence(passages) if one.passage in cited]
    if not candidates:
        return Checked(draft.text, "unsupported", ())
    claim = claimed(draft.text)
    found = findings(claim, passages, candidates, embed(claim, candidates, embedding))
    support = verdict(found)
    if support == "verified" and says_absent(draft.text):
        support = "partial"
    held = found.held if support != "unsupported" else ()
    return Checked(draft.text, support, tuple(source(passages[one.passage], one.start, one.end) for one in held))


def findings(text: str, passages: Sequence[Passage], candidates: Sequence[Evidence], vectors: Vectors) -> Findings:
    """Return what there is of the statement in the candidates, of which there has to be one."""
    likeness = vectors.likeness
    wanted = _marks(text)
    shares = [_share(wanted, _marks(one.text)) for one in candidates]
    places = _held(wanted, candidates, likeness, shares)
    held = tuple(candidates[place] for place in places)
    written = " ".join(one.text for one in held)
    # A title or heading may give the name that a sentence calls "it", and the report's date its year.
    around = " ".join({f"{passages[one.passage].context} {_year(passages[one.passage])}" for one in held})
    found = f"{written} {around}"
    covered = _share(wanted, _marks(found))
    best = places[0]
    near = nearness(text, candidates, vectors, best, found)
    return Findings(
        held=held,
        near=near,
        likeness=max(likeness[place] for place in places),
        covered=covered,
        amounts=bool(open_amounts(text, found)),
        shared_amounts=bool(amounts(text) & amounts(written)),
        names=_renamed(text, found, candidates[best].text, shares[best]),
        turned=_turned(text, [one.text for one in held], shares[best]),
    )


def verdict(found: Findings) -> Support:
    """Return how far the sources support a statement."""
    likely = probability(found.near)
    if likely >= VERIFIED_PROBABILITY and not found.changed:
        return "verified"
    if found.covered < PARTIAL_COVERAGE or found.likeness < PARTIAL_LIKENESS:
        return "unsupported"
    # What is changed has to be near otherwise: of a claim that is neither, nothing is left.
    if likely < (VERIFIED_PROBABILITY if found.changed else PARTIAL_PROBABILITY):
        return "unsupported"
    if found.amounts and not found.shared_amounts and (found.names or found.turned or found.near.names):
        return "unsupported"
    return "partial"


def _held(
    wanted: frozenset[str], candidates: Sequence[Evidence], likeness: Sequence[float], shares: Sequence[float]
) -> list[int]:
    """Return the places of the sentences that the statement rests on: the best, then those that add.

    A further sentence is taken while it accounts for a term, number or name of the statement that is still open.
    """
    order = sorted(range(len(candidates)), key=lambda place: -(likeness[place] + shares[place]))
    held = order[:1]
    open_marks = wanted - _marks(candidates[order[0]].text)
    for place in order[1:]:
        added = open_marks & _marks(candidates[place].text)
        if added and likeness[place] >= PARTIAL_LIKENESS and len(held) < _MOST:
            held.append(place)
            open_marks -= added
    return held


def _renamed(text: str, found: str, best: str, nearest: float) -> bool:
    """Return whether the statement names another than its sources, which say the rest of it."""
    opened = open_names(text, found)
    if opened and (nearest >= NEAR_FOR_NAMES or swapped(text, opened, best)):
        return True
    openings = open_openings(text, found)
    rest = _marks(text) - {term for word in openings for term in terms(word)}
    return bool(openings) and _share(rest, _marks(found)) >= NEARLY_EQUAL


def _turned(text: str, held: Sequence[str], nearest: float) -> bool:
    """Return whether the statement denies, asserts or generalises otherwise than the sentences, best first."""
    if denies(text, held) or assures(text, held) or opposed(text, held):
        return True
    if nearest >= NEAR and (affirms(text, held[0]) or ventures(text, held[0]) or widened(text, held)):
        return True
    return nearest >= NEARLY_EQUAL and doubts(text, held)


def _year(passage: Passage) -> str:
    return (passage.report.date or "")[:4]


def _marks(text: str) -> frozenset[str]:
    """Return what of a text has to be accounted for: its content terms and numbers."""
    return frozenset(terms(text)) | numbers(text)


def _share(wanted: frozenset[str], found: frozenset[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0
