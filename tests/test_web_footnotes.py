"""What the browser is given of a statement and of a refusal: plain values, exactly those of the answer."""

from __future__ import annotations

import json

from rag.reading.tables import as_table
from rag.types import Citation, Conflict, ConflictValue, Refusal, Source, Statement
from rag.web.footnotes import conflict_data, refusal_data, statement_data

CARGO = Citation(
    report="r1",
    document="d1",
    title="Cargo <b>",
    date="2023-05",
    page=2,
    label="p. 2",
    quote="A call\nwent out.",
    start=4,
    end=20,
    number=3,
)
CREW = Citation(
    report="r2",
    document="d2",
    title="Crew",
    date=None,
    page=1,
    label="§ Crew",
    quote="Three live there.",
    start=0,
    end=17,
    number=1,
)
HELD = {("r1", "d1"), ("r2", "d2")}
# What the browser is given of the two, to show and to open: see rag/web/marks.js.
OF_CARGO = {
    "document": "d1",
    "page": 2,
    "start": 4,
    "end": 20,
    "title": "Cargo <b>",
    "date": "2023-05",
    "label": "p. 2",
    "quote": "A call\nwent out.",
    "gone": False,
}
OF_CREW = {
    "document": "d2",
    "page": 1,
    "start": 0,
    "end": 17,
    "title": "Crew",
    "date": "",
    "label": "§ Crew",
    "quote": "Three live there.",
    "gone": False,
}


def test_a_statement_is_given_with_its_verdict_and_what_it_cites_in_its_own_order() -> None:
    statement = Statement("A call went out, and three live there.", (3, 1), "partial")
    assert statement_data(statement, {1: CREW, 3: CARGO}, HELD) == {
        "text": "A call went out, and three live there.",
        "table": None,
        "support": "partial",
        "sources": [{"number": 3, **OF_CARGO}, {"number": 1, **OF_CREW}],
    }


def test_a_statement_that_cites_nothing_has_no_sources() -> None:
    assert statement_data(Statement("So they say.", (), "unsupported"), {1: CREW}, HELD)["sources"] == []


def test_a_source_is_gone_when_its_report_was_removed_or_has_a_new_version() -> None:
    statement = Statement("A call went out.", (3,), "verified")
    for held, gone in (({("r1", "d1")}, False), ({("r1", "d9")}, True), (set(), True)):
        assert [source["gone"] for source in statement_data(statement, {3: CARGO}, held)["sources"]] == [gone]


def test_a_refusal_is_given_with_what_is_missing_and_the_nearest_places_without_numbers() -> None:
    near = Source("r2", "d2", "Crew", None, 1, "§ Crew", "Three live there.", 0, 17)
    assert refusal_data("Not said.", Refusal("Nothing is near.", ("cost",), (near,)), HELD) == {
        "text": "Not said.",
        "reason": "Nothing is near.",
        "step": "",
        "missing": ["cost"],
        "nearest": [OF_CREW],
    }


def test_a_reason_that_is_the_sentence_itself_is_not_said_twice_and_the_next_step_is_said() -> None:
    assert refusal_data("No report is chosen.", Refusal("No report is chosen."), HELD) == {
        "text": "No report is chosen.",
        "reason": "",
        "step": "Tick a report in the list at the side, or press All there, and ask again.",
        "missing": [],
        "nearest": [],
    }


DIFFERING = Conflict((0, 1), (ConflictValue("6 calls", "2023-05", 3), ConflictValue("4 calls", None, 1)))


def test_a_conflict_is_given_with_each_value_its_report_its_date_and_its_number() -> None:
    assert conflict_data(DIFFERING, {1: CREW, 3: CARGO}, HELD) == {
        "differ": "The reports differ",
        "values": [
            {"value": "6 calls", "when": "2023-05", "number": 3, **OF_CARGO},
            {"value": "4 calls", "when": "no date", "number": 1, **OF_CREW},
        ],
    }


def test_what_the_browser_is_given_is_json() -> None:
    for given in (
        statement_data(Statement("Flight | Year: Ax-2 | 2023", (3,), "verified"), {3: CARGO}, HELD),
        refusal_data("Not said.", Refusal("Far.", ("a",), (CREW,)), HELD),
        conflict_data(DIFFERING, {1: CREW, 3: CARGO}, HELD),
    ):
        assert json.loads(json.dumps(given)) == given


def test_a_row_below_its_column_heads_is_a_table() -> None:
    assert as_table("Flight | Launched: Tianzhou-8 | 2024") == [["Flight", "Launched"], ["Tianzhou-8", "2024"]]


def test_the_colon_of_a_table_is_the_one_with_as_many_cells_on_both_sides() -> None:
    assert as_table("Launch: UTC | Craft: 12:30 | Ax-2: private") == [
        ["Launch: UTC", "Craft"],
        ["12:30", "Ax-2: private"],
    ]


def test_an_empty_cell_is_a_cell() -> None:
    assert as_table("A | B | C: 1 |  | 3") == [["A", "B", "C"], ["1", "", "3"]]
    # White space is folded in a statement, so that empty cells stand with one space between their bars.
    assert as_table("A | B | C | D: 1 | | | 4") == [["A", "B", "C", "D"], ["1", "", "", "4"]]
    assert as_table("| 2023 | 2024: Crews | 3 | 6") == [["", "2023", "2024"], ["Crews", "3", "6"]]
    assert as_table("A | B | C: | | 3") == [["A", "B", "C"], ["", "", "3"]]


def test_the_last_cell_of_a_row_leaves_no_bar_where_it_is_empty() -> None:
    assert as_table("A | B | C: 1 | 2") == [["A", "B", "C"], ["1", "2", ""]]
    assert as_table("A | B | C: 1 |") == [["A", "B", "C"], ["1", "", ""]]


def test_a_row_of_the_sample_reports_with_empty_cells_is_a_table() -> None:
    heads = "Company | Announced | Award (USD million) | Total after award (USD million) | Remark"
    assert as_table(f"{heads}: Northrop Grumman | October 2023 | | | Northrop Grumman joined Starlab") == [
        ["Company", "Announced", "Award (USD million)", "Total after award (USD million)", "Remark"],
        ["Northrop Grumman", "October 2023", "", "", "Northrop Grumman joined Starlab"],
    ]


def test_what_is_no_row_below_heads_is_no_table() -> None:
    for text in ("", "Two crews: one of three, one of two.", "A | B", "A | B: 1", "A: 1 | 2", "A | B:1 | 2"):
        assert as_table(text) is None, text
