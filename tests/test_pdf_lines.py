"""Characters of a PDF that show nothing: dropped wherever they stand, and a line's edges are trimmed of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import EmptyFile
from rag.reading import read
from rag.reading.pdf_lines import Line, RawPage
from rag.reading.pdf_text import Group, write_page
from tests.pdfs import assert_mapped, raw_pdf

# The font shows its codes A and B as characters that no text has.
ODD = b"2 beginbfchar <41> <00AD> <42> <0001> endbfchar"


def line(start: int, text: str) -> Line:
    return Line(start, start + len(text), text, 0.0, 100.0, 0.0, 0.0, size=10.0)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (b"(one B) Tj 0 -24 Td (B two) Tj", "one\ntwo"),
        (b"(B) Tj 0 -24 Td (one two) Tj 0 -24 Td (B B) Tj", "one two"),
        (b"(one A) Tj 0 -24 Td (B A two) Tj", "one\ntwo"),
        (b"(one B two) Tj", "one  two"),
    ],
)
def test_a_line_begins_and_ends_with_what_it_shows(tmp_path: Path, shown: bytes, text: str) -> None:
    path = tmp_path / "odd.pdf"
    path.write_bytes(raw_pdf(b"BT /F 20 Tf 50 700 Td %s ET" % shown, unicode_map=ODD))
    page = read(path).pages[0]
    assert page.text == text
    assert [(block.start, block.end) for block in page.blocks] == [(0, len(text))]
    assert_mapped(path, [page])


def test_a_page_that_shows_nothing_but_odd_characters_has_fonts_that_do_not_say_what_they_show(tmp_path: Path) -> None:
    path = tmp_path / "odd.pdf"
    path.write_bytes(raw_pdf(b"BT /F 20 Tf 50 700 Td (BBB BB BBBB) Tj ET", unicode_map=ODD))
    with pytest.raises(EmptyFile, match=r"odd\.pdf: its fonts do not say which characters they show\. Turn OCR on"):
        read(path, ocr=False)


@pytest.mark.parametrize(
    ("chars", "text"),
    [
        ("exam\xad\r\nple", "example"),
        ("exam\xad\r\nPle", "exam\nPle"),
        ("exam\r\nple", "exam\nple"),
    ],
)
def test_a_soft_hyphen_at_a_line_end_joins_the_word(chars: str, text: str) -> None:
    second = chars.index("\n") + 1
    page = RawPage(chars, None, (line(0, "exam"), line(second, chars[second:])))
    written, blocks, charmap = write_page(page, [Group((0, 1))], words=frozenset())
    assert written == text
    assert [(block.start, block.end) for block in blocks] == [(0, len(text))]
    assert charmap == ((0, 0, 4), (len(text) - 3, second, 3))
