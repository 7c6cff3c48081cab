"""Abbreviations that the reports spell out: "Russian Orbital Station (ROS)" makes the two one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rag.language import folded, terms

_IN_BRACKETS = re.compile(r" \(([A-Z][A-Za-z0-9&-]{1,9}?)s?\)")
_WORD = re.compile(r"[^\W_]+")
# The long form is looked for in so many characters before the bracket, and ends at a stop or another bracket.
_BEFORE = 150
_STOP = re.compile(r"[().;:|]")


def abbreviations(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the terms of what each abbreviation of the texts stands for, by the abbreviation's own term; {} for none.

    The words before "(ABC)" are its long form where their first letters hold the abbreviation's, in order: a shorter
    form of Schwartz and Hearst (2003), https://psb.stanford.edu/psb-online/proceedings/psb03/schwartz.pdf.
    """
    found: dict[str, frozenset[str]] = {}
    for text in map(folded, texts):
        for match in _IN_BRACKETS.finditer(text):
            before = _STOP.split(text[max(0, match.start() - _BEFORE) : match.start()])[-1]
            long, short = terms(_long_form(before, match.group(1))), terms(match.group(1))
            if long and len(short) == 1 and short[0] not in long:
                found.setdefault(short[0], frozenset(long))
    return found


def with_long_forms(text_terms: frozenset[str], known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the terms with those of the long form of each abbreviation among them, and with each abbreviation whose
    long form is there."""
    more = [{short, *long} for short, long in known.items() if short in text_terms or long <= text_terms]
    return text_terms.union(*more)


def _long_form(before: str, short: str) -> str:
    """Return the last words of ``before`` whose first letters hold those of ``short``, from the word of its first
    letter on; "" where they do not."""
    wanted = [letter for letter in short.casefold() if letter.isalnum()]
    words = list(_WORD.finditer(before))[-2 * len(wanted) :]
    start = len(before)
    for word in reversed(words):
        if wanted and word.group()[0].casefold() == wanted[-1]:
            wanted.pop()
            start = word.start()
    return "" if wanted else before[start:]
