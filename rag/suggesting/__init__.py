"""Questions to begin with, made from the reports: from what headings ask, sentences say and tables hold.

None is suggested before it was asked: the chain has to answer it, sure enough, with every statement verified, from the
place that the question was made from.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rag import schema
from rag.library import Library
from rag.suggesting.candidates import Candidate, candidates
from rag.suggesting.proposing import propose
from rag.types import Answer, Citation, Question, Report

if TYPE_CHECKING:
    from rag.chain import AnswerChain

# How far over the threshold the confidence has to be.
_CLEARLY = 0.2
# Questions that are asked for each that is wanted, before the search for more is given up.
_TRIES = 6
# Where two kinds were suggested equally often, the one that shows more comes first.
_KINDS = ("proposed", "heading", "why", "words", "rule", "definition", "money", "count", "when", "table")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that the reports answer; ``report`` is the id of the one it was made from, ``kind`` what it was made
    of: "heading", "why", "words", "rule", "definition", "money", "count", "when", "table", or "proposed" by a model."""

    question: str
    report: str
    kind: str


def suggest(
    chain: AnswerChain,
    library: Library,
    *,
    proposer: AnswerChain | None = None,
    reports: Sequence[str] | None = None,
    limit: int = 6,
    stopped: threading.Event | None = None,
    wait: Callable[[], object] | None = None,
) -> Iterator[Suggestion]:
    """Yield at most ``limit`` questions that the chain answers from its reports, of different kinds and reports.

    A language model proposes some: that of ``proposer``, another chain over the same library, or else the chain's own,
    if it has one. ``reports`` are the ids of those to ask about, None for all. What was found is kept in the library:
    as long as the reports and the chains are the same, it is given again at once.

    Closing the iterator stops the work, and so does setting ``stopped``, from another thread; it ends by itself when a
    report is added or removed meanwhile. ``wait`` is called before each question is asked, and may let others go first.
    Raises what asking the chain raises, ModelError where a model is to propose questions and fails.
    """
    proposer, generation = proposer or chain, library.generation()
    key = {"writer": chain.tools.writer, "scope": _scope(chain, proposer, reports)}
    kept = _kept(library, generation, wanted=limit, **key)
    if kept is not None:
        yield from kept
        return
    ids = None if reports is None else tuple(reports)
    search = _Search(chain, proposer, ids, generation, stopped or threading.Event(), wait or (lambda: None))
    asked = [one for one in library.reports() if ids is None or one.id in ids]
    found: list[Suggestion] = []
    for suggestion in search.run(asked, limit):
        found.append(suggestion)
        yield suggestion
    if not search.over():
        _keep(library, generation, wanted=limit, found=found, **key)


@dataclass
class _Search:
    """One search for suggestions, and what it has so far."""

    chain: AnswerChain
    proposer: AnswerChain
    reports: tuple[str, ...] | None
    generation: int
    stopped: threading.Event
    wait: Callable[[], object]
    _shelves: dict[str, list[Candidate]] = field(default_factory=dict)
    _kinds: Counter[str] = field(default_factory=Counter)
    # The places that were cited first: two questions with the same answer are one.
    _cited: set[tuple[str, int, int]] = field(default_factory=set)

    def run(self, asked: Sequence[Report], limit: int) -> Iterator[Suggestion]:
        """Yield suggestions, a report's after another's, in an order that has nothing to do with their titles."""
        waiting = sorted(asked, key=lambda report: hashlib.sha256(report.id.encode()).hexdigest())
        tries, found = _TRIES * limit, 0
        while waiting and found < limit:
            for report in list(waiting):
                if tries == 0 or found == limit or self.over():
                    return
                candidate = self._next(report)
                if candidate is None:
                    waiting.remove(report)
                    continue
                tries -= 1
                self.wait()
                if self._answers(candidate):
                    found += 1
                    yield Suggestion(candidate.question, candidate.report, candidate.kind)

    def over(self) -> bool:
        """Return whether the search was stopped, or its reports are not what they were."""
        return self.stopped.is_set() or self.chain.library.generation() != self.generation

    def _next(self, report: Report) -> Candidate | None:
        """Return the report's candidate of the kind that was tried least so far, None where none is left."""
        shelf = self._shelves.get(report.id)
        if shelf is None:
            pages = self.chain.library.document(report).pages
            try:
                proposed = list(propose(self.proposer.tools, report, pages, self.stopped))
            except CancelledError:
                return None  # stopped
            shelf = self._shelves[report.id] = [*proposed, *candidates(report, pages)]
        if not shelf:
            return None
        chosen = min(shelf, key=lambda one: (self._kinds[one.kind], _KINDS.index(one.kind)))
        self._kinds[chosen.kind] += 1
        shelf.remove(chosen)
        return chosen

    def _answers(self, candidate: Candidate) -> bool:
        """Ask the candidate, and return whether it is answered as it should be and as no other was."""
        question = Question(candidate.question, reports=self.reports)
        with closing(self.chain.stream(question)) as growing:
            grown = list(takewhile(lambda _: not self.stopped.is_set(), growing))
        if not grown or not _sure(answer := grown[-1], self.chain.tools.quoting.threshold + _CLEARLY):
            return False
        first = answer.citations[0]
        place = first.document, first.page, first.start
        if place in self._cited or not any(_from(candidate, citation) for citation in answer.citations):
            return False
        self._cited.add(place)
        return True


def _sure(answer: Answer, confidence: float) -> bool:
    """Return whether the answer was given, all of it verified, with at least this confidence."""
    verified = all(statement.support == "verified" for statement in answer.statements)
    done = answer.stage == "done" and answer.answered and bool(answer.citations)
    return done and verified and answer.confidence >= confidence


def _from(candidate: Candidate, citation: Citation) -> bool:
    """Return whether the citation is of where the candidate was made from."""
    if citation.report != candidate.report:
        return False
    if candidate.start >= 0:
        return citation.page == candidate.page and citation.start < candidate.end and candidate.start < citation.end
    return candidate.page == 0 or citation.page in (candidate.page, candidate.page + 1)


def _scope(chain: AnswerChain, proposer: AnswerChain, reports: Sequence[str] | None) -> str:
    """Return what the suggestions depend on besides the reports' generation and the writer that answers."""
    tools = chain.tools
    parts = {
        "reports": None if reports is None else sorted(reports),
        "proposer": proposer.tools.writer,
        "threshold": tools.quoting.threshold,
        "passages": tools.retriever.k,
    }
    return json.dumps(parts)


def _kept(library: Library, generation: int, *, writer: str, scope: str, wanted: int) -> list[Suggestion] | None:
    """Return what was found for these reports before, None where so many were not looked for."""
    table = schema.suggestions
    query = sa.select(table).where(
        table.c.generation == generation, table.c.writer == writer, table.c.scope == scope, table.c.wanted >= wanted
    )
    with library.database.reading() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else [Suggestion(**one) for one in row["found"]][:wanted]


def _keep(
    library: Library, generation: int, *, writer: str, scope: str, wanted: int, found: Sequence[Suggestion]
) -> None:
    """Keep what was found, and drop what was found of other generations of the reports."""
    table = schema.suggestions
    row = {"generation": generation, "writer": writer, "scope": scope, "wanted": wanted}
    same = (table.c.writer == writer) & (table.c.scope == scope)
    with library.database.noting() as connection:
        connection.execute(sa.delete(table).where((table.c.generation != generation) | same))
        connection.execute(sa.insert(table), row | {"found": [asdict(one) for one in found]})
