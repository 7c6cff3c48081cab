"""What an export says -> a Word document with Word's own footnotes.

python-docx has nothing for footnotes (1.2): the part that holds them is made here, with what Word itself writes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rag.exporting.script import Footnote, Paragraph, Row, Run, Script, one_line

_STYLES = {"title": "Title", "question": "Heading 1", "text": "Normal", "item": "List Bullet", "aside": "Normal"}
_REFERENCE, _TEXT = "FootnoteReference", "FootnoteText"
_NOTE_POINTS = 9
_GREY = (0x59, 0x59, 0x59)
# The lines above the notes of a page, by the ids that Word gives them.
_SEPARATORS = ((-1, "separator"), (0, "continuationSeparator"))
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# What may follow w:footnotePr in the settings (ECMA-376, CT_Settings).
_AFTER_NOTES = ("w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr", "w:themeFontLang", "w:clrSchemeMapping")


def as_docx(script: Script) -> bytes:
    """Return the bytes of a .docx file."""
    from docx import Document

    document = Document()
    _describe(document, script)
    _add_styles(document)
    _add_notes(document, script.notes)
    mentioned: set[int] = set()
    for block in script.blocks:
        _write(document, block, mentioned)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _describe(document: Any, script: Script) -> None:
    """Set what a file says of itself, in the place of what python-docx's template says."""
    about = document.core_properties
    about.title = one_line(script.conversation.title)
    about.author = about.last_modified_by = "Footnote"
    about.comments = ""
    about.created = datetime.fromisoformat(script.conversation.created)
    about.modified = datetime.fromisoformat(script.conversation.changed)


def _add_styles(document: Any) -> None:
    """Add Word's two styles of footnotes, under the ids that Word gives them."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt

    text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = document.styles["Normal"]
    text.font.size = Pt(_NOTE_POINTS)
    text.paragraph_format.space_after = Pt(0)
    text.element.set(qn("w:styleId"), _TEXT)
    reference = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    reference.font.superscript = True
    reference.element.set(qn("w:styleId"), _REFERENCE)


def _add_notes(document: Any, notes: tuple[Footnote, ...]) -> None:
    """Add the part that holds the notes, and say in the settings which of them are separators."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import XmlPart
    from docx.oxml.parser import OxmlElement, parse_xml

    root = parse_xml(f'<w:footnotes xmlns:w="{_W}"/>')
    settings = OxmlElement("w:footnotePr")
    for id, kind in _SEPARATORS:
        root.append(_note(id, _element("w:r", _element(f"w:{kind}")), type=kind))
        settings.append(_element("w:footnote", id=str(id)))
    document.settings.element.insert_element_before(settings, *_AFTER_NOTES)
    for note in notes:
        own = _reference(_element("w:footnoteRef"))
        title = _run(note.title)
        title.insert(0, _element("w:rPr", _element("w:b")))
        root.append(_note(note.number, own, _run(" "), title, _run(note.rest)))
    part = XmlPart(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, root, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _write(document: Any, block: Paragraph | Row, mentioned: set[int]) -> None:
    from docx.shared import RGBColor

    if isinstance(block, Row):
        _write_row(document, block, mentioned)
        return
    written = document.add_paragraph(style=_STYLES[block.kind])
    _fill(written, block.runs, mentioned)
    if block.kind == "aside":
        for run in written.runs:
            run.italic = True
            run.font.color.rgb = RGBColor(*_GREY)


def _write_row(document: Any, row: Row, mentioned: set[int]) -> None:
    table = document.add_table(rows=2, cols=len(row.heads), style="Table Grid")
    heads, cells = table.rows
    # Read out as heads, and set again where the row goes over to another page.
    heads._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    for cell, head in zip(heads.cells, row.heads, strict=True):
        cell.paragraphs[0].add_run(head).bold = True
    for cell, runs in zip(cells.cells, row.cells, strict=True):
        _fill(cell.paragraphs[0], runs, mentioned)
    # Word makes one table of two that touch.
    document.add_paragraph()


def _fill(written: Any, runs: Sequence[Run], mentioned: set[int]) -> None:
    """Write the runs; a note that was mentioned before is referred to, since Word numbers every reference anew."""
    noted = False
    for run in runs:
        if run.note:
            if noted:
                # Two numbers side by side would read as one.
                written._p.append(_reference(_text(", ")))
            for element in _again(run.note) if run.note in mentioned else _first(run.note):
                written._p.append(element)
            mentioned.add(run.note)
        else:
            written.add_run(run.text)
        noted = bool(run.note)


def _first(number: int) -> list[Any]:
    """Return the reference that makes Word set the note on this page, inside a bookmark to refer to."""
    start = _element("w:bookmarkStart", id=str(number), name=_bookmark(number))
    reference = _reference(_element("w:footnoteReference", id=str(number)))
    return [start, reference, _element("w:bookmarkEnd", id=str(number))]


def _again(number: int) -> list[Any]:
    """Return a field that shows the number of a note that stands already."""
    field = _element("w:fldSimple", _reference(_text(str(number))), instr=f" NOTEREF {_bookmark(number)} \\f \\h ")
    return [field]


def _bookmark(number: int) -> str:
    # As Word names the bookmarks of its own references: hidden, and in figures.
    return f"_Ref{100_000_000 + number}"


def _note(id: int, *runs: Any, type: str = "") -> Any:
    shape = _element("w:spacing", after="0") if type else _element("w:pStyle", val=_TEXT)
    paragraph = _element("w:p", _element("w:pPr", shape), *runs)
    return _element("w:footnote", paragraph, **({"type": type} if type else {}), id=str(id))


def _reference(*content: Any) -> Any:
    return _element("w:r", _element("w:rPr", _element("w:rStyle", val=_REFERENCE)), *content)


def _run(text: str) -> Any:
    return _element("w:r", _text(text))


def _text(text: str) -> Any:
    from docx.oxml.ns import qn

    element = _element("w:t")
    element.text = text
    # White space at the ends is dropped without this.
    element.set(qn("xml:space"), "preserve")
    return element


def _element(tag: str, *content: Any, **values: str) -> Any:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    element = OxmlElement(tag)
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)
    element.extend(content)
    return element
