"""What came of a case, in a word, and what went wrong in it, in sentences."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals import report
from evals.measures import measure
from evals.outcomes import OUTCOMES, fact_ticks, faults, names_in, outcome
from evals.rows import Row
from tests.runs import BARRED, ESA, TRAINED, WOLF, answered, case, every_kind, place

ROWS = {row.case.id: row for row in measure(every_kind())}
NAMES = names_in(ROWS.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("right", "right"),
        ("partly", "partly right"),
        ("wrong", "wrong"),
        ("shy", "refused wrongly"),
        ("bold", "answered wrongly"),
        ("no", "right"),
        ("failed", "failed"),
    ],
)
def test_every_kind_of_row_has_its_outcome(name: str, expected: str) -> None:
    assert outcome(ROWS[name]) == expected
    assert expected in OUTCOMES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("right", ()),
        (
            "partly",
            (
                "Fact missed: bars NASA / forbids NASA",
                "Not cited: The Wolf Amendment at ten, p. 4",
                "Not found among the first 5 pages: The Wolf Amendment at ten, p. 4",
            ),
        ),
        ("shy", ("Refused, though the reports hold it",)),
        ("bold", ("Answered, though the reports do not hold it",)),
        ("no", ()),
        ("failed", ("Asking failed: ModelError: the model did not answer",)),
    ],
)
def test_what_went_wrong_is_said_in_sentences(name: str, expected: tuple[str, ...]) -> None:
    assert faults(ROWS[name], NAMES) == expected


def test_a_doubted_statement_and_a_quote_that_is_not_on_its_page_are_named() -> None:
    said = faults(ROWS["wrong"], NAMES)
    assert "Supported in part only: It stalled." in said
    assert "Quote 1 does not stand on its page" in said


def test_pages_are_named_together_report_by_report() -> None:
    asked = case("many", evidence=[(ESA, 2), (ESA, 5), (WOLF, 4), (ESA, 7)])
    row = Row(asked, ranking=(place(ESA, 2), place(ESA, 9)))
    assert faults(row, names_in([row])) == (
        "Not found among the first 5 pages: esa-and-tiangong.md, pages 5 and 7; wolf-amendment.md, page 4",
    )


def test_a_page_counts_as_found_among_the_first_five_only() -> None:
    asked = case("deep", evidence=[(ESA, 6)])
    for last, expected in ((6, "not found"), (5, "found")):
        ranking = tuple(place(ESA, page) for page in range(7 - last, 7))
        assert outcome(Row(asked, ranking=ranking)) == expected


def test_retrieval_alone_is_judged_by_the_pages_that_it_found() -> None:
    asked = case("found", evidence=[(ESA, 2), (WOLF, 4)])
    for ranking, expected in (
        ((place(ESA, 2), place(WOLF, 4)), "found"),
        ((place(ESA, 2),), "partly found"),
        ((), "not found"),
    ):
        assert outcome(Row(asked, ranking=ranking)) == expected
    assert outcome(Row(case("nothing", answerable=False))) == "not judged"


def test_without_facts_the_judge_decides_and_without_a_judge_only_the_reference_itself_is_right() -> None:
    asked = case("open", reference="Because of money.")
    row = measure([Row(asked, answered(asked, (ESA, 2, TRAINED)))])[0]
    assert outcome(row) == "not judged"
    for grade, expected in ((1.0, "right"), (0.5, "partly right"), (0.0, "wrong")):
        assert outcome(replace(row, measures=row.measures | {"correctness": grade})) == expected
    same = case("same", reference=TRAINED)
    assert outcome(measure([Row(same, answered(same, (ESA, 2, TRAINED)))])[0]) == "right"


def test_a_claim_is_right_where_checker_and_people_agree() -> None:
    for attributable, verified, expected in (
        (True, True, "right"),
        (False, False, "right"),
        (True, False, "doubted wrongly"),
        (False, True, "verified wrongly"),
    ):
        asked = case("claim", BARRED, answerable=attributable)
        said = replace(answered(asked, (WOLF, 4, BARRED)), answered=verified)
        row = Row(asked, said, measures={"agreement": float(attributable == verified)})
        assert outcome(row) == expected
        assert bool(faults(row, NAMES)) == (expected != "right")


def test_every_outcome_has_a_colour_of_its_own() -> None:
    style = (Path(report.__file__).parent / "page" / "report.css").read_text(encoding="utf-8")
    assert [name for name in OUTCOMES if f'[data-outcome="{name}"]' not in style] == []


def test_facts_are_ticked_by_what_the_answer_says() -> None:
    assert fact_ticks(ROWS["right"]) == (True, True)
    assert fact_ticks(ROWS["partly"]) == (True, False)
    assert fact_ticks(ROWS["shy"]) == (False, False)
    assert fact_ticks(ROWS["failed"]) == ()


def test_a_report_is_called_by_its_title_else_its_file_else_its_id() -> None:
    assert NAMES.report(place(ESA, 1)[0]) == "ESA and Tiangong: the exchange that stalled"
    row = Row(case("plain", evidence=[(ESA, 2)]))
    assert names_in([row]).report(place(ESA, 1)[0]) == ESA
    assert names_in([]).report("0123456789ab") == "0123456789ab"
    ranked = names_in([replace(row, ranking=(place(ESA, 2), place(WOLF, 4)), called=(("ESA, a title", "§ Two"),))])
    assert (ranked.report(place(ESA, 2)[0]), ranked.page(place(ESA, 2))) == ("ESA, a title", "§ Two")
    assert ranked.page(place(WOLF, 4)) == "page 4"
    assert NAMES.page(place(ESA, 2)) == "p. 2"
    assert NAMES.page(place(ESA, 99)) == "page 99"
