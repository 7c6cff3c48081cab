"""Changes planted in true claims: another number, another name, a denial, a possibility made a fact.

Each changed claim says what its references do not, so that none may be verified. The changes are rules on the text and
drawn by the claim's own hash: the same claim is always changed in the same way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.claims import Claim
from rag.language import names, negations

_NUMBER = re.compile(r"(?<![\w.,\[/-])(?<!^)\d+(?:,\d{3})*(?:\.\d+)?(?![\w\]/]|[.,]\d)")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|does|did)\b(?! (?:not|no|never)\b|n['’]t)"
)
_DENIED = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|should|does|do|did|may|might) not\b")
_MODAL = re.compile(r"\b(?:may|might|could)(?= (?!not\b)([a-z]+))")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b(?! [A-Z])")


@dataclass(frozen=True, slots=True)
class Planted:
    """A claim that a change made false. ``kind`` is what was changed: number, name, negation or modality."""

    kind: str
    claim: Claim
    text: str


def plant(claims: Sequence[Claim]) -> list[Planted]:
    """Return every change that the rules make to the attributable claims, at most one of each kind to a claim."""
    true = [claim for claim in claims if claim.attributable]
    pool = sorted({found for claim in true for found in _NAME.findall(claim.text)})
    changes: tuple[tuple[str, Callable[[Claim], str]], ...] = (
        ("number", _another_number),
        ("name", lambda claim: _another_name(claim, pool)),
        ("negation", _denied),
        ("modality", _assured),
    )
    made = (Planted(kind, claim, change(claim)) for claim in true for kind, change in changes)
    return [one for one in made if one.text != one.claim.text]


def _another_number(claim: Claim) -> str:
    """Return the claim with one of its numbers raised to one that its references do not give."""
    referred = " ".join(claim.references)

    def other(found: str) -> str:
        value = found.replace(",", "")
        if "." in value:
            return f"{float(value) + 1.3:.1f}"
        raised = int(value) + 1 + _draw(claim, 7)
        while re.search(rf"\b{raised}\b", referred):
            raised += 1
        return f"{raised:,}" if "," in found else str(raised)

    return _changed(_NUMBER, claim, other)


def _another_name(claim: Claim, pool: Sequence[str]) -> str:
    """Return the claim with a name of its references made one that neither has."""
    referred = " ".join((claim.text, *claim.references)).casefold()
    free = [name for name in pool if name.casefold()[:4] not in referred]
    known = names(" ".join(claim.references))
    return _changed(
        _NAME, claim, lambda found: free[_draw(claim, len(free))] if free and found.casefold() in known else found
    )


def _denied(claim: Claim) -> str:
    """Return the claim with a denial taken out, or put in where it has none."""
    if negations(claim.text):
        return _changed(_DENIED, claim, lambda found: found.removesuffix(" not"))
    return _changed(_VERB, claim, lambda found: f"{found} not")


def _assured(claim: Claim) -> str:
    """Return the claim with a *will* for a *may* that its references have before the same word."""
    referred = {found[1] for text in claim.references for found in _MODAL.finditer(text)}
    return _MODAL.sub(lambda found: "will" if found[1] in referred else found[0], claim.text)


def _changed(what: re.Pattern[str], claim: Claim, other: Callable[[str], str]) -> str:
    places = list(what.finditer(claim.text))
    if not places:
        return claim.text
    place = places[_draw(claim, len(places))]
    return claim.text[: place.start()] + other(place.group()) + claim.text[place.end() :]


def _draw(claim: Claim, among: int) -> int:
    return int(hashlib.sha256(claim.id.encode()).hexdigest()[:8], 16) % among
