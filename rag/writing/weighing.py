"""What is known of a sentence as an answer -> how it ranks among others, and the chance that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a sentence (or row) beside a question.

    ``similarity`` and ``near`` are the cosines of question and sentence, and of question and passage; ``covered`` the
    share (0 to 1) of the question's weighted terms; ``unfit`` and ``unfit_why`` 1 where nothing of the kind asked for
    is there, the second for a *why*; ``unnamed`` how many of the question's names and numbers are missing; ``broken``
    1 where no full stop ends it; ``place`` the passage's place, from 0.
    """

    similarity: float
    covered: float
    near: float
    unfit: float
    unfit_why: float
    unnamed: float
    broken: float
    place: float


# Provisional: set on questions over ``corpus/`` and on some of SQuAD 2.0.
_RANK = {
    "constant": 0.05,
    "similarity": 0.45,
    "covered": 0.35,
    "near": 0.2,
    "unfit": -0.15,
    "unfit_why": -0.15,
    "broken": -0.05,
    "unnamed": -0.1,
    "place": -0.01,
}
_ODDS = {
    "constant": -3.7,
    "similarity": 2.0,
    "covered": 4.2,
    "near": 1.1,
    "unfit": -2.5,
    "unfit_why": -1.0,
    "unnamed": -2.5,
}


def rank(features: Features) -> float:
    """Return the score that orders the sentences of one question."""
    return _sum(_RANK, features)


def chance(features: Features) -> float:
    """Return the chance (0 to 1) that the sentence answers, which compares over questions."""
    return 1.0 / (1.0 + exp(-_sum(_ODDS, features)))


def _sum(weights: Mapping[str, float], features: Features) -> float:
    total = sum(weight * getattr(features, name) for name, weight in weights.items() if name != "constant")
    return float(weights["constant"] + total)
