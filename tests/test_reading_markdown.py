"""Markdown: markup goes, words stay, and each heading with text of its own begins a page."""

from __future__ import annotations

from pathlib import Path

from rag.reading import read
from rag.reading.markdown import markdown_pieces
from rag.types import Block, Document


def read_markdown(folder: Path, text: str) -> Document:
    path = folder / "note.md"
    path.write_text(text)
    return read(path)


def test_markup_is_stripped_and_words_are_kept(tmp_path: Path) -> None:
    source = "See **the [budget](https://x.eu)** in `code` &amp; ![a chart](c.png)<br>here <b>now</b>  \nnext\nline."
    assert read_markdown(tmp_path, source).pages[0].text == "See the budget in code & a chart\nhere now\nnext\nline."


def test_headings_begin_pages_and_lone_ones_wait_for_text(tmp_path: Path) -> None:
    document = read_markdown(tmp_path, "intro\n\n# Stations\n\n## Tiangong\n\nThree modules.\n\n## ISS\n\nSixteen.\n")
    assert [(page.number, page.label, page.text) for page in document.pages] == [
        (1, "line 1", "intro"),
        (2, "§ Tiangong", "Stations\n\nTiangong\n\nThree modules."),
        (3, "§ ISS", "ISS\n\nSixteen."),
    ]
    assert document.pages[1].blocks == (Block(0, 8, "heading", 1), Block(10, 18, "heading", 2), Block(20, 34))
    assert document.title == "Stations"


def test_a_last_heading_without_text_is_not_lost(tmp_path: Path) -> None:
    assert [page.text for page in read_markdown(tmp_path, "# A\n\ntext\n\n# End\n").pages] == ["A\n\ntext", "End"]


def test_front_matter_gives_title_and_date_and_no_text(tmp_path: Path) -> None:
    source = '---\ntitle: "Commercial resupply"\ndate: 2024-03-11\n---\n# Other\n\nPublished: 2020-01-01\n'
    document = read_markdown(tmp_path, source)
    assert (document.title, document.date) == ("Commercial resupply", "2024-03-11")
    assert document.pages[0].text == "Other\n\nPublished: 2020-01-01"


def test_lists_are_tight_blocks_with_their_numbers(tmp_path: Path) -> None:
    page = read_markdown(tmp_path, "Do:\n\n3. plan\n4. fly\n   - high\n\nDone.\n").pages[0]
    assert page.text == "Do:\n\n3. plan\n4. fly\nhigh\n\nDone."
    assert [page.text[block.start : block.end] for block in page.blocks] == [
        "Do:",
        "3. plan",
        "4. fly",
        "high",
        "Done.",
    ]


def test_a_table_row_is_a_line_that_knows_its_column_heads(tmp_path: Path) -> None:
    page = read_markdown(tmp_path, "| Item | 2023 |\n|---|--:|\n| **Hull** | 4.5 |\n| Crew | 7 |\n").pages[0]
    assert page.text == "Item | 2023\nHull | 4.5\nCrew | 7"
    assert page.blocks == (
        Block(0, 11, "row"),
        Block(12, 22, "row", heads="Item | 2023"),
        Block(23, 31, "row", heads="Item | 2023"),
    )


def test_code_is_kept_and_html_is_read_as_html(tmp_path: Path) -> None:
    source = "```\na = 1\n\nb = 2\n```\n\n<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>\n"
    assert read_markdown(tmp_path, source).pages[0].text == "a = 1\n\nb = 2\n\nA | B\n1 | 2"


def test_a_long_section_is_cut_between_paragraphs_and_the_parts_are_numbered(tmp_path: Path) -> None:
    document = read_markdown(tmp_path, "# Resupply\n\n" + "\n\n".join("z" * 1400 for _ in range(5)))
    assert [page.label for page in document.pages] == ["§ Resupply", "§ Resupply (2)", "§ Resupply (3)"]
    assert [len(page.blocks) for page in document.pages] == [3, 2, 1]


def test_pieces_carry_their_lines() -> None:
    assert [piece.lines for piece in markdown_pieces("a\nb\n\nc")] == [(1, 2), (4, 4)]


def test_a_symbol_fonts_bullet_stays_in_the_text_and_out_of_the_label(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Rules\n\nOne rule.\n\n## \uf0a7 Costs\n\nTwo euros.\n", encoding="utf-8")
    page = read(path).pages[1]
    assert (page.label, page.text) == ("§ Costs", "\uf0a7 Costs\n\nTwo euros.")
