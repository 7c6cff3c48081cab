"""The figures of a run and their differences: by hand, in any order of rows, and left out where there are none."""

from __future__ import annotations

from dataclasses import asdict, replace
from random import Random
from time import perf_counter

import numpy as np
import pytest
from measured import a_case, a_row, answered, refusal, say

from evals.figures import Figure, Point, by_tag, differences, figures, risk_coverage
from evals.measures import measure
from evals.rows import Row
from rag import Usage

# Two answered, one of them wrongly; two refused, one of them wrongly; one failed.
RUN = [
    a_row("a", confidence=0.9, facts_covered=0.5, seconds=1, abstention_accuracy=1, tags=["why"]),
    a_row("b", confidence=0.6, answerable=False, seconds=2, abstention_accuracy=0, tags=["who", "why"]),
    a_row("c", confidence=0.3, refused=True, facts_covered=0.0, seconds=3, abstention_accuracy=0),
    a_row("d", confidence=0.2, refused=True, answerable=False, seconds=4, abstention_accuracy=1, tags=["who"]),
    Row(
        a_case("e"),
        error="no",
        seconds=5,
        measures={"refused": 0.0, "facts_covered": 0.0, "abstention_accuracy": 0.0},
    ),
]


def values(rows: list[Row]) -> dict[str, float]:
    return {name: figure.value for name, figure in figures(rows, resamples=20).items()}


def random_rows(many: int, *, seed: int = 5) -> list[Row]:
    random = Random(seed)
    return [
        a_row(
            f"case {place}",
            confidence=random.randrange(20) / 20,
            refused=random.random() < 0.3,
            answerable=random.random() < 0.7,
            seconds=random.random(),
            tags=[random.choice("xyz")],
            **{f"m{name}": random.random() for name in range(30) if random.random() < 0.8},
        )
        for place in range(many)
    ]


def test_the_figures_of_a_run_by_hand() -> None:
    assert values(RUN) == pytest.approx(
        {
            "refused": 2 / 5,
            "facts_covered": (0.5 + 0 + 0) / 3,
            "abstention_accuracy": 2 / 5,
            "refusal_precision": 1 / 2,
            "refusal_recall": 1 / 2,
            # Answerable 0.9, 0.3 and the failed one below all, against 0.6 and 0.2: 2 + 1 + 0 of 6 pairs.
            "confidence_auroc": 3 / 6,
            # The errors of the answered are 1 - 0.5 and 1 by falling confidence: risks 1/2 and 1.5/2.
            "aurc": (1 / 2 + 1.5 / 2) / 2,
            "seconds_p50": 3,
            "seconds_p95": 4.8,  # h = 4 * 0.95 = 3.8
            "failed": 1,
        }
    )


def test_a_figure_says_how_many_rows_it_is_of() -> None:
    assert {name: figure.n for name, figure in figures(RUN, resamples=20).items()} == {
        "refused": 5,
        "facts_covered": 3,
        "abstention_accuracy": 5,
        "refusal_precision": 2,
        "refusal_recall": 2,
        "confidence_auroc": 5,
        "aurc": 2,
        "seconds_p50": 5,
        "seconds_p95": 5,
        "failed": 5,
    }


def test_a_figure_is_plain_json_under_its_name() -> None:
    assert Figure("aurc", 0.5, 0.25, 0.75, 2).to_json() == {"value": 0.5, "low": 0.25, "high": 0.75, "n": 2}


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = random_rows(60)
    mixed = rows.copy()
    Random(1).shuffle(mixed)
    assert mixed != rows
    assert figures(mixed) == figures(rows)
    assert list(figures(mixed)) == list(figures(rows))
    assert by_tag(mixed, resamples=50) == by_tag(rows, resamples=50)
    assert risk_coverage(mixed) == risk_coverage(rows)
    assert differences(mixed, rows, resamples=50) == differences(rows, mixed, resamples=50)


