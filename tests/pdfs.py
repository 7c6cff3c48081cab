"""PDFs made by hand for the tests, and how a page's text is compared with PDFium's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as raw
from fpdf import FPDF

from rag.types import Page

PROSE = "The station was built over eleven years and is shared by five agencies and fifteen countries in all."


class Paper(FPDF):
    """A page whose lines are put where a test wants them, in points from the top left corner."""

    def __init__(self) -> None:
        super().__init__(unit="pt", format=(600, 800))
        self.set_auto_page_break(False)
        self.add_page()

    def put(self, x: float, y: float, text: str, *, size: float = 10, bold: bool = False) -> None:
        self.set_font("helvetica", "B" if bold else "", size)
        self.text(x, y, text)

    def prose(self, y: float, lines: int = 6) -> None:
        for line in range(lines):
            self.put(60, y + 12 * line, PROSE)


def raw_pdf(content: bytes, *, unicode_map: bytes = b"") -> bytes:
    """Return a PDF of one page with this content, whose font maps its codes to characters as told."""
    cmap = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
    cmap += b"endcodespacerange " + unicode_map + b" endcmap end end"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        font + (b"/ToUnicode 6 0 R>>" if unicode_map else b">>"),
        b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
    ]
    body, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 7\n0000000000 65535 f \n%strailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return body + end % (table, len(body))


def texts(page: Page, kind: str) -> list[str]:
    return [page.text[block.start : block.end] for block in page.blocks if block.kind == kind]


def mapped(path: Path, pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Yield each mapped character of the pages with the one that PDFium has at its index."""
    with pypdfium2.PdfDocument(path) as source:
        for page in pages:
            text = source[page.number - 1].get_textpage()
            for at, char, length in page.charmap:
                for step in range(length):
                    yield page.text[at + step], _character(text, char + step)


def _character(text: pypdfium2.PdfTextPage, at: int) -> str:
    unit = raw.FPDFText_GetUnicode(text.raw, at)
    if 0xD800 <= unit < 0xDC00:
        return chr(0x10000 + ((unit - 0xD800) << 10) + raw.FPDFText_GetUnicode(text.raw, at + 1) - 0xDC00)
    return chr(unit)


def assert_mapped(path: Path, pages: Sequence[Page]) -> None:
    """Every character comes from PDFium's at its index; white space may be another, a kept hyphen is PDFium's mark."""
    for ours, theirs in mapped(path, pages):
        assert ours == theirs or (ours.isspace() and theirs.isspace()) or (ours == "-" and theirs in "\x02\ufffe")
    for page in pages:
        known = {at + step for at, _, length in page.charmap for step in range(length)}
        assert not [char for at, char in enumerate(page.text) if at not in known and not char.isspace()]
