"""Fitting the writer's weights: what counts as right, which cases are drawn, and which way the weights point."""

from __future__ import annotations

import numpy as np
import pytest
from pages import passage

from evals.suite import Shelf, Suite
from evals.training import confidence
from evals.training.confidence import NAMES, Weighed, drawn, fit, fitting, holds_answer, measured, scores
from evals.training.examples import fold_of
from rag import Case
from rag.embedding import Embedding
from rag.language import terms
from rag.writing.scoring import Asked, Scored, score

CARGO = "China asked for cargo ships in May 2023."


def sentence(embedding: Embedding, text: str = CARGO) -> Scored:
    (found,) = score(
        Asked("When?", embedding.query("When?"), dict.fromkeys(terms("When?"), 1.0)), [passage(text)], embedding
    )
    return found


def case(**fields: object) -> Case:
    return Case.model_validate({"id": "a", "question": "When?", "reference": "x", **fields})


def weighed(answerable: bool, *rows: tuple[float, float, bool], fold: int = 3) -> Weighed:
    """A case whose sentences have a similarity, a coverage, and hold the answer or do not."""
    features = np.zeros((len(rows), len(NAMES)))
    features[:, NAMES.index("similarity")] = [row[0] for row in rows]
    features[:, NAMES.index("covered")] = [row[1] for row in rows]
    return Weighed(fold, answerable, features, np.array([row[2] for row in rows], dtype=bool))


def test_a_sentence_holds_the_answer_by_a_fact_or_a_quote_on_a_page_of_evidence(hashed: Embedding) -> None:
    one = sentence(hashed)
    there, elsewhere = [{"report": "a.md", "pages": [1]}], [{"report": "a.md", "pages": [2]}]
    assert holds_answer(case(facts=[["May 2023"]], evidence=there), one, "a.md")
    assert not holds_answer(case(facts=[["May 2023"]], evidence=elsewhere), one, "a.md")
    assert not holds_answer(case(facts=[["May 2023"]], evidence=there), one, "b.md")
    assert not holds_answer(case(facts=[["May 2024"]], evidence=there), one, "a.md")
    quoted = [{"report": "a.md", "pages": [1], "quote": "cargo ships in May 2023"}]
    assert holds_answer(case(evidence=quoted), one, "a.md")
    assert not holds_answer(case(evidence=quoted), sentence(hashed, "China has a crew of three."), "a.md")


def test_what_holds_the_answer_comes_first_and_what_can_be_answered_has_the_odds() -> None:
    known = weighed(True, (0.9, 0.2, True), (0.2, 0.9, False))
    unknown = weighed(False, (0.3, 0.2, False), (0.2, 0.3, False))
    parts = dict.fromkeys(confidence._SHARES, [known, unknown] * 4)
    fitted = fit(parts, read=False)
    assert fitted.order["similarity"] > 0 > fitted.order["covered"]
    assert np.argmax(scores(fitted.order, known.features)) == 0
    assert scores(fitted.odds, known.features)[0] > 0 > scores(fitted.odds, unknown.features).max()
    assert not set(confidence._OF_RERANKER) & (fitted.order.keys() | fitted.odds.keys())
    assert set(confidence._OF_RERANKER) & fit(parts, read=True).order.keys()


def test_a_case_of_stations_is_measured_with_weights_that_have_not_seen_it() -> None:
    cases = [weighed(True, (0.9, 0.5, True), (0.1, 0.5, False), fold=fold) for fold in range(5)]
    cases += [weighed(False, (0.2, 0.5, False), fold=fold) for fold in range(5)]
    others = [weighed(one.answerable, (0.9, 0.5, one.answerable), (0.1, 0.5, False)) for one in cases]
    parts = {"stations": cases, "clapnq-given": others, "squad2-given": others}
    assert [one.fold for one in fitting(parts, without=2)["stations"]] == [0, 1, 3, 4, 0, 1, 3, 4]
    assert [len(fitting(parts)[name]) for name in parts] == [10, 10, 10]
    answerable, sure, right = measured("stations", parts, cases, read=False)
    assert answerable.tolist() == right.tolist() == [1.0, 0.0] * 5
    assert sure[answerable == 1].min() > sure[answerable == 0].max()


def test_a_case_without_sentences_is_sure_of_nothing() -> None:
    cases = [weighed(True, (0.9, 0.5, True), (0.1, 0.5, False)), weighed(False, (0.2, 0.5, False))]
    empty = weighed(True, fold=4)
    parts = {"stations": cases, "clapnq-given": [*cases, empty], "squad2-given": cases}
    found = measured("clapnq-given", parts, parts["clapnq-given"], read=False)
    assert [one.tolist() for one in found] == [[1.0], [0.0], [0.0]]


def test_of_a_public_set_folds_three_and_four_are_drawn_and_stations_whole() -> None:
    cases = tuple(case(id=f"q{number}", answerable=False, reference="") for number in range(40))
    whole = Suite("stations", cases, Shelf(), "x", "y")
    assert drawn(whole) == list(cases)
    some = drawn(Suite("clapnq-given", cases, Shelf(), "x", "y"))
    assert {one.id for one in some} == {one.id for one in cases if fold_of(one.id) in (3, 4)}


def test_of_squad_some_questions_of_some_paragraphs_are_drawn_by_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confidence, "_PARAGRAPHS", 2)
    monkeypatch.setattr(confidence, "_QUESTIONS", 3)
    cases = tuple(
        case(
            id=f"{article}{paragraph}{at}",
            answerable=False,
            reference="",
            reports=[f"{article}/{paragraph}"],
            tags=[article],
        )
        for article in ("Normans", "Oil", "Force", "Tea", "Steam", "Rhine", "Islam", "Chloroplast")
        for paragraph in range(4)
        for at in range(5)
    )
    some = drawn(Suite("squad2-given", cases, Shelf(), "x", "y"))
    folds = [fold for fold in (3, 4) if any(fold_of(one.tags[0]) == fold for one in cases)]
    assert {fold_of(one.tags[0]) for one in some} == set(folds)
    assert len(some) == len(folds) * 2 * 3
    assert some == drawn(Suite("squad2-given", cases, Shelf(), "x", "y"))
