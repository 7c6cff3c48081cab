"""Measures characters of a PDF page: where PDFium says that they stand, and in what font."""

from __future__ import annotations

import ctypes
import re
from math import pi
from typing import Any

import pypdfium2.raw as raw

_BOLD = re.compile(rb"bold|black|heavy|semib|demi", re.IGNORECASE)
_NAME_BYTES = 128

Box = tuple[float, float, float, float]


class Ruler:
    """Measures characters of one text page, reusing its buffers: a page asks hundreds of times."""

    def __init__(self, textpage: Any, index: tuple[int, ...] | None) -> None:
        self._page = textpage.raw
        self._index = index
        self._rect = raw.FS_RECTF()
        self._pointer = ctypes.byref(self._rect)
        self._name = ctypes.create_string_buffer(_NAME_BYTES)
        self.turn = 0  # quarter turns, counter-clockwise, of the text against the page

    def at(self, position: int) -> int:
        return position if self._index is None else self._index[position]

    def box(self, position: int) -> Box:
        """Return left, bottom, right, top of a character's whole font box, turned upright."""
        rect = self._rect
        if not raw.FPDFText_GetLooseCharBox(self._page, self.at(position), self._pointer):
            return (0.0, 0.0, 0.0, 0.0)
        return turned((rect.left, rect.bottom, rect.right, rect.top), self.turn)

    def quarter(self, position: int) -> int:
        angle = raw.FPDFText_GetCharAngle(self._page, self.at(position))
        return -round(angle / (pi / 2)) % 4 if angle >= 0 else 0  # PDFium counts clockwise

    def style(self, position: int) -> tuple[int, bool]:
        """Return the font's weight (0: unknown) and whether its name says bold."""
        at = self.at(position)
        raw.FPDFText_GetFontInfo(self._page, at, self._name, _NAME_BYTES, None)
        return max(raw.FPDFText_GetFontWeight(self._page, at), 0), bool(_BOLD.search(self._name.value))


def turned(box: Box, quarters: int) -> Box:
    """Return a box in the frame of text that runs at ``quarters`` right angles, counter-clockwise, to the page."""
    left, bottom, right, top = box
    if quarters == 1:
        return bottom, -right, top, -left
    if quarters == 2:
        return -right, -top, -left, -bottom
    if quarters == 3:
        return -top, left, -bottom, right
    return box
