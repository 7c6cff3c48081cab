"""The loaders on the public sets themselves, where they are there: what their README counts, and that evidence fits."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from evals.claims import Claims
from evals.formats import load
from evals.measures.answer import fact_covered
from evals.suite import Suite
from rag import Document
from rag.cases import Evidence
from rag.language import folded


def suite_of(data: Path, form: str, folder: str) -> Suite:
    if not (data / folder).is_dir():
        pytest.skip(f"no {folder} in {data}")
    suite = load(f"{form}:{data / folder}")
    assert isinstance(suite, Suite)
    return suite


def documents(suite: Suite) -> dict[str, Document]:
    assert suite.shelf.documents is not None
    return dict(suite.shelf.documents())


def answerable(suite: Suite) -> tuple[int, int]:
    return sum(case.answerable for case in suite.cases), sum(not case.answerable for case in suite.cases)


def page_counts(folder: Path) -> dict[str, int]:
    import pypdfium2

    counts = {}
    for path in sorted(folder.glob("*.pdf")):
        with pypdfium2.PdfDocument(path) as pdf:
            counts[path.name] = len(pdf)
    return counts


def text_of_pages(folder: Path, evidence: Evidence) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(folder / evidence.report) as pdf:
        return " ".join(pdf[number - 1].get_textpage().get_text_range() for number in evidence.pages)


def assert_evidence_is_on_pages_that_exist(suite: Suite) -> None:
    held = documents(suite)
    for case in suite.cases:
        for one in case.evidence:
            assert set(one.pages) <= {page.number for page in held[one.report].pages}, case.id
            if one.quote is not None:
                assert folded(one.quote) in folded(held[one.report].pages[one.pages[0] - 1].text), case.id


def test_financebench_has_55_questions_over_29_filings(data: Path) -> None:
    suite = suite_of(data, "financebench", "financebench")
    assert (len(suite.cases), answerable(suite)) == (55, (55, 0))
    counts = page_counts(data / "financebench" / "pdfs")
    assert len(counts) == 29
    assert {one.report for case in suite.cases for one in case.evidence} == set(counts)
    assert all(page <= counts[one.report] for case in suite.cases for one in case.evidence for page in one.pages)


def test_the_evidence_of_financebench_is_on_the_pages_named(data: Path) -> None:
    suite = suite_of(data, "financebench", "financebench")
    entries = map(json.loads, (data / "financebench" / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    quoted = {entry["financebench_id"]: [one["evidence_text"] for one in entry["evidence"]] for entry in entries}
    shares = []
    for case in suite.cases:
        pages = [text_of_pages(data / "financebench" / "pdfs", one) for one in case.evidence]
        on_pages, wanted = (set(re.findall(r"\w+", " ".join(texts))) for texts in (pages, quoted[case.id]))
        shares.append(len(wanted & on_pages) / len(wanted))
    # Another reader of PDFs took the evidence out, so that some words differ. A page further on, the median is 0.36,
    # and a page back 0.23.
    assert min(shares) > 0.6
    assert median(shares) > 0.99


def test_mmlongbench_has_176_questions_25_of_them_not_answerable(data: Path) -> None:
    suite = suite_of(data, "mmlongbench-given", "mmlongbench")
    assert answerable(suite) == (151, 25)
    counts = page_counts(data / "mmlongbench" / "documents")
    assert len(counts) == 16
    assert {name for case in suite.cases for name in case.reports or ()} == set(counts)
    assert all(page <= counts[one.report] for case in suite.cases for one in case.evidence for page in one.pages)
    # One answerable question names no page.
    assert sum(bool(case.evidence) for case in suite.cases) == 150


def test_the_evidence_of_mmlongbench_is_on_the_pages_named(data: Path) -> None:
    suite = suite_of(data, "mmlongbench", "mmlongbench")
    found = []
    for case in suite.cases:
        for one in case.evidence:
            text = text_of_pages(data / "mmlongbench" / "documents", one)
            # Short figures stand on any page, and what is calculated on none.
            facts = [fact for fact in case.facts if len(fact[0]) >= 5 and len(one.pages) <= 2]
            found += [fact_covered(text=text, alternatives=fact) for fact in facts]
    # A page further on, 9 of the 122 facts are found, and a page back 10.
    assert len(found) == 122
    assert sum(found) > 45


def test_scifact_has_300_claims_over_5183_abstracts(data: Path) -> None:
    suite = suite_of(data, "beir", "scifact")
    assert suite.name == "scifact"
    assert len(suite.cases) == 300
    assert len(documents(suite)) == 5183
    assert sum(len(case.evidence) for case in suite.cases) == 339
    assert_evidence_is_on_pages_that_exist(suite)


def test_squad_has_6078_questions_over_646_paragraphs(data: Path) -> None:
    suite = suite_of(data, "squad2", "squad2")
    assert answerable(suite) == (2910, 3168)
    held = documents(suite)
    assert len(held) == 646
    assert_evidence_is_on_pages_that_exist(suite)
    for case in suite.cases:
        for one in case.evidence:
            assert all(answer in held[one.report].pages[0].text for answer in case.facts[0]), case.id


def test_clapnq_has_300_answerable_and_300_unanswerable_questions(data: Path) -> None:
    suite = suite_of(data, "clapnq", "clapnq")
    assert answerable(suite) == (300, 300)
    assert all(case.reference and case.evidence for case in suite.cases if case.answerable)
    assert_evidence_is_on_pages_that_exist(suite)
    given = suite_of(data, "clapnq-given", "clapnq")
    assert {len(case.reports or ()) for case in given.cases} == {1}
    assert given.shelf.key == suite.shelf.key


def test_mtrag_has_a_pool_of_36114_passages(data: Path) -> None:
    suite = suite_of(data, "mtrag", "mtrag")
    assert {name: len(one.pages) for name, one in documents(suite).items()} == {
        "clapnq": 10435,
        "cloud": 11702,
        "fiqa": 13977,
    }
    # Two of 208 questions of clapnq and one of 180 of fiqa have no passage in the pool.
    assert Counter(case.tags[0] for case in suite.cases) == {"clapnq": 206, "cloud": 188, "fiqa": 179}
    assert sum(len(one.pages) for case in suite.cases for one in case.evidence) == 561 + 472 + 507
    assert all(("follow-up" in case.tags) == bool(case.history) for case in suite.cases)
    rewritten = suite_of(data, "mtrag-rewritten", "mtrag")
    assert [case.evidence for case in rewritten.cases] == [case.evidence for case in suite.cases]


def test_multihop_rag_has_500_questions_71_of_them_null_queries(data: Path) -> None:
    suite = suite_of(data, "multihop-rag", "multihop-rag")
    assert answerable(suite) == (429, 71)
    assert all(("null_query" in case.tags) != case.answerable for case in suite.cases)
    assert Counter(case.tags[1] for case in suite.cases if case.answerable) == {
        "all evidence": 286,
        "some evidence": 114,
        "no evidence": 29,
    }
    assert len({one.quote for case in suite.cases for one in case.evidence}) == 315
    assert_evidence_is_on_pages_that_exist(suite)


def test_attributionbench_has_1198_claims_half_of_them_attributable(data: Path) -> None:
    if not (data / "attributionbench").is_dir():
        pytest.skip(f"no attributionbench in {data}")
    claims = load(f"attributionbench:{data / 'attributionbench'}")
    assert isinstance(claims, Claims)
    assert Counter(claim.attributable for claim in claims.claims) == {True: 599, False: 599}
