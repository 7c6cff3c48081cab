"""Which measures a row has: answered, refused, failed, not answerable, retrieval alone; and what a judge gave stays."""

from __future__ import annotations

from math import log2

import pytest
from measured import a_case, answered, cite, evidence, refusal, say

from evals.measures import measure
from evals.measures.retrieval import NAMES as RANKED
from evals.measures.support import NAMES as SUPPORT
from evals.rows import Row
from rag import Case
from rag.library import report_id

A, B = report_id("a.pdf"), report_id("b.pdf")
FULL = a_case(
    reference="China wanted ships.",
    facts=[["China"], ["2023"]],
    evidence=[evidence("a.pdf", 1, 2, quote="China wanted ships."), evidence("b.pdf", 7)],
)
UNANSWERABLE = a_case(answerable=False)
RETRIEVAL = {f"{level}_{name}" for level in ("page", "report") for name in RANKED}
EXPECTED = {"facts_covered", "token_f1", "exact_match", "rouge_l", "citation_recall", "citation_match"}
ABSTENTION = {"refused", "abstention_accuracy"}
ANSWERED = {"answer_words", "citation_integrity", *SUPPORT}


def measures(row: Row, **options: bool) -> dict[str, float]:
    (measured,) = measure([row], **options)
    return measured.measures


def answered_row(case: Case = FULL) -> Row:
    citations = (cite("a.pdf", 1, "China wanted ships."), cite("a.pdf", 9, "It never came.", number=2))
    statements = (say("China wanted ships.", 1), say("It did not come.", 2))
    answer = answered(*statements, citations=citations)
    return Row(case, answer, ranking=((B, 1), (A, 2), (B, 7)), intact=(True, False), seconds=2.5)


def test_an_answered_row_has_every_measure() -> None:
    found = measures(answered_row())
    ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert found == pytest.approx(
        {
            # Pages a 1, a 2 and b 7 are expected; ranks 2 and 3 are among them.
            "page_hit@1": 0,
            "page_hit@5": 1,
            "page_hit@10": 1,
            "page_recall@5": 2 / 3,
            "page_recall@10": 2 / 3,
            "page_mrr": 1 / 2,
            "page_ndcg@10": (1 / log2(3) + 1 / log2(4)) / ideal,
            # The reports are b, a, and both are expected.
            "report_hit@1": 1,
            "report_hit@5": 1,
            "report_hit@10": 1,
            "report_recall@5": 1,
            "report_recall@10": 1,
            "report_mrr": 1,
            "report_ndcg@10": 1,
            "refused": 0,
            "abstention_accuracy": 1,
            "facts_covered": 1 / 2,
            # Of seven words three are the reference's three: P = 3/7, R = 1.
            "token_f1": 2 * 3 / (7 + 3),
            "exact_match": 0,
            "rouge_l": 2 * 3 / (7 + 3),
            "answer_words": 7,
            "citation_recall": 1 / 3,
            "citation_precision": 1 / 2,
            "citation_match": 1,
            "citation_integrity": 1 / 2,
            "support_identity": 1 / 2,
            "support_verified": 1 / 2,
            "support_partial": 0,
            "support_unsupported": 0,
            "seconds": 2.5,
        }
    )


def test_words_are_compared_with_every_reference_and_the_best_of_each_measure_counts() -> None:
    def found(*references: str) -> tuple[float, ...]:
        case = a_case(reference=references[0], references=references[1:])
        measured = measures(Row(case, answered(say("China wanted cheap ships."))))
        return tuple(measured[name] for name in ("token_f1", "exact_match", "rouge_l"))

    # Of four words two are among the three: P = 2/4, R = 2/3. In another order they are no common subsequence of two.
    assert found("cheap cargo ships") == pytest.approx((4 / 7, 0, 4 / 7))
    assert found("ships, cheap cargo") == pytest.approx((4 / 7, 0, 2 / 7))
    # The second has more words in common, the third more of them in order.
    assert found("crew", "ships, cheap ones wanted", "cheap ships") == pytest.approx((6 / 8, 0, 2 * 2 / (4 + 2)))
    assert found("crew", "The China wanted cheap ships!") == pytest.approx((1, 1, 8 / 9))


