"""Bootstrap intervals: exact where they can be, and as wide as theory says where not."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from evals import intervals
from evals.intervals import Numbers, bootstrap, interval, paired, paired_difference, ratio, resampled


def test_an_interval_holds_the_middle_95_percent() -> None:
    # Of 0 to 1000, 2.5% lie below 25 and above 975.
    assert interval(range(1001)) == pytest.approx((25, 975))
    assert interval([3.0]) == (3.0, 3.0)
    # Between two values it is interpolated.
    assert interval([0.0, 1.0]) == pytest.approx((0.025, 0.975))


def test_an_interval_skips_what_a_resample_could_not_give() -> None:
    assert interval([float("nan"), *range(1001), float("nan")]) == pytest.approx((25, 975))
    assert all(map(isnan, interval([float("nan")])))
    assert all(map(isnan, interval([])))


def test_values_that_are_all_the_same_have_an_interval_of_no_width() -> None:
    assert bootstrap([0.5] * 7) == (0.5, 0.5)
    assert bootstrap([2.0]) == (2.0, 2.0)
    assert all(map(isnan, bootstrap([])))


def test_the_interval_of_a_mean_is_nearly_the_normal_one() -> None:
    # 50 zeros and 50 ones: the standard error is sqrt(0.25 / 100) = 0.05, and 1.96 of them are 0.098.
    low, high = bootstrap([0.0, 1.0] * 50, resamples=4000)
    assert low == pytest.approx(0.5 - 0.098, abs=0.011)
    assert high == pytest.approx(0.5 + 0.098, abs=0.011)


def test_a_seed_gives_the_same_interval_again_and_another_seed_another() -> None:
    values = list(np.random.default_rng(3).random(40))
    assert bootstrap(values) == bootstrap(values, seed=0) != bootstrap(values, seed=1)


def test_any_statistic_of_the_values_may_be_taken() -> None:
    def largest(values: Numbers) -> float:
        return float(values.max())

    # The largest of ten is drawn in 1 - 0.9^10 = 65% of the resamples.
    low, high = bootstrap(list(range(10)), largest)
    assert (low < 9.0, high) == (True, 9.0)


def test_counts_say_how_often_each_row_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    (counts,) = resampled(5, resamples=40)
    assert counts.shape == (40, 5)
    assert set(counts.sum(axis=1)) == {5.0}
    assert list(resampled(0)) == []
    # Many rows come in several parts, the same ones.
    monkeypatch.setattr(intervals, "_AT_ONCE", 35)
    parts = list(resampled(5, resamples=40))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 7, 5]
    assert np.array_equal(np.concatenate(parts), counts)


def test_a_paired_difference_is_of_the_means_after_minus_before() -> None:
    # Every case gains a quarter: whatever is drawn, so does the mean.
    assert paired_difference([0.0, 0.5, 0.75], [0.25, 0.75, 1.0]) == (0.25, 0.25, 0.25)
    difference, low, high = paired_difference([0.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0])
    assert difference == (1 + 0 - 1 + 1) / 4
    assert low < difference < high
    assert all(map(isnan, paired_difference([], [])))


def test_pairs_are_much_surer_than_two_samples() -> None:
    before = list(np.random.default_rng(4).random(50))
    after = [value + 0.01 * (place % 2) for place, value in enumerate(before)]
    _, low, high = paired_difference(before, after)
    assert 0.001 < low < 0.005 < high < 0.009
    alone = bootstrap(after)
    assert high - low < (alone[1] - alone[0]) / 10


def test_pairs_have_to_be_pairs() -> None:
    with pytest.raises(ValueError, match="longer"):
        paired_difference([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="1 before and 2 after"):
        paired([1.0], [1.0, 2.0], sum)


def test_a_statistic_of_rows_is_taken_of_the_same_rows_of_both() -> None:
    before, after = ["a", "bb", "ccc"], ["aa", "bbb", "cccc"]

    def letters(rows: object) -> float:
        return float(sum(map(len, rows)))  # type: ignore[call-overload]

    # Each of the three that are drawn is longer by one.
    assert paired(before, after, letters) == (3.0, 3.0, 3.0)
    assert all(map(isnan, paired([], [], letters)))


def test_a_mean_of_rows_has_the_interval_of_paired_values() -> None:
    before, after = [0.0, 1.0, 0.5, 0.25], [0.5, 0.0, 1.0, 0.25]
    assert paired(before, after, np.mean) == pytest.approx(paired_difference(before, after))


def test_a_ratio_over_nothing_is_nan() -> None:
    assert ratio(np.array([1.0, 0.0, 2.0]), np.array([4.0, 0.0, 0.0])) == pytest.approx(
        [0.25, np.nan, np.nan], nan_ok=True
    )
