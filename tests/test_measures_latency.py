"""Percentiles of times, by hand and against numpy on what a resample holds."""

from __future__ import annotations

import numpy as np
import pytest

from evals.measures.latency import percentile


def test_a_percentile_lies_between_two_times() -> None:
    seconds = np.array([4.0, 1.0, 3.0, 2.0])
    once = np.ones((1, 4))
    # h = (4 - 1) * 0.5 = 1.5: half way from 2 to 3; (4 - 1) * 0.95 = 2.85: from 3, 0.85 of the way to 4.
    assert percentile(seconds, 0.5, once) == 2.5
    assert percentile(seconds, 0.95, once) == pytest.approx(3.85)
    assert (percentile(seconds, 0.0, once), percentile(seconds, 1.0, once)) == (1.0, 4.0)


def test_a_resample_counts_a_time_as_often_as_it_draws_it() -> None:
    seconds = np.array([5.0, 1.0, 3.0])
    # 1 1 3 has the middle 1, 3 5 5 has 5, and 1 alone is all there is.
    assert percentile(seconds, 0.5, np.array([[0, 2, 1], [2, 0, 1], [0, 1, 0]])).tolist() == [1.0, 5.0, 1.0]


def test_it_is_what_numpy_gives_for_each_resample() -> None:
    random = np.random.default_rng(1)
    seconds = random.integers(0, 5, 30).astype(float)
    counts = random.multinomial(30, [1 / 30] * 30, size=50).astype(float)
    for share in (0.05, 0.5, 0.95):
        expected = [np.percentile(np.repeat(seconds, one.astype(int)), 100 * share) for one in counts]
        assert percentile(seconds, share, counts) == pytest.approx(expected)


def test_no_questions_have_no_percentile() -> None:
    assert np.isnan(percentile(np.array([]), 0.5, np.ones((2, 0)))).tolist() == [True, True]
    assert np.isnan(percentile(np.array([1.0]), 0.5, np.array([[0.0], [1.0]]))).tolist() == [True, False]
