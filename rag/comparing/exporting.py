"""A table -> a workbook or a CSV file, in which no text of a report becomes a formula.

A spreadsheet takes text that begins with = + - or @ for a formula, which may fetch, send or run things (OWASP, CSV
Injection, https://owasp.org/www-community/attacks/CSV_Injection). A workbook says of each cell that it is text; CSV
cannot, and an apostrophe before such text has to keep it from being one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.comparing.tabulating import Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FORMULAS = ("=", "+", "-", "@")
# In characters of the standard font.
_TITLE, _DATE, _NUMBER, _PLACE, _WIDE = 36, 12, 8, 24, 60


def as_xlsx(table: Table) -> bytes:
    """Return a workbook: the sheet "Comparison", and the sheet "Sources" with every citation by its number."""
    from openpyxl import Workbook

    book = Workbook()
    comparison, sources = book.worksheets[0], book.create_sheet("Sources")
    comparison.title = "Comparison"
    widths = [_TITLE, _DATE, *[_WIDE for _ in table.questions]]
    _fill(comparison, [("Report", "Date", *table.questions), *_rows(table)], widths)
    cited = [(one.number, one.title, one.date or "", one.label, one.quote) for one in table.citations]
    _fill(sources, [("Number", "Report", "Date", "Place", "Quote"), *cited], [_NUMBER, _TITLE, _DATE, _PLACE, _WIDE])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def as_csv(table: Table) -> bytes:
    """Return CSV in UTF-8 with a byte order mark, without which Excel takes it for another encoding.

    A report a row: its title, its date, what it says to each question, and what is cited there, a line a number.
    """
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(map(_guarded, ("Report", "Date", *table.questions, "Sources")))
    for report, row in zip(table.reports, _rows(table), strict=True):
        used = {
            number
            for question in table.questions
            if (entry := table.entries.get((report.id, question)))
            for statement in entry.statements
            for number in statement.citations
        }
        cited = [table.citations[number - 1] for number in sorted(used)]
        sources = "\n".join(f"[{one.number}] {one.label}: “{one.quote}”" for one in cited)
        rows.writerow(map(_guarded, (*row, sources)))
    return written.getvalue().encode("utf-8-sig")


def _rows(table: Table) -> list[tuple[str, ...]]:
    return [
        (report.title, report.date or "", *(table.text(report.id, question) for question in table.questions))
        for report in table.reports
    ]


def _guarded(text: str) -> str:
    """Return the text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULAS) else text


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str | int]], widths: Sequence[int]) -> None:
    """Write the rows, the first one as a head that stays in view with the first column."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            if isinstance(value, str):
                # Set by itself: from its first sign, openpyxl would take it for a formula.
                cell.data_type = "s"
                cell.quotePrefix = value.lstrip().startswith(_FORMULAS)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=at == 1 or (column == 1 and isinstance(value, str)))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B2"
