"""Word files: paragraphs, headings, lists, tables and footnotes in document order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx
from docx.oxml.ns import qn

from rag.reading.archives import check_archive
from rag.reading.dates import find_date, saved_date
from rag.reading.sections import Piece, cut, first_heading
from rag.reading.tables import table_pieces
from rag.reading.text import clean
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # a second copy, for old programs
_SKIPPED = frozenset([_FALLBACK, *map(qn, ("w:del", "w:moveFrom", "w:instrText", "w:pPr", "w:rPr"))])
_BOX = qn("w:txbxContent")
_CONTAINERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")))
_TITLES = ("Title", "Subtitle")
_HEADING_LENGTH = 100
_DEEPEST = 6


@dataclass(slots=True)
class _Word:
    """A file while it is read: its styles' outline levels (1-based; 0: none), its list styles, and its footnotes."""

    levels: dict[str, int] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    default: str = ""


def read_file(request: Request, progress: Progress) -> Document:
    """Return a Word file as a document; sections begin at headings, told by style or, where none has one, by weight."""
    check_archive(request, needs="word/document.xml")
    source = docx.Document(str(request.path))
    word = _Word(notes=_notes(source))
    _learn_styles(source, word)
    pieces = list(_blocks(source.element.body, word))
    if not any(piece.kind == "heading" for piece in pieces):
        pieces = list(_blocks(source.element.body, word, bold=True))
    pages = cut(pieces)
    progress(len(pages), len(pages))
    said = source.core_properties
    title = choose_title(said.title, first_heading(pieces), request.name)
    date = find_date(pages[0].text if pages else "") or saved_date(said.modified, said.created)
    return Document(title, request.kind, pages, date=date)


def _learn_styles(source: Any, word: _Word) -> None:
    """Note the outline level of each paragraph style, its own or that of the style it is based on."""
    for style in source.styles.element.iter(qn("w:style")):
        if style.get(qn("w:type")) != "paragraph":
            continue
        at, ident = style, style.get(qn("w:styleId"))
        if style.get(qn("w:default")) in ("1", "true"):
            word.default = ident
        for _ in range(10):  # a chain of styles may be a ring
            if at is None or ident in word.levels:
                break
            _learn_style(at, ident, word=word)
            based = at.find(qn("w:basedOn"))
            at = source.styles.element.get_by_id(based.get(qn("w:val"))) if based is not None else None


def _learn_style(style: Any, ident: str, *, word: _Word) -> None:
    name = style.find(qn("w:name"))
    said = str(name.get(qn("w:val"))) if name is not None else ""
    outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    last = said.rpartition(" ")[2]
    if said in _TITLES:
        word.levels[ident] = 1 + _TITLES.index(said)
    elif said.casefold().startswith("heading ") and last.isdigit():
        word.levels[ident] = int(last)
    elif outline is not None and int(outline.get(qn("w:val"))) < _DEEPEST:
        word.levels[ident] = int(outline.get(qn("w:val"))) + 1
    if style.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None or said.casefold().startswith("list "):
        word.lists.add(ident)


def _notes(source: Any) -> dict[str, str]:
    """Return the text of each footnote by its number in the file."""
    from lxml import etree

    for relation in source.part.rels.values():
        if not relation.reltype.endswith("/footnotes"):
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(relation.target_part.blob, parser)
        return {note.get(qn("w:id")): " ".join(_text(note).split()) for note in root.iter(qn("w:footnote"))}
    return {}


def _blocks(parent: Any, word: _Word, *, bold: bool = False) -> Iterator[Piece]:
    """Yield the pieces of a body, a cell or a text box; ``bold`` lets paragraphs in bold be headings."""
    listed = False
    for child in parent.iterchildren():
        if child.tag == qn("w:p"):
            pieces = list(_paragraph(child, word, listed=listed, bold=bold))
            listed = bool(pieces) and _is_listed(child, word)
            yield from pieces
        elif child.tag == qn("w:tbl"):
            yield from _table(child, word)
        elif child.tag in _CONTAINERS:
            yield from _blocks(child, word, bold=bold)


