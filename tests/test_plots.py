"""The plots of a report, as values that Plotly draws."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import plotly.graph_objects as go
import pytest

from evals import plots
from evals.figures import figures, risk_coverage
from evals.measures import measure
from evals.rows import Row
from tests.runs import case, every_kind


def as_drawn(value: Any) -> Any:
    """The plot with colours in the place of their names, as the page's script does."""
    if isinstance(value, dict):
        return {key: as_drawn(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_drawn(one) for one in value]
    return "#123456" if isinstance(value, str) and value.startswith("--") else value


def test_plotly_knows_every_property_of_the_plots() -> None:
    rows = measure(every_kind())
    curve = [asdict(point) for point in risk_coverage(rows)]
    found = {name: one.to_json() for name, one in figures(rows).items()}
    drawn = (
        plots.headline(found),
        plots.risk_coverage(curve),
        plots.confidences(rows, 0.5),
        plots.latency(rows, 0.2),
    )
    for plot in drawn:
        assert plot is not None
        # Raises ValueError for a property that there is not, or a value that it cannot have.
        go.Figure(as_drawn(plot))


def test_there_is_no_plot_of_nothing() -> None:
    assert plots.headline({}) is None
    assert plots.headline({"facts_covered": {"value": None, "low": None, "high": None, "n": 0}}) is None
    assert plots.risk_coverage([]) is None
    assert plots.confidences([Row(case("ranked"))], 0.5) is None
    assert plots.latency([], None) is None


def test_whiskers_reach_from_the_dot_to_the_ends_of_the_interval() -> None:
    plot = plots.headline({"facts_covered": {"value": 0.5, "low": 0.25, "high": 0.625, "n": 8}})
    assert plot is not None
    dots = plot["data"][0]
    assert (dots["x"], dots["error_x"]["arrayminus"], dots["error_x"]["array"]) == ([0.5], [0.25], [0.125])
    assert dots["customdata"] == [[dots["customdata"][0][0], "0.500", "0.250 to 0.625"]]


def test_confidences_are_counted_apart_by_whether_there_is_an_answer() -> None:
    plot = plots.confidences(measure(every_kind()), 0.5)
    assert plot is not None
    with_answer, without = plot["data"]
    # 0.9, 0.8, 0.8 and 0.45 of the answerable, 0.6 and 0.2 of the others, in bins of 0.05.
    assert list(zip(with_answer["x"], with_answer["y"], strict=True)) == [
        (pytest.approx(0.475), 1),
        (pytest.approx(0.825), 2),
        (pytest.approx(0.925), 1),
    ]
    assert without["y"] == [1, 1]
    assert plot["layout"]["shapes"][0]["x0"] == 0.5


def test_the_last_bar_of_times_has_those_that_took_far_longer() -> None:
    rows = [Row(case(str(at)), seconds=0.1) for at in range(199)] + [Row(case("slow"), seconds=60.0)]
    plot = plots.latency(rows, 0.1)
    assert plot is not None
    # 99 of 100 took no longer than 0.1 s, where the axis ends.
    assert plot["layout"]["xaxis"]["range"] == [0, 0.1]
    assert plot["data"][0]["y"] == [200]


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    curve = [{"coverage": at / 6000, "risk": 0.5, "confidence": 1 - at / 6000} for at in range(1, 6001)]
    plot = plots.risk_coverage(curve)
    assert plot is not None
    assert len(plot["data"][0]["x"]) == 401
    assert plot["data"][0]["x"][-1] == 1.0
