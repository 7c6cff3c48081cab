"""Measures of refusing: does it say no at the right times, and does its confidence know which times those are?

Those of one question take plain values. Those of many take arrays of shape (questions,) and ``counts``, of shape
(resamples, questions): how often each resample draws each question. They return a value for each resample, nan where a
resample has nothing to divide by. A single row of ones gives the figure itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evals.intervals import Counts, Numbers, ratio


def abstention_accuracy(refused: bool, answerable: bool) -> float:
    """Return 1 where an answerable question was answered or an unanswerable one refused, else 0.

    Source: Feng et al. 2024, https://arxiv.org/abs/2402.00367.
    """
    return float(refused != answerable)


def refusal_precision(refused: Numbers, answerable: Numbers, counts: Counts) -> Numbers:
    """Return the share of the refused questions that are unanswerable, 0 to 1; nan where none was refused.

    Formula: |refused and unanswerable| / |refused|. Source: Manning, Raghavan and Schütze 2008, chapter 8.
    """
    return ratio(counts @ (refused * (1 - answerable)), counts @ refused)


def refusal_recall(refused: Numbers, answerable: Numbers, counts: Counts) -> Numbers:
    """Return the share of the unanswerable questions that were refused, 0 to 1; nan where all are answerable.

    Formula: |refused and unanswerable| / |unanswerable|. Source: Manning, Raghavan and Schütze 2008, chapter 8.
    """
    return ratio(counts @ (refused * (1 - answerable)), counts @ (1 - answerable))


def confidence_auroc(answerable: Numbers, confidence: Numbers, counts: Counts) -> Numbers:
    """Return the area under the ROC curve of confidence, 0 to 1, answerable questions being the positive class.

    Formula: the share of pairs (answerable, unanswerable) in which the answerable one has the higher confidence, ties
    counted half. Source: Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747. nan where a class is
    missing. It equals sklearn's ``roc_auc_score``, which takes one resample at a time.
    """
    order, first = _grouped(confidence)
    if not len(order):
        return np.full(len(counts), np.nan)
    drawn = counts[:, order]
    positive = np.add.reduceat(drawn * answerable[order], first, axis=1)
    negative = np.add.reduceat(drawn * (1 - answerable[order]), first, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = (positive * (below + negative / 2)).sum(axis=1)
    return ratio(won, positive.sum(axis=1) * negative.sum(axis=1))


def aurc(errors: Numbers, confidence: Numbers, counts: Counts) -> Numbers:
    """Return the area under the risk-coverage curve, 0 to 1 for errors of 0 to 1; less is better. nan for no questions.

    Formula: with the questions in falling order of confidence, the mean over i = 1 to n of the risk at i, which is the
    mean error of the first i. Equal confidences: the mean over all their orders, which is had by giving each of them
    the mean error of them all. Sources: the curve, El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html,
    and Geifman and El-Yaniv 2017, https://arxiv.org/abs/1705.08500; the area, Geifman et al. 2019,
    https://arxiv.org/abs/1805.08206.
    """
    order, first = _grouped(-confidence)
    if not len(order):
        return np.full(len(counts), np.nan)
    drawn = counts[:, order]
    size = np.add.reduceat(drawn, first, axis=1)
    wrong = np.add.reduceat(drawn * errors[order], first, axis=1)
    until = np.cumsum(size, axis=1)
    before = until - size
    level = np.divide(wrong, size, out=np.zeros_like(wrong), where=size > 0)
    # In a group of s questions with mean error m, after n with the summed error E, the risks are (E + t m) / (n + t)
    # for t = 1 to s. They add up to s m + (E - n m) (H(n + s) - H(n)), H being the harmonic numbers.
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, until.max() + 1))])
    spread = harmonic[until.astype(np.intp)] - harmonic[before.astype(np.intp)]
    risks = wrong + (np.cumsum(wrong, axis=1) - wrong - before * level) * spread
    return ratio(risks.sum(axis=1), until[:, -1])


def selective_risk(errors: Numbers, confidence: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return coverage, risk and confidence along the risk-coverage curve, confidence falling; empty for no questions.

    There is a point for each confidence c that occurs: its coverage is the share of the questions with a confidence of
    c or more, its risk their mean error. Sources: those of ``aurc``.
    """
    order, first = _grouped(-confidence)
    if not len(order):
        return errors, errors, confidence
    last = np.append(first[1:], len(order))
    wrong = np.cumsum(errors[order])[last - 1]
    return last / len(order), wrong / last, confidence[order][first]


def _grouped(values: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the values in rising order, and where in that order each group of equal values begins."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(order)])
