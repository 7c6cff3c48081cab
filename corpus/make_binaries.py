"""Make the reports that are not text (PDF, DOCX, XLSX) from the text in `sources/`, the same bytes every time.

Run `python corpus/make_binaries.py` after an edit to `sources/`, and commit what it writes. Archives are stored
without compression and every date is the report's own, because zlib builds and clocks differ between machines.
The committed bytes come from fpdf2 2.8.9, python-docx 1.2.0 and openpyxl 3.1.5; another version may write others.
"""

import csv
import re
import sys
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Literal

import docx
from docx.document import Document
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from openpyxl import Workbook
from openpyxl.styles import Font

CORPUS = Path(__file__).parent
SOURCES = CORPUS / "sources"
PDF_NAME = "space-stations-in-figures"
DOCX_NAME = "iss-after-2030"
XLSX_NAME = "commercial-stations"
DEFAULT_STYLES = {"Normal", "Default Paragraph Font", "Normal Table", "No List"}
USED_STYLES = DEFAULT_STYLES | {"Title", "Title Char", "Heading 1", "Heading 1 Char", "Table Grid"}
XLSX_SHEETS = {"Awards": "commercial-stations-awards.csv", "Programmes": "commercial-stations-programmes.csv"}

Row = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, table or page break; `rows` is filled for tables only, column heads first."""

    kind: Literal["title", "heading", "paragraph", "table", "page break"]
    text: str = ""
    rows: tuple[Row, ...] = ()


class FiguresPdf(FPDF):
    """A PDF with the report's title at the top of each page and the page number at the foot."""

    def header(self) -> None:
        """Write the running header; fpdf2 calls this at the top of each page."""
        self.set_font("Helvetica", "I", 9)
        self.cell(0, 6, f"{self.title} | {self.subject}", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)

    def footer(self) -> None:
        """Write the page number; fpdf2 calls this at the foot of each page and fills in `{nb}` at the end."""
        self.set_y(-15)
        self.set_font("Helvetica", "I", 9)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}}", align="C")


def make_all(folder: Path) -> list[Path]:
    """Return the paths of the three reports written into `folder`, which must exist."""
    contents = {
        f"{PDF_NAME}.pdf": make_pdf((SOURCES / f"{PDF_NAME}.md").read_text(encoding="utf-8")),
        f"{DOCX_NAME}.docx": make_docx((SOURCES / f"{DOCX_NAME}.md").read_text(encoding="utf-8")),
        f"{XLSX_NAME}.xlsx": make_xlsx({sheet: _read_csv(SOURCES / name) for sheet, name in XLSX_SHEETS.items()}),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def make_pdf(text: str) -> bytes:
    """Return the bytes of an A4 PDF of a Markdown text with a title and a date line."""
    blocks, date = parse_blocks(text), find_date(text)
    pdf = FiguresPdf(format="A4")
    pdf.set_compression(False)
    pdf.set_creation_date(date)
    pdf.set_title(blocks[0].text)
    pdf.set_subject(f"{date:%Y-%m-%d}")
    pdf.set_auto_page_break(True, margin=20)
    pdf.add_page()
    for block in blocks:
        _add_to_pdf(pdf, block)
    return bytes(pdf.output())


def make_docx(text: str) -> bytes:
    """Return the bytes of a Word document of a Markdown text with a title and a date line."""
    document, date = docx.Document(), find_date(text)
    for block in parse_blocks(text):
        if block.kind == "title":
            document.core_properties.title = block.text
            document.add_heading(block.text, level=0)
        elif block.kind == "heading":
            document.add_heading(block.text, level=1)
        elif block.kind == "paragraph":
            document.add_paragraph(block.text)
        elif block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, value in zip(table.add_row().cells, row, strict=True):
                    cell.text = value
    _drop_unused_styles(document)
    properties = document.core_properties
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = date.replace(tzinfo=None)
    buffer = BytesIO()
    document.save(buffer)
    return _fix_archive(buffer.getvalue(), date=date)


def make_xlsx(sheets: dict[str, list[list[str]]]) -> bytes:
    """Return the bytes of a workbook; each sheet begins with a title, a `Date: ` line and a note."""
    workbook = Workbook()
    workbook.remove(workbook["Sheet"])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([_to_cell(value) for value in row])
        sheet["A1"].font = Font(bold=True, size=14)
        for cell in sheet[5]:
            cell.font = Font(bold=True)
        for letter in "ABCDEFG":
            sheet.column_dimensions[letter].width = 28
    first = next(iter(sheets.values()))
    date = find_date(first[1][0])
    workbook.properties.title = first[0][0]
    workbook.properties.creator = ""
    workbook.properties.created = date.replace(tzinfo=None)
    buffer = BytesIO()
    workbook.save(buffer)
    return _fix_archive(buffer.getvalue(), date=date)


def parse_blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown text that uses only headings, paragraphs, tables and `---` for a new page."""
    return [_parse_block(part) for part in re.split(r"\n{2,}", text.strip())]


def find_date(text: str) -> datetime:
    """Return midnight UTC of the text's date line; raises ValueError without one."""
    match = re.search(r"^(?:\*\*Date:\*\*|Date:) (\d{4})-(\d{2})-(\d{2})$", text, re.MULTILINE)
    if match is None:
        raise ValueError("no date line in the source text: begin one with '**Date:** ' and write YYYY-MM-DD after it")
    year, month, day = map(int, match.groups())
    return datetime(year, month, day, tzinfo=UTC)


def _parse_block(part: str) -> Block:
    if part == "---":
        return Block("page break")
    if part.startswith("# "):
        return Block("title", part[2:])
    if part.startswith("## "):
        return Block("heading", part[3:])
    if part.startswith("| "):
        lines = [line for line in part.splitlines() if not line.startswith("| ---")]
        return Block("table", rows=tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines))
    return Block("paragraph", " ".join(part.replace("**", "").split()))


def _add_to_pdf(pdf: FPDF, block: Block) -> None:
    if block.kind == "page break":
        pdf.add_page()
    elif block.kind == "table":
        pdf.set_font("Helvetica", size=9)
        with pdf.table(line_height=6, text_align="LEFT") as table:
            for row in block.rows:
                table.row(row)
        pdf.ln(4)
    else:
        sizes = {"title": ("B", 18, 10), "heading": ("B", 13, 8), "paragraph": ("", 10.5, 5.5)}
        style, size, height = sizes[block.kind]
        pdf.set_font("Helvetica", style, size)
        pdf.multi_cell(0, height, block.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(3)


def _drop_unused_styles(document: Document) -> None:
    # The template brings 800 kB of styles, which an archive without compression would carry in full.
    for style in list(document.styles):
        if style.name not in USED_STYLES:
            style.delete()
    for key, relation in list(document.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):
            document.part.rels.pop(key)


def _read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _to_cell(value: str) -> str | float | None:
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return value or None


def _fix_archive(content: bytes, *, date: datetime) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = source.read(name)
            if name == "docProps/core.xml":
                # openpyxl stamps the time of saving here, whatever the workbook's properties say.
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", f"{date:%Y-%m-%dT%H:%M:%SZ}".encode(), data)
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            target.writestr(entry, data)
    return buffer.getvalue()


if __name__ == "__main__":
    for path in make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS):
        print(path)
