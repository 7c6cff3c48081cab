"""A question -> passages: dense and lexical search fused by reciprocal rank, as a LangChain retriever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from math import log
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.embedding import Embedding
from rag.errors import QuestionError, UnknownReport
from rag.indexes import EVERYTHING, Hits, Indexes, Scope
from rag.language import negations, numbers, terms
from rag.library import Library
from rag.reranking import Judgement
from rag.types import Passage, Question, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Reciprocal rank fusion's constant (Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114).
RRF = 60
# Candidates of each half before fusion, and with a reranker, which tells better than the fusion what is right: of
# FinanceBench's right pages 0.75 are among the 40 best then, 0.64 of fewer (evals/README.md).
CANDIDATES = 50
CANDIDATES_TO_READ = 200
# Candidates that a reranker reads.
RERANKED = 40
# The reranker's place and the search's are fused by reciprocal rank, too: the constant, and what the search's counts
# beside the reranker's. Provisional: on the held folds of SQuAD and MTRAG and a third of SciFact's test claims, nDCG@10
# was higher with both than with either.
_NEAR = 10
_SEARCHED = 0.5
# What it counts beside it for a question of more words: most of those join several texts, and the reranker, which reads
# one text at a time, puts a text that answers a part of them low (MultiHop-RAG in evals/README.md).
_LONG = 25
_SEARCHED_FOR_LONG = 1.0
# How much more a passage counts then that has, itself or in its context, all the years that the question names.
_DATED = 0.5
# Two passages with the same numbers and this share of terms in common (Jaccard) say the same.
_DUPLICATE = 0.9
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)


class HybridRetriever(BaseRetriever):
    """Finds the passages of a library that a question is about.

    ``invoke`` takes a question's text and returns LangChain Documents, whose metadata hold the report, page and span;
    ``passages`` takes a Question with its filters and returns Passages.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    indexes: Indexes
    # An Embedding; pydantic would look inside a dataclass and cannot see its array types.
    embedding: Any
    k: int = 8
    # Of each half before fusion; None for as many as the defaults above say.
    candidates: int | None = None
    # Leave out near-duplicates of what is ranked higher.
    folding: bool = True
    # A rag.reranking.Reranker, which puts so many of the best candidates in its own order; None keeps them as they are.
    reranker: Any = None
    reranked: int = RERANKED

    def passages(self, question: Question, vector: NDArray[np.float32] | None = None) -> list[Passage]:
        """Return at most ``k`` passages, best first; [] where nothing is found or no report passes the filters.

        ``vector`` is the question's, where the caller has it already. Raises QuestionError for a filter that makes no
        sense, UnknownReport for a report that is not there.
        """
        reports = {report.id: report for report in self.library.reports()}
        scope = _scope(reports, question)
        if scope.only == frozenset():
            return []
        embedding: Embedding = self.embedding
        vector = embedding.query(question.text) if vector is None else vector
        read = 0 if self.reranker is None else self.reranked
        limit = self.candidates or (CANDIDATES_TO_READ if read else CANDIDATES)
        hits = self.indexes.search(vector, question.text, limit=limit, scope=scope)
        ranked, similarity = self.rank(hits), dict(hits.dense)
        first = self._judged(question.text, self._fetched(ranked[:read], similarity, reports)) if read else []
        # Fetched a handful at a time: most candidates never make it.
        parts = (ranked[start : start + self.k] for start in range(read, len(ranked), self.k))
        rest = (one for part in parts for one in self._fetched(part, similarity, reports))
        return self._folded(chain(first, rest))

    def idf(self, text: str) -> dict[str, float]:
        """Return BM25's inverse document frequency of the text's terms over all chunks (Robertson, Zaragoza 2009)."""
        frequencies, count = self.indexes.document_frequencies(list(dict.fromkeys(terms(text))))
        return {term: log(1 + (count - found + 0.5) / (found + 0.5)) for term, found in frequencies.items()}

    def rank(self, hits: Hits) -> list[tuple[str, float]]:
        """Return pairs (chunk id, score), best first, of what both halves found. A subclass may rank otherwise."""
        return fuse([[chunk for chunk, _ in hits.dense], [chunk for chunk, _ in hits.lexical]])

    def _fetched(
        self, ranked: Sequence[tuple[str, float]], similarity: dict[str, float], reports: dict[str, Report]
    ) -> list[Passage]:
        """Return the candidates as passages, without those that are gone from the library."""
        chunks = self.library.chunks([chunk for chunk, _ in ranked])
        pages = self.library.pages([(chunk.report, chunk.page) for chunk in chunks.values()])
        return [
            Passage(
                chunk=name,
                report=reports[chunk.report],
                page=page,
                start=chunk.start,
                end=chunk.end,
                context=chunk.context,
                score=score,
                similarity=similarity.get(name),
            )
            for name, score in ranked
            if (chunk := chunks.get(name)) and chunk.report in reports
            if (page := pages.get((chunk.report, chunk.page)))
        ]

    def _judged(self, text: str, found: Sequence[Passage]) -> list[Passage]:
        """Return the passages in the order of the reranker and the search together, and of the years asked about."""
        judged = self.reranker.judge(text, [(one.context, one.text) for one in found])
        places = sorted(range(len(found)), key=lambda at: -judged[at].relevance)
        years = frozenset(_YEAR.findall(text))
        searched = _SEARCHED_FOR_LONG if len(text.split()) > _LONG else _SEARCHED
        scores = {
            at: (1 / (_NEAR + place) + searched / (_NEAR + at)) * (1 + _DATED * _dated(years, found[at]))
            for place, at in enumerate(places, start=1)
        }
        return [_read(found[at], judged[at], scores[at]) for at in sorted(scores, key=lambda at: -scores[at])]

    def _folded(self, found: Iterable[Passage]) -> list[Passage]:
        """Return the first ``k`` of the passages, leaving out near-duplicates of what is ranked higher."""
        kept: list[Passage] = []
        seen: list[_Marks] = []
        for one in found:
            marks = _Marks(one.text)
            if not self.folding or not any(marks.same(earlier) for earlier in seen):
                seen.append(marks)
                kept.append(one)
            if len(kept) == self.k:
                break
        return kept

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        return [as_langchain(passage) for passage in self.passages(Question(query))]


