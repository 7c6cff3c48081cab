"""Gates: what has to be reached, what must not get worse, and the sentences on what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.compare import Change, Comparison
from evals.gates import Gate, GateError, check_gates, check_no_worse, less_is_better, parse_gate

FIGURES = {
    "citation_recall": {"value": 0.75, "low": 0.65, "high": 0.85, "n": 60},
    "failed": {"value": 2, "low": 0.0, "high": 5.0, "n": 60},
}


def test_a_gate_is_a_name_a_sign_and_a_number() -> None:
    assert parse_gate("citation_recall>=0.8") == Gate("citation_recall", ">=", 0.8)
    assert parse_gate(" page_hit@5 > 1e-1 ") == Gate("page_hit@5", ">", 0.1)
    assert parse_gate("failed==0") == Gate("failed", "==", 0.0)


@pytest.mark.parametrize(
    "text", ["citation_recall", "citation_recall>=", ">=0.8", "citation_recall=0.8", "a>=b", "a>=nan", "a>=inf", ""]
)
def test_what_is_no_gate_is_an_error_that_shows_one(text: str) -> None:
    with pytest.raises(GateError, match=r"0\.8"):
        parse_gate(text)


@pytest.mark.parametrize(
    ("term", "passes"),
    [
        ("citation_recall>=0.75", True),
        ("citation_recall>0.75", False),
        ("citation_recall<=0.75", True),
        ("citation_recall<0.75", False),
        ("citation_recall==0.75", True),
        ("citation_recall==0.8", False),
        ("citation_recall>=0.7", True),
        ("citation_recall>=0.8", False),
        ("failed<=2", True),
        ("failed==0", False),
    ],
)
def test_a_gate_passes_by_its_sign(term: str, passes: bool) -> None:
    assert (check_gates([parse_gate(term)], FIGURES) == []) == passes


def test_a_failure_says_the_figure_its_interval_and_the_bound() -> None:
    assert check_gates([parse_gate("citation_recall>=0.8")], FIGURES) == [
        "citation_recall is 0.75, and has to be >= 0.8 (95% interval 0.65 to 0.85, 60 cases)"
    ]


def test_a_mean_that_rounding_put_below_its_bound_passes() -> None:
    value = sum([0.1] * 8)
    assert value == 0.7999999999999999
    figures = {"citation_recall": {"value": value, "low": 0.7, "high": 0.9, "n": 8}}
    assert check_gates([parse_gate("citation_recall>=0.8")], figures) == []
    assert check_gates([parse_gate("citation_recall<0.8")], figures) != []


def test_a_gate_on_what_was_not_measured_is_an_error_that_lists_what_was() -> None:
    with pytest.raises(
        GateError, match=r"'page_hit@5', which this run has no figure of. It has: citation_recall, failed"
    ):
        check_gates([parse_gate("page_hit@5>=0.1")], FIGURES)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_figure_without_a_value_passes_no_gate(value: float | None) -> None:
    figures = {"aurc": {"value": value, "low": 0.0, "high": 0.0, "n": 0}}
    for sign in (">=", "<=", "==", "<", ">"):
        assert len(check_gates([parse_gate(f"aurc{sign}0")], figures)) == 1


def changed(name: str, before: float, after: float, low: float, high: float) -> Comparison:
    change = Change(name, before, after, after - before, low, high)
    return Comparison(Path("a"), Path("b"), 60, (), (change,), {}, {})


def test_a_fall_fails_where_its_interval_leaves_out_zero() -> None:
    assert check_no_worse(["page_hit@5"], changed("page_hit@5", 0.75, 0.5, -0.375, -0.125)) == [
        "page_hit@5 fell from 0.75 to 0.5, by 0.25: the 95% interval of the difference, -0.375 to -0.125, leaves out 0"
    ]
    assert check_no_worse(["page_hit@5"], changed("page_hit@5", 0.75, 0.5, -0.5, 0.0)) == []
    assert check_no_worse(["page_hit@5"], changed("page_hit@5", 0.5, 0.75, 0.125, 0.375)) == []


@pytest.mark.parametrize(
    "name", ["seconds_p50", "seconds_p95", "aurc", "failed", "refused", "support_unsupported", "cost"]
)
def test_where_less_is_better_a_rise_fails(name: str) -> None:
    assert less_is_better(name)
    assert len(check_no_worse([name], changed(name, 0.5, 0.75, 0.125, 0.375))) == 1
    assert check_no_worse([name], changed(name, 0.75, 0.5, -0.375, -0.125)) == []


def test_a_tolerance_counts_whatever_the_interval() -> None:
    fell = changed("page_hit@5", 0.75, 0.5, -0.5, 0.1)
    assert check_no_worse(["page_hit@5:0.25"], fell) == []
    assert check_no_worse(["page_hit@5:0.2"], fell) == ["page_hit@5 fell from 0.75 to 0.5, by 0.25, and may by 0.2"]
    assert len(check_no_worse(["page_hit@5:0"], fell)) == 1
    assert check_no_worse(["page_hit@5:0"], changed("page_hit@5", 0.5, 0.75, 0.1, 0.4)) == []
    slower = changed("seconds_p50", 1.0, 1.5, 0.4, 0.6)
    assert check_no_worse(["seconds_p50:0.5"], slower) == []
    assert check_no_worse(["seconds_p50:0.25"], slower) == ["seconds_p50 rose from 1 to 1.5, by 0.5, and may by 0.25"]


@pytest.mark.parametrize("rule", ["page_hit@5:", "page_hit@5:-0.1", "page_hit@5:much", "page_hit@5:nan"])
def test_a_tolerance_that_is_none_is_an_error(rule: str) -> None:
    with pytest.raises(GateError, match="page_hit@5"):
        check_no_worse([rule], changed("page_hit@5", 0.75, 0.5, -0.375, -0.125))


def test_a_figure_that_one_run_lacks_is_an_error_that_lists_those_of_both() -> None:
    with pytest.raises(
        GateError, match=r"'citation_precision', a figure that not both runs have\. They have: page_hit@5"
    ):
        check_no_worse(["citation_precision"], changed("page_hit@5", 0.75, 0.5, -0.375, -0.125))
