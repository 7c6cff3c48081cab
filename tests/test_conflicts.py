"""Conflicts: what is a value, what makes two differ, and how many of the planted pairs are told right."""

from __future__ import annotations

import pytest
from measured_conflicts import planted, values_found

from rag.conflicts import disagreements, read_claims
from rag.conflicts.dates import dates
from rag.conflicts.values import Value, amounts
from rag.embedding import Embedding


def one(text: str) -> Value:
    """The one date or amount of the text."""
    (value,) = dates(text) or amounts(text)
    return value


@pytest.mark.parametrize(
    ("text", "written", "unit"),
    [
        ("As said, 29 countries had signed.", "29 countries", "countri"),
        ("Two dozen", "Two dozen", "dozen"),
        ("53 other nations", "53 other nations", "countri"),
        ("a mass of 1,450 kg", "1,450 kg", "mass"),
        ("It costs $843 million.", "$843 million", "USD"),
        ("It costs 608.9 billion roubles.", "608.9 billion roubles", "RUB"),
        ("It costs €500m.", "€500m", "EUR"),
        ("It prevents 84 percent.", "84 percent", "%"),
        ("12,000 tonnes of ore per day", "12,000 tonnes", "mass/day"),
        ("at 300 km/h", "300 km/h", "speed"),
        ("340 to 450 km", "340 to 450 km", "length"),
        ("$5 to $7 million", "$5 to $7 million", "USD"),
    ],
)
def test_a_number_is_read_with_what_it_counts(text: str, written: str, unit: str) -> None:
    (value,) = amounts(text)
    assert (value.text, value.unit) == (written, unit)


@pytest.mark.parametrize("text", ["the 53rd country", "Ax-4 flew", "version 2.0.1", "nobody", "one of them"])
def test_an_ordinal_a_name_and_a_version_are_no_amount(text: str) -> None:
    assert amounts(text) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("on 12 May 1874.", ["12 May 1874"]),
        ("on May 12, 1874", ["May 12, 1874"]),
        ("from 2021-04 to 2022-10-31", ["2021-04", "2022-10-31"]),
        ("in autumn 2026", ["autumn 2026"]),
        ("in the second quarter of 2024", ["second quarter of 2024"]),
        ("between 2026 and 2028", ["2026", "2028"]),
        ("It had 2021 workers.", []),
    ],
)
def test_a_date_is_read_with_its_year(text: str, written: list[str]) -> None:
    assert [value.text for value in dates(text)] == written


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("about 109 m", "108.5 m"),
        ("$1.3 billion", "1,312 million dollars"),
        ("100 m", "328 feet"),
        ("420 tonnes", "419,700 kg"),
        ("more than 50,000 visitors", "52,400 visitors"),
        ("nearly 200,000 homes", "196,500 homes"),
        ("340 to 450 km", "389 km"),
        ("three modules", "3 modules"),
        ("in May 2026", "in 2026"),
        ("by 2030", "in 2029"),
        ("in late 2026", "in October 2026"),
    ],
)
def test_values_that_round_convert_or_bound_to_each_other_agree(first: str, second: str) -> None:
    assert one(first).comparable(one(second))
    assert one(first).agrees(one(second))
    assert one(second).agrees(one(first))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("29 countries", "30 countries"),
        ("17.4 km", "15.9 km"),
        ("up to $843 million", "up to $650 million"),
        ("by 2030", "by 2032"),
        ("12 May 1874", "21 May 1874"),
        ("3%", "2%"),
    ],
)
def test_values_that_are_neither_differ(first: str, second: str) -> None:
    assert one(first).comparable(one(second))
    assert not one(first).agrees(one(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("250 MW", "420 hectares"),
        ("400 million euros", "440 million dollars"),
        ("5 ships", "5 tonnes"),
        ("3 m", "2030"),
    ],
)
def test_values_of_different_units_are_not_compared(first: str, second: str) -> None:
    assert not amounts(first)[0].comparable(one(second))


def differ(embedding: Embedding, first: str, second: str, *, kind: str = "count", report: str = "b") -> list[str]:
    """The values that are said to differ of two sentences in reports of 2024 and of 2022."""
    found = [
        *read_claims(0, first, report="a", written="2024-06-30", around="Mora"),
        *read_claims(1, second, report=report, written="2022-06-30", around="Mora"),
    ]
    told = disagreements(found, [0], kind=kind, texts=[first, second], embedding=embedding)
    return [value.text for each in told for _, value in each.members]


NOW = "As of 30 June 2024, 41 states had signed the Lome Charter."
THEN = "As of 30 June 2022, 33 states had signed the Lome Charter."


