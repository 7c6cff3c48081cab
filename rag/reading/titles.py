"""What a report is called: what its metadata says, unless that is a leftover; else its heading or file name."""

from __future__ import annotations

import re
from pathlib import PurePath

_LEFTOVER = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|unknown|title|document\d*|doc\d*|presentation\d*|"
    r"powerpoint presentation|slide \d+|workbook|book\d+|sheet\d+|template|draft|print(?:ing)?|layout \d+|page \d+|"
    r"[^\s]*\.(?:docx?|pptx?|xlsx?|pdf|html?|indd|qxd|qxp|tex|dvi|rtf|txt|md|p65|fm|wpd|eps)|https?:\S+|[\W\d_]*)$",
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


def _is_leftover(title: str, stem: str) -> bool:
    one_word = " " not in title and (not title.isalpha() or len(title) < 4)  # a code such as "d05927" or "WMT-10K"
    return bool(_LEFTOVER.match(title)) or one_word or title.casefold() == stem.casefold()


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST else title[: _LONGEST - 1].rstrip() + "…"
