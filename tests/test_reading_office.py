"""Word and PowerPoint files, made here with the libraries that write them."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import docx
import pptx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.errors import DamagedFile, EncryptedFile, LimitExceeded
from rag.reading import Limits, read
from rag.types import Block, Document, Page

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'


def texts(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


def read_docx(folder: Path, source: docx.document.Document) -> Document:
    source.save(str(folder / "report.docx"))
    return read(folder / "report.docx")


def test_word_headings_begin_pages_and_lists_are_tight(tmp_path: Path) -> None:
    source = docx.Document()
    source.add_heading("Stations", 0)
    source.add_heading("Tiangong", 1)
    source.add_paragraph("Three modules.")
    source.add_paragraph("Tianhe", style="List Bullet")
    source.add_paragraph("Wentian", style="List Bullet")
    source.add_heading("ISS", 1)
    source.add_paragraph("Sixteen\tmodules.")
    document = read_docx(tmp_path, source)
    assert document.title == "Stations"
    assert [(page.label, page.text) for page in document.pages] == [
        ("§ Tiangong", "Stations\n\nTiangong\n\nThree modules.\n\nTianhe\nWentian"),
        ("§ ISS", "ISS\n\nSixteen\tmodules."),
    ]
    assert document.pages[0].blocks[:2] == (Block(0, 8, "heading", 1), Block(10, 18, "heading", 1))


def test_word_tables_stand_where_they_are_and_merged_cells_repeat(tmp_path: Path) -> None:
    source = docx.Document()
    source.add_paragraph("Before.")
    table = source.add_table(rows=3, cols=3)
    for row, cells in enumerate([("Item", "2023", "2024"), ("Hull", "4.5", "5.0"), ("", "7", "8")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    source.add_paragraph("After.")
    page = read_docx(tmp_path, source).pages[0]
    assert page.text == "Before.\n\nItem | 2023 | 2024\nHull | 4.5 | 5.0\nHull | 7 | 8\n\nAfter."
    assert [block.heads for block in page.blocks] == ["", "", "Item | 2023 | 2024", "Item | 2023 | 2024", ""]


def test_bold_paragraphs_are_headings_where_no_style_is_used(tmp_path: Path) -> None:
    source = docx.Document()
    source.add_paragraph().add_run("Costs of resupply").bold = True
    source.add_paragraph("They rose.")
    assert texts(read_docx(tmp_path, source).pages[0]) == [("heading", "Costs of resupply"), ("text", "They rose.")]


def test_word_deletions_are_out_and_insertions_and_content_controls_are_in(tmp_path: Path) -> None:
    source = docx.Document()
    paragraph = source.add_paragraph("Kept ")
    for tag, inner, text in (("w:del", "w:delText", "gone "), ("w:ins", "w:t", "added")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(content)
    content.append(source.add_paragraph("in a control")._p)
    source.element.body.insert(1, control)
    assert read_docx(tmp_path, source).pages[0].text == "Kept added\n\nin a control"


def test_word_metadata_gives_title_and_date_unless_the_text_has_one(tmp_path: Path) -> None:
    source = docx.Document()
    source.core_properties.title = "Commercial resupply"
    source.core_properties.modified = datetime.datetime(2024, 3, 11)
    source.add_paragraph("They rose.")
    document = read_docx(tmp_path, source)
    assert (document.title, document.date) == ("Commercial resupply", "2024-03-11")
    source.add_paragraph("Date: 2 May 2023")
    assert read_docx(tmp_path, source).date == "2023-05-02"


def test_the_dates_of_a_librarys_template_are_no_dates_of_a_report(tmp_path: Path) -> None:
    source = docx.Document()
    source.add_paragraph("They rose.")
    assert read_docx(tmp_path, source).date is None
    assert read(make_pptx(tmp_path / "talk.pptx")).date is None
    deck = pptx.Presentation(str(tmp_path / "talk.pptx"))
    deck.core_properties.created = datetime.datetime(2024, 3, 11)
    deck.save(str(tmp_path / "talk.pptx"))
    assert read(tmp_path / "talk.pptx").date == "2024-03-11"
    deck.core_properties.modified = datetime.datetime(2013, 1, 27, 9, 20)
    deck.save(str(tmp_path / "talk.pptx"))
    assert read(tmp_path / "talk.pptx").date == "2013-01-27"


def make_pptx(path: Path) -> Path:
    source = pptx.Presentation()
    slide = source.slides.add_slide(source.slide_layouts[1])
    slide.shapes.title.text = "Why Tiangong?"
    slide.placeholders[1].text = "Three modules\nSix months each"
    slide.notes_slide.notes_text_frame.text = "Mention the docking port."
    slide = source.slides.add_slide(source.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for at, text in enumerate(["Year", "Crew", "2023", "3"]):
        table.cell(at // 2, at % 2).text = text
    data = CategoryChartData()
    data.categories = ["2022", "2023"]
    data.add_series("Flights", (4, 5.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(3), Inches(2), data)
    source.slides.add_slide(source.slide_layouts[6])
    source.save(str(path))
    return path


def test_slides_are_pages_with_title_text_notes_tables_and_charts(tmp_path: Path) -> None:
    document = read(make_pptx(tmp_path / "talk.pptx"))
    assert document.title == "Why Tiangong?"
    assert [page.label for page in document.pages] == ["slide 1", "slide 2", "slide 3"]
    assert texts(document.pages[0]) == [
        ("heading", "Why Tiangong?"),
        ("text", "Three modules"),
        ("text", "Six months each"),
        ("heading", "Notes"),
        ("text", "Mention the docking port."),
    ]
    assert document.pages[1].text == "| Flights\n2022 | 4\n2023 | 5.5\nYear | Crew\n2023 | 3"
    assert document.pages[1].blocks[-1].heads == "Year | Crew"
    assert [(note.page, note.code) for note in document.ledger] == [(3, "drawn")]


def test_a_protected_office_file_is_encrypted_and_an_old_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(EncryptedFile, match="locked with a password"):
        read(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    with pytest.raises(DamagedFile, match="old binary format"):
        read(path)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub"])
def test_what_is_no_archive_or_another_kind_of_archive_is_damaged(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DamagedFile, match=name):
        read(tmp_path / name)
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("something/else.xml", "<x/>")
    with pytest.raises(DamagedFile, match="is not in it"):
        read(tmp_path / name)


def test_a_zip_bomb_is_stopped_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(160 * 1024 * 1024))
    with pytest.raises(LimitExceeded, match="unpack to 160 MiB, over the limit of 150 MiB"):
        read(tmp_path / "bomb.docx", limits=Limits(memory=300 * 1024 * 1024))


def test_growing_xml_entities_are_refused(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.docx") as good, zipfile.ZipFile(tmp_path / "b.docx", "w") as bad:
        for name in good.namelist():
            bad.writestr(name, ENTITIES if name == "word/document.xml" else good.read(name))
    with pytest.raises(DamagedFile, match="declares a document type"):
        read(tmp_path / "b.docx")


def test_word_footnotes_follow_the_paragraph_that_names_them(tmp_path: Path) -> None:
    source = docx.Document()
    paragraph = source.add_paragraph("Costs rose.")
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), "2")
    paragraph.add_run()._r.append(mark)
    source.add_paragraph("Next.")
    source.save(str(tmp_path / "a.docx"))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>In euros.</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {space}>{note}</w:footnotes>"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    with zipfile.ZipFile(tmp_path / "a.docx") as before, zipfile.ZipFile(tmp_path / "b.docx", "w") as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "word/_rels/document.xml.rels":
                part = part.replace(b"</Relationships>", link.encode())
            after.writestr(name, part)
        after.writestr("word/footnotes.xml", notes)
    assert read(tmp_path / "b.docx").pages[0].text == "Costs rose.\n\nFootnote: In euros.\n\nNext."
