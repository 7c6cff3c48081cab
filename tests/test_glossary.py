"""Labels, plain words and ways of writing figures."""

import pytest

from evals.glossary import GROUPS, better, in_order, shown, term
from evals.measures import measure
from tests.runs import every_kind


def test_every_measure_and_figure_has_words(tmp_path: object) -> None:
    from evals.figures import figures

    rows = measure(every_kind())
    for name in {*figures(rows, resamples=0), *(name for row in rows for name in row.measures)}:
        assert term(name).words, name
        assert term(name).group in GROUPS[:-1], name


def test_measures_at_a_cutoff_say_how_deep_they_look() -> None:
    assert term("page_hit@5").label == "Page hit@5"
    assert term("page_hit@5").words == "Share of questions with a page of evidence among the first 5 pages."
    assert term("report_hit@1").words == "Share of questions whose first report is one of evidence."
    assert term("report_ndcg@10").label == "Report nDCG@10"


def test_a_figure_that_is_not_known_is_its_own_label() -> None:
    assert term("made_up").label == "made up"
    assert term("made_up").group == "Other"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("facts_covered", 0.8333, "0.833"),
        ("facts_covered", None, "–"),
        ("facts_covered", float("nan"), "–"),
        ("seconds_p50", 0.1234, "123 ms"),
        ("seconds_p50", 12.34, "12.3 s"),
        ("cost", 0.00123, "$0.0012"),
        ("failed", 3.0, "3"),
        ("answer_words", 14.56, "14.6"),
        ("input_tokens", 12345.6, "12,346"),
    ],
)
def test_values_are_written_in_their_unit(name: str, value: float | None, expected: str) -> None:
    assert shown(name, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.05, "+0.050"), (-0.05, "−0.050"), (0.0, "0.000"), (-0.0001, "0.000"), (0.0001, "0.000")]
)
def test_a_difference_has_a_sign_unless_it_rounds_to_nothing(value: float, expected: str) -> None:
    assert shown("facts_covered", value, signed=True) == expected


def test_less_is_better_for_times_costs_and_faults() -> None:
    assert better("facts_covered", 0.1) and not better("facts_covered", -0.1)
    assert better("seconds_p50", -0.1) and not better("seconds_p50", 0.1)
    assert better("aurc", -0.1) and better("failed", -1) and better("refused", -0.1)
    assert not better("facts_covered", 0.0) and not better("seconds_p50", 0.0)


def test_figures_are_listed_by_group_and_those_of_retrieval_by_level_and_cutoff() -> None:
    names = ["made_up", "failed", "report_hit@1", "page_hit@10", "page_mrr", "page_hit@5", "token_f1", "facts_covered"]
    assert in_order(names) == [
        "facts_covered",
        "token_f1",
        "page_hit@5",
        "page_hit@10",
        "page_mrr",
        "report_hit@1",
        "failed",
        "made_up",
    ]
