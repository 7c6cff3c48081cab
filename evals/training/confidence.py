"""Fit the weights that order sentences and give the confidence.

Every question is searched as the product searches; each sentence of the passages is a row of features. One logistic
model is fitted on the sentences (does this one hold the answer?) and orders them; another, on the best sentence of each
question (can the question be answered?), gives the confidence. scikit-learn fits both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from evals.asking import as_question
from evals.libraries import Opened
from evals.measures.answer import fact_covered, normalised
from rag import Case, HybridRetriever
from rag.condensing import standalone, term_weights
from rag.writing.scoring import Asked, Scored, score
from rag.writing.weighing import Features

# The inverse of the regularisation: a feature that says little is kept near 0.
_LOOSENESS = 0.3
NAMES = tuple(one.name for one in fields(Features) if one.name != "read")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case's sentences: their features, shape (sentences, features), and which of them hold the answer."""

    case: Case
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by feature, with "constant", of the order and of the odds."""

    rank: dict[str, float]
    odds: dict[str, float]


def weigh(
    cases: Sequence[Case], opened: Opened, retriever: HybridRetriever, advance: Callable[[], None]
) -> Iterator[Weighed]:
    """Yield the features of the sentences that each case's search brings."""
    for case in cases:
        question = as_question(case, opened.library)
        searched = standalone(question)
        vector = opened.embedding.query(searched)
        passages = retriever.passages(replace(question, text=searched, history=()), vector)
        asked = Asked(question.text, vector, term_weights(question, retriever.idf(searched)))
        scored = score(asked, passages, opened.embedding)
        names = {report.id: report.name for report in opened.library.reports()}
        rows = np.array([[getattr(one.features, name) for name in NAMES] for one in scored], dtype=float).reshape(
            -1, len(NAMES)
        )
        right = [holds_answer(case, one, names[passages[one.evidence.passage].report.id]) for one in scored]
        yield Weighed(case, rows.reshape(-1, len(NAMES)), np.array(right, dtype=bool))
        advance()


def holds_answer(case: Case, one: Scored, report: str) -> bool:
    """Return whether the sentence, on a page of evidence, has a fact of the case or overlaps a quote of that page."""
    pages = [each for each in case.evidence if each.report == report and one.evidence.page.number in each.pages]
    text = " ".join(part.text for part in one.parts)
    if any(fact_covered(alternatives, text) for alternatives in case.facts):
        return bool(pages)
    own = normalised(one.evidence.quote)
    quotes = [normalised(each.quote) for each in pages if each.quote]
    return any(own in quote or quote in own for quote in quotes)


def fit(weighed: Sequence[Weighed], *, rank_only: Sequence[str] = ("place",)) -> Fitted:
    """Return the weights. The order is fitted on the cases of which a sentence holds the answer, each case counting the
    same; the odds on every case's best sentence, without the features that only order."""
    shown = [one for one in weighed if one.right.any()]
    rows, labels, shares = _sentences(shown)
    order = _logistic(rows, labels, NAMES, shares)
    best = np.array([one.features[np.argmax(scores(order, one.features))] for one in weighed if len(one.features)])
    answerable = np.array([one.case.answerable for one in weighed if len(one.features)])
    names = tuple(name for name in NAMES if name not in rank_only)
    kept = best[:, [NAMES.index(name) for name in names]]
    return Fitted(order, _logistic(kept, answerable, names, np.ones(len(kept))))


def scores(weights: Mapping[str, float], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted sums of the rows, shape (rows,)."""
    total: NDArray[np.float64] = rows @ np.array([weights.get(name, 0.0) for name in NAMES]) + weights["constant"]
    return total


def _sentences(
    shown: Sequence[Weighed],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    rows = np.vstack([one.features for one in shown])
    labels = np.concatenate([one.right for one in shown])
    shares = np.concatenate([np.full(len(one.right), 1 / len(one.right)) for one in shown])
    return rows, labels, shares * len(labels) / shares.sum()


def _logistic(
    rows: NDArray[np.float64], labels: NDArray[np.bool_], names: Sequence[str], shares: NDArray[np.float64]
) -> dict[str, float]:
    """Return the weights of a logistic regression, fitted on standardised features, for the features as they are."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    fitted = LogisticRegression(C=_LOOSENESS, max_iter=2000).fit((rows - middle) / spread, labels, sample_weight=shares)
    weights = fitted.coef_[0] / spread
    constant = float(fitted.intercept_[0] - weights @ middle)
    return {"constant": constant, **{name: float(weight) for name, weight in zip(names, weights, strict=True)}}
