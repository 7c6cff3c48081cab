"""The numbers of a sentence with what they count, each as the interval that it may mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from rag.conflicts.units import CURRENCIES, MONEY, SIZE, SIZES, UNIT, UNITS, currency, measure
from rag.language import terms

_WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
_WORDED = {word: value for value, word in enumerate((_WORDS + "eighteen nineteen").split(), 1)}
_TENS = {
    word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# "One" is a pronoun too, and counts only where it is a measure.
_WORD = rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(list(_WORDED)[:9])}))?|{'|'.join(list(_WORDED)[1:])}"
_AMOUNT = re.compile(
    rf"(?<![\w.,-])(?P<before>(?:{MONEY})\s?)?(?P<low>{_FIGURE}|\b(?:{_WORD})\b)(?!-\d|(?:st|nd|rd|th)\b|[.,]?\d)"
    rf"(?:\s?(?:to|[-–—]|and)\s?(?:[$€£]\s?)?(?P<high>{_FIGURE})(?![.,]?\d|(?:st|nd|rd|th)\b))?"
    rf"(?:[\s-]?(?P<size>{SIZE}|(?(before)m|(?!)))\b)?"
    rf"(?:[\s-]?(?P<after>{MONEY})(?!\w))?"
    rf"(?:[\s-]?(?P<unit>{UNIT})(?![\w²³/]))?",
    re.IGNORECASE,
)
_PER = re.compile(
    r"^[^.;,|]{0,40}?(?:\b(?:per|a|an|each|every)\s+|/)(?P<per>second|minute|hour|day|week|month|year|person|head)\b|"
    r"^[^.;,|]{0,40}?\b(?P<often>hourly|daily|weekly|monthly|yearly|annually)\b",
    re.IGNORECASE,
)
_OFTEN = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
_ROUGH = re.compile(r"(?:\b(?:about|around|roughly|approximately|circa|some|an estimated|approx\.|ca\.)|~)\s*$", re.I)
_OVER = re.compile(r"\b(?:more than|over|exceed\w*|upwards of|above)\s*$", re.IGNORECASE)
_ALMOST = re.compile(r"\b(?:nearly|almost|just under|close to)\s*$", re.IGNORECASE)
_MOST = re.compile(r"\b(?:up to|at most|less than|fewer than|under|below|no more than|a maximum of)\s*$", re.IGNORECASE)
_LEAST = re.compile(r"\b(?:at least|no fewer than|no less than|a minimum of)\s*$", re.IGNORECASE)
# What is counted, by stem, where several words are one thing.
_SAME = {"nation": "countri", "state": "countri", "person": "peopl", "employe": "peopl", "worker": "peopl",
         "inhabit": "peopl", "resid": "peopl"}  # fmt: skip
_NOUNS = re.compile(r"^[\s-]{0,2}([^\W\d_][\w’'-]*)(?:[ -]([^\W\d_][\w’'-]*))?(?:[ -]([^\W\d_][\w’'-]*))?")
# How far a measure that ends in zeros may have been rounded, as a share of it; twice that after "about".
_ROUNDED = 0.05
# Products of floats that are equal differ by less than this share.
_SAME_FLOAT = 1e-9


@dataclass(frozen=True, slots=True)
class Value:
    """A number or date that stands at ``start:end``, and the interval ``least`` to ``most`` that it may mean.

    ``text`` is the value as written, with the noun that it counts; ``unit`` is what is measured or counted ("length",
    "USD", a noun's stem, "" where none is named) or "date"; ``bound`` is "most" after *by* or *up to*, "least" after
    *since* or *at least*, and "" elsewhere.
    """

    text: str
    start: int
    end: int
    unit: str
    least: float
    most: float
    bound: str = ""

    def agrees(self, other: Value) -> bool:
        """Whether one value may be the other, rounded or within the other's bound."""
        if self.bound == other.bound:
            (least, most), (low, high) = (self.least, self.most), (other.least, other.most)
        else:
            (least, most), (low, high) = self._opened(), other._opened()
        start, end = max(least, low), min(most, high)
        # 2% and 3% may both be 2.5% rounded, and differ; a day, or a number that is exact, is within what it touches.
        touching = self.unit != "date" and least < most and low < high
        return start < end * (1 - _SAME_FLOAT) if touching else start <= end

    def comparable(self, other: Value) -> bool:
        """Whether both measure or count the same; a bare number may count whatever the other counts."""
        if self.unit == other.unit:
            return True
        bare = "" in (self.unit, other.unit)
        return (
            bare and not {self.unit, other.unit} & {*UNITS, *CURRENCIES, "date"} and "/" not in self.unit + other.unit
        )

    def _opened(self) -> tuple[float, float]:
        return -inf if self.bound == "most" else self.least, inf if self.bound == "least" else self.most


def amounts(text: str) -> list[Value]:
    """Return the numbers of the text with their units, in order; [] for none. Dates have to be blanked before."""
    return [value for match in _AMOUNT.finditer(text) if (value := _amount(text, match))]


def _amount(text: str, match: re.Match[str]) -> Value | None:
    before, after = text[: match.start()], text[match.end() :]
    money = match["before"] or match["after"]
    kind, factor = measure(match["unit"] or "")
    size = SIZES.get((match["size"] or "").casefold(), 1.0)
    noun, end = ("", 0) if money or kind else _counted(after)
    unit = currency(money) if money else kind or noun
    per = _PER.match(after)
    if per and kind != "speed":
        unit += "/" + (per["per"] or _OFTEN[per["often"].casefold()]).casefold()
    low = _number(match["low"])
    # "340-90" is no range.
    high = max(low, _number(match["high"])) if match["high"] else low
    exact = not (money or kind or match["size"]) and not (low >= 1000 and low % 100 == 0)
    rough = bool(_ROUGH.search(before))
    least = low - _slack(match["low"], rough=rough, exact=exact)
    most = high + _slack(match["high"] or match["low"], rough=rough, exact=exact)
    if _OVER.search(before):
        least, most = low, 1.25 * high
    elif _ALMOST.search(before):
        least, most = 0.9 * low, high
    bound = "most" if _MOST.search(before) else "least" if _LEAST.search(before) else ""
    scale = size * factor
    return Value(
        text[match.start() : match.end() + end].strip(),
        match.start(),
        match.end(),
        unit,
        least * scale,
        most * scale,
        bound,
    )


def _slack(written: str, *, rough: bool, exact: bool) -> float:
    """Return how far the number as written may be from what was rounded to it."""
    value, decimals = _number(written), len(written.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    if decimals == 0:
        digits = str(int(value))
        half = 0.5 * 10 ** (len(digits) - len(digits.rstrip("0"))) if value else 0.5
    if exact and not rough:
        return 0.0
    return max(0.5 * 10.0**-decimals, min(half, (2 if rough else 1) * _ROUNDED * value))


def _number(written: str) -> float:
    if written[0].isdigit():
        return float(written.replace(",", ""))
    tens, _, ones = written.casefold().partition("-")
    return float(_TENS.get(tens, 0) + _WORDED.get(ones or tens, 0))


def _counted(after: str) -> tuple[str, int]:
    """Return the stem of what is counted, and where it ends: of the words after the number the first in the plural, or
    the first; ("", 0) for none."""
    found = _NOUNS.match(after)
    words: list[tuple[str, int]] = []
    for group in range(1, 4) if found else ():
        word = found[group] if found else None
        if not word or not terms(word):
            break
        words.append((word, found.end(group) if found else 0))
    plural = [pair for pair in words if pair[0].endswith("s") or pair[0].casefold() == "people"]
    if not words:
        return "", 0
    noun, end = (plural or words)[0]
    stem = terms(noun)[0]
    return _SAME.get(stem, stem), end
