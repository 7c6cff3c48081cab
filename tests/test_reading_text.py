"""Plain text: encodings, paragraphs, and pages labelled by lines; and the dates and titles of reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import DamagedFile
from rag.reading import read
from rag.reading.dates import find_date, parse_date, parse_pdf_date
from rag.reading.titles import choose_title
from rag.types import Block


def read_bytes(folder: Path, data: bytes, name: str = "a.txt") -> str:
    path = folder / name
    path.write_bytes(data)
    return "\n".join(page.text for page in read(path).pages)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "The café’s budget was €30 million – a naïve résumé of the année."
    assert read_bytes(tmp_path, text.encode(encoding)) == text


def test_line_ends_are_unified_and_unspeakable_characters_dropped(tmp_path: Path) -> None:
    written = b"one line\r\nand a second\rand a third\x00 with a zero\x0cand a fourth"
    assert read_bytes(tmp_path, written) == "one line\nand a second\nand a third with a zero\nand a fourth"


def test_random_bytes_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="its bytes are no text"):
        read_bytes(tmp_path, bytes(range(256)) * 50)


def test_paragraphs_are_blocks_and_pages_are_labelled_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("first\nline\n\n\nsecond\n")
    page = read(path).pages[0]
    assert page.text == "first\nline\n\nsecond"
    assert page.blocks == (Block(0, 10), Block(12, 18))
    assert page.label == "lines 1-5"


def test_text_without_headings_is_cut_at_blank_lines_near_3000_characters(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join("x" * 999 for _ in range(7)))
    pages = read(path).pages
    assert [page.label for page in pages] == ["lines 1-5", "lines 7-11", "line 13"]
    assert [len(page.blocks) for page in pages] == [3, 3, 1]


def test_a_log_without_blank_lines_is_cut_at_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("\n".join(f"{number:04} " + "y" * 94 for number in range(1, 101)))  # 100 lines of 100 characters
    pages = read(path).pages
    assert [page.label for page in pages] == ["lines 1-30", "lines 31-60", "lines 61-100"]
    assert pages[1].text.startswith("0031 ") and pages[1].text.endswith("y")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-11", "2024-03-11"),
        ("11 March 2024", "2024-03-11"),
        ("March 11, 2024", "2024-03-11"),
        ("Sept. 3rd, 2021", "2021-09-03"),
        ("June 2024", "2024-06"),
        ("in 2024", "2024"),
        ("31/12/2023", "2023-12-31"),
        ("12/31/2023", "2023-12-31"),
        ("03/11/2024", "2024"),
        ("2024-02-30T10:00", "2024-02"),
        ("no date here", None),
    ],
)
def test_dates_are_read_as_far_as_they_are_sure(text: str, date: str | None) -> None:
    assert parse_date(text) == date


def test_pdf_dates_are_read() -> None:
    assert parse_pdf_date("D:20240311120000+01'00'") == "2024-03-11"
    assert parse_pdf_date("D:2024") == "2024"
    assert parse_pdf_date("") is None


@pytest.mark.parametrize(
    ("page", "date"),
    [
        ("Title\nReport: X | Published: 2026-03-03 | Source", "2026-03-03"),
        ("Date: 2024-03-11\nbody of 2020", "2024-03-11"),
        ("GAO-05-927, a report to the Chairman\nSeptember 2005\nThe Act of May 3, 1993 says", "2005-09"),
        ("ESA Council, 11 March 2024", "2024-03-11"),
        ("FORM 10-K\nFor the fiscal year ended December 31, 2019\nor", "2019-12-31"),
        ("The budget that was agreed on 3 May 2011 in Rome is spent.", None),
    ],
)
def test_the_first_page_tells_the_date_of_the_report(page: str, date: str | None) -> None:
    assert find_date(page) == date


@pytest.mark.parametrize(
    ("said", "heading", "title"),
    [
        ("Stations in orbit", "Chapter 1", "Stations in orbit"),
        ("Microsoft Word - d05927.doc", "Managing for Results", "Managing for Results"),
        ("untitled", "Managing for Results", "Managing for Results"),
        ("report-7.indd", "", "report-7"),
        ("", "", "report-7"),
        (None, "A\n heading", "A heading"),
    ],
)
def test_a_left_over_metadata_title_is_worse_than_the_heading(said: str | None, heading: str, title: str) -> None:
    assert choose_title(said, heading, "in/report-7.pdf") == title
