"""What the report page tells of each case, as plain JSON values for its script."""

from __future__ import annotations

import math
from typing import Any

from evals.glossary import in_order, shown, term
from evals.measures.citation import evidence_pages
from evals.outcomes import FIRST, Names, fact_ticks, faults, grade, is_claim, outcome
from evals.rows import RANKED, Place, Row
from rag import Answer, Source
from rag.library import report_id


def case_entry(row: Row, names: Names) -> dict[str, Any]:
    """Return the case as the page shows it; what it does not have is null or empty. Page numbers are from 1."""
    case, answer = row.case, row.answer
    return {
        "id": case.id,
        "claim": is_claim(row),
        "question": case.question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in case.history],
        "tags": list(case.tags),
        "reports": None if case.reports is None else list(case.reports),
        "note": case.note,
        "remarks": list(row.remarks),
        "answerable": case.answerable,
        "outcome": outcome(row),
        "faults": list(faults(row, names)),
        "grade": _finite(grade(row)),
        "confidence": _finite(answer.confidence) if answer and not is_claim(row) else None,
        "seconds": _finite(row.seconds),
        "error": row.error,
        "answer": _answer(answer, row) if answer else None,
        "expected": _expected(row, names),
        "ranking": _ranking(row, names),
        "measures": _measures(row),
    }


def _answer(answer: Answer, row: Row) -> dict[str, Any]:
    evidence = set(evidence_pages(row.case.evidence))
    citations = [
        _source(one)
        | {
            "number": one.number,
            "expected": (one.report, one.page) in evidence if evidence else None,
            "broken": at < len(row.intact) and not row.intact[at],
        }
        for at, one in enumerate(answer.citations)
    ]
    refusal = answer.refusal
    return {
        "answered": answer.answered,
        "standalone": answer.standalone if answer.standalone != row.case.question else "",
        "text": answer.text,
        "statements": [
            {"text": one.text, "citations": list(one.citations), "support": one.support} for one in answer.statements
        ],
        "citations": citations,
        "reason": refusal.reason if refusal else "",
        "missing": list(refusal.missing) if refusal else [],
        "nearest": [_source(one) for one in refusal.nearest] if refusal else [],
        "conflicts": [" · ".join(_dated(value.value, value.date) for value in one.values) for one in answer.conflicts],
        "notes": [note.message for note in answer.notes],
    }


def _source(source: Source) -> dict[str, Any]:
    return {"title": source.title, "label": source.label, "date": source.date, "quote": source.quote}


def _dated(value: str, date: str | None) -> str:
    return f"{value} ({date})" if date else value


def _expected(row: Row, names: Names) -> dict[str, Any]:
    case = row.case
    # Where retrieval alone was run, nothing was said that could hold a fact or cite a page.
    silent = row.answer is None and not row.error
    return {
        "reference": case.reference,
        "references": list(case.references),
        "facts": [
            {"alternatives": list(fact), "covered": None if silent else there}
            for fact, there in zip(case.facts, fact_ticks(row), strict=True)
        ],
        "evidence": [
            {
                "report": names.report(report_id(one.report)),
                "file": one.report,
                "quote": one.quote,
                "pages": [_page(row, names, (report_id(one.report), page), silent=silent) for page in one.pages],
            }
            for one in case.evidence
        ],
    }


def _page(row: Row, names: Names, place: Place, *, silent: bool) -> dict[str, Any]:
    rank = row.ranking.index(place) + 1 if place in row.ranking else None
    cited = row.answer is not None and any((one.report, one.page) == place for one in row.answer.citations)
    first = rank is not None and rank <= FIRST
    return {"label": names.page(place), "cited": None if silent else cited, "rank": rank, "first": first}


def _ranking(row: Row, names: Names) -> list[dict[str, Any]]:
    evidence = set(evidence_pages(row.case.evidence))
    return [
        {"report": names.report(place[0]), "label": names.page(place), "expected": place in evidence}
        for place in row.ranking[:RANKED]
    ]


def _measures(row: Row) -> list[list[str]]:
    """Return pairs of a label and a value, in the glossary's order; the time stands apart."""
    return [[term(name).label, shown(name, row.measures[name])] for name in in_order(row.measures) if name != "seconds"]


def _finite(value: float | None) -> float | None:
    """Return the value, or None where JSON has no word for it."""
    return value if value is not None and math.isfinite(value) else None
