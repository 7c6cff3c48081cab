"""Which heads stand over which columns of a table in a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.reading import read
from rag.reading.pdf_heads import grid_of, heads_of
from rag.reading.pdf_lines import Cell, Line
from rag.reading.tables import is_number, is_year
from tests.pdfs import Paper


def put_row(paper: Paper, y: float, cells: dict[float, str], *, bold: bool = False) -> None:
    for x, cell in cells.items():
        paper.put(x, y, cell, bold=bold)


def rows_and_heads(folder: Path, paper: Paper) -> list[tuple[str, str]]:
    """Each table row of the first page on one line, with the heads of its columns."""
    paper.prose(500)
    paper.output(str(folder / "paper.pdf"))
    page = read(folder / "paper.pdf").pages[0]
    return [
        (" ".join(page.text[block.start : block.end].split()), block.heads)
        for block in page.blocks
        if block.kind == "row"
    ]


def line(*cells: tuple[str, float, float]) -> Line:
    held = tuple(Cell(*cell) for cell in cells)
    return Line(0, 1, "", held[0].left, held[-1].right, 0.0, 0.0, size=10.0, cells=held)


def columns(rows: Sequence[Line]) -> tuple[tuple[float, float], ...]:
    return grid_of(rows).columns


def test_a_list_of_two_columns_without_heads_has_none(tmp_path: Path) -> None:
    paper = Paper()
    for at, (short, long) in enumerate(
        [("CDC", "Centers for Disease Control"), ("FNS", "Food Service"), ("WIC", "Women")]
    ):
        put_row(paper, 100 + 14 * at, {60: short, 160: long})
    assert {heads for _, heads in rows_and_heads(tmp_path, paper)} == {""}


def test_a_list_of_two_columns_has_heads_where_they_are_bold(tmp_path: Path) -> None:
    paper = Paper()
    put_row(paper, 86, {60: "Short", 160: "Name"}, bold=True)
    for at, (short, long) in enumerate(
        [("CDC", "Centers for Disease Control"), ("FNS", "Food Service"), ("WIC", "Women")]
    ):
        put_row(paper, 100 + 14 * at, {60: short, 160: long})
    assert [heads for _, heads in rows_and_heads(tmp_path, paper)] == ["", *["Short | Name"] * 3]


def test_a_narrow_head_right_between_two_columns_is_of_both(tmp_path: Path) -> None:
    paper = Paper()
    put_row(paper, 137, {420: "At May 31,"})
    put_row(paper, 150, {380: "2020", 480: "2019"})
    for at, name in enumerate(("Land", "Buildings", "Total")):
        put_row(paper, 164 + 14 * at, {60: name, 380: "1,586", 480: "1,975"})
    assert rows_and_heads(tmp_path, paper)[-1] == ("Total 1,586 1,975", "At May 31, 2020 | 2019")


def test_a_table_ends_where_the_years_of_the_next_begin(tmp_path: Path) -> None:
    paper = Paper()
    for start, years in ((100, ("2020", "2019")), (170, ("2018", "2017"))):
        put_row(paper, start, {380: years[0], 480: years[1]})
        for at, name in enumerate(("Land", "Buildings", "Total"), start=1):
            put_row(paper, start + 14 * at, {60: name, 380: "1,586", 480: "1,975"})
    heads = [heads for _, heads in rows_and_heads(tmp_path, paper)]
    assert heads == ["", *["2020 | 2019"] * 3, "", *["2018 | 2017"] * 3]


def test_a_head_whose_date_is_broken_before_the_day_is_whole(tmp_path: Path) -> None:
    paper = Paper()
    put_row(paper, 137, {350: "Year Ended December", 470: "Year Ended December"}, bold=True)
    put_row(paper, 150, {380: "31, 2019", 500: "31, 2018"}, bold=True)
    for at, name in enumerate(("Land", "Buildings", "Total")):
        put_row(paper, 164 + 14 * at, {60: name, 385: "1,586", 505: "1,975"})
    assert rows_and_heads(tmp_path, paper)[-1][1] == "Year Ended December 31, 2019 | Year Ended December 31, 2018"


def test_a_row_of_marks_is_no_head(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 86, "State", bold=True)
    for x, (upper, lower) in {200: ("Tax", "credits"), 320: ("Public", "funds"), 440: ("Other", "aid")}.items():
        paper.put(x, 74, upper, bold=True)
        paper.put(x, 86, lower, bold=True)
    for at, (state, marks) in enumerate([("Oregon", (200, 320)), ("Texas", (320, 440)), ("Utah", (200, 440))]):
        put_row(paper, 100 + 14 * at, {60: state, **{x + 10: "x" for x in marks}})
    found = dict(rows_and_heads(tmp_path, paper))
    assert {found[row] for row in ("Oregon x x", "Texas x x", "Utah x x")} == {
        "State | Tax credits | Public funds | Other aid"
    }


def test_a_head_off_the_middle_of_its_column_is_its_own(tmp_path: Path) -> None:
    paper = Paper()
    for x, lines in {200: ("Year", "2019"), 290: ("% of", "net sales"), 400: ("Change", "in 2019")}.items():
        for at, text in enumerate(lines):
            paper.put(x, 74 + 12 * at, text, bold=True)
    for at, name in enumerate(("Land", "Buildings", "Total")):
        put_row(paper, 104 + 14 * at, {60: name, 200: "1,586", 335: "12", 405: "1,975"})
    assert rows_and_heads(tmp_path, paper)[-1][1] == "Year 2019 | % of net sales | Change in 2019"


def test_a_heading_above_the_heads_is_none_of_them(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 80, "Stations and their crews at a glance", size=14, bold=True)
    put_row(paper, 100, {60: "Station", 150: "Operator", 300: "Crew"}, bold=True)
    for at, row in enumerate([("Mir", "Russia", "2"), ("ISS", "Five agencies", "7"), ("Tiangong", "China", "3")]):
        put_row(paper, 114 + 14 * at, dict(zip((60, 150, 300), row, strict=True)))
    assert rows_and_heads(tmp_path, paper)[-1] == ("Tiangong China 3", "Station | Operator | Crew")


def test_a_cell_over_two_columns_makes_neither_wider() -> None:
    rows = [line(("a", 0, 9), ("b", 50, 70), ("c", 90, 110)) for _ in range(3)]
    assert columns([*rows, line(("a", 0, 9), ("b and c", 50, 110))]) == ((50, 70), (90, 110))


def test_a_dash_beside_the_figures_of_a_column_is_of_it() -> None:
    rows = [line(("a", 0, 9), ("12", 60, 70), ("5", 105, 110)), line(("a", 0, 9), ("\u2014", 72, 80), ("5", 105, 110))]
    assert columns(rows) == ((60, 80), (105, 110))


def test_the_mark_of_a_footnote_beside_a_figure_is_no_column() -> None:
    rows = [line(("a", 0, 9), ("12", 60, 70), ("(2)", 75, 80), ("5", 105, 110)), line(("a", 0, 9), ("12", 60, 70))]
    assert columns(rows) == ((60, 70), (105, 110))


@pytest.mark.parametrize("text", ["$ \u2014", "$\u2014", "\u2014", "31, 2019"])
def test_a_dash_with_its_currency_is_a_figure(text: str) -> None:
    assert is_number(text)


def test_the_end_of_a_date_is_a_year() -> None:
    assert is_year("31, 2019") and is_year("2019") and not is_year("31,2019") and not is_year("31, 201")


def test_a_table_without_columns_has_no_heads() -> None:
    backwards = line(("a", 0, 9), ("b", 70, 50))
    assert columns([backwards]) == ()
    assert heads_of([backwards], grid_of([backwards])) == ""
