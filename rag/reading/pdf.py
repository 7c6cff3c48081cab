"""A PDF becomes a document: its text from PDFium, its blocks from the layout, its scanned pages from OCR."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import EmptyFile, LimitExceeded
from rag.interpreter import install
from rag.reading import scan
from rag.reading.dates import find_date, parse_pdf_date
from rag.reading.limits import last_line
from rag.reading.pdf_layout import biggest_heading, lay_out
from rag.reading.pdf_lines import RawPage, raw_page
from rag.reading.pdf_text import Group, vocabulary, write_page
from rag.reading.pdfium import LOCK, PdfiumError, open_pdf
from rag.reading.titles import choose_title, filing_title
from rag.reading.wire import Progress, Request
from rag.types import Document, Page, PageNote

_FEW = 20  # characters: a page with fewer, and an image over it, is a scan that somebody stamped
_ODD_SHARE = 0.3  # of a page's characters, from which on its font cannot be told
_TITLE_PAGES = 2
_OCR_SHARE = 0.7  # of the time a file may take


@dataclass(frozen=True, slots=True)
class _Read:
    """One page as it was read, its label, and what is odd about it."""

    page: RawPage
    label: str
    note: PageNote | None


def read_file(request: Request, progress: Progress) -> Document:
    """Return a PDF as a document: one Page for each page, empty ones included, with a note for each odd one.

    Raises EncryptedFile, DamagedFile, LimitExceeded, and EmptyFile where no page has any text.
    """
    until = time.monotonic() + _OCR_SHARE * request.limits.seconds
    document = open_pdf(request.path, name=request.name, password=request.password)
    with LOCK:
        try:
            count = len(document)
            _check_count(count, request)
            read = [
                _read_page(document, at, ocr_until=until if request.ocr else 0.0, progress=progress)
                for at in range(count)
            ]
            said = document.get_metadata_dict()
        finally:
            document.close()
    found = _document(read, said, request=request)
    if not any(page.text for page in found.pages):
        raise _empty(read, request)
    return found


def _check_count(count: int, request: Request) -> None:
    if count > request.limits.pages:
        raise LimitExceeded(
            f"{request.name}: {count} pages are over the limit of {request.limits.pages}."
            " Split the file, or raise the limit of pages."
        )


def _read_page(document: Any, at: int, *, ocr_until: float, progress: Progress) -> _Read:
    number = at + 1
    label = _label(document.get_page_label(at), number)
    try:
        page = document[at]
    except PdfiumError as error:
        lost = PageNote(number, "unreadable", f"{label}: PDFium cannot load this page ({error}).")
        progress(number, len(document))
        return _Read(RawPage("", None, ()), label, lost)
    try:
        found, note = _page_or_scan(page, number, label=label, ocr_until=ocr_until)
    finally:
        page.close()
    progress(number, len(document))
    return _Read(found, label, note)


def _label(printed: str, number: int) -> str:
    printed = printed.strip()
    return f"p. {number}" + (f" (printed {printed})" if printed and printed != str(number) else "")


def _page_or_scan(page: Any, number: int, *, label: str, ocr_until: float) -> tuple[RawPage, PageNote | None]:
    """Return the page's own text, or what OCR makes of it where it has none to speak of.

    From ``ocr_until`` on (monotonic seconds; 0: no OCR) scanned pages are only noted: some pages are better than none.
    """
    found = raw_page(page)
    code, why = _oddity(page, found)
    if not code:
        return found, None
    if code == "blank" or not ocr_until or not scan.available():
        return found, PageNote(number, code, f"{label}: {why}.")
    if time.monotonic() > ocr_until:
        late = "OCR had no time left for it. Raise the limit of seconds and add the file again."
        return found, PageNote(number, code, f"{label}: {why}; {late}")
    try:
        seen = scan.recognize(page)
    except Exception as error:
        failed = f"OCR failed on it ({last_line(error)}). Raise the limit of memory and add it again."
        return found, PageNote(number, code, f"{label}: {why}; {failed}")
    if seen.lines:
        return seen, PageNote(number, "ocr", f"{label}: {why}; its text was read by OCR and may hold mistakes.")
    return found, PageNote(number, code, f"{label}: {why}; OCR found no letters in it.")


def _oddity(page: Any, found: RawPage) -> tuple[str, str]:
    """Return a code and a clause for what is odd about a page, ("", "") for nothing."""
    letters = sum(len(line.text) for line in found.lines)
    if _odd(found) > _ODD_SHARE * len(found.chars):
        return "garbled", "its fonts do not say which characters they show"
    if letters >= _FEW:
        return "", ""
    if scan.is_covered(page):
        return "scanned", "scanned, an image without text"
    if letters:
        return "", ""
    if scan.is_bare(page):
        return "blank", "blank"
    return "drawn", "it shows drawings or pictures, but no text"


def _odd(found: RawPage) -> int:
    shown = (char for char in found.chars if not char.isspace())
    return sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " " for char in shown)


def _document(read: Sequence[_Read], said: dict[str, str], *, request: Request) -> Document:
    raw_pages = [entry.page for entry in read]
    laid = lay_out(raw_pages)
    words = vocabulary(raw_pages)
    pages = tuple(
        Page(number, entry.label, *write_page(entry.page, groups, words=words))
        for number, (entry, groups) in enumerate(zip(read, laid, strict=True), start=1)
    )
    first = next((page.text for page in pages if page.text), "")
    title = filing_title(first) or choose_title(said.get("Title"), _heading(raw_pages, laid), request.name)
    date = find_date(first) or parse_pdf_date(said.get("CreationDate", ""))
    ledger = tuple(entry.note for entry in read if entry.note)
    return Document(title, request.kind, pages, date=date, ledger=ledger)


def _heading(pages: Sequence[RawPage], laid: Sequence[Sequence[Group]]) -> str:
    """Return the largest heading of the first pages that have one."""
    headed = zip(pages[:_TITLE_PAGES], laid[:_TITLE_PAGES], strict=True)
    return next(filter(None, (biggest_heading(page, groups) for page, groups in headed)), "")


def _empty(read: Sequence[_Read], request: Request) -> EmptyFile:
    """Say why there is no text, and what would give some."""
    codes = {entry.note.code for entry in read if entry.note}
    if not codes & {"scanned", "drawn", "garbled"}:
        return EmptyFile(f"{request.name}: all {len(read)} pages are blank. Add a file that holds text.")
    what = "its pages show pictures and no text"
    if "scanned" in codes:
        what = "it is scanned and holds no text"
    elif "garbled" in codes:
        what = "its fonts do not say which characters they show"
    if not request.ocr:
        step = "Turn OCR on, or add a version with text."
    elif not scan.available():
        step = f"Install the [ocr] extra ({install('footnote[ocr]')}), or add a version with text."
    else:
        step = "OCR found no letters in it either: add a version with text."
    return EmptyFile(f"{request.name}: {what}. {step}")
