"""Figures as the browser draws them: each with its interval, its meaning, and a scale that shows both."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.web.components import component

if TYPE_CHECKING:
    from evals.compare import Change

# Columns of the figures by tag, and figures that a run is told apart by in the list.
_COLUMNS, _KEY = 7, 4


def show_figures(figures: Mapping[str, Any], *, key: str) -> None:
    """Draw all figures of a run, by group, each with what it means."""
    _component()(key=key, data={"groups": figure_groups(figures)})


def show_changes(changes: Sequence[Change], *, key: str) -> None:
    """Draw the figures of two runs with their differences, by group."""
    _component()(key=key, data={"groups": change_groups(changes)})


def show_tags(tags: Mapping[str, Any], *, key: str) -> None:
    """Draw the headline figures of each tag, the tags with most cases first."""
    _component()(key=key, data=tag_table(tags))


def key_figures(figures: Mapping[str, Any]) -> str:
    """Return the figures that a run is told apart by, each with its interval, as one line; "" where it has none."""
    from evals.glossary import HEADLINE, shown, term

    names = [name for name in HEADLINE if name in figures][:_KEY]
    return " · ".join(
        f"{term(name).label} {shown(name, figures[name]['value'])}{_reach(name, figures[name])}" for name in names
    )


def figure_groups(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures under the glossary's groups, as plain values."""
    from evals.glossary import in_order, shown, term

    rows: dict[str, list[dict[str, Any]]] = {}
    for name in in_order(figures):
        figure, what = figures[name], term(name)
        rows.setdefault(what.group, []).append(
            {
                "label": what.label,
                "words": what.words,
                "value": shown(name, figure["value"]),
                "interval": interval(name, figure),
                "of": f"of {figure['n']:,}",
                "scale": _share_scale(figure) if what.unit == "share" else None,
            }
        )
    return [{"title": title, "rows": found} for title, found in rows.items()]


def change_groups(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return the changes under the glossary's groups, as plain values."""
    from evals.glossary import shown, term

    rows: dict[str, list[dict[str, Any]]] = {}
    for one in changes:
        what = term(one.name)
        low, high = (shown(one.name, end, signed=True) for end in (one.low, one.high))
        rows.setdefault(what.group, []).append(
            {
                "label": what.label,
                "words": what.words,
                "before": shown(one.name, one.before),
                "after": shown(one.name, one.after),
                "value": shown(one.name, one.difference, signed=True),
                "interval": f"{low} to {high}",
                "verdict": one.verdict,
                "scale": _zero_scale(one),
            }
        )
    return [{"title": title, "rows": found} for title, found in rows.items()]


def tag_table(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of headline figures by tag, as plain values."""
    from evals.glossary import HEADLINE, shown, term

    names = [name for name in HEADLINE if any(name in found for found in tags.values())][:_COLUMNS]
    sizes = {tag: max((one["n"] for one in found.values()), default=0) for tag, found in tags.items()}
    lines = [
        {
            "name": tag,
            "cells": [
                {"value": f"{sizes[tag]:,}", "note": ""},
                *(
                    {"value": shown(name, one["value"]), "note": interval(name, one)}
                    if (one := tags[tag].get(name))
                    else {"value": "–", "note": ""}
                    for name in names
                ),
            ],
        }
        for tag in sorted(tags, key=lambda tag: (-sizes[tag], tag))
    ]
    heads = ["Tag", "Cases", *(term(name).label for name in names)]
    return {"heads": heads, "lines": lines, "caption": "Figures by tag"}


def interval(name: str, figure: Mapping[str, Any]) -> str:
    """Return a figure's 95% interval in words, "" where there is none."""
    from evals.glossary import shown

    low, high = figure.get("low"), figure.get("high")
    return "" if low is None or high is None else f"{shown(name, low)} to {shown(name, high)}"


def _reach(name: str, figure: Mapping[str, Any]) -> str:
    words = interval(name, figure)
    return f" ({words})" if words else ""


def _share_scale(figure: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where a share and its interval lie between 0 and 1."""
    ends = [figure.get(name) for name in ("low", "value", "high")]
    if any(end is None or not math.isfinite(end) for end in ends):
        return None
    low, at, high = (min(1.0, max(0.0, float(end or 0))) for end in ends)
    return {"low": low, "at": at, "high": high, "zero": None}


def _zero_scale(change: Change) -> dict[str, Any] | None:
    """Return where a difference and its interval lie, 0 in the middle; None for what is no number, or 0 throughout."""
    ends = (change.low, change.difference, change.high)
    reach = max(map(abs, ends))
    if not math.isfinite(reach) or reach == 0:
        return None
    low, at, high = (0.5 + end / reach / 2 for end in ends)
    return {"low": low, "at": at, "high": high, "zero": 0.5}


def _component() -> Callable[..., Any]:
    return component("footnote_figures", '<div class="figures"></div>', "measuring/figures.css", "measuring/figures.js")
