"""The weights that order sentences and give the confidence: ``python -m evals.training.confidence --data DIR``.

Every question is searched as the product searches; each sentence of the passages is a row of features. One logistic
regression, over the sentences of questions that one of them answers, orders them (does this one hold the answer?);
another, over the best sentence of every question, gives the chance that it answers, and a shift of that makes the
confidence (can the question be answered?), a mean over the sentences, as likely as can be. Each is fitted with the
bundled reranker and without, printed as the constants of ``rag.writing.weighing``, and measured:

- ``stations`` by five folds, each measured with weights fitted without it;
- ``gao``, which is fitted on nowhere, with ClapNQ's questions beside its own: its reports do not answer those;
- ``clapnq-given`` and ``squad2-given`` are fitted on fold 3 and measured on fold 4: neither trained the reranker.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from evals.asking import as_question
from evals.libraries import Opened, open_shelf
from evals.measures.abstention import confidence_auroc
from evals.measures.answer import fact_covered, normalised
from evals.options import load_options
from evals.sources import open_source
from evals.suite import Suite, SuiteError
from evals.training.examples import FOLDS, fold_of
from rag import Case, HybridRetriever, load_reranker, load_settings
from rag.condensing import standalone, term_weights
from rag.writing.scoring import Asked, Scored, score
from rag.writing.weighing import Features, confidence, of_another

Numbers = NDArray[np.float64]
Weights = dict[str, float]
NAMES = tuple(one.name for one in fields(Features) if one.name != "read")
# The features of each pair of weights. A reranker's order the sentences alone: they added nothing to the odds.
_OF_RERANKER = ("span", "behind")
_ORDER = ("similarity", "covered", "unfit", "unfit_why", "row", *_OF_RERANKER)
_ODDS = ("similarity", "covered", "near", "unfit", "unnamed")
# The inverse of the regularisation: a feature that says little is kept near 0.
_LOOSENESS = 0.3
_FIT, _MEASURED = 3, 4
_STATIONS, _GAO = "stations", "gao"
# The sets with many reports to a question, which have few cases; the others ask of one passage.
_SHELVES = (_STATIONS, _GAO)
# What a set counts in the fit. With gao in it (0.2), stations' own questions were answered worse.
_SHARES = {_STATIONS: 0.6, "clapnq-given": 0.2, "squad2-given": 0.2}
# Questions from elsewhere that are asked of gao.
_ELSEWHERE = 300
# Of each fold of SQuAD so many paragraphs are drawn, and so many questions of each.
_PARAGRAPHS, _QUESTIONS = 24, 8


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case's sentences: their features, shape (sentences, features), and which of them hold the answer."""

    fold: int
    answerable: bool
    features: Numbers
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by feature, with "constant", of the order and of the odds."""

    order: Weights
    odds: Weights


def main() -> None:
    """Fit, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m evals.training.confidence", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public sets")
    parser.add_argument("--cache", type=Path, default=Path(".evals"), help="where libraries are kept")
    options = parser.parse_args()
    sources = {
        **{name: str(Path(__file__).parents[1] / "suites" / f"{name}.jsonl") for name in _SHELVES},
        "clapnq-given": f"clapnq-given:{options.data / 'clapnq'}",
        "squad2-given": f"squad2-given:{options.data / 'squad2'}",
    }
    suites = {name: _suite(source) for name, source in sources.items()}
    suites[_GAO] = with_questions_from(suites["clapnq-given"], suites[_GAO])
    for reranker, prefix in (("none", "_PLAIN"), ("footnote", "_READ")):
        weighed = {name: list(weigh(suite, reranker, options.cache)) for name, suite in suites.items()}
        print(f"\nreranker {reranker}")
        for name, cases in weighed.items():
            print_figures(name, *measured(name, weighed, cases, read=reranker != "none"))
        fitted = fit(fitting(weighed), read=reranker != "none")
        print(f"{prefix}_RANK = {shown(fitted.order)}\n{prefix}_ODDS = {shown(fitted.odds)}")


def with_questions_from(other: Suite, suite: Suite) -> Suite:
    """Return the suite with questions of the other's, of folds 3 and 4, which its reports do not answer."""
    drawn_of = [case for case in other.cases if fold_of(case.id) in (_FIT, _MEASURED)]
    asked = Random(0).sample(drawn_of, min(_ELSEWHERE, len(drawn_of)))
    nowhere = {"answerable": False, "evidence": (), "facts": (), "reports": None}
    return replace(suite, cases=(*suite.cases, *(case.model_copy(update=nowhere) for case in asked)))


