"""When a report is from: a date line of its first page or its metadata, as ISO 8601 at the precision known."""

from __future__ import annotations

import re
from datetime import date, datetime

_NAMES = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_MONTHS = {month: number for number, names in enumerate(_NAMES, start=1) for month in names}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d)",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<name>{_NAME})\.?,?\s+{_YEAR}\b",
        rf"\b(?P<name>{_NAME})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}\b",
        rf"\b(?P<one>\d{{1,2}})[/.](?P<two>\d{{1,2}})[/.]{_YEAR}\b",
        rf"\b(?P<name>{_NAME})\.?,?\s+{_YEAR}\b",
        rf"\b{_YEAR}-(?P<month>\d{{2}})\b",
        rf"\b{_YEAR}\b",
    )
]
_DATED_FORMS = _FORMS[:-1]
_SAID = re.compile(
    r"\b(?:date|dated|published|publication date|release[d]?(?: date| on)?|issued?(?: date)?|report date|posted)\b"
    r"[*_\s]*[:\-–][*_\s]*(?P<rest>[^\n|]{4,60})|\b(?:published|released|issued|dated)\s+(?:on\s+)?(?P<also>[^\n|]{4,40})",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"\b(?:year|quarter|period|months)\s+ended:?\s+(?P<rest>[^\n]{4,40})", re.IGNORECASE)
_PDF_DATE = re.compile(r"(?:D:)?(?P<year>(?:19|20)\d\d)(?P<month>\d\d)?(?P<day>\d\d)?")
# When the empty files were saved that python-docx and python-pptx begin every document with.
_TEMPLATES = frozenset(
    [datetime(2013, 12, 23, 23, 15), datetime(2013, 1, 27, 9, 14, 16), datetime(2013, 1, 27, 9, 15, 58)]
)
_LOOKED_AT = 4000  # characters of the first page: a date further down is somebody else's
_LONGEST_LINE = 80


def parse_date(text: str) -> str | None:
    """Return the first date in the text as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, or None where there is none.

    The most precise form wins over an earlier, vaguer one. Of "03/11/2024" only the year is sure, since half the
    world reads it the other way round.
    """
    return _first(text, _FORMS)


def parse_pdf_date(text: str) -> str | None:
    """Return a PDF date such as ``D:20240311120000Z`` as ISO 8601, or None (ISO 32000-1:2008, 7.9.4)."""
    match = _PDF_DATE.match(text.strip())
    if match is None:
        return parse_date(text)
    return _iso(int(match["year"]), int(match["month"] or 0), int(match["day"] or 0))


def saved_date(modified: datetime | None, created: datetime | None) -> str | None:
    """Return the day that an Office file says it was last saved on, else made on, or None.

    A program may leave the dates of its library's template in what it writes: those are no dates of a report.
    """
    said = (moment for moment in (modified, created) if moment and moment.replace(tzinfo=None) not in _TEMPLATES)
    return next((moment.date().isoformat() for moment in said), None)


def find_date(text: str) -> str | None:
    """Return the date that a report's first page gives for the report, or None.

    In order: a line that says so ("Published: 2026-03-03"), a short line that is or ends with a date ("GAO-05-927,
    September 2005"), and the end of the period that a filing is about ("for the fiscal year ended May 31, 2021").
    """
    head = text[:_LOOKED_AT]
    if "registrant" in head.casefold():  # a filing: the day it was signed is on its first page too
        return _said_date(head) or _period_date(head) or _line_date(head)
    return _said_date(head) or _line_date(head) or _period_date(head)


def _said_date(head: str) -> str | None:
    found = (parse_date(match["rest"] or match["also"]) for match in _SAID.finditer(head))
    return next((date for date in found if date), None)


def _line_date(head: str) -> str | None:
    """Return the date of the first line that has little else to say than a date."""
    for line in head.split("\n"):
        found = _first(line, _DATED_FORMS) if 0 < len(line) <= _LONGEST_LINE else None
        if found and _is_date_line(line):
            return found
    return None


def _is_date_line(line: str) -> bool:
    """Return whether the line is a date, or a few words with a date at the end that no sentence runs into."""
    for form in _DATED_FORMS:
        match = form.search(line)
        if match is None:
            continue
        before, after = line[: match.start()].strip(), line[match.end() :].strip(" .)*_")
        if not after:
            return not before or before.endswith((",", "|", "-", "–", "—", ":", "•", "("))
    return False


def _period_date(head: str) -> str | None:
    found = (_first(match["rest"], _DATED_FORMS) for match in _PERIOD.finditer(head))
    return next((date for date in found if date), None)


def _first(text: str, forms: list[re.Pattern[str]]) -> str | None:
    for form in forms:
        for match in form.finditer(text):
            found = _from_match(match.groupdict())
            if found:
                return found
    return None


def _from_match(parts: dict[str, str | None]) -> str | None:
    year = int(parts["year"] or 0)
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        day, month = (one, two) if one > 12 or one == two else (two, one) if two > 12 else (0, 0)
        return _iso(year, month, day)
    name = parts.get("name")
    month = _MONTHS[name.lower()] if name else int(parts.get("month") or 0)
    return _iso(year, month, int(parts.get("day") or 0))


def _iso(year: int, month: int, day: int) -> str | None:
    """Return the date as far as it is known (0: not known), or None where the calendar has no such day."""
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
