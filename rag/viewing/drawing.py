"""A page of a PDF as a picture, and where on it the characters of a quote stand."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2.raw as raw

from rag.errors import DamagedFile
from rag.reading.pdfium import LOCK, PdfiumError, open_pdf
from rag.types import Page

# Pixels: a page of any size becomes a picture whose longer side has at most so many.
_LONGEST = 4000
# PDFium gives whole numbers for places on a picture: on one this large they are as good as exact.
_FINE = 1_000_000
# Of the lower of two boxes, the part that they have to share to stand in one line.
_SAME_LINE = 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in shares (0 to 1) of its width and height, from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A PNG of a page, with its size in pixels."""

    png: bytes
    width: int
    height: int


def draw(path: Path, number: int, *, width: int, name: str) -> Drawing:
    """Return page ``number`` (from 1) of a PDF, ``width`` pixels wide, or less where it would be too long.

    Raises EncryptedFile, DamagedFile or UnreadableFile, which name the file ``name``.
    """
    with LOCK, _page(path, number, name) as page:
        wide, high = page.get_size()
        scale = min(width / wide, _LONGEST / max(wide, high))
        picture = page.render(scale=scale).to_pil()
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=3)
    return Drawing(written.getvalue(), picture.width, picture.height)


def boxes(path: Path, page: Page, spans: Sequence[tuple[int, int]], *, name: str) -> tuple[Box, ...]:
    """Return a box for each line of the page's text that the spans cover, in reading order.

    () where the page keeps no map to the PDF's characters, as one read by OCR. Raises what ``draw`` raises.
    """
    chars = [at for span in spans for at in _chars(page, *span)]
    if not chars:
        return ()
    with LOCK, _page(path, page.number, name) as drawn:
        found = drawn.get_textpage()
        try:
            there = found.count_chars()
            placed = [_placed(drawn, found.get_charbox(at, loose=True)) for at in chars if at < there]
        finally:
            found.close()
    return tuple(_lines(one for one in placed if one.right > one.left and one.bottom > one.top))


@contextmanager
def _page(path: Path, number: int, name: str) -> Iterator[Any]:
    document = open_pdf(path, name=name)
    try:
        page = document[number - 1]
    except (PdfiumError, IndexError) as error:
        document.close()
        raise DamagedFile(f"{name}: PDFium cannot load page {number} ({error}). Open the original instead.") from error
    try:
        yield page
    finally:
        page.close()
        document.close()


def _chars(page: Page, start: int, end: int) -> Iterator[int]:
    """Yield PDFium's indices of the characters of a span of the text."""
    for text, char, length in page.charmap:
        left, right = max(start, text), min(end, text + length)
        yield from range(char + left - text, char + right - text)


def _placed(page: Any, corners: tuple[float, float, float, float]) -> Box:
    """Return a rectangle in the PDF's own units (left, bottom, right, top) as a box, turned and cropped as the page."""
    left, bottom, right, top = corners
    xs, ys = zip(_on_picture(page, left, top), _on_picture(page, right, bottom), strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _on_picture(page: Any, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / _FINE, down.value / _FINE


def _lines(placed: Iterator[Box]) -> Iterator[Box]:
    """Yield one box for the boxes of each line."""
    line: Box | None = None
    last: Box | None = None
    for box in placed:
        if line is not None and last is not None and _goes_on(line, last, box):
            line = _around(line, box)
        else:
            if line is not None:
                yield line
            line = box
        last = box
    if line is not None:
        yield line


def _goes_on(line: Box, last: Box, box: Box) -> bool:
    """Whether a box stands in the line: at about its height and not back at the begin of another column, or, on a page
    that is turned, right above or below the last one."""
    if _shared(line.top, line.bottom, box.top, box.bottom) >= _SAME_LINE and box.left >= line.left:
        return True
    near = max(last.bottom - last.top, box.bottom - box.top)
    apart = max(box.top - last.bottom, last.top - box.bottom)
    return _shared(last.left, last.right, box.left, box.right) >= _SAME_LINE and apart <= near


def _shared(start: float, end: float, other_start: float, other_end: float) -> float:
    """Return what two spans share, of the shorter one."""
    return (min(end, other_end) - max(start, other_start)) / min(end - start, other_end - other_start)


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )
