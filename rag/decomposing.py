"""A question that compares two things -> a question about each, without a model."""

from __future__ import annotations

import re
from collections.abc import Collection

from rag.language import names, terms

# What says that two things are compared ("cue"), and the word between the two ("by"), the likeliest first.
_COMPARISONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<cue>compar\w+)\b[^,;]*?\b(?P<by>with)\b",
        r"\b(?P<cue>compar\w+)\b[^,;]*?\b(?P<by>to|against)\b",
        r"\b(?P<cue>compar\w+)\b[^,;]*?\b(?P<by>and)\b",
        r"\b(?P<cue>differ\w*)\b[^,;]*?\b(?P<by>from)\b",
        r"\b(?P<by>and)\b[^,;]*?\b(?P<cue>differ|compare)\W*$",
        r"(?P<cue>\b(?:differ|gr[eo]w|rise|rose|fall|fell|chang|increas|decreas|drop)\w*)\b"
        r"[^,;]*?\bbetween\b[^,;]*?\b(?P<by>and)\b",
        r"\bbetween\b[^,;]*?\b(?P<by>and)\b.*?\b(?P<cue>difference)\b",
        r"\b(?P<cue>(?P<by>versus|vs))\b\.?",
    )
)
_NUMBER = re.compile(r"\d[\d.,]*")
_OPENING = re.compile(r"([A-Z][\w'’-]*)\s+$")
_CLAUSES = re.compile(r",?\s*\b(?:(?:as )?compared (?:with|to)|whereas)\b\s*", re.IGNORECASE)
# A clause of fewer terms is no question of its own; of a question of more words, nothing says what is compared.
_LEAST, _MOST_WORDS = 3, 30
_Place = tuple[int, int]


def decompose(text: str) -> tuple[str, ...]:
    """Return a question for each of the two things that the question compares; the question alone where it compares
    none."""
    if len(text.split()) > _MOST_WORDS:
        return (text,)
    clauses = [one.strip() for one in _CLAUSES.split(text)]
    if len(clauses) == 2 and all(len(terms(one)) >= _LEAST and _keys(one) for one in clauses):
        return tuple(clauses)
    for comparison in _COMPARISONS:
        found = comparison.search(text)
        sides = _sides(text, found) if found else None
        if found and sides:
            return tuple(_without(text, {side, found.span("by"), found.span("cue")}) for side in sides)
    return (text,)


def _sides(text: str, found: re.Match[str]) -> tuple[_Place, _Place] | None:
    """Return the places of the names or numbers next after and next before the word between them; None without."""
    keys = _keys(text)
    # A word that opens the question is known for a name only where it stands right before.
    opening = _OPENING.match(text[: found.start("by")])
    before = [opening.span(1)] if opening else [key for key in keys if key[1] <= found.start("by")]
    after = [key for key in keys if key[0] >= found.end("by")]
    return (after[0], before[-1]) if before and after else None


def _keys(text: str) -> list[_Place]:
    """Return the places of names and numbers: of those side by side, or with *of* between, as one ("Q2 of FY 2023")."""
    known = names(text)
    keys: list[_Place] = []
    for found in re.finditer(r"[^\s,;:()/?!]+", text):
        # Alone, a word would open the text; whether it is a name there, the whole text tells.
        if known.isdisjoint(names(f"x {found.group()}")) and not _NUMBER.fullmatch(found.group()):
            continue
        joined = keys and text[keys[-1][1] : found.start()].strip() in ("", "of")
        keys[-1:] = [(keys[-1][0], found.end())] if joined else [*keys[-1:], found.span()]
    return keys


def _without(text: str, places: Collection[_Place]) -> str:
    """Return the text without what stands in the places."""
    for start, end in sorted(places, reverse=True):
        text = f"{text[:start]}{text[end:]}"
    return " ".join(text.split())
