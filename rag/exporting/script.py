"""A conversation -> paragraphs and footnotes: what every format of export says, in its order."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.conflicts import THEY_DIFFER
from rag.language import encodable, folded
from rag.reading.tables import as_table
from rag.transcripts import Conversation, Exchange
from rag.types import Answer, Citation, Source, Statement

ParagraphKind = Literal["title", "question", "text", "item", "aside"]

# What a statement is marked with that is not verified.
_VERDICTS = {"partial": " (partly supported)", "unsupported": " (not supported)"}
_GONE = "This report has been changed or removed since; the quote is as it was."
_NO_QUOTE = "The quote was removed with its report."
_STOPPED = "Stopped before the end."
# Marks that turn the direction of the text around them, and what no file of XML may hold: surrogates go before.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NO_XML = frozenset("\ufffe\uffff")


@dataclass(frozen=True, slots=True)
class Run:
    """Some text, and the number of the footnote behind it; 0 for none."""

    text: str
    note: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: a heading (``title``, ``question``), running ``text``, an ``item`` of a list, or an ``aside``."""

    kind: ParagraphKind
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row below its column heads: as many cells as heads, and in the last the numbers of its footnotes."""

    heads: tuple[str, ...]
    cells: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Footnote:
    """Where something is from: the report's title, then date, place and quote in one line; ``number`` from 1."""

    number: int
    title: str
    rest: str


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation's paragraphs and rows, the title first, and the footnotes that they mention, in that order."""

    conversation: Conversation
    blocks: tuple[Paragraph | Row, ...]
    notes: tuple[Footnote, ...]


def write_script(
    conversation: Conversation, exchanges: Sequence[Exchange], *, held: Collection[tuple[str, str]] | None
) -> Script:
    """Return what an export says; ``held`` are the (report, document) pairs of the library, None to mark none."""
    notes = _Notes(held)
    blocks: list[Paragraph | Row] = [Paragraph("title", (Run(one_line(conversation.title)),))]
    for exchange in exchanges:
        blocks.append(Paragraph("question", (Run(one_line(exchange.question.text)),)))
        blocks += _answered(exchange, notes)
    return Script(conversation, tuple(blocks), tuple(notes.written))


def one_line(text: str) -> str:
    """Return the text on one line, without control characters, marks of direction and what XML forbids."""
    kept = (letter for letter in folded(encodable(text)) if unicodedata.category(letter) != "Cc")
    return "".join(letter for letter in kept if letter not in _DIRECTIONS and letter not in _NO_XML)


class _Notes:
    """Gives footnotes their numbers: one a source, over the whole conversation."""

    def __init__(self, held: Collection[tuple[str, str]] | None) -> None:
        self.written: list[Footnote] = []
        self._held = held
        self._numbers: dict[tuple[str, str, int, int, int], int] = {}

    def number(self, source: Source) -> int:
        """Return the number of a source's footnote."""
        place = (source.report, source.document, source.page, source.start, source.end)
        if place not in self._numbers:
            self._numbers[place] = len(self.written) + 1
            self.written.append(Footnote(self._numbers[place], one_line(source.title), self.rest(source)))
        return self._numbers[place]

    def rest(self, source: Source) -> str:
        """Return what stands after the title: date, place, quote, and whether the report is gone."""
        date = f" ({one_line(source.date)})" if source.date else ""
        place = f"{date}, {one_line(source.label)}"
        if not source.quote:
            return f"{place}. {_NO_QUOTE}"
        gone = self._held is not None and (source.report, source.document) not in self._held
        return f"{place}: “{one_line(source.quote)}”" + (f" {_GONE}" if gone else "")


def _answered(exchange: Exchange, notes: _Notes) -> Iterator[Paragraph | Row]:
    """Yield what came of a question, in the order in which the chat shows it."""
    answer = exchange.answer
    if answer is not None:
        cited = {citation.number: citation for citation in answer.citations}
        for statement in answer.statements:
            yield _said(statement, cited, notes)
        yield from _differing(answer, cited, notes)
        yield from _refused(answer, notes)
    if exchange.error:
        yield Paragraph("aside", (Run(f"Not answered: {one_line(exchange.error)}"),))
    elif exchange.stopped or answer is None or answer.stage != "done":
        yield Paragraph("aside", (Run(_STOPPED),))
    elif answer.answered:
        written = "Quoted word for word." if answer.writer == "quotes" else f"Written by {one_line(answer.writer)}."
        notices = " ".join(one_line(note.message) for note in answer.notes)
        yield Paragraph("aside", (Run(" ".join(filter(None, (written, notices)))),))


def _said(statement: Statement, cited: dict[int, Citation], notes: _Notes) -> Paragraph | Row:
    text = one_line(statement.text)
    marks = [Run("", notes.number(cited[number])) for number in statement.citations]
    if verdict := _VERDICTS.get(statement.support):
        marks.append(Run(verdict))
    if table := as_table(text):
        heads, (*cells, last) = table
        return Row(tuple(heads), (*((Run(cell),) for cell in cells), (Run(last), *marks)))
    return Paragraph("text", (Run(text), *marks))


def _differing(answer: Answer, cited: dict[int, Citation], notes: _Notes) -> Iterator[Paragraph]:
    for conflict in answer.conflicts:
        runs = [Run(f"{THEY_DIFFER}: ")]
        for place, one in enumerate(conflict.values):
            runs.append(Run(f"{'; ' if place else ''}{one_line(one.value)} ({one_line(one.date or 'no date')})"))
            runs.append(Run("", notes.number(cited[one.citation])))
        yield Paragraph("text", (*runs, Run(".")))


def _refused(answer: Answer, notes: _Notes) -> Iterator[Paragraph]:
    refusal = answer.refusal
    if refusal is None:
        return
    reason = "" if refusal.reason == answer.text else f" {one_line(refusal.reason)}"
    yield Paragraph("text", (Run(one_line(answer.text) + reason),))
    if refusal.missing:
        yield Paragraph("text", (Run(f"Not found near each other: {one_line(', '.join(refusal.missing))}."),))
    if refusal.nearest:
        yield Paragraph("text", (Run("The nearest places in the reports:"),))
    for source in refusal.nearest:
        yield Paragraph("item", (Run(one_line(source.title) + notes.rest(source)),))