def test_no_rows_have_no_figures() -> None:
    assert figures([]) == by_tag([]) == differences([], []) == {}
    assert risk_coverage([]) == []


def test_a_failed_question_counts_as_wrong_in_the_order_of_confidence_whatever_its_case() -> None:
    good = [a_row("a", confidence=0.9), a_row("b", confidence=0.1, answerable=False)]
    assert values(good)["confidence_auroc"] == 1.0
    failed = [Row(a_case(name, answerable=name == "d"), error="no", measures={"refused": 0.0}) for name in "cd"]
    # Pairs of a, d (below all) with b, c (above all): only a with b is in order.
    assert values(good + failed)["confidence_auroc"] == 1 / 4


def test_what_divides_by_nothing_is_left_out() -> None:
    alone = values([a_row("a", confidence=0.9, facts_covered=1.0), a_row("b", confidence=0.5)])
    assert not alone.keys() & {"refusal_precision", "refusal_recall", "confidence_auroc"}
    assert alone["aurc"] == 0.0
    assert "aurc" not in values([a_row("a", confidence=0.1, refused=True)])


def test_retrieval_alone_has_its_means_its_times_and_what_failed() -> None:
    found = values([a_row("a", **{"page_hit@5": 1.0}), a_row("b", **{"page_hit@5": 0.0}), a_row("c", answerable=False)])
    assert found == {"page_hit@5": 0.5, "seconds_p50": 1.0, "seconds_p95": 1.0, "failed": 0.0}


def test_tokens_and_cost_are_means_over_the_questions_for_which_a_model_ran() -> None:
    usages = [Usage(100, 10, 0.5), Usage(300, 20), None]
    rows = [Row(a_case(f"c{at}"), answered(say("Yes."), usage=used)) for at, used in enumerate(usages)]
    found = figures(rows, resamples=20)
    assert (found["input_tokens"].value, found["input_tokens"].n) == (200.0, 2)
    assert (found["output_tokens"].value, found["cost"].value, found["cost"].n) == (15.0, 0.5, 1)
    assert not values([Row(a_case(), refusal())]).keys() & {"input_tokens", "output_tokens", "cost"}


def test_what_is_the_same_in_every_row_has_an_interval_of_no_width() -> None:
    rows = [a_row(f"c{at}", share=1 / 3, tenth=0.1) for at in range(30)]
    found = figures(rows)
    assert asdict(found["share"]) == {"name": "share", "value": 1 / 3, "low": 1 / 3, "high": 1 / 3, "n": 30}
    assert (found["tenth"].low, found["tenth"].value, found["tenth"].high) == (0.1, 0.1, 0.1)


def test_the_interval_of_a_mean_is_nearly_the_normal_one() -> None:
    rows = [a_row(f"c{at}", half=float(at % 2)) for at in range(100)]
    # The standard error is sqrt(0.25 / 100) = 0.05, and 1.96 of them are 0.098.
    found = figures(rows, resamples=4000)["half"]
    assert (found.low, found.value, found.high) == pytest.approx((0.402, 0.5, 0.598), abs=0.011)


def test_a_resample_without_a_class_is_skipped() -> None:
    # Half of the resamples hold one class alone; the interval is of the others.
    found = figures([a_row("a", confidence=0.9), a_row("b", confidence=0.1, answerable=False)])["confidence_auroc"]
    assert (found.low, found.value, found.high) == (1.0, 1.0, 1.0)


def test_where_no_resample_has_what_a_figure_needs_its_value_is_all_that_is_known() -> None:
    rows = [a_row("a", confidence=0.9), a_row("b", confidence=0.1, answerable=False)]
    for seed in range(20):
        found = figures(rows, seed=seed, resamples=1)["confidence_auroc"]
        assert (found.low, found.high) == (1.0, 1.0)