def weigh(suite: Suite, reranker: str, cache: Path) -> Iterator[Weighed]:
    """Yield the features of the sentences that the search of each of the suite's drawn cases brings."""
    with open_shelf(suite, load_options(load_settings()).embedding, kept=cache) as opened:
        retriever = HybridRetriever(
            library=opened.library,
            indexes=opened.indexes,
            embedding=opened.embedding,
            reranker=load_reranker(reranker, dtype=opened.embedding.dtype),
        )
        for case in drawn(suite):
            yield weigh_case(case, group_of(suite.name, case), opened, retriever)


def weigh_case(case: Case, group: str, opened: Opened, retriever: HybridRetriever) -> Weighed:
    """Return the features of the sentences that the case's search brings."""
    question = as_question(case, opened.library)
    searched = standalone(question)
    vector = opened.embedding.query(searched)
    passages = retriever.passages(replace(question, text=searched, history=()), vector)
    asked = Asked(question.text, vector, term_weights(question, retriever.idf(searched)))
    scored = score(asked, passages, opened.embedding)
    names = {report.id: report.name for report in opened.library.reports()}
    rows = [[float(getattr(one.features, name)) for name in NAMES] for one in scored]
    right = [holds_answer(case, one, names[passages[one.evidence.passage].report.id]) for one in scored]
    return Weighed(
        fold_of(group), case.answerable, np.array(rows, float).reshape(-1, len(NAMES)), np.array(right, dtype=bool)
    )


def holds_answer(case: Case, one: Scored, report: str) -> bool:
    """Return whether the sentence, on a page of evidence, has a fact of the case or overlaps a quote of that page."""
    pages = [each for each in case.evidence if each.report == report and one.evidence.page.number in each.pages]
    text = " ".join(part.text for part in one.parts)
    if any(fact_covered(alternatives, text) for alternatives in case.facts):
        return bool(pages)
    own = normalised(one.evidence.quote)
    quotes = [normalised(each.quote) for each in pages if each.quote]
    return any(own in quote or quote in own for quote in quotes)


def group_of(suite: str, case: Case) -> str:
    """Return what keeps cases in one fold: an article of SQuAD's, as for the reranker; else the case."""
    return case.tags[0] if suite.startswith("squad2") else case.id


def drawn(suite: Suite) -> list[Case]:
    """Return the cases that are weighed: all of stations and gao, else folds 3 and 4, of SQuAD's some paragraphs."""
    if suite.name in _SHELVES:
        return list(suite.cases)
    found: dict[int, dict[tuple[str, ...], list[Case]]] = {_FIT: {}, _MEASURED: {}}
    for case in suite.cases:
        of_fold = found.get(fold_of(group_of(suite.name, case)))
        if of_fold is not None:
            of_fold.setdefault(case.reports or (), []).append(case)
    if not suite.name.startswith("squad2"):
        return [case for of_fold in found.values() for cases in of_fold.values() for case in cases]
    draw = Random(0)
    return [
        case
        for of_fold in found.values()
        for paragraph in draw.sample(sorted(of_fold), min(_PARAGRAPHS, len(of_fold)))
        for case in draw.sample(of_fold[paragraph], min(_QUESTIONS, len(of_fold[paragraph])))
    ]


def fitting(weighed: Mapping[str, Sequence[Weighed]], without: int | None = None) -> dict[str, list[Weighed]]:
    """Return the cases to fit on: stations but for the fold ``without``, fold 3 of the others."""
    return {
        name: [one for one in weighed[name] if (one.fold != without if name == _STATIONS else one.fold == _FIT)]
        for name in _SHARES
    }


def fit(weighed: Mapping[str, Sequence[Weighed]], *, read: bool) -> Fitted:
    """Return the weights; those of a reranker only where it ``read``."""
    used = [tuple(name for name in part if read or name not in _OF_RERANKER) for part in (_ORDER, _ODDS)]
    shares, kept = [], []
    for name, cases in weighed.items():
        shown_cases = [one for one in cases if one.right.any()]
        kept += shown_cases
        shares += [np.full(len(one.right), _SHARES[name] / len(shown_cases) / len(one.right)) for one in shown_cases]
    rows, labels = np.vstack([one.features for one in kept]), np.concatenate([one.right for one in kept])
    order = _logistic(rows, labels, used[0], np.concatenate(shares))
    found = [(name, one) for name, cases in weighed.items() for one in cases if len(one.features)]
    best = np.array([one.features[np.argmax(scores(order, one.features))] for _, one in found])
    sizes = {name: sum(other == name for other, _ in found) for name in weighed}
    odds = _logistic(
        best,
        np.array([one.answerable for _, one in found]),
        used[1],
        np.array([_SHARES[name] / sizes[name] for name, _ in found]),
    )
    return _shifted(Fitted(order, odds), [(one, _SHARES[name] / sizes[name]) for name, one in found])


