"""A statement that says its sources' words and turns them: denied, made certain, made general, or made the opposite.

What a word of denial or doubt governs is taken to be the next terms of its clause. A statement turns a sentence where
one of the two puts a term under such a word, and the other says the same term without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language import terms

_DENIAL = re.compile(
    r"\b(?:no(?!\. ?\d)|not(?! only)|never|none|neither|nor|without|cannot|nobody|nothing|unable|lack(?:s|ed|ing)?|"
    r"(?:fail(?:s|ed)?|refus(?:es?|ed)|declin(?:es?|ed)) to)\b|n['’]t\b|\bnon-?",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:(?-i:may)|might|could|possibl[ey]|potential(?:ly)?|perhaps|probabl[ey]|likely|unlikely|appears?|seems?|"
    r"suggests?|proposed?|plans?|planned|expects?|expected)\b",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(r"\b(?:(?-i:may)|might|could|possibly|perhaps)\b", re.IGNORECASE)
# Words that keep what is doubted from being a plain fact, though they doubt less.
_CAUTION = re.compile(
    _DOUBT.pattern + r"|\b(?:can|would|should|often|sometimes|usually|generally|potentials|set to|believed?|thought|"
    r"some|many|whether)\b",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"(?<!\bnot )(?<!\bnot for )\b(?:all|every(?:one|body|thing)?|always|only|entire(?:ly)?|complete(?:ly)?|certainly|"
    r"definite(?:ly)?|proof|prove[sdn]?|guarantee[sd]?|must)\b",
    re.IGNORECASE,
)
_AS_STRONG = re.compile(
    _ABSOLUTE.pattern + r"|\b(?:each|any|both|ha(?:ve|s|d) to|needs? to|require[sd]?|never|no|sole(?:ly)?)\b",
    re.IGNORECASE,
)
# Stems of opposites.
_OPPOSITES = tuple(
    frozenset(pair.split("/"))
    for pair in (
        "increas/decreas increas/declin increas/fall rise/fall rose/fell more/less more/fewer higher/lower high/low "
        "befor/after first/last larg/small larger/smaller best/worst gain/lose win/lose start/end begin/end "
        "north/south east/west northern/southern eastern/western accept/reject approv/reject support/oppos "
        "success/failur succeed/fail strong/weak stronger/weaker posit/negat rais/lower rais/cut grow/shrink "
        "expand/shrink earli/late earlier/later male/femal men/women buy/sell bought/sold import/export "
        "allow/prohibit allow/ban legal/illeg maximum/minimum most/least open/close"
    ).split()
)
# Terms that a word of denial or doubt governs: where a statement's are compared with each other's, and at most.
_GOVERNED = 2
_GOVERNED_LOOSE = 3
_GOVERNED_MOST = 6
_CERTAIN = re.compile(r"\b(?:will|must)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.;:!?—–]|,\s")


def denies(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement denies something that no sentence denies."""
    if not _DENIAL.search(text):
        return False
    theirs = {term for one in held for term in _governed(one, _DENIAL, _GOVERNED_MOST)}
    return not _governed(text, _DENIAL, _GOVERNED_LOOSE) & theirs


def affirms(text: str, best: str) -> bool:
    """Return whether the statement says plainly what the sentence denies."""
    return bool((_governed(best, _DENIAL) & set(terms(text))) - _governed(text, _DENIAL, _GOVERNED_MOST))


def assures(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement says *will* or *must* of what the sentences only hold possible."""
    sure = _governed(text, _CERTAIN, 1) - _governed(text, _CAUTION, _GOVERNED_LOOSE)
    return bool(sure & {term for one in held for term in _governed(one, _DOUBT)})


def doubts(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement only holds possible what the sentences say plainly."""
    said = {term for one in held for term in terms(one)}
    spared = {term for one in held for term in _governed(one, _CAUTION, _GOVERNED_LOOSE)}
    return bool((_governed(text, _POSSIBLE) & said) - spared)


def ventures(text: str, best: str) -> bool:
    """Return whether the statement says plainly what the sentence only holds possible."""
    return bool((_governed(best, _POSSIBLE, 1) & set(terms(text))) - _governed(text, _CAUTION, _GOVERNED_MOST))


def widened(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement says *all*, *always*, *must* where no sentence says as much."""
    return bool(_ABSOLUTE.search(text)) and not any(_AS_STRONG.search(one) for one in held)


def opposed(text: str, held: Sequence[str]) -> bool:
    """Return whether the statement has a word of which the sentences have only the opposite."""
    mine, theirs = set(terms(text)), {term for one in held for term in terms(one)}
    mine, theirs = mine - theirs, theirs - mine
    return any(one in mine and pair - {one} <= theirs for pair in _OPPOSITES for one in pair)


def _governed(text: str, cue: re.Pattern[str], most: int = _GOVERNED) -> set[str]:
    """Return the first terms that follow the cue words within their clause."""
    clauses = (_CLAUSE_END.split(text[found.end() :], maxsplit=1)[0] for found in cue.finditer(text))
    return {term for clause in clauses for term in terms(clause)[:most]}
