"""PDFs: text with its map to PDFium, blocks, tables with their heads, running lines, scans."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from fpdf import FPDF

from rag.errors import DamagedFile, EmptyFile, EncryptedFile, LimitExceeded
from rag.reading import Limits, read, scan
from rag.reading.pdf_text import joins
from rag.types import Document
from tests.pdfs import PROSE, Paper, assert_mapped, raw_pdf, texts

DATA = Path(os.environ.get("FOOTNOTE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the evaluation data lies beside the checkout, or FOOTNOTE_DATA"
)


def read_paper(folder: Path, paper: FPDF, **given: object) -> Document:
    path = folder / "paper.pdf"
    paper.output(str(path))
    return read(path, **given)  # type: ignore[arg-type]


def test_headings_paragraphs_and_page_numbers_are_told_apart(tmp_path: Path) -> None:
    paper = Paper()
    paper.put(60, 80, "Commercial resupply", size=18)
    paper.prose(110)
    paper.put(60, 200, "Costs", bold=True)
    paper.put(60, 215, "They rose by a fifth.")
    paper.put(60, 240, "Nobody knows why.")
    paper.put(295, 780, "1")
    document = read_paper(tmp_path, paper)
    page = document.pages[0]
    assert (document.title, page.label) == ("Commercial resupply", "p. 1")
    assert texts(page, "heading") == ["Commercial resupply", "Costs"]
    assert [block.level for block in page.blocks if block.kind == "heading"] == [1, 2]
    assert texts(page, "text") == ["\n".join([PROSE] * 6), "They rose by a fifth.", "Nobody knows why."]
    assert texts(page, "furniture") == ["1"]


def test_a_table_row_knows_the_heads_of_its_columns(tmp_path: Path) -> None:
    paper = Paper()
    paper.prose(60)
    paper.put(400, 150, "2020")
    paper.put(500, 150, "2019")
    for at, row in enumerate(
        [("Product", "1,586", "1,975"), ("Services", "6,500", "4,514"), ("Total", "8,086", "6,489")]
    ):
        for x, cell in zip((60, 400, 500), row, strict=True):
            paper.put(x, 165 + 14 * at, cell)
    paper.prose(230)
    page = read_paper(tmp_path, paper).pages[0]
    rows = [block for block in page.blocks if block.kind == "row"]
    assert [page.text[row.start : row.end] for row in rows] == [
        "2020 2019",
        "Product 1,586 1,975",
        "Services 6,500 4,514",
        "Total 8,086 6,489",
    ]
    assert [row.heads for row in rows] == ["", "2020 | 2019", "2020 | 2019", "2020 | 2019"]
    assert texts(page, "text") == ["\n".join([PROSE] * 6)] * 2


def test_a_head_over_several_columns_is_said_once(tmp_path: Path) -> None:
    paper = Paper()
    paper.prose(60)
    paper.put(390, 150, "Years ended December 31,")
    for x, year in ((380, "2020"), (440, "2019"), (500, "2018")):
        paper.put(x, 163, year)
    for at, name in enumerate(("Product", "Services", "Total")):
        for x, cell in zip((60, 380, 440, 500), (name, "1,586", "1,975", "2,001"), strict=True):
            paper.put(x, 178 + 14 * at, cell)
    page = read_paper(tmp_path, paper).pages[0]
    assert page.blocks[-1].heads == "Years ended December 31, 2020 | 2019 | 2018"


def test_a_table_that_goes_on_keeps_its_heads(tmp_path: Path) -> None:
    paper = Paper()
    for start in (0, 20):
        paper.put(400, 150, "2020" if start == 0 else "1,000")
        paper.put(500, 150, "2019" if start == 0 else "2,000")
        paper.put(60, 150, "" if start == 0 else "First")
        for at in range(4):
            for x, cell in zip((60, 400, 500), (f"Item {chr(65 + at)}", "1,586", "1,975"), strict=True):
                paper.put(x, 165 + 14 * at, cell)
        if start == 0:
            paper.add_page()
    pages = read_paper(tmp_path, paper).pages
    assert {block.heads for block in pages[1].blocks} == {"2020 | 2019"}


def test_running_lines_are_furniture_and_repeated_text_in_the_middle_is_not(tmp_path: Path) -> None:
    paper = Paper()
    for number in range(1, 5):
        paper.put(60, 30, "Annual report 2024")
        paper.prose(300)
        paper.put(60, 780, f"Page {number} of 4 - Space Agency")
        if number < 4:
            paper.add_page()
    pages = read_paper(tmp_path, paper).pages
    assert [texts(page, "furniture") for page in pages] == [
        ["Annual report 2024", f"Page {number} of 4 - Space Agency"] for number in range(1, 5)
    ]
    assert all(texts(page, "text") == ["\n".join([PROSE] * 6)] for page in pages)


def test_page_labels_that_differ_are_shown(tmp_path: Path) -> None:
    paper = Paper()
    paper.set_page_label(label_style="r")
    paper.put(60, 80, "Preface and thanks")
    paper.add_page(label_style="D", label_start=1)
    paper.put(60, 80, "Chapter one begins")
    assert [page.label for page in read_paper(tmp_path, paper).pages] == ["p. 1 (printed i)", "p. 2 (printed 1)"]


@pytest.mark.parametrize(
    ("before", "after", "words", "joined"),
    [
        ("an exam", "ple of", frozenset(), True),
        ("the self", "reported data", frozenset(), False),
        ("a well", "being", frozenset({"wellbeing"}), True),
        ("the tax", "exempt", frozenset({"tax-exempt"}), False),
        ("GAO", "07", frozenset(), False),
        ("the Anglo", "American", frozenset(), False),
    ],
)
def test_a_hyphen_at_a_line_end_is_kept_where_it_belongs(
    before: str, after: str, words: frozenset[str], joined: bool
) -> None:
    assert joins(before, after, words=words) is joined


def test_every_character_maps_to_pdfiums_even_beyond_the_basic_plane(tmp_path: Path) -> None:
    path = tmp_path / "rocket.pdf"
    lines = b"BT /F 20 Tf 50 700 Td (B A rocket ABA) Tj 0 -24 Td (and an exam-) Tj 0 -24 Td (ple ABA) Tj ET"
    path.write_bytes(raw_pdf(lines, unicode_map=b"1 beginbfchar <41> <D83DDE80> endbfchar"))
    page = read(path).pages[0]
    assert page.text == "B 🚀 rocket 🚀B🚀\nand an example 🚀B🚀"
    assert_mapped(path, [page])


def test_rotated_text_reads_as_upright_text_does(tmp_path: Path) -> None:
    paper = Paper()
    with paper.rotation(90, 300, 400):
        paper.put(100, 300, "Sideways heading", size=18)
        paper.prose(330)
    page = read_paper(tmp_path, paper).pages[0]
    assert (texts(page, "heading"), texts(page, "text")) == (["Sideways heading"], ["\n".join([PROSE] * 6)])


def test_blank_pages_are_kept_and_noted(tmp_path: Path) -> None:
    paper = Paper()
    paper.prose(60)
    paper.add_page()
    document = read_paper(tmp_path, paper)
    assert [page.text == "" for page in document.pages] == [False, True]
    assert [(note.page, note.code, note.message) for note in document.ledger] == [(2, "blank", "p. 2: blank.")]
    with pytest.raises(EmptyFile, match="all 1 pages are blank"):
        read_paper(tmp_path, Paper())


def test_a_password_is_asked_for_checked_and_used(tmp_path: Path) -> None:
    paper = Paper()
    paper.set_encryption(owner_password="owner", user_password="sesame")
    paper.put(60, 80, "Open at last, all of it.")
    with pytest.raises(
        EncryptedFile, match=r"locked with a password\. Give its password \(in the browser under Encrypted"
    ):
        read_paper(tmp_path, paper)
    with pytest.raises(EncryptedFile, match="the password given is wrong"):
        read(tmp_path / "paper.pdf", password="open")
    assert read(tmp_path / "paper.pdf", password="sesame").pages[0].text == "Open at last, all of it."


def test_pages_over_the_limit_and_broken_files_are_named(tmp_path: Path) -> None:
    paper = Paper()
    paper.add_page()
    with pytest.raises(LimitExceeded, match="2 pages are over the limit of 1"):
        read_paper(tmp_path, paper, limits=Limits(pages=1))
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DamagedFile, match="its name says PDF, but its bytes do not"):
        read(path)
    path.write_bytes(b"%PDF-1.7\nrubbish")
    with pytest.raises(DamagedFile, match="PDFium cannot open it"):
        read(path)


def test_a_scan_without_ocr_says_what_to_install_or_turn_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    paper = Paper()
    paper.image(Image.new("L", (60, 80), 200), 0, 0, 600, 800)
    with pytest.raises(EmptyFile, match="it is scanned and holds no text"):
        read_paper(tmp_path, paper, ocr=False)
    from rag.reading import child
    from rag.reading.wire import Request

    monkeypatch.setattr(scan, "available", lambda: False)
    request = Request(tmp_path / "paper.pdf", "paper.pdf", "pdf", Limits(), None, ocr=True)
    with pytest.raises(EmptyFile, match=r"Install the \[ocr\] extra"):
        child.read_here(request, lambda _done, _total: None)


def scanned() -> Paper:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (1200, 1600), 255)
    ImageDraw.Draw(picture).text((150, 300), "Tiangong has three modules", font=ImageFont.load_default(60), fill=0)
    paper = Paper()
    paper.image(picture, 0, 0, 600, 800)
    return paper


@pytest.mark.skipif(not scan.available(), reason="the [ocr] extra is not installed")
def test_a_scanned_page_is_read_by_ocr_and_noted(tmp_path: Path) -> None:
    document = read_paper(tmp_path, scanned())
    assert document.pages[0].text == "Tiangong has three modules"
    assert [(note.page, note.code) for note in document.ledger] == [(1, "ocr")]


@pytest.mark.skipif(not scan.available(), reason="the [ocr] extra is not installed")
@pytest.mark.parametrize(
    ("failures", "text", "said"),
    [
        (1, "Tiangong has three modules\n\nIts crew is three.", "its text was read by OCR and may hold mistakes."),
        (2, "Its crew is three.", "OCR failed on it (std::bad_alloc). Raise the limit of memory and add it again."),
    ],
)
def test_a_page_on_which_ocr_fails_is_tried_once_more_and_then_costs_no_other_page(
    failures: int, text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rapidocr_onnxruntime import RapidOCR

    from rag.reading import child
    from rag.reading.wire import Request

    whole, failed = RapidOCR.__call__, list[int]()

    def failing(engine: RapidOCR, *given: object, **named: object) -> object:
        if len(failed) < failures:
            failed.append(id(engine))
            raise RuntimeError("Traceback of many lines\nstd::bad_alloc")
        return whole(engine, *given, **named)

    monkeypatch.setattr(RapidOCR, "__call__", failing)
    paper = scanned()
    paper.add_page()
    paper.put(60, 72, "Its crew is three.")
    paper.output(str(tmp_path / "paper.pdf"))
    request = Request(tmp_path / "paper.pdf", "paper.pdf", "pdf", Limits(), None, ocr=True)
    document = child.read_here(request, lambda _done, _total: None)
    assert "\n\n".join(page.text for page in document.pages if page.text) == text
    assert [note.message.rpartition("; ")[2] for note in document.ledger] == [said]
    assert len(failed) == failures


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        ("Traceback of\nmany lines: std::bad_alloc\n", "LimitExceeded", "needs more memory than the limit of 2 GiB"),
        ("Traceback of\nmany lines: no such object\n", "DamagedFile", r"\(RuntimeError: many lines: no such object\)"),
    ],
)
def test_what_a_library_raises_is_named_in_one_line(
    raised: str, kind: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.reading import child
    from rag.reading.wire import Request, unpack

    def fail(_request: Request, _progress: object) -> None:
        raise RuntimeError(raised)

    monkeypatch.setattr(child, "read_here", fail)
    request = Request(tmp_path / "paper.pdf", "paper.pdf", "pdf", Limits(), None, ocr=True)
    error = unpack(child._answer(request, lambda _done, _total: None))
    assert type(error).__name__ == kind
    assert re.search(said, str(error)) and "\n" not in str(error)


@needs_data
def test_the_map_is_exact_on_a_real_report() -> None:
    path = DATA / "gao" / "pdfs" / "gao-07-283.pdf"
    document = read(path)
    assert (document.title[:26], document.date) == ("GAO-07-283 Crude Oil: Unce", "2007-02")
    assert_mapped(path, document.pages[::9])


@needs_data
def test_a_filing_is_named_and_its_rows_have_heads() -> None:
    document = read(DATA / "financebench" / "pdfs" / "ACTIVISIONBLIZZARD_2019_10K.pdf")
    assert document.title == "ACTIVISION BLIZZARD, INC. Form 10-K for the period ended December 31, 2019"
    page = document.pages[69]
    rows = {page.text[row.start : row.end]: row.heads for row in page.blocks if row.kind == "row"}
    assert rows["Total net revenues 6,489 7,500 7,017"] == "For the Years Ended December 31, 2019 | 2018 | 2017"
