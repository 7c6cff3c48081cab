"""Spreadsheets: rows that know their column heads, and values as their formats show them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rag.errors import DamagedFile
from rag.reading import read
from rag.reading.cells import shown
from rag.reading.tables import table_pieces
from rag.types import Block, Document


def save(path: Path, rows: list[list[Any]], *, formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Costs"
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    book.save(path)
    return path


def read_csv(folder: Path, text: str, name: str = "flights.csv") -> Document:
    (folder / name).write_text(text)
    return read(folder / name)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (3.0, "General", "3"),
        (2.5, "General", "2.5"),
        (0.1 + 0.2, "General", "0.3"),
        (0.125, "0.0%", "12.5%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234.5, "#,##0", "1,234"),
        (-1234, "#,##0;(#,##0)", "(1,234)"),
        (-7, "0", "-7"),
        (8.0, '"$"#,##0.00', "$8.00"),
        (8.0, "[$€-407]#,##0.00", "€8.00"),
        (8.0, "#,##0.00 [$€-407]", "8.00 €"),
        (2_500_000, "#,##0,,", "2"),
        (2.5, "0.##", "2.5"),
        (True, "General", "TRUE"),
        (None, "General", ""),
        (datetime.datetime(2024, 3, 11), "d/m/yy", "2024-03-11"),
        (datetime.datetime(2024, 3, 11, 9, 30), "d/m/yy h:mm", "2024-03-11 09:30"),
        (datetime.timedelta(hours=26, minutes=5), "[h]:mm", "26:05:00"),
        ("text", "@", "text"),
    ],
)
def test_values_are_shown_as_their_format_says(value: Any, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_a_sheet_is_a_page_and_each_row_knows_its_heads(tmp_path: Path) -> None:
    rows = [["Costs of resupply"], [], ["Item", "2023", 2024], ["Hull", 4.0, 5.5], ["Crew", 0.5, None]]
    document = read(save(tmp_path / "costs.xlsx", rows, formats={"B5": "0%"}))
    page = document.pages[0]
    assert (document.title, page.label) == ("Costs of resupply", "sheet Costs")
    assert page.text == "Costs of resupply\n\nItem | 2023 | 2024\nHull | 4 | 5.5\nCrew | 50%"
    assert page.blocks[1:] == (
        Block(19, 37, "row"),
        Block(38, 52, "row", heads="Item | 2023 | 2024"),
        Block(53, 63, "row", heads="Item | 2023 | 2024"),
    )


def test_hidden_sheets_are_left_out_and_blank_ones_noted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.create_sheet("Secret").sheet_state = "hidden"
    book.create_sheet("Nothing")
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx")
    assert [page.label for page in document.pages] == ["sheet Sheet", "sheet Nothing"]
    assert [(note.page, note.code) for note in document.ledger] == [(0, "hidden"), (2, "blank")]


def test_formulas_without_computed_values_are_noted(tmp_path: Path) -> None:
    document = read(save(tmp_path / "a.xlsx", [["a", "b"], [1, "=A2*2"]]))
    assert [(note.code, note.message[:10]) for note in document.ledger] == [("uncomputed", "1 formulas")]


def test_csv_is_read_with_its_own_delimiter_and_quotes(tmp_path: Path) -> None:
    page = read_csv(tmp_path, 'Name;"Place; date"\nArtemis;Moon\nJuice;"Jupiter"\n').pages[0]
    assert page.label == "sheet flights"
    assert page.text == "Name | Place; date\nArtemis | Moon\nJuice | Jupiter"
    assert read_csv(tmp_path, "Year\tCrew\n2023\t3\n", "a.tsv").pages[0].blocks[1].heads == "Year | Crew"


def test_empty_cells_keep_their_column(tmp_path: Path) -> None:
    assert read_csv(tmp_path, "Item,2022,2023\nHull,,5\n").pages[0].text == "Item | 2022 | 2023\nHull |  | 5"


def test_a_pdf_named_csv_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"%PDF-1.4")
    with pytest.raises(DamagedFile):
        read(tmp_path / "a.csv")


def test_several_head_rows_are_joined_and_empty_columns_dropped() -> None:
    rows = [["", "", "Costs", ""], ["Item", "", "2023", "2024"], ["Hull", "", "4", "5"]]
    pieces = list(table_pieces(rows, headed=2))
    assert [piece.text for piece in pieces] == ["| Costs", "Item | 2023 | 2024", "Hull | 4 | 5"]
    assert pieces[2].heads == "Item | Costs 2023 | 2024"


def test_a_list_of_names_and_values_has_no_heads() -> None:
    assert [piece.heads for piece in table_pieces([["Name", "Ada"], ["Born", "London"]])] == ["", ""]
    assert list(table_pieces([])) == []
