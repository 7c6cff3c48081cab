"""What came of a case, in a word, and what went wrong in it, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.measures.answer import answer_text, fact_covered
from evals.measures.citation import evidence_pages
from evals.rows import Place, Row
from rag.library import report_id

# Every outcome with what it means, the worst first.
OUTCOMES = {
    "failed": "asking raised an error",
    "answered wrongly": "answered, though the reports do not hold it",
    "verified wrongly": "verified, though people say that its references do not support it",
    "wrong": "answered, and nothing that was expected is in the answer",
    "refused wrongly": "refused, though the reports hold it",
    "doubted wrongly": "not verified, though people say that its references support it",
    "partly right": "answered, and some of what was expected is missing",
    "not found": "no page of evidence is among the first pages",
    "partly found": "some of the pages of evidence are not among the first pages",
    "not judged": "nothing says what was expected, or there is nothing to find",
    "found": "every page of evidence is among the first pages",
    "right": "everything that was expected is in the answer, or rightly refused",
}
# What two of them mean of a claim.
OF_CLAIMS = {"failed": "checking raised an error", "right": "verified or not, as people judged it"}
_REFUSED = "Refused, though the reports hold it"
_DOUBTS = {"partial": "Supported in part only", "unsupported": "Not supported by its quotes"}
# How deep a page of evidence has to be found, as in page_hit@5.
FIRST = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What people call reports and pages: titles by report id, labels by place. The rest is called by its number."""

    titles: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[Place, str] = field(default_factory=dict)

    def report(self, report: str) -> str:
        """Return the report's title, or its id where no answer told one."""
        return self.titles.get(report, report)

    def page(self, place: Place) -> str:
        """Return the page's label, or its number."""
        return self.labels.get(place, f"page {place[1]}")


def names_in(rows: Iterable[Row]) -> Names:
    """Return the names that cases, rankings and answers tell; a title goes before a file's name."""
    titles: dict[str, str] = {}
    called: dict[str, str] = {}
    labels: dict[Place, str] = {}
    for row in rows:
        called |= {report_id(one.report): one.report for one in row.case.evidence}
        for place, (title, label) in zip(row.ranking, row.called, strict=False):
            titles[place[0]], labels[place] = title, label
        refusal = row.answer.refusal if row.answer else None
        for source in (*(row.answer.citations if row.answer else ()), *(refusal.nearest if refusal else ())):
            labels[source.report, source.page] = source.label
            if source.title:
                titles[source.report] = source.title
    return Names(called | titles, labels)


def fact_ticks(row: Row) -> tuple[bool, ...]:
    """Return of each expected fact whether the answer states it; none is where there is no answer."""
    said = answer_text(row.answer.statements) if row.answer and row.answer.answered else ""
    return tuple(fact_covered(fact, said) for fact in row.case.facts)


def outcome(row: Row) -> str:
    """Return one of OUTCOMES.

    An answer is right by its facts; where the case has none by the judge's grade, or where it is the reference.
    """
    if row.error:
        return "failed"
    if row.answer is None:
        return _found(row)
    if is_claim(row):
        return _checked(row.answer.answered, row.case.answerable)
    if row.answer.answered != row.case.answerable:
        return "answered wrongly" if row.answer.answered else "refused wrongly"
    if not row.case.answerable:
        return "right"
    return _graded(grade(row), "right", "partly right", "wrong")


def is_claim(row: Row) -> bool:
    """Return whether the row is a claim that the checker was tried on, not a question."""
    return "agreement" in row.measures


def grade(row: Row) -> float | None:
    """Return how right the row is, from 0 to 1, where something says so; None where nothing does."""
    measures = row.measures
    for name in ("facts_covered", "correctness"):
        if name in measures:
            return measures[name]
    # Short of the reference itself, overlap of words says too little of what is right.
    return 1.0 if measures.get("exact_match") == 1.0 else None


def faults(row: Row, names: Names) -> tuple[str, ...]:
    """Return what went wrong, a sentence each; none where nothing did."""
    if row.error:
        return (f"{'Checking' if is_claim(row) else 'Asking'} failed: {row.error}",)
    answer, case = row.answer, row.case
    if is_claim(row):
        return () if outcome(row) == "right" else (OUTCOMES[outcome(row)].capitalize(),)
    said: list[str] = []
    if answer and answer.answered != case.answerable:
        said.append("Answered, though the reports do not hold it" if answer.answered else _REFUSED)
    if answer and answer.answered:
        missed = [fact for fact, there in zip(case.facts, fact_ticks(row), strict=True) if not there]
        said += [f"Fact missed: {_alternatives(fact)}" for fact in missed]
        said += [f"{_DOUBTS[one.support]}: {one.text}" for one in answer.statements if one.support in _DOUBTS]
        broken = [str(one.number) for one, whole in zip(answer.citations, row.intact, strict=False) if not whole]
        said += [f"Quote {number} does not stand on its page" for number in broken]
        cited = {(one.report, one.page) for one in answer.citations}
        said += _missing("Not cited", [place for place in evidence_pages(case.evidence) if place not in cited], names)
    unfound = [place for place in evidence_pages(case.evidence) if place not in row.ranking[:FIRST]]
    return (*said, *_missing(f"Not found among the first {FIRST} pages", unfound, names))


def _checked(verified: bool, attributable: bool) -> str:
    if verified == attributable:
        return "right"
    return "verified wrongly" if verified else "doubted wrongly"


def _graded(value: float | None, *words: str) -> str:
    """Return the word for all of it, some of it or none of it."""
    if value is None:
        return "not judged"
    every, some, none = words
    if value >= 1:
        return every
    return some if value > 0 else none


def _found(row: Row) -> str:
    """Return what came of retrieval alone."""
    places = evidence_pages(row.case.evidence)
    there = [place for place in places if place in row.ranking[:FIRST]]
    return _graded(len(there) / len(places) if places else None, "found", "partly found", "not found")


def _missing(what: str, places: Sequence[Place], names: Names) -> list[str]:
    """Return a sentence that says this of the pages, report by report; none for no pages."""
    reports = dict.fromkeys(report for report, _ in places)
    return [f"{what}: {'; '.join(_pages(report, places, names) for report in reports)}"] if places else []


def _pages(report: str, places: Sequence[Place], names: Names) -> str:
    pages = [page for one, page in places if one == report]
    if len(pages) == 1:
        return f"{names.report(report)}, {names.page((report, pages[0]))}"
    return f"{names.report(report)}, pages {', '.join(map(str, pages[:-1]))} and {pages[-1]}"


def _alternatives(fact: Sequence[str]) -> str:
    return " / ".join(fact[:3]) + (" / …" if len(fact) > 3 else "")
