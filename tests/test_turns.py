"""A statement that says its sources' words and turns them is found out; one that only words them otherwise is not."""

import pytest

from rag.checking.accounts import amounts, open_amounts, open_names, open_openings, swapped
from rag.checking.turns import affirms, assures, denies, doubts, opposed, ventures, widened


def test_a_denial_needs_a_sentence_that_denies_the_same() -> None:
    assert denies("Cycling does not pollute the air.", ["Cycling pollutes the air."])
    assert denies("Cycling does not pollute the air.", ["Cycling does not tire, and cities like it."])
    assert not denies("Cycling does not pollute the air.", ["Cycling is largely non-polluting."])
    assert not denies("ESA has no budget for it.", ["ESA had neither the intention nor the budget."])


def test_a_denied_term_is_affirmed_by_a_statement_that_says_it_plainly() -> None:
    assert affirms("ESA had the budget.", "ESA had neither the budget nor the intention.")
    assert not affirms("ESA lacked the budget.", "ESA had neither the budget nor the intention.")


def test_a_possibility_made_a_fact_is_found() -> None:
    assert assures("ESA will reconsider Tiangong.", ["ESA might reconsider Tiangong."])
    assert ventures("ESA reconsiders Tiangong.", "ESA might reconsider Tiangong.")
    assert not assures("ESA will reconsider Tiangong.", ["ESA reconsiders Tiangong."])
    assert not ventures("ESA can reconsider Tiangong.", "ESA might reconsider Tiangong.")


def test_a_fact_made_a_possibility_is_found_and_the_month_of_may_is_none() -> None:
    assert doubts("ESA might reconsider Tiangong.", ["ESA reconsiders Tiangong."])
    assert not doubts("In May ESA reconsiders Tiangong.", ["ESA reconsiders Tiangong in May."])


def test_some_made_all_and_a_word_made_its_opposite_are_found() -> None:
    assert widened("Costs always fall.", ["Costs fall."])
    assert not widened("All costs fall.", ["Each cost falls."])
    assert not widened("Not all costs fall.", ["Some costs fall."])
    assert opposed("Costs increased.", ["Costs decreased."])
    assert not opposed("Costs increased.", ["Costs increased after they decreased."])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gold is given at 1 million.", "Gold: 1,000,000"),
        ("Gold is given at 1,000,000.", "Gold is given at 1 million"),
        ("India won it twice.", "India won it two times"),
        ("The lead is 2 points.", "Both points of the lead"),
        ("It is so [3].", "It is so"),
        ("4. Turn on the light.", "Turn on the light"),
    ],
)
def test_a_number_written_otherwise_is_not_open(text: str, found: str) -> None:
    assert open_amounts(text, found) == frozenset()


def test_another_number_is_open() -> None:
    assert open_amounts("It took 12 million in 3 years.", "It took 12 thousand in 3 years") == {"million"}
    assert amounts("Three of 8,086.50") == {"3", "8086.5"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The European office said so.", "An office in Europe said so"),
        ("It grew in Africa.", "African growth"),
        ("The Federal Election Commission said so.", "The FEC said so"),
        ("So said the FEC.", "The Federal Election Commission said so"),
        ("She played in The Great Creatures.", "great creatures of the wild"),
        ("The Proto-Slavic word.", "A Slavic word, proto"),
        ("Simulation: Run it.", "a simulation"),
    ],
)
def test_a_name_written_otherwise_is_not_open(text: str, found: str) -> None:
    assert open_names(text, found) == frozenset()


def test_another_name_is_open_and_us_is_not_the_word() -> None:
    assert open_names("It was seen in Austria.", "It was seen in Australia") == {"austria"}
    assert open_names("It was the US.", "It was us") == {"us"}
    assert open_openings("Skylab has a crew. However, it flies.", "Mir has a crew and flies") == {"skylab"}


def test_a_name_in_another_names_place_is_swapped_and_one_for_a_pronoun_is_not() -> None:
    assert swapped("The band of China sang.", frozenset({"china"}), "The band of Jamaica sang.")
    assert not swapped("Last year Robbie sang it.", frozenset({"robbie"}), "Last year she sang it in May.")
