"""The dates of a sentence, each as the days it may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from rag.conflicts.units import UNIT
from rag.conflicts.values import Value

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
# The months (from, to) that a part of a year may mean. Winter belongs to two years, so it narrows nothing.
_PARTS = {
    "spring": (3, 6),
    "summer": (6, 9),
    "autumn": (9, 12),
    "fall": (9, 12),
    "winter": (1, 12),
    "early": (1, 5),
    "mid": (4, 9),
    "middle": (4, 9),
    "late": (8, 12),
    "end": (10, 12),
    "beginning": (1, 4),
    "first half": (1, 6),
    "second half": (7, 12),
    "first quarter": (1, 3),
    "second quarter": (4, 6),
    "third quarter": (7, 9),
    "fourth quarter": (10, 12),
    "q1": (1, 3),
    "q2": (4, 6),
    "q3": (7, 9),
    "q4": (10, 12),
}
_YEAR = r"(?P<year>1[0-9]\d\d|2[01]\d\d)(?![\d,]*\d)(?!\.\d)"
_PART = rf"(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\b(?P<year>1[0-9]\d\d|2[01]\d\d)-(?P<number>0[1-9]|1[0-2])(?:-(?P<day>[0-3]\d))?\b",
        rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)? {_MONTH},? {_YEAR}\b",
        rf"\b{_MONTH} (?P<day>[0-3]?\d)(?:st|nd|rd|th)?,? {_YEAR}\b",
        rf"\b{_MONTH},? (?:of )?{_YEAR}\b",
        rf"\b{_PART}[- ](?:(?:in|of) )?(?:the year )?{_YEAR}\b",
        rf"\b{_YEAR}\b",
    )
)
# What tells a number from a bare year: "had 2021 employees", "2000 km", "more than 2000"; but "in 2021 sales fell".
_LEADS_TO_A_YEAR = re.compile(
    r"(?:^|[|:(,;]|\b(?:in|of|by|since|until|till|through|after|before|from|to|for|during|year|and|or|between))\s*$",
    re.IGNORECASE,
)
_COUNTS = re.compile(rf"[\s-]?(?:(?:{UNIT})(?![\w²³/])|people\b|(?:[a-z]+ )?[a-z]+s\b)")
# "Is not to open before 2027" denies nothing.
NOT_BEFORE = re.compile(r"\bnot\b[^.,;]{0,40}\b(?:before|until|till)\s+(?:the\s+)?$", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:(?P<most>by|before|no later than|not later than)|(?P<least>after|since|not before|from))\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# "On 2 July 2024 Borisov approved", "NASA announced on 7 January that": when it was said, not when it happens.
_SAYING = (
    r"\b(?:said|says|announc\w+|report(?:ed|s)|confirm\w+|told|stat(?:ed|es)|decid\w+|approv\w+|mov(?:ed|es)|postpon\w+|"
    r"delay\w+|put|estimat(?:ed|es)|forecast\w*|predict\w*|declar\w+|propos(?:ed|es)|agreed)\b"
)
_SAYS = re.compile(_SAYING, re.IGNORECASE)
_SAID_ON = re.compile(rf"{_SAYING}\s+(?:in|on|since)\s+$", re.IGNORECASE)
_OPENING = re.compile(r"^\W*(?:in|on|since)\s+(?:(?:its|the|their|his|her|an?)\s+)?$", re.IGNORECASE)
_STANDING = re.compile(
    r"(?:\bas (?:of|at)|\bas (?:things|matters) stand(?: in| on)?|^\W*by)\s+(?:the\s+)?$", re.IGNORECASE
)
# How long before its report an "as of" may lie for the report to mean its own time, in days.
_CURRENT = 400


def dates(text: str) -> list[Value]:
    """Return the dates that the text writes with their year, in order; ``least`` and ``most`` are days, as
    ``date.toordinal`` counts them. [] for none."""
    found: list[Value] = []
    for form in _FORMS:
        for match in form.finditer(text):
            value = _value(text, match)
            if value and not any(value.start < one.end and one.start < value.end for one in found):
                found.append(value)
    return sorted(found, key=lambda one: one.start)


def spoken_of(text: str, values: list[Value], written: str | None) -> tuple[Value, ...]:
    """Return the dates among the values that say when something is so or happens.

    Left out are the day on which somebody said so, and the "as of" of a report (written on the date ``written``, None
    where it has none) that means its own time.
    """
    return tuple(one for one in values if not _is_said_on(text, one) and not _is_standing(text, one, written))


def _value(text: str, match: re.Match[str]) -> Value | None:
    parts = match.groupdict()
    days = _days(parts)
    bare = not (parts.get("month") or parts.get("number") or parts.get("part"))
    before, after = text[: match.start()], text[match.end() :]
    if days is None or (bare and _COUNTS.match(after) and not _LEADS_TO_A_YEAR.search(before)):
        return None
    found = _BOUND.search(before)
    bound = "least" if NOT_BEFORE.search(before) else (found.lastgroup or "") if found else ""
    return Value(match.group(), match.start(), match.end(), "date", *days, bound)


def _days(parts: Mapping[str, str | None]) -> tuple[int, int] | None:
    """Return the first and the last day that a date's parts may mean; None where there is no such day."""
    year, day = int(parts["year"] or 0), int(parts.get("day") or 0)
    first, last = 1, 12
    if part := parts.get("part"):
        first, last = _PARTS[part.casefold()]
    elif month := parts.get("month"):
        first = last = _MONTHS.index(month[:3].casefold()) + 1
    elif number := parts.get("number"):
        first = last = int(number)
    length = monthrange(year, last)[1]
    return None if day > length else (_ordinal(year, first, day or 1), _ordinal(year, last, day or length))


def _ordinal(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()


def _is_said_on(text: str, one: Value) -> bool:
    before, after = text[: one.start], text[one.end :]
    return bool(_SAYS.search(after) if _OPENING.match(before) else _SAID_ON.search(before))


def _is_standing(text: str, one: Value, written: str | None) -> bool:
    if not _STANDING.search(text[: one.start]):
        return False
    # The latest day that the report's date may mean: 2023 is its last day.
    report = max((day.most for day in dates(written or "")), default=one.most)
    return -31 <= report - one.least <= _CURRENT
