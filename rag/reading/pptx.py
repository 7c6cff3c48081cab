"""PowerPoint files: each slide a page, with its title, its text, tables, charts and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pptx
from pptx.enum.shapes import PP_PLACEHOLDER

from rag.reading.archives import check_archive
from rag.reading.dates import find_date, saved_date
from rag.reading.sections import Piece, compose
from rag.reading.tables import table_pieces
from rag.reading.text import clean
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document, Page, PageNote

_FURNITURE = frozenset([PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE])


def read_file(request: Request, progress: Progress) -> Document:
    """Return a PowerPoint file as a document: one Page for each slide, with a note for each that has no text."""
    check_archive(request, needs="ppt/presentation.xml")
    source = pptx.Presentation(str(request.path))
    pages: list[Page] = []
    for number, slide in enumerate(source.slides, start=1):
        text, blocks = compose(_slide(slide))
        pages.append(Page(number, f"slide {number}", text, blocks))
        progress(number, len(source.slides))
    ledger = tuple(
        PageNote(page.number, "drawn", f"{page.label}: it shows pictures or nothing, but no text.")
        for page in pages
        if not page.text
    )
    said = source.core_properties
    first = next((page for page in pages if page.text), None)
    title = choose_title(said.title, _heading(first), request.name)
    date = find_date(first.text if first else "") or saved_date(said.modified, said.created)
    return Document(title, request.kind, tuple(pages), date=date, ledger=ledger)


def _heading(page: Page | None) -> str:
    blocks = [block for block in page.blocks if block.kind == "heading"] if page else []
    return page.text[blocks[0].start : blocks[0].end] if page and blocks else ""


def _slide(slide: Any) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield Piece("heading", _line(title.text_frame.text), level=1)
    shapes = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
    for shape in _ordered(shapes):
        yield from _shape(shape)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        yield Piece("heading", "Notes", level=2)
        yield from _frame(notes)


def _ordered(shapes: list[Any]) -> list[Any]:
    """Return the shapes as one reads them: from top to bottom, then from left to right."""
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _shape(shape: Any) -> Iterator[Piece]:
    if hasattr(shape, "shapes"):  # a group
        for inner in _ordered(list(shape.shapes)):
            yield from _shape(inner)
    elif getattr(shape, "has_table", False):
        yield from table_pieces(_grid(shape.table), headed=1 if shape.table.first_row else None)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    elif shape.has_text_frame:
        running = shape.is_placeholder and shape.placeholder_format.type in _FURNITURE
        yield from _frame(shape.text_frame, running=running)


def _frame(frame: Any, *, running: bool = False) -> Iterator[Piece]:
    """Yield the paragraphs of a text frame, each a line of its own."""
    tight = False
    for paragraph in frame.paragraphs:
        text = clean(paragraph.text).strip()
        if text:
            yield Piece("furniture" if running else "text", text, tight=tight)
            tight = True


def _grid(table: Any) -> list[list[str]]:
    return [["" if cell.is_spanned else clean(cell.text) for cell in row.cells] for row in table.rows]


def _chart(chart: Any) -> Iterator[Piece]:
    """Yield a chart as the table it was drawn from: a row for each category, a column for each series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Piece("text", clean(chart.chart_title.text_frame.text))
    for plot in chart.plots:
        series = list(plot.series)
        rows = [["", *(clean(str(one.name)) for one in series)]]
        for at, category in enumerate(plot.categories):
            values = [one.values[at] if at < len(one.values) else None for one in series]
            rows.append([clean(str(category)), *("" if value is None else f"{value:.10g}" for value in values)])
        yield from table_pieces(rows, headed=1)


def _line(text: str) -> str:
    return " ".join(clean(text).split())
