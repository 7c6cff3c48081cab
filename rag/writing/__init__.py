"""Passages -> drafts of statements. Both writers hand their drafts to the same gate, ``rag.checking``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement before it is checked.

    ``cited`` are the indices (from 0) of the passages that the writer names. ``spans`` are set by the quoting writer
    alone: the exact places, on the page of the one passage cited, whose quotes joined by ": " are the text. There are
    two where a table's row is quoted below its column heads.
    """

    text: str
    cited: tuple[int, ...]
    spans: tuple[tuple[int, int], ...] = ()


__all__ = ["Draft"]
