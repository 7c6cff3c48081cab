"""What a sentence or a table's row claims: its values, and the times that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.conflicts.dates import dates, spoken_of
from rag.conflicts.units import SIZES
from rag.conflicts.values import Value, amounts
from rag.language import terms

_CELLS = " | "
_IN_BRACKETS = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")
# "Salyut 7", "Regio 40", "phase 2": the number belongs to the name, unless it counts something.
_NUMBERED = re.compile(
    r"\b(?:([A-Z][\w’'-]*)|phase|stage|step|part|section|article|chapter|edition|version|volume|level|tier|type|class|"
    r"category|block|unit|line|route|zone|group|round|reactor|terminal|runway|model|option|scenario) (\d{1,4}[A-Z]?)\b"
    r"(?![.,]?\d)(?!\s?%)(?! (?:people|per|million|billion|percent|k?[mg]\b|[a-z]+s\b))"
)
# What may have a capital and is no name.
NO_NAME = re.compile(
    r"(?:about|across|after|among|around|before|between|during|following|in|since|through|until|within|some|over|nearly|"
    r"almost|only|roughly|approximately|more|up|under|another|all|with|today|now|each|"
    r"every|both|currently|its|their|there|according|jan\w*|feb\w*|march|april|may|june?|july?|aug\w*|sep\w*|oct\w*|"
    r"nov\w*|dec\w*|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|\w+ly)$",
    re.IGNORECASE,
)
# "Once promised for 2024", "up from 11%": what was given up, or is only compared with.
_FORMER = re.compile(
    r"\b(?:once|originally|initially|formerly|previously|earlier|up from|down from|(?:rose|fell|grew|raised|cut) from|"
    r"instead of|rather than|compared (?:with|to))\b[^,;.]{0,30}$",
    re.IGNORECASE,
)
# The number of a law or of a footnote is no value, and a line without a word in small letters is no sentence.
_CITES_LAW = re.compile(r"§|\bU\.S\.C|\bC\.F\.R|\bStat\.|\bFed\. Reg|\bPub\. L|\bL\. No\.|\bExec\. Order|\bH\.R\. ")
_FOOTNOTE = re.compile(r"\W*\d{1,3} [A-Z]")
_SMALL = re.compile(r"\b[a-z]{3,}")
_BARE = re.compile(r"[\W\d]*")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, or a cell of a table's row with the row's first cell and its column's head.

    ``index`` is the place of the sentence or row in what was read, ``report`` and ``written`` its report's id and date,
    ``around`` the headings above it and what its *it* means. ``values`` are places in ``text``, the dates among them
    without those that only tell when it was said; ``times`` are the dates that it speaks of, ``masked`` the text
    without numbers and dates.
    """

    index: int
    report: str
    written: str | None
    text: str
    around: str
    values: tuple[Value, ...]
    times: tuple[Value, ...]
    masked: str


def read_claims(index: int, text: str, *, report: str, written: str | None, around: str) -> list[Claim]:
    """Return the claim of a sentence, or one for each cell of ``heads: cells`` that has a value; [] without values."""
    whole = Claim(index, report, written, text, around, (), (), "")
    row = _cells(text)
    if row is None:
        says = _SMALL.search(text) and not _CITES_LAW.search(text)
        found = [_with_values(whole, text)] if says else []
    else:
        heads, cells = row
        times = tuple(day for cell in cells for day in dates(cell))
        found = [_of_cell(whole, (heads[at], cells[at]), key=cells[0], times=times) for at in range(1, len(cells))]
    return [one for one in found if one.values]


def numbered(text: str) -> list[re.Match[str]]:
    """Return the names with a number that is theirs, such as "Salyut 7"; group 2 is the number."""
    return [
        match
        for match in _NUMBERED.finditer(text)
        if not match.group(1) or (terms(match.group(1)) and not NO_NAME.match(match.group(1)))
    ]


def _with_values(claim: Claim, text: str) -> Claim:
    written = dates(text)
    # A year is no amount, nor is the day of a date.
    blanked = text
    for day in written:
        blanked = blanked[: day.start] + "\0" * (day.end - day.start) + blanked[day.end :]
    times = spoken_of(text, written, claim.written)
    named = {match.start(2) for match in numbered(blanked)}
    named |= {text.index(digit) for digit in re.findall(r"\d", text)[:1] if _FOOTNOTE.match(text)}
    found = [value for value in amounts(blanked) if value.start not in named]
    values = tuple(one for one in sorted((*found, *times), key=_start) if not _FORMER.search(text[: one.start]))
    return replace(claim, text=text, values=values, times=times, masked=_masked(text, [*found, *written]))


def _masked(text: str, values: Sequence[Value]) -> str:
    kept, end = "", 0
    for value in sorted(values, key=_start):
        kept += text[end : value.start]
        end = value.end
    return " ".join((kept + text[end:]).split())


def _of_cell(claim: Claim, cell: tuple[str, str], *, key: str, times: tuple[Value, ...]) -> Claim:
    """Return what a cell claims: "Mass (kg)" and "1,900" of "Vega" are read as "Vega: Mass 1,900 kg"."""
    head, content = cell
    bare = _IN_BRACKETS.sub("", head)
    if _BARE.fullmatch(content) and not dates(content):
        # "(USD million)" is read as in 130 million USD.
        units = sorted(" ".join(_IN_BRACKETS.findall(head)).split(), key=lambda word: word.casefold() not in SIZES)
        content = f"{content} {' '.join(units) or bare.casefold()}"
    read = _with_values(claim, f"{key}: {bare} {content}")
    opening = len(f"{key}: {bare} ")
    # Only the cell's own values, not a number of the row's name.
    values = tuple(
        replace(value, text=cell[1].strip()) if _BARE.fullmatch(cell[1]) else value
        for value in read.values
        if value.start >= opening
    )
    return replace(read, values=values, times=times)


def _cells(text: str) -> tuple[list[str], list[str]] | None:
    """Return column heads and cells of ``heads: cells``, which have as many of both; None for a sentence."""
    for colon in re.finditer(": ", text):
        heads, cells = text[: colon.start()].split(_CELLS), text[colon.end() :].split(_CELLS)
        if len(heads) == len(cells) > 1:
            return heads, cells
    return None


def _start(value: Value) -> int:
    return value.start
