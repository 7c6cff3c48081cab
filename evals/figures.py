"""Rows -> the figures of a run, each with its interval, and the differences between the figures of two runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.intervals import RESAMPLES, Counts, Numbers, interval, ratio, resampled
from evals.measures import abstention
from evals.measures.latency import percentile
from evals.rows import Row


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a run, its 95% interval, and the number of rows that it speaks of."""

    name: str
    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain JSON values, without its name, under which results keep it."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


@dataclass(frozen=True, slots=True)
class Point:
    """Of the answered rows, ``coverage`` have a confidence of ``confidence`` or more; ``risk`` is their mean error."""

    coverage: float
    risk: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Statistic:
    """How a figure is had from how often each row is drawn, for many resamples at once, and how many rows it is of."""

    name: str
    of: Callable[[Counts], Numbers]
    n: int


def figures(rows: Sequence[Row], *, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Figure]:
    """Return all figures of measured rows by name; no rows give {}.

    There is the mean of every measure over the rows that have it, and: refusal_precision, refusal_recall,
    confidence_auroc, aurc, for claims balanced_accuracy, seconds_p50 and seconds_p95, the means input_tokens,
    output_tokens and cost of the rows for which a model ran, and failed, a count. A figure that divides by nothing is
    left out: refusal_precision where nothing was refused, confidence_auroc where only one class is there. A resample
    for which a figure divides by nothing is skipped for that figure. The order of the rows does not matter.
    """
    statistics = _statistics(rows)
    draws = _draws(statistics, len(rows), seed=seed, resamples=resamples)
    return {
        one.name: _figure(one.name, value, draws[one.name], one.n)
        for one in statistics
        for value in one.of(np.ones((1, len(rows))))
        if not np.isnan(value)
    }


def by_tag(rows: Sequence[Row], *, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, dict[str, Figure]]:
    """Return the figures of the rows with each tag, by tag in order; no tags give {}."""
    tags = sorted({tag for row in rows for tag in row.case.tags})
    return {tag: figures([row for row in rows if tag in row.case.tags], seed=seed, resamples=resamples) for tag in tags}


def differences(
    before: Sequence[Row], after: Sequence[Row], *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Figure]:
    """Return the differences of the figures that both runs have, after minus before, by name, with paired intervals.

    Only cases that both have count, and ``n`` is their number. A resample draws the same cases of both (paired
    bootstrap, Efron and Tibshirani 1993, chapter 8). No common case gives {}.
    """
    old, new = ({row.case.id: row for row in rows} for rows in (before, after))
    common = sorted(old.keys() & new.keys())
    runs = [{one.name: one for one in _statistics([rows[case] for case in common])} for rows in (old, new)]
    # The same seed draws the same cases of both.
    drawn = [_draws(list(run.values()), len(common), seed=seed, resamples=resamples) for run in runs]
    once = np.ones((1, len(common)))
    moved = {name: float((runs[1][name].of(once) - runs[0][name].of(once))[0]) for name in runs[1] if name in runs[0]}
    return {
        name: _figure(name, value, drawn[1][name] - drawn[0][name], len(common))
        for name, value in moved.items()
        if not np.isnan(value)
    }


def risk_coverage(rows: Sequence[Row]) -> list[Point]:
    """Return the risk-coverage curve of measured rows, a point for each confidence, falling; [] where none is answered.

    Only answered rows count, and the last point's coverage is 1. The error of a row is 1 - facts_covered; 1 - token_f1
    where the case has no facts; 0 where it has no reference either; and 1 where it is not answerable.
    """
    answered = [row for row in _ordered(rows) if _is_answered(row)]
    curve = abstention.selective_risk(_numbers(map(_error, answered)), _numbers(map(_confidence, answered)))
    return [Point(*values) for values in zip(*(one.tolist() for one in curve), strict=True)]


def _figure(name: str, value: float, draws: Numbers, n: int) -> Figure:
    low, high = interval(draws)
    # No resample had what the figure needs: nothing is known but the value.
    return Figure(name, float(value), *((value, value) if np.isnan(low) else (low, high)), n)


def _draws(statistics: Sequence[_Statistic], rows: int, *, seed: int, resamples: int) -> dict[str, Numbers]:
    """Return each statistic's value for each resample, by name."""
    found: dict[str, list[Numbers]] = {one.name: [] for one in statistics}
    for counts in resampled(rows, seed=seed, resamples=resamples):
        for one in statistics:
            found[one.name].append(one.of(counts))
    return {name: np.concatenate([np.empty(0), *parts]) for name, parts in found.items()}


def _statistics(rows: Sequence[Row]) -> list[_Statistic]:
    """Return the statistics of the rows, whose counts are in the order of the cases' ids; none for no rows."""
    rows = _ordered(rows)
    return [*_means(rows), *_refusing(rows), *_risk(rows), *_checking(rows), *_time(rows)] if rows else []


