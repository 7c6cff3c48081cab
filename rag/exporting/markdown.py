"""What an export says -> Markdown that shows the texts as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rag.exporting.script import Paragraph, Row, Run, Script

_MARKS = {"title": "# ", "question": "## ", "text": "", "item": "- ", "aside": ""}
# What means something inside a line (CommonMark 0.31, GitHub's tables, strikethrough and mathematics); the text itself
# stays easy to read where it is not rendered.
_MEANING = re.compile(r"([\\`*_{}\[\]<>&~|$#^])")
# What means something where a line begins: lists, a line below a heading, a definition.
_OPENING = re.compile(r"^(?:([-+=:])|(\d{1,9})([.)]))")
# Renderers make links of bare addresses, and pictures of :shortcodes:, after parsing, where backslashes are gone. An
# invisible word joiner (U+2060) breaks these: behind a scheme, www and an at sign, before a domain's last part, and
# after a shortcode's colon.
_BARE = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[\w-])(?=\.[A-Za-z]{2,})|(?<=:)(?=[\w+-]+:)|(?<=mailto)(?=:)",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def as_markdown(script: Script) -> str:
    """Return the script as Markdown, its footnotes at the end."""
    blocks = [_block(script.blocks[0])]
    for before, one in pairwise(script.blocks):
        blocks.append(("\n" if _is_item(before) and _is_item(one) else "\n\n") + _block(one))
    notes = [f"[^{note.number}]: **{escape(note.title)}**{escape(note.rest)}" for note in script.notes]
    return "".join(blocks) + "".join(f"\n\n{note}" for note in notes) + "\n"


def escape(text: str) -> str:
    """Return Markdown that shows the text, which is one line."""
    return _MEANING.sub(r"\\\1", _BARE.sub(_JOINER, text))


def _is_item(block: Paragraph | Row) -> bool:
    # Items of one list stand in lines that follow each other.
    return isinstance(block, Paragraph) and block.kind == "item"


def _block(block: Paragraph | Row) -> str:
    if isinstance(block, Row):
        return "\n".join(map(_line, (map(escape, block.heads), ["---"] * len(block.heads), map(_runs, block.cells))))
    written = _runs(block.runs)
    written = _OPENING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", written)
    return f"{_MARKS[block.kind]}*{written}*" if block.kind == "aside" else _MARKS[block.kind] + written


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _runs(runs: Sequence[Run]) -> str:
    return "".join(_run(run, before) for before, run in pairwise((Run(""), *runs)))


def _run(run: Run, before: Run) -> str:
    # Two numbers side by side would read as one.
    return f"{' ' if before.note else ''}[^{run.note}]" if run.note else escape(run.text)
