"""The questions that show Footnote off, asked of the sample reports with the real model and no language model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.chain import AnswerChain, build_chain
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.prompts import NOT_SAID
from rag.types import Answer, Question, Turn
from tests.conftest import ROOT, add_all


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Iterator[AnswerChain]:
    library = Library(tmp_path_factory.mktemp("stations"))
    indexes = Indexes(library)
    outcomes = add_all(library, indexes, minilm, ROOT / "corpus")
    assert [outcome.status for outcome in outcomes] == ["added"] * 14
    chain = build_chain(library, minilm, indexes=indexes)
    yield chain
    chain.close()


def quotes_of(answer: Answer) -> str:
    assert answer.answered, f"refused at {answer.confidence:.2f}: {answer.question}"
    return " ".join(" ".join(citation.quote.split()) for citation in answer.citations)


def test_why_esa_might_reconsider_tiangong_gets_the_cause_and_the_hedge(chain: AnswerChain) -> None:
    answer = chain.invoke("why might ESA reconsider Tiangong?")
    quoted = quotes_of(answer)
    assert "letting in civilian astronauts" in quoted
    assert "companies that are not state-owned" in quoted
    assert "This change could also lead ESA" in quoted
    assert [statement.support for statement in answer.statements] == ["verified"] * len(answer.statements)
    assert {citation.title for citation in answer.citations} == {
        "Tiangong opens its hatch: how it may change China's standing"
    }


def test_every_quote_is_the_exact_text_of_its_page(chain: AnswerChain) -> None:
    for question in ("why might ESA reconsider Tiangong?", "What is Tiangong's inclination?", "Who flew on Ax-4?"):
        for citation in chain.invoke(question).citations:
            page = chain.library.page(citation.report, citation.page)
            assert page.text[citation.start : citation.end] == citation.quote
            assert page.label == citation.label


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("What did Aschbacher say about taking part in Tiangong?", ["intention", "budget"]),
        ("When did the call for cargo proposals come?", ["May 2023"]),
        ("What could hold back how China's programme is seen?", ["independent", "influence that the PLA keeps"]),
        ("What competition might follow?", ["compete with the commercial ventures"]),
        ("How many countries have signed the Artemis Accords?", ["53 countries", "29 countries"]),
    ],
)
def test_a_question_that_the_reports_answer_gets_its_facts(chain: AnswerChain, question: str, facts: list[str]) -> None:
    quoted = quotes_of(chain.invoke(question))
    assert [fact for fact in facts if fact not in quoted] == []


def test_a_number_that_changed_over_time_is_given_as_each_report_has_it_newest_first(chain: AnswerChain) -> None:
    answer = chain.invoke("How many countries have signed the Artemis Accords?")
    (conflict,) = answer.conflicts
    cited = {one.number: (one.title, " ".join(one.quote.split())) for one in answer.citations}
    assert [(one.value, one.date, *cited[one.citation]) for one in conflict.values] == [
        (
            "53 countries",
            "2025-02-17",
            "Artemis partners in early 2025: the Accords and the Gateway",
            "As of 17 February 2025, 53 countries had signed the Artemis Accords.",
        ),
        (
            "29 countries",
            "2023-09-29",
            "Two coalitions for the Moon: the Accords and the ILRS in 2023",
            "As of 29 September 2023, 29 countries had signed the Artemis Accords.",
        ),
    ]
    assert conflict.statements == (0, 1)


@pytest.mark.parametrize(
    ("question", "heads", "row", "label"),
    [
        ("What is Tiangong's inclination?", "Station Inclination Altitude", "Tiangong about 41.5 degrees", "p. 2"),
        ("When was Tianzhou-8 launched?", "Flight | Launched | Destination", "Tianzhou-8 | November 2024", "§"),
        ("When did Ax-2 launch?", "Mission | Launched | Splashdown | Commander", "Ax-2 | 21 May 2023", "§"),
    ],
)
def test_a_question_about_a_figure_is_answered_by_the_tables_row_below_its_heads(
    chain: AnswerChain, question: str, heads: str, row: str, label: str
) -> None:
    answer = chain.invoke(question)
    quotes = {citation.number: citation for citation in answer.citations}
    pairs = [[quotes[number] for number in one.citations] for one in answer.statements if len(one.citations) == 2]
    assert any(
        first.quote == heads and second.quote.startswith(row) and second.label.startswith(label)
        for first, second in pairs
    )


def test_a_follow_up_is_searched_with_what_was_talked_of(chain: AnswerChain) -> None:
    first = chain.invoke("What did Aschbacher say about Tiangong?")
    asked = Question("and when was that?", history=(Turn(first.question, first.text),))
    answer = chain.invoke(asked)
    assert "January 2023" in quotes_of(answer)
    assert answer.standalone.startswith("and when was that? (What did Aschbacher say about Tiangong?")


@pytest.mark.parametrize(
    "question",
    ["What did Tiangong cost?", "What is the capital of France?", "asdf qwer zxcv", "Who won the 2022 World Cup?"],
)
def test_what_the_reports_do_not_hold_is_refused(chain: AnswerChain, question: str) -> None:
    answer = chain.invoke(question)
    assert (answer.answered, answer.statements, answer.citations) == (False, (), ())
    assert answer.text == NOT_SAID
    assert answer.refusal is not None
    assert answer.refusal.missing != ()


def test_the_threshold_lies_between_what_is_answered_and_what_is_refused(chain: AnswerChain) -> None:
    answered = chain.invoke("why might ESA reconsider Tiangong?").confidence
    refused = chain.invoke("What is the capital of France?").confidence
    assert answered > 0.8
    assert refused < 0.3


def test_only_the_chosen_report_is_quoted(chain: AnswerChain) -> None:
    report = chain.library.report("esa-and-tiangong.md")
    answer = chain.invoke(Question("What did Aschbacher say about Tiangong?", reports=(report.id,)))
    assert {citation.report for citation in answer.citations} == {report.id}
