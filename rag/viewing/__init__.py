"""A page of a report as people look at it: its text with a quote marked, and a PDF's page with boxes on the quote."""

from __future__ import annotations

from rag.viewing.drawing import Box, Drawing, boxes, draw
from rag.viewing.marking import Piece, Section, mark

__all__ = ["Box", "Drawing", "Piece", "Section", "boxes", "draw", "mark"]
