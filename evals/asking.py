"""One case -> a row: the chain is asked, its citations are looked up, and what was retrieved is ranked by page."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, replace
from typing import Any

from evals.libraries import Opened
from evals.options import Options
from evals.retrievers import RETRIEVERS
from evals.rows import RANKED, Place, Row
from rag import (
    Answer,
    AnswerChain,
    Case,
    HybridRetriever,
    Library,
    Question,
    QuotingOptions,
    Turn,
    build_chain,
    load_reranker,
)
from rag.condensing import standalone

# Passages that are ranked for the measures of retrieval: the chain's own, and those that it would go on with.
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: the chain, and the same retriever with more passages. ``chain`` None ranks and asks nothing."""

    opened: Opened
    retriever: HybridRetriever
    chain: AnswerChain | None

    def ask(self, case: Case) -> Row:
        """Return what came of the case; an error is a row that says so."""
        began = time.perf_counter()
        try:
            question = as_question(case, self.opened.library)
            answer = None if self.chain is None else self.chain.invoke(question)
            seconds = time.perf_counter() - began
            searched = standalone(question) if answer is None else answer.standalone
            ranked = self._ranked(replace(question, text=searched, history=()))
            if answer is None:
                seconds = time.perf_counter() - began
        except Exception as error:
            said = "".join(traceback.format_exception_only(error)).strip()
            return Row(case, error=said, seconds=time.perf_counter() - began)
        return Row(
            case,
            answer,
            ranking=tuple(ranked),
            called=tuple(ranked.values())[:RANKED],
            intact=self._intact(answer),
            seconds=seconds,
        )

    def _ranked(self, question: Question) -> dict[Place, tuple[str, str]]:
        """Return the distinct pages of the passages, best first, and what people call each."""
        return {
            (one.report.id, one.page.number): (one.report.title or one.report.name, one.page.label)
            for one in self.retriever.passages(question)
        }

    def _intact(self, answer: Answer | None) -> tuple[bool, ...]:
        """Return of each citation whether its quote is at its place."""
        citations = answer.citations if answer else ()
        pages = self.opened.library.pages([(one.report, one.page) for one in citations])
        return tuple(
            (page := pages.get((one.report, one.page))) is not None and page.text[one.start : one.end] == one.quote
            for one in citations
        )


def as_question(case: Case, library: Library) -> Question:
    """Return the case's question with its history and its reports' ids. Raises UnknownReport."""
    return Question(
        case.question,
        history=tuple(Turn(turn.question, turn.answer) for turn in case.history),
        reports=None if case.reports is None else tuple(library.report(name).id for name in case.reports),
    )


def prepare(opened: Opened, options: Options, *, retrieval_only: bool = False) -> Asking:
    """Return what asks cases with these options. Raises what ``build_chain`` raises."""
    kind = RETRIEVERS[options.retrieval.retriever]
    parts: dict[str, Any] = {"library": opened.library, "indexes": opened.indexes, "embedding": opened.embedding}
    parts |= {"candidates": options.retrieval.candidates}
    if kind is HybridRetriever:
        reranker = load_reranker(options.retrieval.reranker, dtype=opened.embedding.dtype)
        parts |= {"reranker": reranker, "reranked": options.retrieval.reranked}
    chain = None
    if not retrieval_only:
        chain = build_chain(
            opened.library,
            opened.embedding,
            model=None if options.writer == "quotes" else options.writer,
            quoting=QuotingOptions(**options.quoting.model_dump()),
            retriever=kind(**parts, k=options.retrieval.k),
        )
    return Asking(opened, kind(**parts, k=_DEPTH), chain)
