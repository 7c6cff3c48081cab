"""Spreadsheets: each sheet a page, each row a line whose cells know their column heads. CSV is one sheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from zipfile import ZipFile

import openpyxl

from rag.reading.archives import check_archive
from rag.reading.cells import shown
from rag.reading.dates import find_date, saved_date
from rag.reading.sections import Piece, compose
from rag.reading.tables import table_pieces
from rag.reading.text import clean, read_text
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document, Page, PageNote

_DELIMITERS = ",;\t|"
_SNIFFED = 20_000  # characters
_WIDEST_CELL = 2**24
# A formula whose value was never computed: no program but the one that wrote the file has opened it.
_UNCOMPUTED = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>|<f\b[^>]*/>\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def read_file(request: Request, progress: Progress) -> Document:
    """Return a workbook or a CSV file as a document; hidden sheets are left out, with a note."""
    return _read_csv(request, progress) if request.kind == "csv" else _read_workbook(request, progress)


def _read_csv(request: Request, progress: Progress) -> Document:
    text = read_text(request)
    csv.field_size_limit(_WIDEST_CELL)
    stem = PurePath(request.name).stem
    page = _page(1, f"sheet {stem}", csv.reader(text.split("\n"), delimiter=_delimiter(text, request)))
    progress(1, 1)
    return Document(stem, request.kind, (page,), date=find_date(page.text.partition("\n\n")[0]))


def _delimiter(text: str, request: Request) -> str:
    """Return the delimiter: a tab by its name, else the one that parts the first lines most evenly."""
    if request.name.lower().endswith(".tsv"):
        return "\t"
    lines = [line for line in text[:_SNIFFED].split("\n")[:50] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (min(counts[mark], default=0) > 0, sum(counts[mark])))


def _read_workbook(request: Request, progress: Progress) -> Document:
    check_archive(request, needs="xl/workbook.xml")
    book = openpyxl.load_workbook(request.path, read_only=True, data_only=True)
    try:
        pages: list[Page] = []
        for done, sheet in enumerate(book.worksheets, start=1):
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what a file says of its size may be wrong
                pages.append(_page(len(pages) + 1, f"sheet {clean(sheet.title)}", _rows(sheet)))
            progress(done, len(book.worksheets))
        ledger = [*_hidden_notes(book), *_uncomputed_notes(request), *_empty_notes(pages)]
        said = book.properties
    finally:
        book.close()
    first = next((page.text for page in pages if page.text), "")
    title = choose_title(said.title, _heading(pages), request.name)
    date = find_date(first.partition("\n\n")[0]) or saved_date(said.modified, said.created)
    return Document(title, request.kind, tuple(pages), date=date, ledger=tuple(ledger))


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [clean(shown(cell.value, cell.number_format if cell.value is not None else "")) for cell in row]


def _page(number: int, label: str, rows: Iterable[list[str]]) -> Page:
    text, blocks = compose(_pieces(rows))
    return Page(number, label, text, blocks)


def _pieces(rows: Iterable[list[str]]) -> Iterator[Piece]:
    """Yield a sheet's tables, parted by empty rows; one without heads goes on under those of the one before."""
    heads, width = "", 0
    for block in _split(rows):
        while block and sum(map(bool, block[0])) == 1:  # a line above a table, its title or unit; or a mere list
            yield Piece("text", next(filter(None, block.pop(0))))
        pieces = list(table_pieces(block))
        wide = max((sum(map(bool, row)) for row in block), default=0)
        own = next((piece.heads for piece in pieces if piece.heads), "")
        if not own and heads and wide == width:
            pieces = [replace(piece, heads=heads) for piece in pieces]
        elif own:
            heads, width = own, wide
        yield from pieces


def _split(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for row in rows:
        line = [cell.strip() for cell in row]
        if any(line):
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _heading(pages: list[Page]) -> str:
    """Return the line above the first sheet's first table, if there is one."""
    page = next((page for page in pages if page.text), None)
    return page.text[: page.blocks[0].end] if page and page.blocks[0].kind == "text" else ""


def _hidden_notes(book: Any) -> Iterator[PageNote]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            yield PageNote(0, "hidden", f"sheet {sheet.title}: it is hidden and was left out. Show it to have it read.")


def _uncomputed_notes(request: Request) -> Iterator[PageNote]:
    with ZipFile(request.path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        count = sum(len(_UNCOMPUTED.findall(archive.read(name))) for name in names)
    if count:
        yield PageNote(
            0,
            "uncomputed",
            f"{count} formulas have no computed value and were read as empty. Open the file in a spreadsheet program,"
            " save it, and add it again.",
        )


def _empty_notes(pages: list[Page]) -> Iterator[PageNote]:
    for page in pages:
        if not page.text:
            yield PageNote(page.number, "blank", f"{page.label}: blank.")
