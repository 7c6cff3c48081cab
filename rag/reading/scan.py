"""Pages that are pictures: telling them, and reading them by OCR where it is installed (the ``[ocr]`` extra)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import pypdfium2.raw as raw

from rag.reading.pdf_lines import Line, RawPage

_COVER = 0.5  # of the page's area
_DPI = 200
_MOST_PIXELS = 12_000_000  # A4 at 200 dpi is 3.9 million
_LEAST_SCORE = 0.5


def available() -> bool:
    """Return whether OCR is installed."""
    return find_spec("rapidocr_onnxruntime") is not None


def is_covered(page: Any) -> bool:
    """Return whether one image covers most of a page."""
    left, bottom, right, top = page.get_bbox()
    area = (right - left) * (top - bottom)
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        x0, y0, x1, y1 = image.get_bounds()
        wide, tall = min(x1, right) - max(x0, left), min(y1, top) - max(y0, bottom)
        if wide > 0 and tall > 0 and wide * tall > _COVER * area:
            return True
    return False


def is_bare(page: Any) -> bool:
    """Return whether nothing at all is on a page, neither in its content nor as an annotation."""
    return bool(raw.FPDFPage_CountObjects(page) == 0 and raw.FPDFPage_GetAnnotCount(page) == 0)


def recognize(page: Any) -> RawPage:
    """Return what OCR reads on a page, its lines from top to bottom; no lines where it reads none.

    Lengths are in PDF units; the characters are OCR's own, so the page has no map to PDFium's. Raises whatever the OCR
    fails with, which is most often for want of memory.
    """
    width, height = page.get_size()
    scale = min(_DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=False)
    try:
        found = _recognized(bitmap.to_numpy()[:, :, :3])
    finally:
        bitmap.close()
    boxes = [(box, text) for box, text, score in found or [] if float(score) >= _LEAST_SCORE and text.strip()]
    return _page(_ordered(boxes), scale=scale, height=height)


def _recognized(image: Any) -> Any:
    with suppress(Exception):
        return _engine()(image)[0]
    # An engine keeps the memory that its largest pages took: a new one, once the old one is gone, may have enough.
    _engine.cache_clear()
    return _engine()(image)[0]


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    # Its own choice of threads is the machine's processors, not this process's: twice as slow on two of many.
    return RapidOCR(intra_op_num_threads=_processors())


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _ordered(boxes: Sequence[Any]) -> list[list[Any]]:
    """Return the boxes row by row, each row from left to right."""
    rows: list[list[Any]] = []
    for box, text in sorted(boxes, key=lambda entry: entry[0][0][1]):
        tall = box[3][1] - box[0][1]
        if rows and abs(rows[-1][0][0][0][1] - box[0][1]) < tall / 2:
            rows[-1].append((box, text))
        else:
            rows.append([(box, text)])
    return [sorted(row, key=lambda entry: entry[0][0][0]) for row in rows]


def _page(rows: Sequence[Sequence[Any]], *, scale: float, height: float) -> RawPage:
    lines: list[Line] = []
    chars = ""
    for row in rows:
        text = " ".join(text.strip() for _, text in row)
        left, right = row[0][0][0][0] / scale, row[-1][0][1][0] / scale
        upper, lower = row[0][0][0][1] / scale, row[0][0][3][1] / scale
        bottom = height - lower
        lines.append(Line(len(chars), len(chars) + len(text), text, left, right, bottom, bottom, size=lower - upper))
        chars += text + "\n"
    return RawPage(chars, None, tuple(lines), 0.0, height, own=False)