def test_without_resamples_there_are_the_values_alone() -> None:
    found = figures(RUN, resamples=0)
    assert {name: one.value for name, one in found.items()} == values(RUN)
    assert all(one.low == one.value == one.high for one in found.values())


def test_a_seed_gives_the_same_intervals_again_and_another_seed_others() -> None:
    rows = random_rows(50)
    assert figures(rows) == figures(rows, seed=0) != figures(rows, seed=1)
    assert values(rows) == {name: figure.value for name, figure in figures(rows, seed=1).items()}


def test_the_figures_of_a_tag_are_those_of_its_rows() -> None:
    found = by_tag(RUN, resamples=20)
    assert list(found) == ["who", "why"]
    assert found["who"] == figures([RUN[1], RUN[3]], resamples=20)
    assert found["why"]["facts_covered"].value == 0.5
    assert by_tag([a_row("a")]) == {}


def test_the_curve_is_of_answered_rows_with_a_point_for_each_confidence() -> None:
    rows = [
        a_row("facts", confidence=0.9, facts_covered=0.75, token_f1=0.1),
        a_row("reference", confidence=0.8, token_f1=0.5),
        a_row("neither", confidence=0.8),
        a_row("unanswerable", confidence=0.7, answerable=False),
        a_row("refused", confidence=0.85, refused=True, facts_covered=0.0),
        Row(a_case("failed"), error="no"),
    ]
    # The errors are 0.25; 0.5 and 0; 1.
    assert risk_coverage(rows) == [
        Point(1 / 4, 0.25, 0.9),
        Point(3 / 4, 0.75 / 3, 0.8),
        Point(4 / 4, 1.75 / 4, 0.7),
    ]
    assert risk_coverage([rows[-1], rows[-2]]) == []


def test_a_difference_is_after_minus_before_over_the_cases_that_both_have() -> None:
    before = [a_row("a", m=0.0), a_row("b", m=0.5), a_row("gone", m=1.0)]
    after = [a_row("new", m=0.0), a_row("b", m=0.75), a_row("a", m=0.25)]
    # Both gain a quarter, so that each resample does, too.
    assert differences(before, after)["m"] == Figure("m", 0.25, 0.25, 0.25, 2)
    assert differences(after, before)["m"] == Figure("m", -0.25, -0.25, -0.25, 2)
    assert differences(before, [a_row("new")]) == {}


def test_a_difference_is_of_the_figures_each_over_the_rows_that_have_it() -> None:
    before = [a_row("a", m=0.0), a_row("b", m=1.0)]
    after = [a_row("a", m=0.5), a_row("b", other=1.0)]
    found = differences(before, after, resamples=20)
    assert found["m"].value == 0.5 - (0 + 1) / 2
    assert "other" not in found


def test_differences_know_aggregates_and_are_none_between_a_run_and_itself() -> None:
    rows = random_rows(40)
    same = differences(rows, rows)
    assert {"confidence_auroc", "aurc", "refusal_precision", "seconds_p95", "failed", "m7"} <= same.keys()
    assert {(one.value, one.low, one.high) for one in same.values()} == {(0.0, 0.0, 0.0)}
    slower = [replace(row, seconds=row.seconds + 1) for row in rows]
    moved = differences(rows, slower)["seconds_p50"]
    assert (moved.value, moved.low, moved.high) == pytest.approx((1.0, 1.0, 1.0))


def test_rows_that_were_measured_have_figures() -> None:
    rows = measure([Row(a_case("a"), answered(say("Yes."))), Row(a_case("b"), error="no")])
    assert values(rows)["abstention_accuracy"] == 0.5


def test_thousands_of_rows_take_seconds() -> None:
    rows = random_rows(6000)
    began = perf_counter()
    found = figures(rows)
    assert len(found) == 31 + 7
    assert all(np.isfinite([one.low, one.high]).all() and one.low <= one.value <= one.high for one in found.values())
    assert perf_counter() - began < 20
