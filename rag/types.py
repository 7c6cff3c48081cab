"""The nouns of Footnote: frozen values that every room passes to the next.

This module imports nothing of ours. All text offsets are 0-based Python string indices (code points), half open:
``text[start:end]``. Page and citation numbers are 1-based. Dates are ISO 8601 strings, ``YYYY``, ``YYYY-MM`` or
``YYYY-MM-DD``, which compare as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

BlockKind = Literal["heading", "text", "row", "furniture"]
Support = Literal["verified", "partial", "unsupported"]
Stage = Literal["retrieving", "writing", "done"]

ANSWER_VERSION = 1


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know: a machine-readable ``code`` and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Block:
    """A span of a page's text with one role.

    ``heading`` opens a section (``level`` 1 is the outermost), ``text`` is a paragraph or a list item, ``row`` is one
    line of a table whose column heads are ``heads``, and ``furniture`` is a running header or footer: it stays in the
    page's text and reaches no chunk.
    """

    start: int
    end: int
    kind: BlockKind = "text"
    level: int = 0
    heads: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, slide, sheet or section of a report.

    ``blocks`` are in order and do not overlap; what lies between them is white space. ``charmap`` is for PDFs only:
    runs of ``(text index, PDFium character index, length)`` from the page's text to PDFium's characters.
    """

    number: int
    label: str
    text: str
    blocks: tuple[Block, ...] = ()
    charmap: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PageNote:
    """A line of a report's ledger: what is odd about one page (``page`` 0: about the whole file)."""

    page: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """What reading a file gives: its pages and what it says of itself."""

    title: str
    kind: str
    pages: tuple[Page, ...]
    date: str | None = None
    ledger: tuple[PageNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of one page's text, with the context that is embedded and indexed with it but never quoted."""

    page: int
    start: int
    end: int
    context: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report on the shelf, as the library records it.

    ``id`` is the first 12 hex digits of the SHA-256 of ``name`` and stays over versions; ``document`` is the SHA-256
    of the bytes. ``added`` is a UTC timestamp (ISO 8601), ``size`` is in bytes.
    """

    id: str
    document: str
    name: str
    title: str
    kind: str
    date: str | None
    pages: int
    chunks: int
    size: int
    added: str
    ledger: tuple[PageNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that retrieval found, with the page it stands on and why it was found.

    ``score`` ranks it (higher is better, comparable within one search only). ``similarity`` is the cosine of question
    and chunk, None when only BM25 found it. ``relevance`` and ``pieces`` are those of
    ``rag.reranking.Judgement``, None and () where no reranker read the chunk.
    """

    chunk: str
    report: Report
    page: Page
    start: int
    end: int
    context: str
    score: float
    similarity: float | None = None
    relevance: float | None = None
    pieces: tuple[tuple[int, int, float], ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """The chunk's own text, exactly as it stands on the page."""
        return self.page.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question of a conversation and the text of its answer."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which reports.

    ``reports`` None means all of them, an empty tuple is refused. ``since`` and ``until`` are inclusive and compare as
    far as they are written (``until="2023"`` includes all of 2023); a report with no date passes neither.
    """

    text: str
    history: tuple[Turn, ...] = ()
    reports: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None
    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An exact quote with its place, not yet numbered: ``page.text[start:end] == quote``, always."""

    report: str
    document: str
    title: str
    date: str | None
    page: int
    label: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation(Source):
    """A source that an answer cites, numbered from 1 by first mention."""

    number: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, the numbers of what it cites, and how far that supports it."""

    text: str
    citations: tuple[int, ...]
    support: Support


@dataclass(frozen=True, slots=True)
class ConflictValue:
    """One of several values that the reports give for the same thing."""

    value: str
    date: str | None
    citation: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values that differ, newest first, and the 0-based indices of the statements that give them."""

    statements: tuple[int, ...]
    values: tuple[ConflictValue, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, what of the question was not found, and the nearest places to look."""

    reason: str
    missing: tuple[str, ...] = ()
    nearest: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model consumed; ``cost`` is in US dollars, None where it is not known."""

    input_tokens: int
    output_tokens: int
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall-clock seconds by step."""

    retrieve: float = 0.0
    write: float = 0.0
    check: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer everywhere: Python, JSON, chat and evals carry these fields.

    An answer that is still growing has ``stage`` "retrieving" or "writing" and is complete enough to draw. Answers
    define no ``+``: in a stream, each one replaces the one before it.
    """

    question: str
    standalone: str
    stage: Stage = "done"
    answered: bool = False
    text: str = ""
    confidence: float = 0.0
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refusal: Refusal | None = None
    notes: tuple[Note, ...] = ()
    writer: str = "quotes"
    usage: Usage | None = None
    seconds: Seconds = field(default_factory=Seconds)
    version: int = ANSWER_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain JSON values (lists for tuples), in the contract's order of keys."""
        plain = asdict(self)
        plain["citations"] = [{"number": one.pop("number"), **one} for one in plain["citations"]]
        return dict(json.loads(json.dumps({"version": plain.pop("version"), **plain})))

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Answer:
        """Return the Answer that ``to_json`` wrote. Raises ValueError for another version or a missing field."""
        if plain.get("version") != ANSWER_VERSION:
            raise ValueError(f"an Answer of version {plain.get('version')!r}; this program reads {ANSWER_VERSION}")
        try:
            return _answer(dict(plain))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an Answer: {error}") from error


def _answer(plain: dict[str, Any]) -> Answer:
    values = {entry.name: plain[entry.name] for entry in fields(Answer)}
    values["statements"] = tuple(
        Statement(**one | {"citations": tuple(one["citations"])}) for one in plain["statements"]
    )
    values["citations"] = tuple(Citation(**item) for item in plain["citations"])
    values["conflicts"] = tuple(
        Conflict(tuple(item["statements"]), tuple(ConflictValue(**value) for value in item["values"]))
        for item in plain["conflicts"]
    )
    no = plain["refusal"]
    nearest = tuple(Source(**item) for item in no["nearest"]) if no else ()
    values["refusal"] = no and Refusal(no["reason"], tuple(no["missing"]), nearest)
    values["notes"] = tuple(Note(**item) for item in plain["notes"])
    values["usage"] = plain["usage"] and Usage(**plain["usage"])
    values["seconds"] = Seconds(**plain["seconds"])
    return Answer(**values)