def as_langchain(passage: Passage) -> LangChainDocument:
    """Return a passage as a LangChain Document."""
    metadata: dict[str, Any] = {
        "report": passage.report.id,
        "document": passage.report.document,
        "title": passage.report.title,
        "date": passage.report.date,
        "page": passage.page.number,
        "label": passage.page.label,
        "start": passage.start,
        "end": passage.end,
        "context": passage.context,
        "score": passage.score,
    }
    return LangChainDocument(id=passage.chunk, page_content=passage.text, metadata=metadata)


def fuse(rankings: Iterable[Sequence[str]], constant: int = RRF) -> list[tuple[str, float]]:
    """Return (id, score) by falling reciprocal rank score, the sum of 1 / (constant + rank) with ranks from 1.

    Ties keep the order of first appearance. Cormack, Clarke and Buettcher (2009), doi:10.1145/1571941.1572114.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking, start=1):
            scores[found] = scores.get(found, 0.0) + 1.0 / (constant + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def _dated(years: frozenset[str], one: Passage) -> float:
    """Return the share (0 to 1) of the years that the passage has, itself or in its context; 0 for no years."""
    return len(years.intersection(_YEAR.findall(f"{one.context} {one.text}"))) / len(years) if years else 0.0


def _read(one: Passage, judged: Judgement, score: float) -> Passage:
    """Return the passage with what the reranker says of it."""
    return replace(one, score=score, relevance=judged.relevance, pieces=judged.pieces)


def _scope(reports: dict[str, Report], question: Question) -> Scope:
    """Return the search's scope, naming the smaller side of what the filters allow, by chunks."""
    for name in ("since", "until"):
        date = getattr(question, name)
        if date is not None and not _DATE.fullmatch(date):
            raise QuestionError(f"{name} is {date!r}; write it as YYYY, YYYY-MM or YYYY-MM-DD.")
    for wanted in question.reports or ():
        if wanted not in reports:
            raise UnknownReport(f"No report has the id {wanted!r}. See them all with: rag reports")
    if (question.reports, question.kinds, question.since, question.until) == (None, None, None, None):
        return EVERYTHING
    inside = frozenset(one for one, report in reports.items() if passes(report, question))
    outside = frozenset(reports) - inside
    size = {one: report.chunks for one, report in reports.items()}
    if sum(size[one] for one in outside) <= sum(size[one] for one in inside) and inside:
        return Scope(without=outside)
    return Scope(only=inside)


def passes(report: Report, question: Question) -> bool:
    """Return whether the question's filters let the report through."""
    if question.reports is not None and report.id not in question.reports:
        return False
    if question.kinds is not None and report.kind not in question.kinds:
        return False
    if question.since is None and question.until is None:
        return True
    return report.date is not None and _between(report.date, question.since, question.until)


def _between(date: str, since: str | None, until: str | None) -> bool:
    """Compare dates as far as both are written: 2023-05 is neither before nor after 2023."""
    early = since is not None and date[: len(since)] < since[: len(date)]
    late = until is not None and date[: len(until)] > until[: len(date)]
    return not early and not late


class _Marks:
    """What tells a text from its near-duplicates. Most differ in their numbers already, which cost least."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._numbers = numbers(text)

    def same(self, other: _Marks) -> bool:
        """Whether the texts are near-duplicates; two years of one table are none, nor are a claim and its denial."""
        if self._numbers != other._numbers or self._negations != other._negations:
            return False
        union = self._terms | other._terms
        return not union or len(self._terms & other._terms) / len(union) >= _DUPLICATE

    @cached_property
    def _negations(self) -> int:
        return negations(self._text)

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(terms(self._text))
