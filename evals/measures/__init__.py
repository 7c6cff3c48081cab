"""A row -> its measures, one small pure function each, by the names that the field has for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evals.measures.abstention import abstention_accuracy
from evals.measures.answer import answer_text, answer_words, exact_match, facts_covered, rouge_l, token_f1
from evals.measures.citation import (
    citation_integrity,
    citation_match,
    citation_precision,
    citation_recall,
    evidence_pages,
)
from evals.measures.retrieval import page_keys, rank_measures, report_keys
from evals.measures.support import support_shares
from evals.rows import Row
from rag import Answer

# Given by a judge, who may come before or after.
JUDGED = ("faithfulness", "correctness", "ungraded")


def measure(rows: Sequence[Row], *, answers: bool = True) -> list[Row]:
    """Return the rows with their measures filled, those of a judge kept; one that does not apply is left out.

    A row that failed has 0 for every measure that applies to its case. ``answers`` False says that retrieval alone was
    run, so that a failed row lacks the measures of answers, as the others do. No rows give [].
    """
    return [
        replace(
            row,
            measures={name: row.measures[name] for name in JUDGED if name in row.measures}
            | found
            | (_asked(row) if row.answer or (row.error and answers) else {})
            | {"seconds": row.seconds},
        )
        for row, found in zip(rows, _retrieval(rows), strict=True)
    ]


def _retrieval(rows: Sequence[Row]) -> list[dict[str, float]]:
    """Return each row's measures of retrieval, {} for cases without evidence; all rows in one go."""
    evidence = [evidence_pages(row.case.evidence) for row in rows]
    rankings = [() if row.error else row.ranking for row in rows]
    pages = rank_measures([page_keys(one) for one in rankings], [page_keys(one) for one in evidence])
    reports = rank_measures([report_keys(one) for one in rankings], [report_keys(one) for one in evidence])
    return [
        {f"page_{name}": value for name, value in page.items()}
        | {f"report_{name}": value for name, value in report.items()}
        if wanted
        else {}
        for page, report, wanted in zip(pages, reports, evidence, strict=True)
    ]


def _asked(row: Row) -> dict[str, float]:
    """Return the measures of what was answered, refused, or failed."""
    answer = row.answer if row.answer and row.answer.answered and not row.error else None
    refused = answer is None and not row.error
    accuracy = abstention_accuracy(refused=refused, answerable=row.case.answerable)
    measures = {"refused": float(refused), "abstention_accuracy": 0.0 if row.error else accuracy}
    if row.case.answerable:
        measures |= _words(row, answer) | _citations(row, answer)
    if answer:
        measures["citation_integrity"] = citation_integrity(row.intact)
        measures |= support_shares(answer.statements, answer.citations)
    return measures


def _words(row: Row, answer: Answer | None) -> dict[str, float]:
    """Return the measures of the answer's text, 0 where there is none."""
    case = row.case
    text = answer_text(answer.statements) if answer else ""
    found: dict[str, float] = {}
    if case.facts:
        found["facts_covered"] = facts_covered(case.facts, text)
    if case.reference:
        compared = {"token_f1": token_f1, "exact_match": exact_match, "rouge_l": rouge_l}
        # Of a reference of which normalising leaves nothing, no answer would be an exact match.
        wanted = (case.reference, *case.references)
        found |= {
            # SQuAD takes the best over its gold answers, of each measure apart (Rajpurkar et al. 2016, section 6.1).
            name: max(function(one, text) for one in wanted) if text else 0.0
            for name, function in compared.items()
        }
    if answer:
        found["answer_words"] = float(answer_words(text))
    return found


def _citations(row: Row, answer: Answer | None) -> dict[str, float]:
    """Return the measures of the citations that the case's evidence allows, 0 for recall where nothing is cited."""
    evidence = evidence_pages(row.case.evidence)
    if not evidence:
        return {}
    citations = answer.citations if answer else ()
    cited = [(one.report, one.page) for one in citations]
    found = {"citation_recall": citation_recall(cited, evidence)}
    if answer:
        found["citation_precision"] = citation_precision(cited, evidence)
    if any(one.quote for one in row.case.evidence):
        found["citation_match"] = citation_match(citations, row.case.evidence)
    return found
