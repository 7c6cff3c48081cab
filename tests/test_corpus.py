"""The sample reports: listed with their sources, made the same way every time, and saying what they are meant to."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import docx
import openpyxl
import pathspec
import pypdfium2
import pytest
from bs4 import BeautifulSoup

CORPUS = Path(__file__).parent.parent / "corpus"
README = (CORPUS / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<title>[^|]+) \| (?P<date>\d{4}-\d\d-\d\d) \| (?P<format>\w+) \|$", re.M)
LISTED = {row["file"]: (row["title"], row["date"]) for row in ROW.finditer(README)}
CHINESE_STATION = re.compile(r"Tiangong\b(?!-)|China's (space )?station|Chinese Space Station|Tianhe|Wentian|Mengtian")
AMOUNT = re.compile(r"[$€£¥] ?\d|\d[\d.,]* (million|billion|trillion|USD|dollars|euros|yuan|renminbi|RMB|roubles)")


def test_the_readme_lists_every_report_that_would_be_added_and_no_other() -> None:
    ignored = pathspec.GitIgnoreSpec.from_lines((CORPUS / ".ragignore").read_text(encoding="utf-8").splitlines())
    files = {path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file()}
    added = {file for file in files if not ignored.match_file(file) and not re.search(r"(^|/)(\.|__pycache__)", file)}
    assert len(LISTED) == 14
    assert set(LISTED) == added


@pytest.mark.parametrize("file", LISTED)
def test_each_report_names_a_source_in_the_readme(file: str) -> None:
    sources = re.findall(rf"^- `{re.escape(file)}`: (.+(?:\n  .+)*)", README, re.M)
    assert len(sources) == 1
    assert re.search(r"NASA|ESA|CMSA|UNOOSA|Roscosmos|CASI|SUPARCO|Congress", sources[0])


@pytest.mark.parametrize("file", LISTED)
def test_each_report_opens_with_the_title_and_the_date_that_the_readme_gives(file: str) -> None:
    title, date = LISTED[file]
    opening = " ".join(read_paragraphs(file))[:600]
    assert title in opening
    assert re.search(rf"Date:(\*\*)? {date}", opening)


def test_the_binary_reports_and_the_web_page_carry_their_date_as_metadata() -> None:
    page = BeautifulSoup((CORPUS / "un-experiments-on-tiangong.html").read_text(encoding="utf-8"), "html.parser")
    meta = page.find("meta", attrs={"name": "date"})
    assert meta is not None
    pdf = pypdfium2.PdfDocument(CORPUS / "space-stations-in-figures.pdf")
    created = pdf.get_metadata_value("CreationDate")
    pdf.close()
    word = docx.Document(str(CORPUS / "iss-after-2030.docx")).core_properties
    sheet = openpyxl.load_workbook(CORPUS / "commercial-stations.xlsx").properties
    assert meta["content"] == LISTED["un-experiments-on-tiangong.html"][1]
    assert created.startswith("D:" + LISTED["space-stations-in-figures.pdf"][1].replace("-", ""))
    assert word.created is not None
    assert f"{word.created:%Y-%m-%d}" == LISTED["iss-after-2030.docx"][1]
    assert f"{sheet.created:%Y-%m-%d}" == f"{sheet.modified:%Y-%m-%d}" == LISTED["commercial-stations.xlsx"][1]


def test_the_dates_spread_over_the_years_2021_to_2025() -> None:
    assert {date[:4] for _, date in LISTED.values()} == {"2021", "2022", "2023", "2024", "2025"}


def test_making_the_binary_reports_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    made = load_make_binaries().make_all(tmp_path)
    assert [path.suffix for path in made] == [".pdf", ".docx", ".xlsx"]
    for path in made:
        assert path.read_bytes() == (CORPUS / path.name).read_bytes(), f"run corpus/make_binaries.py for {path.name}"


def test_the_pdf_has_numbered_pages_a_running_header_and_its_column_heads() -> None:
    pages = read_pdf(CORPUS / "space-stations-in-figures.pdf")
    assert len(pages) >= 4
    for number, text in enumerate(pages, start=1):
        assert text.startswith("Space stations in figures | 2023-01-30")
        assert f"Page {number} of {len(pages)}" in text
    assert "Station Operator First launch Mass Resident crew End" in pages[0]
    assert "Module Provided by Launched" in pages[2]


def test_two_reports_count_the_signatories_differently_because_their_dates_differ() -> None:
    counts = {}
    for file in ("moon-coalitions-2023.md", "artemis-and-gateway-2025.md"):
        text = " ".join(read_paragraphs(file))
        found = re.findall(r"As of (\d+ \w+ \d{4}), (\d+) countries had signed the Artemis Accords", text)
        counts[LISTED[file][1]] = found
    assert counts == {"2023-09-29": [("29 September 2023", "29")], "2025-02-17": [("17 February 2025", "53")]}


def test_no_report_says_what_tiangong_cost() -> None:
    amounts = {file: [part for part in read_paragraphs(file) if AMOUNT.search(part)] for file in LISTED}
    assert any("608.9 billion roubles" in part for part in amounts["russian-station-plans.md"])
    assert any("$843 million" in part for part in amounts["iss-after-2030.docx"])
    for file, parts in amounts.items():
        assert not [part for part in parts if CHINESE_STATION.search(part)], file


@pytest.mark.parametrize("file", [file for file in LISTED if not file.endswith(".xlsx")])
def test_each_report_in_prose_is_350_to_1300_words_long(file: str) -> None:
    # The reports with long tables (PDF) and page furniture (HTML) reach beyond the 900 words of the others.
    words = len(" ".join(read_paragraphs(file)).split())
    assert 350 <= words <= (1300 if file.endswith((".pdf", ".html")) else 900)


def read_paragraphs(file: str) -> list[str]:
    path = CORPUS / file
    if path.suffix == ".pdf":
        return read_pdf(path)
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        rows = [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
        return [paragraph.text for paragraph in document.paragraphs] + rows
    if path.suffix == ".xlsx":
        sheets = openpyxl.load_workbook(path).worksheets
        rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        return [" | ".join(str(cell) for cell in row if cell is not None) for row in rows]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        blocks = BeautifulSoup(text, "html.parser").find_all(["h1", "h2", "p", "tr"])
        return [" ".join(block.get_text(" ", strip=True).split()) for block in blocks]
    return [" ".join(part.split()) for part in text.split("\n\n")]


def read_pdf(path: Path) -> list[str]:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pdf]
    finally:
        pdf.close()


def load_make_binaries() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_binaries", CORPUS / "make_binaries.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
