"""Tables of words in PDFs, on the sample report whose text is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rag.reading import read
from rag.types import Document

PDF = Path(__file__).parent.parent / "corpus" / "space-stations-in-figures.pdf"


@cache
def document() -> Document:
    return read(PDF)


def rows(page: int) -> dict[str, str]:
    """The column heads of each table row of a page, by the row's text on one line."""
    found = document().pages[page - 1]
    return {
        " ".join(found.text[block.start : block.end].split()): block.heads
        for block in found.blocks
        if block.kind == "row"
    }


def test_every_row_of_a_table_of_words_carries_the_heads_of_its_columns() -> None:
    found = rows(2)
    assert found["Tiangong about 41.5 degrees 340 to 450 km"] == "Station | Inclination | Altitude"
    assert found["Station Inclination Altitude"] == ""


def test_a_cell_of_several_lines_belongs_to_its_row() -> None:
    assert rows(3)["Zarya Built in Russia, paid for by the United States November 1998"] == (
        "Module | Provided by | Launched"
    )
    assert rows(4)["Wentian Tiangong July 2022 Laboratory, airlock for spacewalks"] == (
        "Module | Station | Launched | Role"
    )


def test_a_page_that_is_nearly_all_table_has_its_rows_found() -> None:
    assert len(rows(4)) == 11


def test_each_column_of_words_among_figures_has_its_own_head() -> None:
    assert rows(1)["Mir Soviet Union, Russia February 1986 about 130 t 2 to 3 March 2001"] == (
        "Station | Operator | First launch | Mass | Resident crew | End"
    )


def test_a_head_of_several_lines_is_one_and_the_heads_are_one_row() -> None:
    found = rows(5)
    assert found["Mir about 437 days Polyakov 1994 to 1995"] == (
        "Station | Longest stay up to January 2023 | Who | When"
    )
    assert found["Station Longest stay up to January 2023 Who When"] == ""


def test_the_last_row_keeps_its_cells_of_several_lines() -> None:
    last = "Tiangong about six months Crews of Shenzhou-13 and Shenzhou-14 2021 to 2022"
    assert rows(5)[last] == "Station | Longest stay up to January 2023 | Who | When"
