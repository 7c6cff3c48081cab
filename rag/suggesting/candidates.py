"""A report -> questions that it may answer, each with the place that should answer it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.evidence import page_evidence
from rag.language import folded
from rag.orders import gives_orders
from rag.suggesting.clauses import Wording, parse
from rag.suggesting.turning import from_clause, from_heading, from_row
from rag.types import Page, Report

# Pages: of a longer report, the first so many have enough to ask about.
_MOST_PAGES = 80
# What a title begins with before it names its subject: "GAO-07-283 Crude Oil: ...".
_NUMBER = re.compile(r"^\S*\d\S*,?\s+")
_LONGEST_TOPIC = 3
# Words of a question that reads well; among equals, the text decides, and not the place.
_PLEASANT = 9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, what kind it is, and the span of a page that should answer it; ``start`` -1 for anywhere on the page
    or the next, ``page`` 0 for anywhere in the report."""

    question: str
    kind: str
    report: str
    page: int = 0
    start: int = -1
    end: int = -1


def candidates(report: Report, pages: Sequence[Page]) -> list[Candidate]:
    """Return a report's candidates, those that read best first; [] for none."""
    pages = pages[:_MOST_PAGES]
    wording = Wording(folded(" ".join(page.text for page in pages)))
    topic = _topic(report.title, wording)
    found: dict[str, Candidate] = {}
    for page in pages:
        for one in (*_headings(report, page, topic, wording), *_sentences(report, page, wording)):
            if not gives_orders(one.question):
                found.setdefault(one.question.casefold(), one)
    return sorted(found.values(), key=_reads)


def _headings(report: Report, page: Page, topic: str, wording: Wording) -> Iterator[Candidate]:
    headings = [page.text[block.start : block.end] for block in page.blocks if block.kind == "heading"]
    if page.number == 1:
        # A title may say its question behind a colon: "... at ten: why NASA and China do not fly together".
        headings += [part[:1].upper() + part[1:] for part in report.title.split(": ")[1:]]
    for heading in headings:
        for kind, question in from_heading(heading, topic, wording):
            yield Candidate(question, kind, report.id, page.number)


def _sentences(report: Report, page: Page, wording: Wording) -> Iterator[Candidate]:
    heads = {block.start: block.heads for block in page.blocks if block.kind == "row"}
    for one in page_evidence(page, 0):
        if one.kind == "row":
            turned = from_row(heads.get(one.start, ""), folded(one.quote), wording)
        else:
            clause = parse(one.quote, wording)
            turned = iter(()) if clause is None else from_clause(clause, wording)
        for kind, question in turned:
            yield Candidate(question, kind, report.id, page.number, one.start, one.end)


def _topic(title: str, wording: Wording) -> str:
    """Return what a title says before its colon, in small letters, where those are a few common words; "" else."""
    topic, colon, _ = _NUMBER.sub("", title).partition(":")
    words = topic.split()
    common = bool(colon) and 0 < len(words) <= _LONGEST_TOPIC and all(map(wording.is_common, words))
    return topic.casefold() if common else ""


def _reads(one: Candidate) -> tuple[int, str]:
    off = abs(len(one.question.split()) - _PLEASANT) // 3
    return off, hashlib.sha256(one.question.encode("utf-8", "replace")).hexdigest()