def test_what_each_report_says_of_its_own_time_differs_and_the_newest_comes_first(minilm: Embedding) -> None:
    assert differ(minilm, NOW, THEN) == ["41 states", "33 states"]
    assert differ(minilm, NOW, THEN, kind="") == ["41 states", "33 states"]
    # Each has the other's date: what the newer report says of two years before is no news of its own.
    assert differ(minilm, THEN, NOW) == []


def test_one_report_does_not_differ_from_itself(minilm: Embedding) -> None:
    assert differ(minilm, NOW, THEN, report="a") == []


def test_two_points_of_a_series_are_no_conflict(minilm: Embedding) -> None:
    assert differ(minilm, NOW, THEN.replace("As of 30 June 2022", "At the end of 2012")) == []
    assert differ(minilm, "In 2024 Mora sold 5 ships.", "In 2022 Mora sold 3 ships.", kind="when") == []


def test_dates_differ_where_the_question_asks_when_or_both_are_plans(minilm: Embedding) -> None:
    plans = "The Mora bridge is to open in 2031.", "The Mora bridge is planned to open in 2026."
    facts = "The Mora bridge opened in 1931.", "The Mora bridge opened in 1926."
    assert differ(minilm, *plans, kind="when") == differ(minilm, *plans, kind="") == ["2031", "2026"]
    assert differ(minilm, *facts, kind="when") == ["1931", "1926"]
    assert differ(minilm, *facts, kind="") == differ(minilm, *plans, kind="count") == []


def test_a_plan_and_what_came_of_it_are_no_conflict(minilm: Embedding) -> None:
    assert (
        differ(minilm, "The bridge of Mora opened in 2023.", "The bridge of Mora is to open in 2022.", kind="when")
        == []
    )


def test_a_cell_of_a_table_is_held_against_a_sentence_and_against_the_same_row_elsewhere(minilm: Embedding) -> None:
    row = "Lander | Mass (kg) | Builder: Vega | 1,900 | Thales"
    assert differ(minilm, row, "The Vega lander has a mass of 1,450 kg.") == ["1,900", "1,450 kg"]
    assert differ(minilm, row, row.replace("1,900", "1,450")) == ["1,900", "1,450"]
    assert differ(minilm, row, row.replace("Vega", "Lyra").replace("1,900", "1,450")) == []


def test_two_years_of_a_table_are_no_conflict(minilm: Embedding) -> None:
    row = "Year | Net revenue (EUR million): 2023 | 91"
    assert differ(minilm, row, row.replace("2023 | 91", "2021 | 77")) == []
    assert differ(minilm, row, row.replace("91", "88")) == ["91", "88"]


def test_a_value_that_was_given_up_is_not_compared(minilm: Embedding) -> None:
    now = "The Mora bridge, once promised for 2024, is to open in 2031."
    assert differ(minilm, now, "The Mora bridge is to open in 2026.", kind="when") == ["2031", "2026"]
    assert differ(minilm, now, "The Mora bridge is to open in 2031.", kind="when") == []


def test_an_abbreviation_is_the_name_that_it_stands_for(minilm: Embedding) -> None:
    first = "The European Data Relay System (EDRS) has three satellites."
    assert differ(minilm, first, "EDRS has two satellites.") == ["three satellites", "two satellites"]
    assert differ(minilm, first, "GPS has two satellites.") == []


# Conflicts told, pairs told that are none, conflicts not told, and others left alone. The half "held" was written after
# the rules were set on the other and was scored once: change it by adding pairs, and never by what fails in it.
RECORDED = {"tune": (51, 0, 5, 56), "held": (18, 1, 4, 21)}


@pytest.mark.parametrize("half", ["tune", "held"])
def test_the_planted_pairs_are_told_as_recorded(half: str, minilm: Embedding) -> None:
    told = [(values_found(pair, minilm), pair["values"]) for pair in planted(half)]
    assert [(found, wanted) for found, wanted in told if found and wanted and found != wanted] == []
    counts = [(bool(wanted), bool(found)) for found, wanted in told]
    hits, false, missed, left = (
        counts.count(kind) for kind in ((True, True), (False, True), (True, False), (False, False))
    )
    assert (hits, false, missed, left) == RECORDED[half]
    # Precision and recall: 51 / 51 and 51 / 56 where it was tuned, 18 / 19 = 0.947 and 18 / 22 = 0.818 where not.
    assert hits / (hits + false) >= 0.9
    assert hits / (hits + missed) >= 0.8
