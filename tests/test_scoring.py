"""Scoring: coverage by hand, the names that an answer cannot do without, and which sentence comes first."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from pages import paged, passage

from rag.embedding import Embedding
from rag.language import terms
from rag.types import Passage
from rag.writing.scoring import Asked, Found, Scored, coverage, score
from rag.writing.weighing import confidence

CARGO = "China asked for cheap cargo ships in May 2023."
CREW = "Tiangong has a crew of three."


def asked(text: str, embedding: Embedding, **weights: float) -> Asked:
    """The question with every term of the same weight, or with those given."""
    return Asked(text, embedding.query(text), weights or dict.fromkeys(terms(text), 1.0))


def question(text: str, **weights: float) -> Asked:
    return Asked(text, np.zeros(1, dtype=np.float32), weights or dict.fromkeys(terms(text), 1.0))


def odds(chance: float) -> float:
    return chance / (1 - chance)


def scored(text: str, embedding: Embedding, *passages: Passage) -> list[tuple[str, Scored]]:
    return [(one.evidence.quote, one) for one in score(asked(text, embedding), passages, embedding)]


def test_coverage_is_the_weighted_share_of_the_terms_inside() -> None:
    found = Found(frozenset({"cargo", "ship"}))
    assert coverage({"cargo": 3.0, "ship": 1.0, "cost": 4.0}, found) == (3 + 1) / 8
    assert coverage({"cargo": 3.0}, found) == 1.0
    assert coverage({"cost": 3.0}, found) == 0.0
    assert coverage({}, found) == 0.0
    assert coverage({"cost": 0.0}, found) == 0.0


def test_a_term_counts_half_in_the_headings_a_tenth_around_and_once_at_its_best() -> None:
    found = Found(frozenset({"cargo"}), above=frozenset({"ship", "cargo"}), around=frozenset({"ship", "call"}))
    assert coverage({"cargo": 1.0}, found) == 1.0
    assert coverage({"ship": 1.0}, found) == 0.5
    assert coverage({"call": 1.0}, found) == 0.1
    assert coverage({"cargo": 2.0, "ship": 1.0, "call": 1.0}, found) == pytest.approx((2 + 0.5 + 0.1) / 4)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("compete", "competition", True),
        ("Russia", "Russian", True),
        ("China", "Chinese", True),
        ("Europe", "European", True),
        ("Austria", "Australia", False),
        ("Slovakia", "Slovenia", False),
        ("internet", "international", False),
        ("Iran", "Iranian", False),  # too short to tell from "Iraq"
        ("Mars", "Marshall", False),
    ],
)
def test_a_word_that_differs_only_in_its_end_counts_seven_tenths(one: str, other: str, alike: bool) -> None:
    (first,), (second,) = terms(one), terms(other)
    assert coverage({first: 1.0}, Found(frozenset({second}))) == (0.7 if alike else 0.0)
    assert coverage({second: 1.0}, Found(frozenset({first}))) == (0.7 if alike else 0.0)
    assert coverage({first: 1.0}, Found(frozenset({"x"}), above=frozenset({second}))) == 0.0


def test_the_words_that_only_say_what_is_asked_for_are_no_content() -> None:
    assert question("How high does Tiangong fly?").content == {"tiangong": 1.0, "fli": 1.0}
    assert question("Who flew in the high orbit?").content == {"flew": 1.0, "high": 1.0, "orbit": 1.0}
    # A follow-up has the weights of the question before it, too.
    assert question("How long?", long=2.0, stay=0.5).content == {"stay": 0.5}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("When did Peggy Whitson leave the ISS?", {("peggy", "whitson"), ("iss",)}),
        ("Who commanded Ax-4 and Soyuz 11?", {("4",), ("11",), ("ax-4",), ("soyuz",)}),
        ("What was ESA's part in Mir, Spektr and Salyut?", {("esa",), ("mir",), ("spektr",), ("salyut",)}),
        ("why might they reconsider?", set()),
        ("Tiangong cost how much?", set()),
    ],
)
def test_names_side_by_side_and_each_number_are_the_keys(text: str, keys: set[tuple[str, ...]]) -> None:
    found = question(text).keys
    assert set(found) == keys
    assert len(found) == len(keys)


@pytest.mark.parametrize(
    ("key", "lacks"),
    [
        (("mir",), 0.0),  # in the sentence
        (("skylab",), 0.0),  # in the headings
        (("tiangong",), 0.5),  # elsewhere in the passage
        (("zarya",), 1.0),  # nowhere
        (("russian",), 0.0),  # "Russia" is in the sentence
        (("mir", "zarya"), 0.5),  # (0 + 1) / 2
        (("mir", "tiangong", "zarya"), 0.5),  # (0 + 0.5 + 1) / 3
        (("7",), 0.0),
        (("77",), 1.0),  # "7" is no 77
        (("mir-7",), 1.0),  # "Mir" and a 7 are no Mir-7
    ],
)
def test_a_key_is_lacking_by_how_far_away_it_is(key: tuple[str, ...], lacks: float) -> None:
    found = Found(frozenset({"mir", "russia", "7"}), frozenset({"skylab"}), frozenset({"tiangong"}))
    assert found.lacks(key) == lacks


def test_no_passage_and_no_sentence_have_no_score(hashed: Embedding) -> None:
    assert score(asked("Why?", hashed), [], hashed) == []
    assert score(asked("Why?", hashed), [passage(paged(("heading1", "Why this is so")))], hashed) == []


def test_the_sentence_with_the_words_of_the_question_comes_first(hashed: Embedding) -> None:
    found = scored("When did China ask for cargo ships?", hashed, passage(f"{CREW} {CARGO}"))
    assert [quote for quote, _ in found] == [CARGO, CREW]
    first, second = (one for _, one in found)
    assert first.score > second.score
    assert first.chance > 0.5 > second.chance


def test_a_sentence_is_read_with_what_it_leans_on(hashed: Embedding) -> None:
    page = f"{CARGO} This could make the station cheaper to supply."
    found = dict(scored("Why did China ask for cargo ships to supply the station?", hashed, passage(page)))
    leaning = found["This could make the station cheaper to supply."]
    assert [part.quote for part in leaning.parts] == [CARGO, "This could make the station cheaper to supply."]
    assert leaning.score > found[CARGO].score
    assert found[CARGO].before == ()


@pytest.mark.parametrize(
    ("text", "answer", "other"),
    [
        ("When was the ship sent?", "The ship was sent in May 2023.", "The ship was sent by them all."),
        ("How many ships were sent?", "There were four ships sent.", "There were such ships sent."),
        ("How long was the ship?", "The ship was nine metres long.", "The ship was very long indeed."),
        ("Who sent the ship?", "The ship was sent by Wolf.", "The ship was sent by them."),
        ("What did the ship cost?", "The ship cost $5 million.", "The ship cost very much."),
    ],
)
def test_the_kind_of_thing_asked_for_lifts_a_sentence(text: str, answer: str, other: str, hashed: Embedding) -> None:
    found = dict(scored(text, hashed, passage(f"{other} {answer}")))
    assert found[answer].score > found[other].score
    # All that differs but for a word or two is ``unfit``, whose weight of 0.87 makes the odds 2.4 times as high.
    assert odds(found[answer].chance) == pytest.approx(2.4 * odds(found[other].chance), rel=0.1)


def test_a_name_of_the_question_that_is_nowhere_near_lowers_the_chance(hashed: Embedding) -> None:
    def chance(name: str, page: Passage) -> float:
        return scored(f"Who paid for the ship {name}?", hashed, page)[0][1].chance

    page = passage("The ship Mir was paid for by Wolf.", title="Ships")
    assert chance("Mir", page) > 0.75
    assert odds(chance("Mir", page)) > 4 * odds(chance("Skylab", page))
    assert chance("Skylab", replace(page, context="Ships > Skylab")) > 0.5
    assert odds(chance("Mir", page)) > 4 * odds(chance("Mir-2", page))


def test_the_confidence_is_the_mean_chance_by_how_likely_each_sentence_is_the_one() -> None:
    assert confidence([]) == 0.0
    assert confidence([(-3.0, 0.4)]) == pytest.approx(0.4)
    assert confidence([(1.0, 0.2), (1.0, 0.6)]) == pytest.approx(0.4)
    # 0.7 behind, a sentence counts e times less.
    assert confidence([(1.0, 0.2), (0.3, 0.6)]) == pytest.approx((0.2 + 0.6 / math.e) / (1 + 1 / math.e))


def test_a_date_may_stand_in_the_heading_next_above(hashed: Embedding) -> None:
    def chance(context: str) -> float:
        page = passage("They trained with the crew at sea.", title="T", context=context)
        return scored("When did they train with the crew at sea?", hashed, page)[0][1].chance

    dated = odds(chance("Training > 2017: sea survival"))
    assert dated > 2 * odds(chance("Training of 2017 > Sea survival"))
    assert dated > 2 * odds(chance("Training > Sea survival"))


def test_an_abbreviation_is_covered_by_its_long_form_where_a_page_spells_it_out(hashed: Embedding) -> None:
    cost = "The ROS is to cost 608.9 billion roubles."
    plain, spelt = passage(cost), passage(f"{cost} The Russian Orbital Station (ROS) is new.")
    text = "How much does the Russian Orbital Station cost?"
    with_it = dict(scored(text, hashed, spelt))[cost]
    without = dict(scored(text, hashed, plain))[cost]
    assert with_it.chance > without.chance + 0.1
    assert with_it.score > without.score + 1


def test_a_row_is_read_with_its_column_heads(hashed: Embedding) -> None:
    page = paged(
        ("row", "Name | Mass", "Name | Mass"),
        ("row", "Mir | 130 t", "Name | Mass"),
        ("row", "Salyut | 19 t", "Name | Mass"),
    )
    (quote, first), (_, second) = scored("What is the mass of Mir?", hashed, passage(page))
    assert quote == "Mir | 130 t"
    assert (first.features.row, second.features.row) == (1.0, 1.0)
    assert first.chance > second.chance


def test_what_a_reranker_says_of_a_sentence_is_the_mean_over_its_pieces(hashed: Embedding) -> None:
    text = f"{CREW} {CARGO}"
    first, second = (0, 8, -1.0), (9, 29, -2.0)
    third = (30, len(text), 4.0)
    read = replace(passage(text), relevance=1.0, pieces=(first, second, third))
    other = replace(passage("It was late in the year."), relevance=3.0, pieces=((0, 2, -5.0),))
    found = {one.evidence.quote: one.features for one in score(asked("When?", hashed), [read, other], hashed)}
    assert [(one.span, one.behind, one.read) for one in (found[CREW], found[CARGO])] == [
        (-1.5, 2.0, 1.0),
        (4.0, 2.0, 1.0),
    ]
    assert found["It was late in the year."].behind == 0.0


def test_a_sentence_that_the_reranker_did_not_get_to_has_the_lowest_logit(hashed: Embedding) -> None:
    read = replace(passage(f"{CREW} {CARGO}"), relevance=1.0, pieces=((0, 8, 1.0), (9, 29, -2.0)))
    found = {one.evidence.quote: one.features for one in score(asked("When?", hashed), [read], hashed)}
    assert found[CARGO].span == -2.0


def test_without_a_reranker_its_features_are_nothing(hashed: Embedding) -> None:
    (one,) = score(asked("When?", hashed), [passage(CARGO)], hashed)
    assert (one.features.span, one.features.behind, one.features.read) == (0, 0, 0)
