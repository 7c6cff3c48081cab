"""A comparison as files: read back by openpyxl and csv, with every number, and no formula among them."""

from __future__ import annotations

import csv
import io
import zipfile

import openpyxl
import pytest

from rag.comparing import Cell, as_csv, as_xlsx, tabulate
from rag.types import Answer, Citation, Report, Statement

QUESTIONS = ('=HYPERLINK("http://x.example","What?")', "When?")
FORMULA = '=cmd|"/C calc"!A0'


def cell(report: Report, question: str, *statements: tuple[str, str]) -> Cell:
    """A cell with a statement and its quote for each pair."""
    citations = tuple(
        Citation(report.id, report.document, report.title, report.date, 1, "p. 1", quote, at, at + len(quote), at + 1)
        for at, (_, quote) in enumerate(statements)
    )
    said = tuple(Statement(text, (at + 1,), "verified") for at, (text, _) in enumerate(statements))
    return Cell(report, question, Answer(question, question, answered=bool(said), statements=said, citations=citations))


def report(id: str, title: str, date: str | None) -> Report:
    return Report(id, f"sha-{id}", f"{id}.md", title, "markdown", date, 1, 1, 1, "")


CARGO, PLUS = report("a", "Cargo, by air", "2023-05"), report("b", "+1 from here", None)
TABLE = tabulate(
    [
        cell(CARGO, QUESTIONS[0], ("A call\twent out.", "A call\nwent out."), ("In May.", "“In May.”")),
        cell(CARGO, QUESTIONS[1]),
        cell(PLUS, QUESTIONS[0], (FORMULA, FORMULA)),
        Cell(PLUS, QUESTIONS[1], None, "The model failed."),
    ]
)


def test_a_workbook_has_a_sheet_of_answers_and_one_of_their_sources() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TABLE)))
    assert book.sheetnames == ["Comparison", "Sources"]
    assert list(book["Comparison"].values) == [
        ("Report", "Date", *QUESTIONS),
        ("Cargo, by air", "2023-05", "A call\twent out. [1] In May. [2]", "Not stated"),
        ("+1 from here", None, f"{FORMULA} [3]", "Could not be asked: The model failed."),
    ]
    assert list(book["Sources"].values) == [
        ("Number", "Report", "Date", "Place", "Quote"),
        (1, "Cargo, by air", "2023-05", "p. 1", "A call\nwent out."),
        (2, "Cargo, by air", "2023-05", "p. 1", "“In May.”"),
        (3, "+1 from here", None, "p. 1", FORMULA),
    ]


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    written = as_xlsx(TABLE)
    book = openpyxl.load_workbook(io.BytesIO(written))
    cells = [one for sheet in book.worksheets for row in sheet.iter_rows() for one in row if one.value is not None]
    assert {one.data_type for one in cells} == {"s", "n"}
    assert [one.value for one in cells if one.data_type == "n"] == [1, 2, 3]
    quoted = [one.value for one in cells if one.quotePrefix]
    assert quoted == [QUESTIONS[0], "+1 from here", f"{FORMULA} [3]", "+1 from here", FORMULA]
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_a_workbooks_text_wraps_below_a_head_that_stays_in_view() -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(as_xlsx(TABLE))).worksheets:
        assert sheet.freeze_panes == "B2"
        assert all(one.alignment.wrap_text for row in sheet.iter_rows() for one in row)
        assert all(one.font.bold for one in sheet[1])


def test_characters_that_no_workbook_can_hold_are_left_out() -> None:
    table = tabulate([cell(report("a", "Bell\x07", None), "When?", ("Never\x00.", "Never\x00."))])
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(table)))
    assert [row[0].value for row in book["Comparison"].iter_rows()] == ["Report", "Bell"]
    assert book["Sources"]["E2"].value == "Never."


def test_a_csv_file_has_a_report_a_row_with_what_it_cites_at_the_end() -> None:
    written = as_csv(TABLE)
    assert written.startswith(b"\xef\xbb\xbfReport,Date,")
    assert list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))) == [
        ["Report", "Date", f"'{QUESTIONS[0]}", "When?", "Sources"],
        [
            "Cargo, by air",
            "2023-05",
            "A call\twent out. [1] In May. [2]",
            "Not stated",
            "[1] p. 1: “A call\nwent out.”\n[2] p. 1: ““In May.””",
        ],
        ["'+1 from here", "", f"'{FORMULA} [3]", "Could not be asked: The model failed.", f"[3] p. 1: “{FORMULA}”"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1+1", "\r=1+1", "\u00a0=1+1"])
def test_text_that_a_spreadsheet_takes_for_a_formula_has_an_apostrophe_before_it_in_csv(text: str) -> None:
    table = tabulate([cell(report("a", text, None), "When?")])
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))
    assert rows[1][0] == f"'{text}"


def test_a_table_without_cells_is_a_file_with_a_head() -> None:
    assert as_csv(tabulate([])).decode("utf-8-sig") == "Report,Date,Sources\r\n"
    assert openpyxl.load_workbook(io.BytesIO(as_xlsx(tabulate([]))))["Comparison"].max_row == 1
