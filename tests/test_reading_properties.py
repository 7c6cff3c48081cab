"""What holds for every page of every kind: blocks in order, apart, and covering all that is not white space."""

from __future__ import annotations

import os
import random
from pathlib import Path

import docx
import openpyxl
import pytest

from rag.errors import EmptyFile, RagError
from rag.reading import KINDS, read
from rag.reading.sections import PAGE_LENGTH, Piece, compose, cut
from rag.types import Document, Page

DATA = Path(os.environ.get("FOOTNOTE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the evaluation data lies beside the checkout, or FOOTNOTE_DATA"
)


def assert_sound(document: Document) -> None:
    assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
    assert all(page.label for page in document.pages) and document.title
    assert all(0 <= note.page <= len(document.pages) for note in document.ledger)
    for page in document.pages:
        assert_covered(page)
        assert not set(page.text) & set("\r\x00\ufffe") and page.text == page.text.strip()
        page.text.encode()  # no lone surrogates
        rows = [page.text[block.start : block.end] for block in page.blocks if block.kind == "row"]
        assert document.kind == "pdf" or not any("\n" in row for row in rows)


def assert_covered(page: Page) -> None:
    at = 0
    for block in page.blocks:
        span = page.text[block.start : block.end]
        assert at <= block.start < block.end <= len(page.text)
        assert not page.text[at : block.start].strip()
        assert span == span.strip()
        assert (block.level > 0) == (block.kind == "heading")
        at = block.end
    assert not page.text[at:].strip()


def random_pieces(seed: int) -> list[Piece]:
    chance = random.Random(seed)
    pieces = []
    for _ in range(chance.randrange(60)):
        kind = chance.choice(["heading", "text", "text", "row", "furniture"])
        text = " \n".join("word" * chance.randrange(1, 9) for _ in range(chance.choice([0, 1, 3, 900])))
        if kind != "text":
            text = text[:200].replace("\n", " ")
        level = chance.randrange(1, 4) if kind == "heading" else 0
        pieces.append(Piece(kind, text, level=level, tight=chance.random() < 0.3))  # type: ignore[arg-type]
    return pieces


@pytest.mark.parametrize("seed", range(40))
def test_any_pieces_make_sound_pages_and_lose_no_word(seed: int) -> None:
    pieces = random_pieces(seed)
    pages = cut(pieces)
    for page in pages:
        assert_covered(page)
        assert len(page.text) < 3 * PAGE_LENGTH
    words = [word for piece in pieces for word in piece.text.split()]
    assert [word for page in pages for word in page.text.split()] == words


def test_nothing_makes_no_pages() -> None:
    assert cut([]) == () and compose([]) == ("", ()) and cut([Piece("text", " \n")]) == ()


def test_a_word_without_end_is_cut_as_well() -> None:
    pages = cut([Piece("text", "x" * 20_000)])
    assert "".join(page.text for page in pages) == "x" * 20_000
    assert max(len(page.text) for page in pages) <= 2 * PAGE_LENGTH


@pytest.mark.parametrize("suffix", [".md", ".txt", ".html", ".csv", ".log", ".tsv"])
@pytest.mark.parametrize("seed", range(3))
def test_any_text_file_gives_a_sound_document_or_a_named_error(tmp_path: Path, suffix: str, seed: int) -> None:
    chance = random.Random(seed)
    scraps = [
        "# H\n",
        "\n\n",
        "| a | b |\n|--|--|\n| 1 | 2 |\n",
        "<td>",
        "<b>x",
        "\x00",
        "\ud83d\ude80",
        "é,;\t",
        "- i\n",
        "9 ",
    ]
    path = tmp_path / f"any{suffix}"
    path.write_bytes("".join(chance.choices(scraps, k=400)).encode("utf-8", "surrogatepass"))
    try:
        assert_sound(read(path))
    except RagError as error:
        assert str(error).startswith(path.name)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_of_no_bytes_is_said_to_be_empty_whatever_its_kind(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"void{suffix}"
    path.touch()
    with pytest.raises(EmptyFile, match=rf"^void\{suffix}: it is empty, 0 bytes\. Add a file that holds text\.$"):
        read(path)


def test_office_files_give_sound_documents(tmp_path: Path) -> None:
    word = docx.Document()
    for level in (1, 2, 1):
        word.add_heading(f"Heading {level}", level)
        word.add_paragraph("Text\nin two lines.\u00a0")
    word.save(str(tmp_path / "a.docx"))
    book = openpyxl.Workbook()
    for row in (["", "a\nb", 1], [None, None], [2, 3.5, " x "]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert_sound(read(tmp_path / "a.docx"))
    assert_sound(read(tmp_path / "a.xlsx"))


@needs_data
def test_a_real_report_is_sound_as_pdf_and_as_markdown() -> None:
    assert_sound(read(DATA / "gao" / "pdfs" / "gao-06-282.pdf"))
    assert_sound(read(DATA / "gao" / "markdown" / "gao-06-282.md"))


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        "gao/pdfs",
        "gao/markdown",
        "financebench/pdfs",
        "mmlongbench/documents",
        "nasty-pdfs",
    ],
)
def test_every_file_of_the_data_is_sound_or_named(folder: str) -> None:
    paths = [path for path in sorted((DATA / folder).iterdir()) if path.suffix in KINDS]
    assert len(paths) > 5
    for path in paths:
        try:
            assert_sound(read(path, ocr=False))
        except RagError as error:
            assert str(error).startswith(path.name)
