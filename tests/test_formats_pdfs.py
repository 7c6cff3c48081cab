"""FinanceBench and MMLongBench-Doc, over folders of PDFs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sets import loaded, refused

FINANCE: dict[str, Any] = {
    "financebench_id": "f1",
    "question": "What was the turnover ratio?",
    "answer": "$12.00",
    "question_type": "metrics-generated",
    "evidence": [
        {"doc_name": "NIKE", "evidence_page_num": 4, "evidence_text": "..."},
        {"doc_name": "ADIDAS", "evidence_page_num": 0, "evidence_text": "..."},
        {"doc_name": "NIKE", "evidence_page_num": 2, "evidence_text": "..."},
        {"doc_name": "NIKE", "evidence_page_num": 4, "evidence_text": "..."},
    ],
    "company": "Nike",
}
LONG: dict[str, Any] = {
    "doc_id": "report.pdf",
    "doc_type": "Financial report",
    "question": "How many plants are there?",
    "answer": "3",
    "evidence_pages": "[12, 9, 12]",
    "evidence_sources": "['Table', 'Figure']",
    "answer_format": "Int",
}


def finance(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "pdfs").mkdir(exist_ok=True)
    for name in ("NIKE", "ADIDAS"):
        (folder / "pdfs" / f"{name}.pdf").touch()
    (folder / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    return folder


def long(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "documents").mkdir(exist_ok=True)
    (folder / "documents" / "report.pdf").touch()
    (folder / "questions.json").write_text(json.dumps(entries), encoding="utf-8")
    return folder


def test_financebench_counts_pages_from_0_and_a_case_from_1(tmp_path: Path) -> None:
    suite = loaded(f"financebench:{finance(tmp_path, FINANCE)}")
    (case,) = suite.cases
    assert [(one.report, one.pages, one.quote) for one in case.evidence] == [
        ("NIKE.pdf", (3, 5), None),
        ("ADIDAS.pdf", (1,), None),
    ]


def test_financebench_is_asked_over_all_filings(tmp_path: Path) -> None:
    suite = loaded(f"financebench:{finance(tmp_path, FINANCE)}")
    (case,) = suite.cases
    assert suite.shelf.paths == (tmp_path / "pdfs",)
    assert case.reports is None
    assert (case.id, case.reference, case.tags) == ("f1", "$12.00", ("metrics-generated",))
    assert case.facts == (("$12.00", "$12"),)


def test_financebench_keeps_a_long_answer_as_the_reference_alone(tmp_path: Path) -> None:
    answer = "The ratio fell because inventories rose more than sales did."
    (case,) = loaded(f"financebench:{finance(tmp_path, FINANCE | {'answer': answer})}").cases
    assert (case.reference, case.facts) == (answer, ())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"evidence": []}, "evidence: Tuple should have at least 1 item"),
        ({"evidence": [{"doc_name": "NIKE"}]}, "evidence.0.evidence_page_num: Field required"),
        (
            {"evidence": [{"doc_name": "NIKE", "evidence_page_num": -1}]},
            "evidence.0.evidence_page_num: Input should be greater than or equal to 0",
        ),
        (
            {"evidence": [{"doc_name": "PUMA", "evidence_page_num": 1}]},
            "evidence.doc_name: PUMA.pdf is missing. {0} holds: ADIDAS.pdf, NIKE.pdf.",
        ),
        ({"answer": None}, "answer: Input should be a valid string"),
    ],
)
def test_financebench_says_line_and_field(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    finance(tmp_path, FINANCE, FINANCE | {"financebench_id": "f2"} | change)
    message = refused(f"financebench:{tmp_path}")
    assert message.startswith(f"{tmp_path / 'questions.jsonl'}, line 2: {fault.format(tmp_path / 'pdfs')}")


def test_mmlongbench_asks_over_all_pdfs_unless_each_questions_own_is_given(tmp_path: Path) -> None:
    (over_all,) = loaded(f"mmlongbench:{long(tmp_path, LONG)}").cases
    suite = loaded(f"mmlongbench-given:{tmp_path}")
    assert over_all == suite.cases[0].model_copy(update={"reports": None})
    (case,) = suite.cases
    assert suite.shelf.paths == (tmp_path / "documents",)
    assert case.id == "mmlongbench-0000"
    assert case.reports == ("report.pdf",)
    # Pages count from 1 there, too; one that is named twice is one.
    assert [(one.report, one.pages) for one in case.evidence] == [("report.pdf", (12, 9))]
    assert (case.reference, case.facts) == ("3", (("3",),))
    assert case.tags == ("Financial report", "Table", "Figure")


def test_mmlongbench_takes_each_item_of_a_list_as_a_fact(tmp_path: Path) -> None:
    listed = LONG | {"answer_format": "List", "answer": "['the Jordan Brand', 1500, '0', '0', '']"}
    (case,) = loaded(f"mmlongbench:{long(tmp_path, listed)}").cases
    assert case.facts == (("the Jordan Brand",), ("1500",), ("0",))
    assert case.reference == "the Jordan Brand, 1500, 0, 0"


def test_mmlongbench_leaves_out_the_pages_of_what_is_not_answerable(tmp_path: Path) -> None:
    refused_one = LONG | {"answer_format": "None", "answer": "Not answerable", "evidence_pages": "[13]"}
    (case,) = loaded(f"mmlongbench:{long(tmp_path, refused_one)}").cases
    assert (case.answerable, case.reference, case.facts, case.evidence) == (False, "", (), ())


def test_mmlongbench_has_answers_that_no_page_is_named_for(tmp_path: Path) -> None:
    (case,) = loaded(f"mmlongbench:{long(tmp_path, LONG | {'answer': '0', 'evidence_pages': '[]'})}").cases
    assert (case.answerable, case.evidence, case.facts) == (True, (), (("0",),))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"evidence_pages": "[0]"}, "evidence_pages.0: Input should be greater than or equal to 1"),
        ({"evidence_pages": "[1"}, "evidence_pages: Value error, '[1' is no list as Python writes one"),
        ({"evidence_pages": "open('x')"}, "evidence_pages: Value error, \"open('x')\" is no list"),
        ({"evidence_pages": "7"}, "evidence_pages: Value error, '7' is no list as Python writes one"),
        ({"answer_format": "Bool"}, "answer_format: Input should be 'Str', 'Int', 'Float', 'List' or 'None'"),
    ],
)
def test_mmlongbench_says_index_and_field(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    message = refused(f"mmlongbench:{long(tmp_path, LONG, LONG | change)}")
    assert message.startswith(f"{tmp_path / 'questions.json'}: index 1: {fault}")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"doc_id": "other.pdf"}, "doc_id: other.pdf is missing. {0} holds: report.pdf."),
        ({"answer_format": "List", "answer": "a, b"}, "answer: 'a, b' is no list as Python writes one, and its"),
    ],
)
def test_mmlongbench_says_index_and_field_of_what_does_not_fit(
    tmp_path: Path, change: dict[str, Any], fault: str
) -> None:
    message = refused(f"mmlongbench:{long(tmp_path, LONG, LONG | change)}")
    assert message.startswith(f"{tmp_path / 'questions.json'}, index 1: {fault.format(tmp_path / 'documents')}")
