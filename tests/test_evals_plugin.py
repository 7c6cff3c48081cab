"""``assert_suite`` in a team's own tests: the fixture as pytest gives it, and the bounds that it holds figures to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.gates import GateError
from evals.plugin import AssertSuite, figure_name, missed_bounds


@pytest.fixture
def suite(tmp_path: Path, write_reports: Callable[..., Path]) -> Path:
    write_reports(crew="# Crew\n\nTiangong has a permanent crew of three astronauts.\n")
    case = {
        "id": "crew",
        "question": "How many astronauts are in the permanent crew of Tiangong?",
        "facts": [["three"]],
        "evidence": [{"report": "crew.md", "pages": [1]}],
    }
    path = tmp_path / "mine.jsonl"
    path.write_text(f"{json.dumps({'suite': 'mine', 'reports': 'reports'})}\n{json.dumps(case)}\n")
    return path


def test_a_suite_that_keeps_its_bounds_passes_and_gives_its_results(suite: Path, assert_suite: AssertSuite) -> None:
    results = assert_suite(suite, hit_at_5=0.9, facts_covered=1, citation_integrity=1, failed=0, seconds_p95=60)
    assert [row.case.id for row in results.rows] == ["crew"]


def test_a_suite_that_misses_a_bound_fails_with_the_figure_and_the_page(suite: Path, assert_suite: AssertSuite) -> None:
    with pytest.raises(pytest.fail.Exception) as raised:
        assert_suite(suite, settings=("quoting.threshold=1",), hit_at_5=0.9, refused=0)
    first, second = str(raised.value).splitlines()
    assert first.startswith("refused is 1, and has to be <= 0 (95% interval 1 to 1, 1 cases)")
    assert second.endswith("report.html")


@pytest.mark.parametrize(
    ("argument", "figure"),
    [
        ("hit_at_5", "page_hit@5"),
        ("page_hit_at_5", "page_hit@5"),
        ("report_hit_at_1", "report_hit@1"),
        ("ndcg_at_10", "page_ndcg@10"),
        ("mrr", "page_mrr"),
        ("facts_covered", "facts_covered"),
    ],
)
def test_an_arguments_name_stands_for_a_figure(argument: str, figure: str) -> None:
    assert figure_name(argument) == figure


def test_a_bound_is_a_least_value_and_a_most_value_where_less_is_better() -> None:
    figures = {name: {"value": 0.5, "low": 0.4, "high": 0.6, "n": 8} for name in ("page_hit@5", "seconds_p95")}
    assert missed_bounds({"hit_at_5": 0.5, "seconds_p95": 0.5}, figures) == []
    assert [said.split(" is ")[0] for said in missed_bounds({"hit_at_5": 0.6, "seconds_p95": 0.4}, figures)] == [
        "page_hit@5",
        "seconds_p95",
    ]


def test_a_bound_for_a_figure_that_the_run_has_not_is_an_error() -> None:
    with pytest.raises(GateError, match="which this run has no figure of"):
        missed_bounds({"hits": 1}, {"failed": {"value": 0, "low": 0, "high": 0, "n": 1}})
