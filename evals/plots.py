"""Figures of a run as Plotly draws them: plain JSON values, with the page's colours by name for its script to fill in.

A colour is written "--accent": the script puts the page's colour of that name there, which differs by light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.glossary import HEADLINE, shown, term
from evals.rows import Row

Plot = dict[str, Any]

# More points than that are not seen apart, and make the page heavy.
_POINTS = 400
_BINS = 20


def headline(figures: dict[str, dict[str, Any]]) -> Plot | None:
    """Return a dot for each headline figure with its interval as a whisker, from 0 to 1; None where there is none."""
    names = [name for name in HEADLINE if name in figures and figures[name]["value"] is not None]
    if not names:
        return None
    values = [figures[name]["value"] for name in names]
    lows, highs = ([_or(figures[name][end], figures[name]["value"]) for name in names] for end in ("low", "high"))
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": values,
        "y": [term(name).label for name in names],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [high - value for high, value in zip(highs, values, strict=True)],
            "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
            "color": "--accent",
            "thickness": 1.6,
            "width": 0,
        },
        "marker": {"color": "--accent", "size": 9},
        "customdata": [[term(name).words, *_interval(name, figures[name])] for name in names],
        "hovertemplate": "<b>%{y}</b> %{customdata[1]} (%{customdata[2]})<br>%{customdata[0]}<extra></extra>",
        "cliponaxis": False,
    }
    margins = [_margin(shown(name, figures[name]["value"]), at) for at, name in enumerate(names)]
    layout = _layout(
        height=34 * len(names) + 46,
        margin={"l": 8, "r": 52, "t": 6, "b": 30},
        xaxis=_axis(range=[-0.01, 1.01], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".2~f"),
        yaxis=_axis(autorange="reversed", automargin=True, gridcolor="--rule", ticklabelstandoff=8),
        annotations=margins,
    )
    return {"data": [dots], "layout": layout}


def risk_coverage(curve: Sequence[dict[str, Any]]) -> Plot | None:
    """Return the mean error over the share of questions that are answered, the surest first; None for no curve."""
    if not curve:
        return None
    step = max(1, len(curve) // _POINTS)
    kept = [*curve[:-1:step], curve[-1]]
    line = {
        "type": "scatter",
        "mode": "lines" if len(kept) > 1 else "markers",
        "x": [point["coverage"] for point in kept],
        "y": [point["risk"] for point in kept],
        "customdata": [point["confidence"] for point in kept],
        "line": {"color": "--accent", "width": 2, "shape": "hv"},
        "fill": "tozeroy",
        "fillcolor": "--tint",
        "hovertemplate": "Answering %{x:.0%}, confidence from %{customdata:.2f}: error %{y:.3f}<extra></extra>",
    }
    layout = _layout(
        margin={"l": 8, "r": 20, "t": 12, "b": 8},
        xaxis=_axis(title="Answered, the surest first", range=[0, 1], tickformat=".0%", dtick=0.25),
        yaxis=_axis(title="Mean error", range=[0, 1.02], tickformat=".1f"),
    )
    return {"data": [line], "layout": layout}


def confidences(rows: Sequence[Row], threshold: float | None) -> Plot | None:
    """Return how many cases have which confidence, those with and without an answer apart; None where none has any."""
    kinds = {True: ("Answerable", "--accent"), False: ("Not answerable", "--warm")}
    data: list[Plot] = []
    for answerable, (label, color) in kinds.items():
        found = [row.answer.confidence for row in rows if row.answer and row.case.answerable is answerable]
        if found:
            data.append(_bars(_counts(found, 1.0), 1 / _BINS, name=label, color=color, unit=":.2f"))
    if not data:
        return None
    if len(data) > 1:
        # As outlines over the bars: two tints over each other make a third colour that stands for nothing.
        data[1]["marker"] = {"color": "rgba(0,0,0,0)", "line": {"color": kinds[False][1], "width": 2}}
    layout = _layout(
        barmode="overlay",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.12, "yanchor": "bottom"},
        margin={"l": 8, "r": 14, "t": 52, "b": 8},
        height=300,
        xaxis=_axis(title="Confidence", range=[0, 1], tickformat=".2~f", dtick=0.25),
        yaxis=_axis(title="Cases", rangemode="tozero", tickformat="d"),
        **({} if threshold is None else _line(threshold, f"refuses below {threshold:g}")),
    )
    return {"data": data, "layout": layout}


def latency(rows: Sequence[Row], median: float | None, *, noun: str = "question") -> Plot | None:
    """Return how many questions, or what else the noun says, took how long; None for none.

    The last bar has all that took longer than 99 of 100.
    """
    seconds = sorted(row.seconds for row in rows)
    if not seconds:
        return None
    top = max(seconds[min(len(seconds) - 1, int(0.99 * len(seconds)))], 1e-3)
    bars = _bars(_counts(seconds, top), top / _BINS, name=f"{noun.title()}s", color="--accent", unit=":.2f s")
    layout = _layout(
        xaxis=_axis(title=f"Seconds a {noun}", range=[0, top]),
        yaxis=_axis(title=f"{noun.title()}s", rangemode="tozero", tickformat="d"),
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        **({} if median is None else _line(median, f"median {shown('seconds', median)}")),
    )
    return {"data": [bars], "layout": layout}


def _counts(values: Sequence[float], top: float) -> list[int]:
    """Return how many values each of the bins from 0 to ``top`` has; what lies beyond is in the last."""
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int(value / top * _BINS)))] += 1
    return counts


def _bars(counts: Sequence[int], width: float, *, name: str, color: str, unit: str) -> Plot:
    return {
        "type": "bar",
        "name": name,
        "x": [(at + 0.5) * width for at, count in enumerate(counts) if count],
        "y": [count for count in counts if count],
        "width": width * 0.92,
        "marker": {"color": color, "opacity": 0.62},
        "hovertemplate": f"%{{y}} near %{{x{unit.split()[0]}}}{' s' if ' s' in unit else ''}<extra>{name}</extra>",
    }


def _line(at: float, words: str) -> Plot:
    """Return an upright line with words above it, as parts of a layout."""
    return {
        "shapes": [
            {
                "type": "line",
                "x0": at,
                "x1": at,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": "--ink", "width": 1, "dash": "dot"},
            }
        ],
        "annotations": [
            {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "text": words, "showarrow": False, **_small()}
        ],
    }


def _margin(words: str, at: int) -> Plot:
    return {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 10, "y": at, "text": words, "showarrow": False}


def _small() -> Plot:
    return {"font": {"size": 12, "color": "--quiet"}}


def _axis(**given: Any) -> Plot:
    title = given.pop("title", None)
    plain = {"fixedrange": True, "zeroline": False, "gridcolor": "--rule", "linecolor": "--rule", "automargin": True}
    return plain | given | ({} if title is None else {"title": {"text": title, "standoff": 8, **_small()}})


def _layout(**given: Any) -> Plot:
    plain: Plot = {
        "height": 260,
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "font": {"family": "--sans", "size": 13, "color": "--ink"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": "--paper", "bordercolor": "--accent", "font": {"color": "--ink"}, "align": "left"},
        "showlegend": False,
        "dragmode": False,
    }
    return plain | given


def _interval(name: str, figure: dict[str, Any]) -> tuple[str, str]:
    return shown(name, figure["value"]), f"{shown(name, figure['low'])} to {shown(name, figure['high'])}"


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
