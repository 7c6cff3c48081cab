"""Measures of an answer's words, by hand: SQuAD's normalising, facts, token F1, exact match and ROUGE-L."""

from __future__ import annotations

import pytest
from measured import say

from evals.measures.answer import (
    answer_text,
    answer_words,
    exact_match,
    fact_covered,
    facts_covered,
    normalised,
    rouge_l,
    token_f1,
)


def test_the_text_is_that_of_the_statements_without_marks() -> None:
    assert answer_text((say("One.", 1), say("Two.", 2, 1))) == "One. Two."
    assert answer_text(()) == ""


def test_words_are_counted_between_white_space() -> None:
    assert answer_words("China asked,  twice\n(in 2023).") == 5
    assert answer_words("") == 0


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("The  Cargo\nships.", "cargo ships"),
        ("An apple, a pear and the rest", "apple pear and rest"),
        ("China's U.S.-led", "chinas usled"),
        ("Theatre, another", "theatre another"),  # articles are whole words
        ("“Tiangong”", "“tiangong”"),  # the official script drops ASCII punctuation only
        ("the !", ""),
        ("", ""),
    ],
)
def test_normalising_is_that_of_squad(text: str, compared: str) -> None:
    assert normalised(text) == compared


def test_facts_covered_is_the_share_of_the_facts_with_an_alternative_in_the_text() -> None:
    facts = (("May 2023", "2023-05"), ("China",), ("cheap",))
    assert facts_covered(facts, "In May, 2023 China asked.") == pytest.approx(2 / 3)
    assert facts_covered(facts, "2023-05: China asked, cheaply.") == pytest.approx(2 / 3)
    assert facts_covered(facts, "") == 0.0
    assert facts_covered((), "China") == 0.0


@pytest.mark.parametrize(
    ("fact", "text", "covered"),
    [
        ("the Crew of three", "A crew of, three.", True),
        ("3", "It was 2023.", False),
        ("3", "3 people", True),
        ("18", "180 people", False),
        ("no", "Nobody knows", False),
        ("China", "China's station", True),
        ("China", "China’s station", True),
        ("astronaut", "Two astronauts", True),
        ("bus", "Two buses", True),
        ("Russia", "A Russian crew", False),
        ("three", "a three-person crew", True),
        ("2022", "in 2020–2022", True),
        ("low Earth orbit", "in low-Earth orbit", True),
        ("low-Earth orbit", "in low Earth orbit", True),
        ("re-entry", "its reentry", True),
        ("US$1.5 billion", "about US$1.5 billion.", True),
        ("5 billion", "about 1.5 billion", False),
        ("c++ (17)", "C++ (17)", True),  # no part of a fact is a pattern
        ("the", "the crew", False),  # normalising leaves nothing
        ("crew", "", False),
    ],
)
def test_a_fact_is_covered_by_whole_words(fact: str, text: str, covered: bool) -> None:
    assert fact_covered((fact,), text) is covered
    assert fact_covered(("never said", fact), text) is covered


def test_exact_match_is_of_what_normalising_leaves() -> None:
    assert exact_match("May 2023", "in May 2023") == 0.0
    assert exact_match("The May, 2023", "may 2023.") == 1.0
    assert exact_match("", "") == 1.0
    assert exact_match("May", "") == 0.0


def test_token_f1_is_the_harmonic_mean_over_shared_words() -> None:
    # Two of the text's four words are among the reference's three: P = 2/4, R = 2/3.
    assert token_f1("cheap cargo ships", "China wanted cheap ships.") == pytest.approx(
        2 * 2 / 4 * 2 / 3 / (2 / 4 + 2 / 3)
    )
    assert token_f1("The cheap ships", "cheap ships!") == 1.0
    assert token_f1("cargo", "crew") == 0.0
    # A word counts as often as both have it: P = 1/3, R = 1/1.
    assert token_f1("no", "no no no") == pytest.approx(2 / 4)
    assert token_f1("", "") == token_f1("the", "") == 1.0
    assert token_f1("crew", "") == token_f1("", "crew") == 0.0


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence() -> None:
    # "police the gunman" in order is 2 of 4 and 2 of 4 words (Lin 2004, section 3.1, S1 and S3).
    assert rouge_l("police killed the gunman", "police kill the gunman") == 1.0  # stemming
    assert rouge_l("police killed the gunman", "the gunman kill police") == pytest.approx(2 / 4)
    # "cheap ships" is all of the text and 2 of the reference's 3 words: P = 1, R = 2/3.
    assert rouge_l("cheap cargo ships", "cheap ships") == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))
    assert rouge_l("cargo", "") == rouge_l("", "cargo") == rouge_l("", "") == rouge_l("cargo", "crew") == 0.0
