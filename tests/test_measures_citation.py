"""Measures of citations, by hand: quotes at their place, pages of evidence, and quotes that overlap."""

from __future__ import annotations

import pytest
from measured import a_case, cite, evidence

from evals.measures.citation import (
    citation_integrity,
    citation_match,
    citation_precision,
    citation_recall,
    evidence_pages,
    overlap,
)
from rag import Case
from rag.library import report_id

QUOTE = "China asked for cheap cargo ships in May 2023."
PAGES = [("r", 1), ("r", 2), ("s", 1)]


def expecting(*quotes: str | None, report: str = "a.pdf", page: int = 3) -> Case:
    return a_case(evidence=[evidence(report, page, quote=quote) for quote in quotes])


def test_integrity_is_the_share_of_quotes_at_their_place_and_1_where_nothing_is_quoted() -> None:
    assert citation_integrity((True, False, True, True)) == 3 / 4
    assert citation_integrity((False,)) == 0.0
    assert citation_integrity(()) == 1.0


def test_precision_is_the_share_of_citations_on_pages_of_evidence() -> None:
    assert citation_precision([("r", 1), ("r", 1), ("r", 9), ("t", 1)], PAGES) == 2 / 4
    assert citation_precision([("s", 2)], PAGES) == 0.0
    assert citation_precision([], PAGES) == 0.0


def test_recall_is_the_share_of_the_pages_of_evidence_that_are_cited() -> None:
    assert citation_recall([("r", 1), ("r", 1), ("t", 1)], PAGES) == 1 / 3
    assert citation_recall(PAGES, PAGES) == 1.0
    assert citation_recall([], PAGES) == 0.0
    assert citation_recall(PAGES, []) == 0.0


def test_the_pages_of_evidence_are_named_by_the_report_s_id_and_each_once() -> None:
    case = a_case(evidence=[evidence("a.pdf", 3, 4), evidence("b.pdf", 1), evidence("a.pdf", 4, 5)])
    a, b = report_id("a.pdf"), report_id("b.pdf")
    assert evidence_pages(case.evidence) == [(a, 3), (a, 4), (b, 1), (a, 5)]
    assert evidence_pages(()) == []


def test_match_is_the_share_of_the_expected_quotes_that_a_citation_overlaps() -> None:
    case = expecting(QUOTE, "Tiangong has a crew of three.")
    assert citation_match([cite("a.pdf", 3, QUOTE)], case.evidence) == 1 / 2
    assert citation_match([cite("a.pdf", 3, QUOTE), cite("a.pdf", 3, "has a crew of three.")], case.evidence) == 1.0
    assert citation_match([], case.evidence) == 0.0


def test_match_wants_the_same_page_of_the_same_report() -> None:
    case = expecting(QUOTE)
    assert citation_match([cite("a.pdf", 2, QUOTE)], case.evidence) == 0.0
    assert citation_match([cite("b.pdf", 3, QUOTE)], case.evidence) == 0.0


def test_match_passes_over_evidence_without_a_quote() -> None:
    assert citation_match([cite("a.pdf", 3, QUOTE)], expecting(QUOTE, None).evidence) == 1.0
    assert citation_match([cite("a.pdf", 3, QUOTE)], expecting(None).evidence) == 0.0


def test_match_folds_white_space() -> None:
    assert citation_match([cite("a.pdf", 3, "cheap\n  cargo   ships")], expecting(QUOTE).evidence) == 1.0


@pytest.mark.parametrize(
    ("cited", "quote", "meets"),
    [
        (QUOTE, QUOTE, True),
        ("asked for cheap cargo ships", QUOTE, True),
        (QUOTE, "cheap cargo", True),  # the whole of what is expected
        (QUOTE, "May 2023", True),
        ("It was late. China asked for cheap", QUOTE, True),  # 22 characters: "China asked for cheap"
        ("ships in May 2023. Nobody answered.", QUOTE, True),
        ("2023. Nobody answered.", QUOTE, False),  # five characters
        ("May", QUOTE, False),  # a word may stand on the page several times
        ("China asked", QUOTE, False),  # 11 characters
        ("China asked ", QUOTE, True),  # 12
        ("Russia asked for cheap cargo ships", QUOTE, False),
        ("", QUOTE, False),
        ("", "", False),
        (QUOTE, "", False),
    ],
)
def test_two_quotes_of_a_page_overlap_where_they_share_twelve_characters_or_all_of_what_is_expected(
    cited: str, quote: str, meets: bool
) -> None:
    assert overlap(cited, quote) is meets
