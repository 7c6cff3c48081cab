"""Every question asked of every report, one at a time: an answer of each comes as soon as it is whole."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.comparing.competing import CompetingRetriever
from rag.errors import LibraryError, QuestionError, RagError, UnknownReport
from rag.types import Answer, Question, Report

if TYPE_CHECKING:
    from rag.chain import AnswerChain
    from rag.library import Library

_OURS = "Something went wrong in Footnote itself, not in the report. The log says what."


@dataclass(frozen=True, slots=True)
class Cell:
    """What one report says to one question. ``answer`` is None where asking failed; ``error`` says why, in words."""

    report: Report
    question: str
    answer: Answer | None
    error: str = ""

    @property
    def stated(self) -> bool:
        """Whether the report says something to the question."""
        return self.answer is not None and self.answer.answered

    def to_json(self) -> dict[str, Any]:
        """Return the cell as plain JSON values, with the whole answer."""
        return {
            "report": self.report.id,
            "title": self.report.title,
            "date": self.report.date,
            "question": self.question,
            "stated": self.stated,
            "answer": self.answer.to_json() if self.answer else None,
            "error": self.error,
        }


def compare(
    chain: AnswerChain,
    questions: Sequence[str],
    *,
    reports: Sequence[str] | None = None,
    stopped: threading.Event | None = None,
) -> Iterator[Cell]:
    """Return an iterator over the cells of a table, report by report, each as soon as its answer is whole.

    ``reports`` are ids, None for all; each is searched alone, so that none hides behind another. A question that is
    there twice is asked once. What fails in one cell is kept there in words, and the others go on. Nothing is asked
    ahead: closing the iterator stops the work, and so does setting ``stopped``, also while a model is waited for.
    Raises QuestionError for an empty question, or none, or an empty choice of reports; UnknownReport; and LibraryError
    where there are no reports.
    """
    asked = tuple(dict.fromkeys(question.strip() for question in questions))
    if not all(asked) or not asked:
        raise QuestionError("A question is empty. Write what you want to know of each report.")
    chosen = _chosen(chain.library, reports)
    competing = chain.with_retriever(CompetingRetriever.over(chain.retriever))
    return _cells(competing, asked, chosen, stopped or threading.Event())


def _chosen(library: Library, ids: Sequence[str] | None) -> tuple[Report, ...]:
    shelf = {report.id: report for report in library.reports()}
    if not shelf:
        raise LibraryError("There are no reports to compare. Add some with: rag add PATH")
    if ids is None:
        return tuple(shelf.values())
    if not ids:
        raise QuestionError("No report is chosen. Choose one at least.")
    for wanted in ids:
        if wanted not in shelf:
            raise UnknownReport(f"No report has the id {wanted!r}. See them all with: rag reports")
    return tuple(shelf[wanted] for wanted in dict.fromkeys(ids))


def _cells(
    chain: AnswerChain, questions: Sequence[str], reports: Sequence[Report], stopped: threading.Event
) -> Iterator[Cell]:
    for report in reports:
        for question in questions:
            cell = _cell(chain, question, report, stopped)
            # What came of it after the stop is thrown away: it may be half an answer.
            if stopped.is_set():
                return
            yield cell


def _cell(chain: AnswerChain, question: str, report: Report, stopped: threading.Event) -> Cell:
    try:
        *_, answer = chain.stream(Question(question, reports=(report.id,)), stopped=stopped)
    except RagError as error:
        return Cell(report, question, None, str(error))
    except CancelledError as error:
        return Cell(report, question, None, str(error))
    except Exception as error:
        logging.getLogger(__name__).error("an error that is not one of ours", exc_info=error)
        return Cell(report, question, None, _OURS)
    return Cell(report, question, answer)