def _means(rows: Sequence[Row]) -> list[_Statistic]:
    names = sorted({name for row in rows for name in row.measures})
    columns = {name: [row.measures.get(name) for row in rows] for name in names}
    usages = [row.answer.usage if row.answer else None for row in rows]
    columns["input_tokens"] = [None if used is None else used.input_tokens for used in usages]
    columns["output_tokens"] = [None if used is None else used.output_tokens for used in usages]
    columns["cost"] = [None if used is None else used.cost for used in usages]
    return [_mean(name, values) for name, values in columns.items() if any(value is not None for value in values)]


def _mean(name: str, values: Sequence[float | None]) -> _Statistic:
    """Return the mean of the values that are there; one is."""
    there = _numbers(value is not None for value in values)
    middle = fsum(value for value in values if value is not None) / there.sum()
    # Summed as distances from the mean: a measure that is the same everywhere has an interval of no width, not of what
    # rounding leaves.
    off = _numbers(0.0 if value is None else value - middle for value in values)
    return _Statistic(name, lambda counts: middle + ratio(counts @ off, counts @ there), int(there.sum()))


def _refusing(rows: Sequence[Row]) -> list[_Statistic]:
    at = _places("refused" in row.measures for row in rows)
    refused = _numbers(rows[place].measures["refused"] for place in at)
    answerable = _numbers(rows[place].case.answerable for place in at)
    confidence = _numbers(_confidence(rows[place]) for place in at)
    return [
        _Statistic(
            "refusal_precision",
            lambda counts: abstention.refusal_precision(refused, answerable, counts[:, at]),
            int(refused.sum()),
        ),
        _Statistic(
            "refusal_recall",
            lambda counts: abstention.refusal_recall(refused, answerable, counts[:, at]),
            int((1 - answerable).sum()),
        ),
        _Statistic(
            "confidence_auroc",
            lambda counts: abstention.confidence_auroc(answerable, confidence, counts[:, at]),
            len(at),
        ),
    ]


def _risk(rows: Sequence[Row]) -> list[_Statistic]:
    at = _places(_is_answered(row) for row in rows)
    errors = _numbers(_error(rows[place]) for place in at)
    confidence = _numbers(_confidence(rows[place]) for place in at)
    return [_Statistic("aurc", lambda counts: abstention.aurc(errors, confidence, counts[:, at]), len(at))]


def _checking(rows: Sequence[Row]) -> list[_Statistic]:
    """Return for claims the mean of sensitivity and specificity (Brodersen et al. 2010, doi:10.1109/ICPR.2010.764)."""
    at = _places("agreement" in row.measures for row in rows)
    agrees = _numbers(rows[place].measures["agreement"] for place in at)
    supported = _numbers(rows[place].case.answerable for place in at)

    def balanced(counts: Counts) -> Numbers:
        classes = (counts[:, at] * supported, counts[:, at] * (1 - supported))
        sensitivity, specificity = (ratio(one @ agrees, one.sum(axis=1)) for one in classes)
        return (sensitivity + specificity) / 2

    return [_Statistic("balanced_accuracy", balanced, len(at))]


def _time(rows: Sequence[Row]) -> list[_Statistic]:
    seconds = _numbers(row.seconds for row in rows)
    failed = _numbers(bool(row.error) for row in rows)
    return [
        _Statistic("seconds_p50", lambda counts: percentile(seconds, 0.5, counts), len(rows)),
        _Statistic("seconds_p95", lambda counts: percentile(seconds, 0.95, counts), len(rows)),
        _Statistic("failed", lambda counts: counts @ failed, len(rows)),
    ]


def _is_answered(row: Row) -> bool:
    # A claim is no question: nothing is refused, and its confidence says nothing.
    return row.answer is not None and row.answer.answered and not row.error and "agreement" not in row.measures


def _confidence(row: Row) -> float:
    """Return the confidence; a row that failed counts as wrong whatever its case: below all others where it is
    answerable, above all where it is not."""
    if row.answer is None or row.error:
        return -np.inf if row.case.answerable else np.inf
    return row.answer.confidence


def _error(row: Row) -> float:
    if not row.case.answerable:
        return 1.0
    scores = (row.measures[name] for name in ("facts_covered", "token_f1") if name in row.measures)
    return 1.0 - next(scores, 1.0)


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in the order of their ids: sums, and what a seed draws, depend on the order."""
    return sorted(rows, key=lambda row: row.case.id)


def _places(wanted: Iterable[bool]) -> NDArray[np.intp]:
    return np.flatnonzero(np.fromiter(wanted, dtype=np.bool_))


def _numbers(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=np.float64)
