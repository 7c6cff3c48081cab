"""What a report is called: what its metadata says, unless that is a leftover; else its heading or file name."""

from __future__ import annotations

import re
from pathlib import PurePath

_LEFTOVER = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|unknown|title|document\d*|doc\d*|presentation\d*|"
    r"powerpoint presentation|slide \d+|workbook|book\d+|sheet\d+|template|draft|print(?:ing)?|layout \d+|page \d+|"
    r"adobe [\w ]+ pdf|scan(?:ned)?\b.*|.*\.(?:docx?|pptx?|xlsx?|pdf|html?|indd|qxd|qxp|tex|dvi|rtf|txt|md|p65|fm|wpd|"
    r"eps|png|jpe?g|tiff?)|https?:\S+|[\W\d_]*)$",
    re.IGNORECASE,
)
_REGISTRANT = re.compile(r"(?P<name>[^\n]{3,80})\n+\s*\(?exact name of (?:the )?registrant", re.IGNORECASE)
_FORM = re.compile(r"\bform\s+(?P<form>(?:10|8|20|6)\s?[-‐‑–]?\s?[KQF](?:/A)?)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"\b(?:year|quarterly\s+period|quarter|period|date\s+of\s+report[^\n]*?)\s+ended:?\s+"
    r"(?P<date>[A-Z][a-z]+\s+\d{1,2},\s+\d{4})",
    re.IGNORECASE,
)
_LONGEST = 200


def choose_title(said: str | None, heading: str, name: str) -> str:
    """Return a report's title on one line: ``said`` by its metadata, its main ``heading``, or the stem of its name.

    A metadata title that a program left behind ("Microsoft Word - x.doc", "untitled", a file's name) counts for
    nothing beside a heading.
    """
    metadata = " ".join((said or "").split())
    stem = PurePath(name).stem
    if metadata and not _is_leftover(metadata, stem):
        return _short(metadata)
    return _short(" ".join(heading.split())) or stem or name


def filing_title(first: str) -> str:
    """Return the title of a filing with the US Securities and Exchange Commission from its first page, else "".

    Its cover has no title: it names the registrant, the form and the period, each in its own place.
    """
    name = _REGISTRANT.search(first)
    form = _FORM.search(first)
    if name is None or form is None:
        return ""
    period = _PERIOD.search(first)
    ended = f" for the period ended {' '.join(period['date'].split())}" if period else ""
    return _short(f"{' '.join(name['name'].split())} Form {form['form'].upper()}{ended}")


def _is_leftover(title: str, stem: str) -> bool:
    one_word = " " not in title and (not title.isalpha() or len(title) < 4)  # a code such as "d05927" or "WMT-10K"
    return bool(_LEFTOVER.match(title)) or one_word or title.casefold() == stem.casefold()


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1].rstrip() + "…"
