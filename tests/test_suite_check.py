"""A suite's faults are found, each with its place and what to do; what may be meant is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from evals.suite import Shelf, Suite
from evals.suite_check import check_suite
from rag import Case
from rag.embedding import Embedding
from rag.library import Library
from tests.conftest import put


@pytest.fixture
def shelf(library: Library, hashed: Embedding) -> Library:
    """A library of two reports, of three pages and of one."""
    put(library, hashed, "salyut.md", "Salyut 1 flew in 1971.", "It fell\nafter 175 days.", "Salyut 7 fell in 1991.")
    put(library, hashed, "mir/mir.md", "Mir was sunk in the Pacific in 2001.")
    return library


def case(name: str = "a", question: str = "When did it fall?", **fields: Any) -> Case:
    return Case.model_validate({"id": name, "question": question, **fields})


def suite_of(*cases: Case, ours: bool = True) -> Suite:
    lines = {one.id: at for at, one in enumerate(cases, start=2)} if ours else {}
    return Suite("mine", cases, Shelf(), "mine.jsonl" if ours else "squad2:data", "0" * 64, lines=lines)


def evidence(report: str, *pages: int, quote: str | None = None) -> dict[str, Any]:
    return {"report": report, "pages": list(pages), "quote": quote}


def test_a_suite_without_a_fault_has_none(shelf: Library) -> None:
    suite = suite_of(
        case("a", facts=[["1991", "ninety-one"]], evidence=[evidence("salyut.md", 3, quote="fell in 1991")]),
        case(
            "b",
            "What about Mir?",
            history=[{"question": "When did Salyut fall?"}],
            evidence=[evidence("mir/mir.md", 1)],
        ),
        case("c", "Who paid for Mir?", answerable=False, reports=["mir/mir.md"]),
    )
    assert check_suite(suite, shelf) == []


def test_a_suite_without_cases_has_no_fault(shelf: Library) -> None:
    assert check_suite(suite_of(), shelf) == []


def test_a_fault_names_the_file_the_line_and_the_case(shelf: Library) -> None:
    broken = case("b", evidence=[evidence("salyut.md", 9)])
    fault = "evidence.0.pages: 'salyut.md' has no page 9, its last is 3. Pages count from 1."
    ours = check_suite(suite_of(case("a", "Why?"), broken), shelf)
    assert ours == [f"mine.jsonl, line 3, id 'b': {fault}"]
    # A public set has no lines of ours.
    assert check_suite(suite_of(broken, ours=False), shelf) == [f"squad2:data, id 'b': {fault}"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("salyut.pdf", "Is it 'salyut.md'?"),
        ("mir.md", "Is it 'mir/mir.md'?"),
        ("skylab-and-after.docx", "Name it as the folder does, with its ending."),
    ],
)
def test_evidence_in_a_report_that_is_not_there(shelf: Library, name: str, advice: str) -> None:
    suite = suite_of(case(evidence=[evidence("salyut.md", 1), evidence(name, 1, quote="x")], facts=[["1971"]]))
    assert check_suite(suite, shelf) == [
        f"mine.jsonl, line 2, id 'a': evidence.1.report: there is no report {name!r}. {advice}"
    ]


def test_each_page_that_does_not_exist(shelf: Library) -> None:
    suite = suite_of(case(evidence=[evidence("mir/mir.md", 2, 1, 7, quote="Mir")]))
    assert check_suite(suite, shelf) == [
        f"mine.jsonl, line 2, id 'a': evidence.0.pages: 'mir/mir.md' has no page {number}, its last is 1. "
        "Pages count from 1."
        for number in (2, 7)
    ]


def test_a_quote_is_found_over_any_white_space(shelf: Library) -> None:
    assert check_suite(suite_of(case(evidence=[evidence("salyut.md", 2, quote="fell after  175\ndays")])), shelf) == []


def test_a_quote_that_is_not_on_its_page(shelf: Library) -> None:
    long = "Salyut 1 was the first station of all and flew for a long time"
    suite = suite_of(
        case("a", evidence=[evidence("salyut.md", 1, quote="Salyut 1 flew in 1972.")]),
        case("b", "How long?", evidence=[evidence("salyut.md", 1, 2, quote="after 175 days")]),
        case("c", "How?", evidence=[evidence("salyut.md", 1, quote=long)]),
    )
    assert check_suite(suite, shelf) == [
        "mine.jsonl, line 2, id 'a': evidence.0.quote: 'Salyut 1 flew in 1972.' is not on page 1 of 'salyut.md'. "
        "Copy it from the page, letter by letter.",
        "mine.jsonl, line 3, id 'b': evidence.0.quote: 'after 175 days' is not on page 1 of 'salyut.md', the first of "
        "its pages, but on page 2. Name that page first.",
        f"mine.jsonl, line 4, id 'c': evidence.0.quote: '{long[:57]}...' is not on page 1 of 'salyut.md'. "
        "Copy it from the page, letter by letter.",
    ]


def test_a_fact_that_stands_in_the_question(shelf: Library) -> None:
    suite = suite_of(
        case(
            question="Was it the Soviet Salyut?",
            facts=[["1971"], ["the SALYUT!", "Almaz"]],
            evidence=[evidence("salyut.md", 1)],
        )
    )
    assert check_suite(suite, shelf) == [
        "mine.jsonl, line 2, id 'a': facts.1: 'the SALYUT!' stands in the question, which is no answer. "
        "Write what only an answer says."
    ]


def test_a_part_of_a_word_of_the_question_is_no_fact_in_it(shelf: Library) -> None:
    assert check_suite(suite_of(case(question="What of 2023 and Salyut?", facts=[["3"], ["202"]])), shelf) == []


def test_a_fact_of_which_normalising_leaves_nothing(shelf: Library) -> None:
    assert check_suite(suite_of(case(facts=[["1991", "the"], ["%"]])), shelf) == [
        "mine.jsonl, line 2, id 'a': facts.0: 'the' holds no word, so that no answer has it. Write a word or a figure.",
        "mine.jsonl, line 2, id 'a': facts.1: '%' holds no word, so that no answer has it. Write a word or a figure.",
    ]


def test_a_fact_on_no_page_of_the_evidence_is_a_remark(shelf: Library) -> None:
    suite = suite_of(
        case("a", facts=[["1991"], ["1971"]], evidence=[evidence("salyut.md", 1), evidence("salyut.md", 3)]),
        case("b", "How long was it up?", facts=[["six months", "half a year"]], evidence=[evidence("salyut.md", 2)]),
        case("c", "Who built it?", facts=[["TsKBEM"]]),
    )
    assert check_suite(suite, shelf) == [
        "perhaps: mine.jsonl, line 3, id 'b': facts.0: 'six months' or 'half a year' stands on no page of the "
        "evidence. Add how the page says it, or leave it."
    ]


def test_a_fact_on_the_pages_that_exist_is_looked_for_there(shelf: Library) -> None:
    suite = suite_of(case(facts=[["Buran"]], evidence=[evidence("salyut.md", 1, 4)]))
    assert [line.partition(":")[0] for line in check_suite(suite, shelf)] == ["mine.jsonl, line 2, id 'a'", "perhaps"]


def test_a_question_that_is_asked_twice(shelf: Library) -> None:
    suite = suite_of(case("a"), case("b", "When did it fall"), case("c", "when did  it fall?", answerable=False))
    assert check_suite(suite, shelf) == [
        "mine.jsonl, line 3, id 'b': question: 'a' asks the same. Take one of them out.",
        "mine.jsonl, line 4, id 'c': question: 'a' asks the same. Take one of them out.",
    ]


def test_the_same_words_after_other_turns_or_of_other_reports_are_another_question(shelf: Library) -> None:
    suite = suite_of(
        case("a"),
        case("b", history=[{"question": "What of Mir?"}]),
        case("c", history=[{"question": "What of Salyut?"}]),
        case("d", reports=["mir/mir.md"]),
        case("e", reports=["salyut.md"]),
        # The same turn with another answer is the same conversation.
        case("f", history=[{"question": "What of Mir?", "answer": "It fell."}]),
    )
    assert check_suite(suite, shelf) == [
        "mine.jsonl, line 7, id 'f': question: 'b' asks the same. Take one of them out."
    ]


def test_reports_that_are_searched_and_are_not_there_and_evidence_outside_of_them(shelf: Library) -> None:
    suite = suite_of(
        case(reports=["mir/mir.md", "mir2.md"], evidence=[evidence("mir/mir.md", 1), evidence("salyut.md", 1)])
    )
    assert check_suite(suite, shelf) == [
        "mine.jsonl, line 2, id 'a': reports: there is no report 'mir2.md'. Is it 'mir/mir.md'?",
        "mine.jsonl, line 2, id 'a': evidence.1.report: 'salyut.md' is not searched. Add it to the case's reports.",
    ]


def test_a_case_may_have_several_faults(shelf: Library) -> None:
    suite = suite_of(case(facts=[["fall"]], evidence=[evidence("skylab.md", 1), evidence("salyut.md", 4)]))
    assert [line.split(": ")[1] for line in check_suite(suite, shelf)] == [
        "facts.0",
        "evidence.0.report",
        "evidence.1.pages",
    ]