def sureness(fitted: Fitted, one: Weighed) -> float:
    """Return the confidence (0 to 1) that the weights give the case."""
    ranks, chances = scores(fitted.order, one.features), 1 / (1 + np.exp(-scores(fitted.odds, one.features)))
    seen = [Features(**dict(zip(NAMES, row, strict=True))) for row in one.features.tolist()]
    best = seen[int(np.argmax(ranks))] if seen else None
    pairs = zip(ranks.tolist(), chances.tolist(), seen, strict=True)
    return confidence([(rank, chance) for rank, chance, row in pairs if best and not of_another(row, best)])


def _shifted(fitted: Fitted, counted: Sequence[tuple[Weighed, float]]) -> Fitted:
    """Return the weights with the constant of the odds under which the cases, each with what it counts, are likeliest.

    The odds are fitted on best sentences; the confidence is a mean over sentences that are less sure.
    """
    from scipy.optimize import minimize_scalar

    def moved(by: float) -> Fitted:
        return Fitted(fitted.order, {**fitted.odds, "constant": fitted.odds["constant"] + by})

    def unlikely(by: float) -> float:
        sure = [(sureness(moved(by), one), one.answerable, counts) for one, counts in counted]
        return -float(sum(counts * np.log(max(one if known else 1 - one, 1e-9)) for one, known, counts in sure))

    return moved(float(minimize_scalar(unlikely, bounds=(-2, 2), method="bounded").x))


def measured(
    name: str, weighed: Mapping[str, Sequence[Weighed]], cases: Sequence[Weighed], *, read: bool
) -> tuple[Numbers, Numbers, Numbers]:
    """Return of the set's measured cases whether they are answerable, their confidence, and whether the best sentence
    holds the answer: three arrays of one length."""
    answerable, sure, right = [], [], []
    for fold in range(FOLDS) if name in _SHELVES else (_MEASURED,):
        fitted = fit(fitting(weighed, without=fold), read=read)
        for one in (one for one in cases if one.fold == fold):
            best = int(np.argmax(scores(fitted.order, one.features))) if len(one.features) else None
            answerable.append(one.answerable)
            right.append(best is not None and one.right[best])
            sure.append(sureness(fitted, one))
    return np.array(answerable, float), np.array(sure, float), np.array(right, float)


def print_figures(name: str, answerable: Numbers, sure: Numbers, right: Numbers) -> None:
    """Print what the measured cases of a set say of the weights."""
    area = float(confidence_auroc(answerable, sure, np.ones((1, len(answerable))))[0])
    told = float(((sure >= 0.5) == answerable).mean())
    first = float(right[answerable == 1].mean())
    print(f"{name}: {len(answerable)} cases, AUROC {area:.3f}, {told:.3f} told at 0.5, best sentence right {first:.3f}")


def shown(weights: Weights) -> str:
    """Return the weights as Python, two decimals each."""
    return "{" + ", ".join(f'"{name}": {weight:.2f}' for name, weight in weights.items()) + "}"


def scores(weights: Weights, rows: Numbers) -> Numbers:
    """Return the weighted sums of the rows, shape (rows,)."""
    total: Numbers = rows @ np.array([weights.get(name, 0.0) for name in NAMES]) + weights["constant"]
    return total


def _suite(source: str) -> Suite:
    suite = open_source(source)
    if not isinstance(suite, Suite):
        raise SuiteError(f"{source} has claims and no questions.")
    return suite


def _logistic(rows: Numbers, labels: NDArray[np.bool_], names: Sequence[str], shares: Numbers) -> Weights:
    """Return the weights of a logistic regression, fitted on standardised features, for the features as they are."""
    from sklearn.linear_model import LogisticRegression

    used = rows[:, [NAMES.index(name) for name in names]]
    middle, spread = used.mean(axis=0), np.maximum(used.std(axis=0), 1e-6)
    each = shares * len(shares) / shares.sum()
    fitted = LogisticRegression(C=_LOOSENESS, max_iter=2000).fit((used - middle) / spread, labels, sample_weight=each)
    weights = fitted.coef_[0] / spread
    constant = float(fitted.intercept_[0] - weights @ middle)
    return {"constant": constant, **{name: float(weight) for name, weight in zip(names, weights, strict=True)}}


if __name__ == "__main__":
    main()