def _paragraph(paragraph: Any, word: _Word, *, listed: bool, bold: bool) -> Iterator[Piece]:
    text = clean(_text(paragraph)).strip()
    level = word.levels.get(_style(paragraph, word), 0) or _own_level(paragraph)
    if bold and not level and _is_bold_heading(paragraph, text):
        level = 2
    if text and level:
        yield Piece("heading", " ".join(text.split()), level=min(level, _DEEPEST))
    elif text:
        yield Piece("text", text, tight=listed and _is_listed(paragraph, word))
    for note in paragraph.iter(qn("w:footnoteReference")):
        if word.notes.get(note.get(qn("w:id"))):
            yield Piece("text", f"Footnote: {clean(word.notes[note.get(qn('w:id'))])}")
    for box in paragraph.iter(_BOX):
        if not any(above.tag == _FALLBACK for above in box.iterancestors()):
            yield from _blocks(box, word)


def _style(paragraph: Any, word: _Word) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return word.default if style is None else str(style.get(qn("w:val")))


def _own_level(paragraph: Any) -> int:
    outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    level = int(outline.get(qn("w:val"))) + 1 if outline is not None else 0
    return level if level <= _DEEPEST else 0


def _is_listed(paragraph: Any, word: _Word) -> bool:
    numbered = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
    return numbered or _style(paragraph, word) in word.lists


def _is_bold_heading(paragraph: Any, text: str) -> bool:
    """Return whether a short paragraph is bold throughout, as headings are where nobody used styles."""
    runs = [run for run in paragraph.iter(qn("w:r")) if _text(run).strip()]
    marks = [run.find(f"{qn('w:rPr')}/{qn('w:b')}") for run in runs]
    bold = bool(marks) and all(mark is not None and mark.get(qn("w:val")) not in ("0", "false") for mark in marks)
    return bold and len(text) <= _HEADING_LENGTH and not text.endswith((".", ",", ";", ":"))


def _text(element: Any) -> str:
    """Return the text of an element as it reads now: insertions in, deletions out, text boxes left to the caller."""
    parts: list[str] = []
    for child in element.iterchildren():
        if child.tag == qn("w:t"):
            parts.append(child.text or "")
        elif child.tag in (qn("w:br"), qn("w:cr")):
            parts.append("\n")
        elif child.tag == qn("w:tab"):
            parts.append("\t")
        elif child.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif child.tag not in _SKIPPED and child.tag != _BOX:
            parts.append(_text(child) + ("\n" if child.tag == qn("w:p") else ""))
    return "".join(parts)


def _table(table: Any, word: _Word) -> Iterator[Piece]:
    """Yield a table's rows; a box of one column is no table but a frame around paragraphs."""
    rows = list(table.iter(qn("w:tr")))
    if all(len(row.findall(qn("w:tc"))) < 2 for row in rows):
        for cell in table.iter(qn("w:tc")):
            yield from _blocks(cell, word)
        return
    own = list(table.iterchildren(qn("w:tr")))
    headed = sum(row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in own)
    yield from table_pieces(_grid(own), headed=headed or None)


def _grid(rows: list[Any]) -> list[list[str]]:
    """Return the cells by row and column; a cell merged downwards is repeated, so that each row says all it means."""
    grid: list[list[str]] = []
    for row in rows:
        line: list[str] = []
        for cell in row.iterchildren(qn("w:tc")):
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            goes_on = merge is not None and merge.get(qn("w:val")) != "restart"
            above = grid[-1][len(line)] if goes_on and grid and len(line) < len(grid[-1]) else ""
            line += [above or clean(_text(cell)), *[""] * (_span(cell) - 1)]
        grid.append(line)
    return grid


def _span(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    return min(max(int(span.get(qn("w:val"))), 1), 64) if span is not None else 1
