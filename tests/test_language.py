"""Sentences, terms, numbers and names, on texts short enough to check by eye."""

import threading
from itertools import pairwise

import pytest

from rag.language import ends_whole, folded, leans, names, numbers, sentences, terms


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_folding_leaves_single_spaces() -> None:
    assert folded("  a\n\tb\u00a0 c ") == "a b c"
    assert folded(" \n ") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("One. Two.", ["One.", "Two."]),
        ("Dr. Smith paid $3.5 million. He left.", ["Dr. Smith paid $3.5 million.", "He left."]),
        ("See the U.S. Army report. It is good.", ["See the U.S. Army report.", "It is good."]),
        ("1. First item.", ["1. First item."]),
        ("(a) First item. (b) Second item.", ["(a) First item.", "(b) Second item."]),
        ("It ends on 1.", ["It ends on 1."]),
        ("中国空间站。它在轨道上。", ["中国空间站。", "它在轨道上。"]),
        ("🚀🚀 lifts off. A\u0301vila 😀 lands.", ["🚀🚀 lifts off.", "A\u0301vila 😀 lands."]),
        ("one\nline that\nwraps. next", ["one\nline that\nwraps.", "next"]),
    ],
)
def test_sentences_are_cut_by_code_point_without_outer_white_space(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_sentence_spans_index_the_whole_text_though_a_part_is_cut() -> None:
    text = "Zero. 🚀 One. Two. Three."
    spans = sentences(text, 6, 18)
    assert [text[start:end] for start, end in spans] == ["🚀 One.", "Two."]
    assert spans == [(6, 12), (13, 17)]


@pytest.mark.parametrize(
    "text", ["a. b! c? d", "1. 2. 3.", "A.\n\nB.  C…  ‘D’ 😀。E", "x" * 5000, "...", "- - -", "a.b.c. D"]
)
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    spans = sentences(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_terms_are_stems_without_stop_words_and_accents() -> None:
    assert terms("Why were the Crews of Orléans launching in 2023?") == ["crew", "orlean", "launch", "2023"]
    assert terms("who is it?") == []
    assert terms("Please explain, describe and compare two stations.") == ["two", "station"]
    assert terms("") == []


def test_a_number_is_one_term_with_its_separators() -> None:
    assert terms("8,086.5 tonnes") == ["8,086.5", "tonn"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234 and 5", {"1234", "5"}),
        ("8,086.50", {"8086.5"}),
        ("3.0 m, 3 m", {"3"}),
        ("2,5 million", {"2.5"}),
        ("Shenzhou-16 in 2023-05", {"16", "2023", "05"}),
        ("the 21st", {"21"}),
        ("ten", set()),
        ("100", {"100"}),
        ("１２ in full width", {"12"}),
        ("1,000,000", {"1000000"}),
        ("in 2023, 2024", {"2023", "2024"}),
        ("", set()),
    ],
)
def test_numbers_are_plain(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The crew reached Tiangong.", {"tiangong"}),
        ("ESA waits. NASA’s crew does not.", {"esa", "nasa"}),
        ("It joined the U.S. Army in May.", {"u.s.", "army", "may"}),
        ("He met Ye Guangfu and McDonald's.", {"ye", "guangfu", "mcdonald"}),
        ("Aboard Shenzhou-16.", {"shenzhou-16"}),
        ("I like A and B.", set()),
        ("Élan grew in Île-de-France.", {"île-de-france"}),
        ("", set()),
    ],
)
def test_names_are_what_capitals_mark_within_a_sentence(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "This change could also help.",
        "It rose.",
        "“They said no.”",
        "However, ESA left.",
        "As a result, costs fell.",
        "Its crew left.",
        "Both came back.",
        "Those were few.",
        "This in turn led to delay.",
    ],
)
def test_a_sentence_that_opens_by_pointing_back_leans(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "ESA left.",
        "Italy rose.",
        "Thistles grow.",
        "That is to say, no.",
        "The crew said that it left.",
        "Sophisticated tools came.",
        "Both ESA and NASA agreed.",
        "Both the agency and its partners agreed.",
        "Those who stayed were paid.",
        "This report puts them side by side.",
        "These two chapters tell of Mir.",
        "",
    ],
)
def test_a_sentence_that_stands_alone_does_not_lean(sentence: str) -> None:
    assert not leans(sentence)


def test_a_whole_sentence_ends_in_a_stop_or_its_kin() -> None:
    assert all(map(ends_whole, ("Yes.", "“Yes.”", "Yes?)", "是。", "Well…", "No! ")))
    assert not any(map(ends_whole, ("A heading", "such as:", "", "and,")))


def test_a_note_marked_after_the_stop_leaves_the_sentence_whole() -> None:
    assert all(
        map(ends_whole, ("It paid taxes. [54]", "It paid taxes.[54] [55]", "It paid taxes.54", "(see fig. 2).54"))
    )
    assert not any(map(ends_whole, ("It costs 3.75", "See note [54]", "Version 2.5 [3]")))


def test_eight_threads_may_analyse_at_once() -> None:
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.extend(terms("Launching crews") for _ in range(200))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["launch", "crew"]] * 1600