def test_a_refused_row_has_zero_for_what_was_expected_and_no_measure_of_an_answer() -> None:
    found = measures(Row(FULL, refusal(), ranking=((A, 1),), seconds=1.0))
    assert set(found) == RETRIEVAL | EXPECTED | ABSTENTION | {"seconds"}
    assert {found[name] for name in EXPECTED} == {0.0}
    assert (found["refused"], found["abstention_accuracy"], found["page_hit@1"]) == (1.0, 0.0, 1.0)


def test_a_failed_row_has_zero_for_all_that_applies_whatever_was_found_before() -> None:
    found = measures(Row(FULL, None, "ModelError: no reply", ranking=((A, 1),), seconds=3.0))
    assert set(found) == RETRIEVAL | EXPECTED | ABSTENTION | {"seconds"}
    assert {value for name, value in found.items() if name != "seconds"} == {0.0}
    assert found["seconds"] == 3.0


def test_a_failed_question_that_is_not_answerable_was_not_rightly_refused() -> None:
    found = measures(Row(UNANSWERABLE, None, "ModelError: no reply", seconds=3.0))
    assert found == {"refused": 0.0, "abstention_accuracy": 0.0, "seconds": 3.0}


def test_an_unanswerable_row_has_measures_of_refusing_and_of_what_it_said() -> None:
    assert measures(Row(UNANSWERABLE, refusal(), ranking=((A, 1),), seconds=1.0)) == {
        "refused": 1.0,
        "abstention_accuracy": 1.0,
        "seconds": 1.0,
    }
    found = measures(answered_row(UNANSWERABLE))
    assert set(found) == ABSTENTION | ANSWERED - {"answer_words"} | {"seconds"}
    assert (found["refused"], found["abstention_accuracy"], found["citation_integrity"]) == (0.0, 0.0, 0.5)


def test_retrieval_alone_has_measures_of_retrieval_alone() -> None:
    assert set(measures(Row(FULL, ranking=((A, 1),)))) == RETRIEVAL | {"seconds"}
    assert measures(Row(UNANSWERABLE, ranking=((A, 1),), seconds=1.0)) == {"seconds": 1.0}


def test_a_row_that_failed_where_retrieval_alone_was_run_has_no_measures_of_answers() -> None:
    found = measures(Row(FULL, error="OSError: gone", seconds=1.0), answers=False)
    assert found == dict.fromkeys(RETRIEVAL, 0.0) | {"seconds": 1.0}


def test_what_a_case_does_not_expect_is_not_measured() -> None:
    bare = measures(answered_row(a_case()))
    assert set(bare) == ABSTENTION | ANSWERED | {"seconds"}
    unquoted = measures(answered_row(a_case(evidence=[evidence("a.pdf", 1)])))
    assert set(unquoted) - set(bare) == RETRIEVAL | {"citation_precision", "citation_recall"}


def test_an_answer_without_citations_misquotes_nothing_and_cites_nothing() -> None:
    found = measures(Row(FULL, answered(say("China wanted ships.", support="unsupported"))))
    assert (found["citation_integrity"], found["citation_precision"], found["citation_recall"]) == (1.0, 0.0, 0.0)
    assert (found["exact_match"], found["citation_match"], found["support_unsupported"]) == (1.0, 0.0, 1.0)


def test_a_refusal_does_not_match_a_reference_of_which_nothing_is_left() -> None:
    found = measures(Row(a_case(reference="The"), refusal()))
    assert (found["exact_match"], found["token_f1"], found["rouge_l"]) == (0.0, 0.0, 0.0)


def test_measuring_again_keeps_what_a_judge_gave_and_nothing_else() -> None:
    row = Row(
        UNANSWERABLE,
        refusal(),
        seconds=1.0,
        measures={"faithfulness": 0.7, "ungraded": 0.5, "refused": 9.0, "old": 1.0},
    )
    assert measures(row) == {
        "faithfulness": 0.7,
        "ungraded": 0.5,
        "refused": 1.0,
        "abstention_accuracy": 1.0,
        "seconds": 1.0,
    }
    assert row.measures["old"] == 1.0


def test_many_rows_are_measured_as_each_alone() -> None:
    rows = [answered_row(), Row(UNANSWERABLE, refusal()), Row(FULL, refusal()), Row(FULL, error="no")] * 3
    assert measure(rows) == [measure([row])[0] for row in rows]
    assert measure([]) == []
