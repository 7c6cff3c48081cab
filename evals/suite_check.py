"""The faults of a suite: what its cases say of the reports that is not so, and what no answer could be measured by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from evals.measures.answer import fact_covered, normalised
from evals.rows import Place
from evals.suite import Suite
from rag import Case, Library, Page, Report
from rag.cases import Evidence
from rag.language import folded
from rag.library import report_id

PERHAPS = "perhaps: "
"""What begins a remark that is no fault for certain."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the library holds of what the suite names: reports by name, and pages."""

    reports: dict[str, Report]
    pages: dict[Place, Page]


def check_suite(suite: Suite, library: Library) -> list[str]:
    """Return the suite's faults, a line each, in the order of the cases; [] for none.

    ``library`` holds the reports that the suite is asked over. A line names the file, the case and, for a suite of
    ours, the line, and says what to do. One that begins with "perhaps: " is a remark: the case may be right as it is.
    """
    reports = {report.name: report for report in library.reports()}
    places = [
        (reports[one.report].id, page)
        for case in suite.cases
        for one in case.evidence
        if one.report in reports
        for page in one.pages
    ]
    held = _Held(reports, library.pages(places))
    first: dict[object, Case] = {}
    found = []
    for case in suite.cases:
        faults = [*_twice(case, first), *_facts(case), *_searched(case, held)]
        for at, one in enumerate(case.evidence):
            faults += [f"evidence.{at}.{fault}" for fault in _evidence(one, held)]
        where = _where(suite, case)
        found += [f"{where}: {fault}" for fault in faults]
        found += [f"{PERHAPS}{where}: {remark}" for remark in _elsewhere(case, held)]
    return found


def _where(suite: Suite, case: Case) -> str:
    line = f", line {suite.lines[case.id]}" if case.id in suite.lines else ""
    return f"{suite.source}{line}, id {case.id!r}"


def _twice(case: Case, first: dict[object, Case]) -> Iterator[str]:
    """Yield a fault where an earlier case asks the same: these words, after these turns, of these reports."""
    asked = (normalised(case.question), tuple(normalised(turn.question) for turn in case.history), case.reports)
    earlier = first.setdefault(asked, case)
    if earlier is not case:
        yield f"question: {earlier.id!r} asks the same. Take one of them out."


def _facts(case: Case) -> Iterator[str]:
    """Yield facts that say nothing, and those that an answer has by repeating the question."""
    for at, fact in enumerate(case.facts):
        for one in fact:
            if not normalised(one):
                yield f"facts.{at}: {one!r} holds no word, so that no answer has it. Write a word or a figure."
            elif fact_covered(text=case.question, alternatives=[one]):
                yield f"facts.{at}: {one!r} stands in the question, which is no answer. Write what only an answer says."


def _searched(case: Case, held: _Held) -> Iterator[str]:
    """Yield the reports that are to be searched and are not there, and evidence outside of them."""
    for name in case.reports or ():
        if name not in held.reports:
            yield f"reports: {_unknown(name, held)}"
    for at, one in enumerate(case.evidence):
        if case.reports is not None and one.report not in case.reports:
            yield f"evidence.{at}.report: {one.report!r} is not searched. Add it to the case's reports."


def _evidence(one: Evidence, held: _Held) -> Iterator[str]:
    """Yield what is wrong with one piece of evidence: its report, else its pages, else its quote."""
    report = held.reports.get(one.report)
    if report is None:
        yield f"report: {_unknown(one.report, held)}"
        return
    missing = [number for number in one.pages if (report.id, number) not in held.pages]
    for number in missing:
        yield f"pages: {one.report!r} has no page {number}, its last is {report.pages}. Pages count from 1."
    if one.quote is None or one.pages[0] in missing:
        return
    if folded(one.quote) not in folded(held.pages[report.id, one.pages[0]].text):
        yield f"quote: {_shown(one.quote)} is not on page {one.pages[0]} of {one.report!r}{_found(one, held)}"


def _found(one: Evidence, held: _Held) -> str:
    """Return what to do about a quote that is not on its page, as the end of a sentence."""
    report = held.reports[one.report]
    others = [
        number
        for number in one.pages[1:]
        if (page := held.pages.get((report.id, number))) and folded(one.quote or "") in folded(page.text)
    ]
    if others:
        return f", the first of its pages, but on page {others[0]}. Name that page first."
    return ". Copy it from the page, letter by letter."


def _elsewhere(case: Case, held: _Held) -> Iterator[str]:
    """Yield the facts of which no alternative stands on a page of evidence: calculated ones do not, either."""
    places = [(report_id(one.report), number) for one in case.evidence for number in one.pages]
    pages = [held.pages[place].text for place in places if place in held.pages]
    for at, fact in enumerate(case.facts if pages else ()):
        if not any(fact_covered(text=page, alternatives=fact) for page in pages):
            said = " or ".join(map(repr, fact))
            yield f"facts.{at}: {said} stands on no page of the evidence. Add how the page says it, or leave it."


def _unknown(name: str, held: _Held) -> str:
    close = get_close_matches(name, held.reports, n=1)
    return f"there is no report {name!r}. " + (
        f"Is it {close[0]!r}?" if close else "Name it as the folder does, with its ending."
    )


def _shown(text: str) -> str:
    words = folded(text)
    return repr(words if len(words) <= 60 else f"{words[:57]}...")
