"""Bootstrap intervals: how far a figure might move, had other questions of the same kind been asked.

Rows are drawn with replacement, as many as there are, and the figure is taken of each resample; the interval is where
its middle 95% lie. Source: the percentile bootstrap of Efron 1979, https://doi.org/10.1214/aos/1176344552.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
# How often each resample draws each row: shape (resamples, rows). A statistic of counts costs one product of matrices
# for all resamples, where one of rows would cost a pass over each.
Counts = NDArray[np.float64]
_Row = TypeVar("_Row")

LEVEL = 0.95
RESAMPLES = 1000
# Counts held at once, 32 MB of them.
_AT_ONCE = 4_000_000


def mean(values: Numbers) -> float:
    """Return the arithmetic mean; there has to be a value."""
    return float(np.mean(values))


def bootstrap(
    values: Sequence[float],
    statistic: Callable[[Numbers], float] = mean,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[float, float]:
    """Return the ends (low, high) of the statistic's 95% interval over resamples of the values; of none, (nan, nan)."""
    sample = np.asarray(values, dtype=np.float64)
    return interval([statistic(sample[drawn]) for drawn in _drawn(len(sample), seed=seed, resamples=resamples)])


def paired_difference(
    before: Sequence[float], after: Sequence[float], *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """Return (difference, low, high) of the means, after minus before; ``before[i]`` and ``after[i]`` are of one case.

    No pairs give (nan, nan, nan). Raises ValueError where the lengths differ.
    """
    gained = [new - old for old, new in zip(before, after, strict=True)]
    if not gained:
        return (float("nan"),) * 3
    return mean(np.asarray(gained)), *bootstrap(gained, seed=seed, resamples=resamples)


def paired(
    before: Sequence[_Row],
    after: Sequence[_Row],
    statistic: Callable[[Sequence[_Row]], float],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float]:
    """Return (difference, low, high) of any statistic of rows, after minus before.

    ``before[i]`` and ``after[i]`` are of one case, and both are drawn together. A resample for which the statistic is
    nan is skipped. No rows give (nan, nan, nan). Raises ValueError where the lengths differ. For the figures of two
    runs, ``evals.figures.differences`` takes all at once and in much less time.
    """
    if len(before) != len(after):
        raise ValueError(f"pairs of rows are needed, and there are {len(before)} before and {len(after)} after")
    if not before:
        return (float("nan"),) * 3
    moved = [
        statistic([after[at] for at in drawn]) - statistic([before[at] for at in drawn])
        for drawn in _drawn(len(before), seed=seed, resamples=resamples)
    ]
    return statistic(after) - statistic(before), *interval(moved)


def interval(statistics: Sequence[float] | Numbers) -> tuple[float, float]:
    """Return the ends of the middle 95% of a statistic's resamples, interpolated; nan are skipped, of none (nan, nan).

    A resample gives nan where it lacks what the statistic needs, a class for instance.
    """
    values = np.asarray(statistics, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def resampled(rows: int, *, seed: int = 0, resamples: int = RESAMPLES) -> Iterator[Counts]:
    """Yield how often each resample draws each row, some resamples at a time; nothing for no rows.

    Each row of counts adds up to ``rows``. The same arguments give the same counts.
    """
    if rows < 1:
        return
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // rows)
    for start in range(0, resamples, step):
        many = min(step, resamples - start)
        drawn = random.integers(rows, size=(many, rows)) + rows * np.arange(many)[:, None]
        yield np.bincount(drawn.ravel(), minlength=many * rows).reshape(many, rows).astype(np.float64)


def ratio(part: Numbers, whole: Numbers) -> Numbers:
    """Return ``part / whole``, and nan where the whole is 0."""
    divided: Numbers = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0)
    return divided


def _drawn(rows: int, *, seed: int, resamples: int) -> Iterator[NDArray[np.intp]]:
    """Yield the places of the rows of each resample."""
    places = np.arange(rows)
    for counts in resampled(rows, seed=seed, resamples=resamples):
        for one in counts:
            yield np.repeat(places, one.astype(np.intp))
