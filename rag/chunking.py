"""A document -> chunks that never cross a page, cut at sentences and headings, each with its context.

A chunk with its context fits what the embedding model reads: a model drops the rest of a longer text without a word,
so the rest would never be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from rag.language import folded, sentences
from rag.types import Block, Chunk, Document, Page

CountTokens = Callable[[Sequence[str]], list[int]]

# [CLS], [SEP] and the line break between context and text.
_SPECIAL = 3
# What the context may take of the model's window: it is embedded again with every chunk of its section.
_TITLE_SHARE = 14
_HEADINGS_SHARE = 14
_HEADS_SHARE = 8
# A heading begins a new chunk only when the one before holds this many tokens: slides and forms are all headings.
_SMALL = 48


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, a heading or a table row: what a chunk is made of and never cuts, unless it alone is too long.

    ``apart``: a running header or footer stands before it, which no chunk may span.
    """

    start: int
    end: int
    tokens: int
    kind: str
    path: tuple[str, ...]
    heads: str
    apart: bool = False


def chunk(document: Document, *, count_tokens: CountTokens, max_tokens: int) -> tuple[Chunk, ...]:
    """Return the document's chunks in reading order; () for a document without text.

    ``count_tokens`` gives the number of tokens of each text, ``max_tokens`` is what the model reads of one text. A
    chunk's context is the title, the headings above it and, for table rows, the column heads.
    """
    found: list[Chunk] = []
    path: tuple[tuple[int, str], ...] = ()
    for page in document.pages:
        units, path = _units(page, path, count_tokens)
        room = max_tokens - _SPECIAL
        for group in _sections(units):
            context, used = _context(document.title, group, count_tokens, room)
            for start, end in _packed(page.text, group, room - used, count_tokens):
                found.append(Chunk(page.number, start, end, context))
    return tuple(found)


def _units(
    page: Page, path: tuple[tuple[int, str], ...], count_tokens: CountTokens
) -> tuple[list[_Unit], tuple[tuple[int, str], ...]]:
    """Return the page's units, furniture left out, and the headings in force at its end."""
    spans: list[tuple[int, int, Block, tuple[str, ...]]] = []
    furniture = False
    apart: set[int] = set()
    for block in page.blocks:
        if block.kind == "furniture":
            furniture = True
            continue
        if furniture:
            apart.add(block.start)
            furniture = False
        if block.kind == "heading":
            title = folded(page.text[block.start : block.end])
            path = (*(entry for entry in path if entry[0] < block.level), (block.level, title))
        names = tuple(title for _, title in path)
        inner = sentences(page.text, block.start, block.end) if block.kind == "text" else [(block.start, block.end)]
        spans.extend((start, end, block, names) for start, end in inner)
    counts = count_tokens([page.text[start:end] for start, end, _, _ in spans]) if spans else []
    units = [
        _Unit(start, end, tokens, block.kind, names, block.heads, start in apart)
        for (start, end, block, names), tokens in zip(spans, counts, strict=True)
    ]
    return units, path


def _sections(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Yield the runs of units that may share a chunk: a heading or other column heads end a run that is not small."""
    run: list[_Unit] = []
    for unit in units:
        full = sum(one.tokens for one in run) >= _SMALL
        opens = unit.kind == "heading" and full and any(one.kind != "heading" for one in run)
        other = bool(run) and unit.kind == "row" and unit.heads != run[-1].heads and full
        if opens or other or (run and unit.apart):
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def _context(title: str, group: Sequence[_Unit], count_tokens: CountTokens, room: int) -> tuple[str, int]:
    """Return the context of a run and its tokens: the title, the innermost headings and the column heads that fit."""
    names = [_cut(folded(title), room // _TITLE_SHARE, count_tokens)]
    path = [name for name in group[-1].path if name.casefold() != folded(title).casefold()]
    left = room // _HEADINGS_SHARE
    for name in reversed(path):
        heading = _cut(name, left, count_tokens)
        left -= count_tokens([heading])[0] + 1
        if heading != name and len(names) > 1:
            break
        names.insert(1, heading)
        if left <= 0:
            break
    heads = next((one.heads for one in group if one.heads), "")
    context = " > ".join(name for name in names if name)
    context += f"\n{_cut(heads, room // _HEADS_SHARE, count_tokens)}" if heads else ""
    return context, count_tokens([context])[0]


def _cut(text: str, limit: int, count_tokens: CountTokens) -> str:
    """Return as many words of the text's beginning as have at most ``limit`` tokens."""
    words = text.split(" ")
    while words and (used := count_tokens([" ".join(words)])[0]) > limit:
        words = words[: min(len(words) - 1, len(words) * limit // used)]
    return " ".join(words)


def _packed(text: str, group: Sequence[_Unit], budget: int, count_tokens: CountTokens) -> Iterator[tuple[int, int]]:
    """Yield spans of about equal length, each at most ``budget`` tokens."""
    pieces = [piece for unit in group for piece in _pieces(text, unit, budget, count_tokens)]
    total = sum(tokens for _, _, tokens in pieces)
    target = total / max(1, ceil(total / budget))
    start, end, held = pieces[0][0], pieces[0][0], 0
    for left, right, tokens in pieces:
        # Stop where the target is passed by more than half of the next piece, so that spans come out even.
        if held and (held + tokens > budget or held + tokens / 2 > target):
            yield start, end
            start, held = left, 0
        end, held = right, held + tokens
    yield start, end


def _pieces(text: str, unit: _Unit, budget: int, count_tokens: CountTokens) -> Iterator[tuple[int, int, int]]:
    """Yield the unit whole or, where it alone is over the budget, halves of it cut at white space if there is any."""
    if unit.tokens <= budget or unit.end - unit.start < 2:
        yield unit.start, unit.end, unit.tokens
        return
    middle = (unit.start + unit.end) // 2
    space = max(text.rfind(" ", unit.start + 1, middle), text.rfind("\n", unit.start + 1, middle))
    cut = space + 1 if space > unit.start else middle
    for left, right in ((unit.start, cut), (cut, unit.end)):
        while left < right and text[left].isspace():
            left += 1
        while left < right and text[right - 1].isspace():
            right -= 1
        tokens = count_tokens([text[left:right]])[0]
        half = _Unit(left, right, tokens, unit.kind, unit.path, unit.heads)
        yield from _pieces(text, half, budget, count_tokens) if right > left else ()
