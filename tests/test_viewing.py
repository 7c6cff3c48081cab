"""A page as people look at it: sections with a quote marked, a PDF page as a picture, and boxes on the quote."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

from rag.errors import DamagedFile, EncryptedFile
from rag.reading import read
from rag.types import Page
from rag.viewing import Box, Piece, Section, boxes, draw, mark
from tests.pages import paged
from tests.pdfs import Paper

SINCE = "Since 1998 the station has been built."


def one(*pieces: tuple[str, bool]) -> tuple[Piece, ...]:
    return tuple(Piece(*piece) for piece in pieces)


def test_a_page_is_cut_where_the_quote_begins_and_ends() -> None:
    page = paged(("heading2", "Crews"), ("text", "Three live there. Six did once."))
    start = page.text.index("Six")
    assert mark(page, [(start, start + 3)]) == (
        Section("heading", ((one(("Crews", False)),),), level=2),
        Section("text", ((one(("Three live there. ", False), ("Six", True), (" did once.", False)),),)),
    )


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    page = paged(("text", "One two."), ("text", "Three four."))
    first, second = mark(page, [(4, 15)])
    assert first.rows == ((one(("One ", False), ("two.", True)),),)
    assert second.rows == ((one(("Three", True), (" four.", False)),),)


def test_rows_of_one_table_stand_together_below_their_heads_with_the_quoted_cells_marked() -> None:
    heads = "Flight | Year"
    page = paged(("row", heads), ("row", "Ax-1 | 2022", heads), ("row", "Ax-2 | 2023", heads), ("text", "Then."))
    start = page.text.index("Ax-2")
    table, after = mark(page, [(start, start + len("Ax-2 | 2023"))])
    assert table == Section(
        "table",
        (
            (one(("Flight", False)), one(("Year", False))),
            (one(("Ax-1", False)), one(("2022", False))),
            (one(("Ax-2", True)), one(("2023", True))),
        ),
        headed=True,
    )
    assert after.kind == "text"


def test_tables_of_other_heads_are_tables_of_their_own() -> None:
    page = paged(("row", "A | B"), ("row", "1 | 2", "A | B"), ("row", "C | D"), ("row", "3 | 4", "C | D"))
    assert [(section.kind, len(section.rows), section.headed) for section in mark(page)] == [("table", 2, True)] * 2


def test_rows_without_heads_are_a_table_without_heads() -> None:
    (table,) = mark(paged(("row", "1 | 2"), ("row", "3 | 4")))
    assert (len(table.rows), table.headed) == (2, False)


def test_a_page_without_blocks_is_one_paragraph_and_one_without_text_has_none() -> None:
    assert mark(Page(1, "p. 1", "Some text.")) == (Section("text", ((one(("Some text.", False)),),)),)
    assert mark(Page(1, "p. 1", "")) == ()


def saved(paper: FPDF, folder: Path) -> tuple[Path, Page]:
    """Return a PDF's path and its first page as it is read."""
    path = folder / "paper.pdf"
    paper.output(str(path))
    return path, read(path).pages[0]


def quoted(page: Page, quote: str) -> list[tuple[int, int]]:
    start = page.text.index(quote)
    return [(start, start + len(quote))]


def words_in(path: Path, found: Sequence[Box]) -> str:
    """What PDFium itself finds inside the boxes on the first page, whose crop begins at 0 and which is not turned."""
    page = pypdfium2.PdfDocument(path)[0]
    wide, high = page.get_size()
    text = page.get_textpage()
    inside = [
        text.get_text_bounded(box.left * wide, (1 - box.bottom) * high, box.right * wide, (1 - box.top) * high)
        for box in found
    ]
    return " ".join(" ".join(inside).split())


def test_the_boxes_hold_the_words_of_the_quote_and_no_others(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 100, f"Before it. {SINCE} It is large,")
    paper.put(60, 112, "and five agencies share it. After it.")
    path, page = saved(paper, tmp_path)
    quote = "It is large,\nand five agencies share it."
    found = boxes(path, page, quoted(page, quote), name="paper.pdf")
    assert len(found) == 2
    assert words_in(path, found) == quote.replace("\n", " ")
    assert words_in(path, boxes(path, page, quoted(page, SINCE), name="paper.pdf")) == SINCE


def test_a_box_stands_where_the_words_do_on_the_page(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(300, 400, "Mir", size=20)
    path, page = saved(paper, tmp_path)
    (box,) = boxes(path, page, [(0, 3)], name="paper.pdf")
    # On 600 x 800 points: the word begins in the middle, and stands on the line halfway down.
    assert box.left == pytest.approx(0.5, abs=0.01)
    assert box.top < 0.5 < box.bottom
    assert 0.53 < box.right < 0.57


def test_a_turned_page_is_drawn_upright_and_its_boxes_turn_with_it(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(300, 400, "Mir", size=20)
    path, _ = saved(paper, tmp_path)
    document = pypdfium2.PdfDocument(path)
    document[0].set_rotation(90)
    turned = tmp_path / "turned.pdf"
    document.save(turned)
    page = read(turned).pages[0]
    (box,) = boxes(turned, page, [(0, 3)], name="turned.pdf")
    drawn = draw(turned, 1, width=800, name="turned.pdf")
    assert (drawn.width, drawn.height) == (800, 600)
    picture = Image.open(io.BytesIO(drawn.png)).convert("L")
    ink = picture.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    # Where the picture is dark, a little inside of the box.
    assert box.left * 800 <= ink[0] + 2 and ink[2] - 2 <= box.right * 800
    assert box.top * 600 <= ink[1] + 2 and ink[3] - 2 <= box.bottom * 600


def test_a_page_without_a_map_to_its_characters_has_no_boxes(tmp_path: Path) -> None:
    assert boxes(tmp_path / "scan.pdf", Page(1, "p. 1", "Read by OCR."), [(0, 4)], name="scan.pdf") == ()


def test_a_page_is_drawn_as_wide_as_asked_but_never_too_long(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 100, "x")
    path, _ = saved(paper, tmp_path)
    drawn = draw(path, 1, width=300, name="paper.pdf")
    assert (drawn.width, drawn.height) == (300, 400)
    assert draw(path, 1, width=9000, name="paper.pdf").height == 4000


def test_a_page_that_is_not_there_a_locked_file_and_one_that_is_no_pdf_are_named(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 100, "x")
    path, _ = saved(paper, tmp_path)
    with pytest.raises(DamagedFile, match=r"a\.pdf: PDFium cannot load page 2"):
        draw(path, 2, width=100, name="a.pdf")
    (tmp_path / "b.pdf").write_text("no PDF")
    with pytest.raises(DamagedFile, match=r"b\.pdf: its name says PDF"):
        draw(tmp_path / "b.pdf", 1, width=100, name="b.pdf")
    locked = Paper()
    locked.put(60, 100, "x")
    locked.set_encryption(owner_password="o", user_password="u")
    locked.output(str(tmp_path / "c.pdf"))
    with pytest.raises(EncryptedFile, match=r"c\.pdf: it is locked"):
        draw(tmp_path / "c.pdf", 1, width=100, name="c.pdf")
