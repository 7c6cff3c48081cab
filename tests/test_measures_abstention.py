"""Measures of refusing, by hand: precision and recall, AUROC, and the risk-coverage curve with its area."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from evals.measures.abstention import (
    abstention_accuracy,
    aurc,
    confidence_auroc,
    refusal_precision,
    refusal_recall,
    selective_risk,
)

Array = NDArray[np.float64]


def array(*values: float) -> Array:
    return np.array(values, dtype=np.float64)


def once(many: int) -> Array:
    return np.ones((1, many))


def test_accuracy_is_1_where_refusing_was_right() -> None:
    assert abstention_accuracy(refused=True, answerable=False) == 1.0
    assert abstention_accuracy(refused=False, answerable=True) == 1.0
    assert abstention_accuracy(refused=True, answerable=True) == 0.0
    assert abstention_accuracy(refused=False, answerable=False) == 0.0


def test_precision_and_recall_of_refusing() -> None:
    refused, answerable = array(1, 1, 1, 0, 0), array(0, 0, 1, 0, 1)
    # Three refused, two of them rightly; three not answerable, two of them refused.
    assert refusal_precision(refused, answerable, once(5)) == pytest.approx([2 / 3])
    assert refusal_recall(refused, answerable, once(5)) == pytest.approx([2 / 3])
    # The second question three times and the third once: 3 of 4; the fourth as well: 3 of 4.
    counts = array(0, 3, 1, 1, 0)[None]
    assert refusal_precision(refused, answerable, counts) == pytest.approx([3 / 4])
    assert refusal_recall(refused, answerable, counts) == pytest.approx([3 / 4])


def test_nothing_refused_has_no_precision_and_nothing_unanswerable_no_recall() -> None:
    refused, answerable = array(0, 1), array(0, 1)
    counts = np.array([[2.0, 0.0], [0.0, 2.0]])
    assert refusal_precision(refused, answerable, counts) == pytest.approx([np.nan, 0.0], nan_ok=True)
    assert refusal_recall(refused, answerable, counts) == pytest.approx([0.0, np.nan], nan_ok=True)
    assert np.isnan(refusal_precision(array(), array(), once(0))).all()


def test_auroc_is_the_share_of_pairs_in_the_right_order_with_ties_half() -> None:
    answerable, confidence = array(1, 1, 0, 0), array(0.9, 0.5, 0.5, 0.1)
    # 0.9 > 0.5, 0.9 > 0.1, 0.5 > 0.1, and 0.5 = 0.5 for half.
    assert confidence_auroc(answerable, confidence, once(4)) == pytest.approx([3.5 / 4])
    assert confidence_auroc(1 - answerable, confidence, once(4)) == pytest.approx([0.5 / 4])
    assert confidence_auroc(answerable, array(1, 1, 1, 1), once(4)) == pytest.approx([0.5])


def test_auroc_counts_what_is_below_all_and_above_all() -> None:
    answerable, confidence = array(1, 1, 0, 0), array(-np.inf, 0.5, 0.2, np.inf)
    # Of the four pairs only 0.5 > 0.2 is right.
    assert confidence_auroc(answerable, confidence, once(4)) == pytest.approx([1 / 4])


def test_auroc_of_one_class_or_of_nothing_is_nan() -> None:
    counts = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
    assert confidence_auroc(array(1, 0), array(0.9, 0.1), counts) == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert np.isnan(confidence_auroc(array(), array(), once(0))).all()


def test_auroc_is_sklearn_s_for_every_resample() -> None:
    random = np.random.default_rng(2)
    answerable = random.integers(0, 2, 40).astype(float)
    confidence = random.integers(0, 10, 40) / 10
    counts = random.multinomial(40, [1 / 40] * 40, size=50).astype(float)
    expected = [roc_auc_score(answerable, confidence, sample_weight=one) for one in counts]
    assert confidence_auroc(answerable, confidence, counts) == pytest.approx(expected)


def test_aurc_is_the_mean_of_the_risks_of_the_surest() -> None:
    # By confidence the errors are 0, 1, 0, 1, so the risks are 0, 1/2, 1/3 and 2/4.
    errors, confidence = array(1, 0, 0, 1), array(0.1, 0.9, 0.3, 0.6)
    assert aurc(errors, confidence, once(4)) == pytest.approx([(0 + 1 / 2 + 1 / 3 + 2 / 4) / 4])
    assert aurc(array(0.25), array(0.5), once(1)) == pytest.approx([0.25])
    assert np.isnan(aurc(array(), array(), once(0))).all()
    assert np.isnan(aurc(array(1), array(1), np.zeros((1, 1)))).all()


def test_equal_confidences_give_the_mean_over_all_their_orders() -> None:
    errors, confidence = (0.0, 1.0, 0.5, 0.25), array(0.9, 0.5, 0.5, 0.5)
    areas = [np.mean([sum((0.0, *rest)[:at]) / at for at in range(1, 5)]) for rest in permutations(errors[1:])]
    assert aurc(array(*errors), confidence, once(4)) == pytest.approx([np.mean(areas)])


def test_a_question_that_is_drawn_twice_counts_twice_in_the_area() -> None:
    errors, confidence = array(0, 1, 0.5), array(0.9, 0.5, 0.1)
    # 0, 1, 1: risks 0, 1/2, 2/3; 1, 0.5, 0.5: risks 1, 3/4, 2/3.
    counts = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 2.0]])
    assert aurc(errors, confidence, counts) == pytest.approx([(0 + 1 / 2 + 2 / 3) / 3, (1 + 3 / 4 + 2 / 3) / 3])


def test_the_curve_has_a_point_for_each_confidence() -> None:
    errors, confidence = array(1, 0, 0.5, 0), array(0.2, 0.9, 0.5, 0.5)
    coverage, risk, at = selective_risk(errors, confidence)
    assert at.tolist() == [0.9, 0.5, 0.2]
    assert coverage.tolist() == [1 / 4, 3 / 4, 4 / 4]
    assert risk == pytest.approx([0, 0.5 / 3, 1.5 / 4])
    assert [len(one) for one in selective_risk(array(), array())] == [0, 0, 0]
