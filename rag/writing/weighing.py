"""What is known of a sentence as an answer -> how it ranks among others, and the chance that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a sentence (or row) beside a question.

    ``similarity`` and ``near`` are the cosines of question and sentence, and of question and passage; ``covered`` the
    share (0 to 1) of the question's weighted terms; ``unfit`` and ``unfit_why`` 1 where nothing of the kind asked for
    is there, the second for a *why*; ``unnamed`` how many of the question's names and numbers are missing; ``row`` 1
    for a table's row. Of a reranker, where one read the passage (``read`` is 1 then): ``span``, the mean logit of the
    sentence's word pieces, and ``behind``, by how much the most relevant passage leads.
    """

    similarity: float
    covered: float
    near: float
    unfit: float
    unfit_why: float
    unnamed: float
    row: float
    span: float = 0.0
    behind: float = 0.0
    read: float = 0.0


# Two pairs of weights: what a reranker says changes what the rest is worth. Chosen by
# ``python -m evals.training.confidence``; evals/README.md says what for.
_PLAIN_RANK = {
    "constant": -4.78,
    "similarity": 4.24,
    "covered": 3.99,
    "unfit": -0.98,
    "unfit_why": -0.87,
    "row": -0.66,
    "unnamed": -0.8,
}
_PLAIN_ODDS = {"constant": -2.40, "similarity": 3.69, "covered": 0.58, "near": 1.60, "unfit": -0.87, "unnamed": -1.04}
_READ_RANK = {
    "constant": -2.69,
    "similarity": 2.98,
    "covered": 2.72,
    "unfit": -1.98,
    "unfit_why": -0.53,
    "row": -0.59,
    "span": 0.19,
    "behind": -0.34,
    "unnamed": -0.8,
}
_READ_ODDS = {"constant": -2.64, "similarity": 3.12, "covered": 0.61, "near": 2.55, "unfit": -0.99, "unnamed": -0.82}
# In log-odds, how far behind the best a sentence counts e times less for the confidence. Of 0.5, 0.7 and 1 by stations'
# AUROC with a reranker and without; at 1, SQuAD's and gao's fall without one (evals/README.md).
_SPREAD = 0.7


def rank(features: Features) -> float:
    """Return the score that orders the sentences of one question."""
    return _sum(_READ_RANK if features.read else _PLAIN_RANK, features)


def chance(features: Features) -> float:
    """Return the chance (0 to 1) that the sentence answers, which compares over questions."""
    return 1.0 / (1.0 + exp(-_sum(_READ_ODDS if features.read else _PLAIN_ODDS, features)))


def of_another(features: Features, best: Features) -> bool:
    """Return whether this is a table's row of another thing than the one asked about, such as another flight: it lacks
    more of the question's names and numbers than the best sentence does."""
    return bool(features.row) and features.unnamed > best.unnamed


def confidence(weighed: Sequence[tuple[float, float]]) -> float:
    """Return the chance (0 to 1) that one of a question's sentences answers, given the rank and chance of each; 0 for
    none.

    It is the mean chance, weighed by how likely each sentence is the one. The best sentence's chance alone tells less
    of what the reports hold: see evals/README.md.
    """
    lead = max((rank for rank, _ in weighed), default=0.0)
    weights = [exp((rank - lead) / _SPREAD) for rank, _ in weighed]
    return sum(weight * chance for weight, (_, chance) in zip(weights, weighed, strict=True)) / (sum(weights) or 1.0)


def _sum(weights: Mapping[str, float], features: Features) -> float:
    total = sum(weight * getattr(features, name) for name, weight in weights.items() if name != "constant")
    return float(weights["constant"] + total)
