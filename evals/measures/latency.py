"""Measures of time."""

from __future__ import annotations

import numpy as np

from evals.intervals import Counts, Numbers


def percentile(seconds: Numbers, share: float, counts: Counts) -> Numbers:
    """Return for each resample the time that this share (0 to 1) of its questions stayed below or met, in seconds.

    ``seconds`` has shape (questions,), ``counts`` (resamples, questions): how often each question is drawn. Between two
    times it is interpolated: with x(0) to x(n - 1) in order and h = (n - 1) share, it is x(h). Source: definition 7 of
    Hyndman and Fan 1996, https://doi.org/10.2307/2684934. A resample without questions gives nan.
    """
    if not len(seconds):
        return np.full(len(counts), np.nan)
    order = np.argsort(seconds, kind="stable")
    until = np.cumsum(counts[:, order], axis=1)
    place = np.maximum(until[:, -1] - 1, 0) * share
    lower, upper = (
        seconds[order][np.minimum((until <= at[:, None]).sum(axis=1), len(order) - 1)]
        for at in (np.floor(place), np.ceil(place))
    )
    between = lower + (upper - lower) * (place - np.floor(place))
    return np.where(until[:, -1] > 0, between, np.nan)
