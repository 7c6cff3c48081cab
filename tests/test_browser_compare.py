"""Comparing as people meet it: the real server, the real model, Chromium. Run by ``make browser``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rag.embedding import Embedding
from rag.library import Library
from tests.browsing import NARROW, Visitor, fill, serving, slow_model, visiting

pytestmark = pytest.mark.browser

# Milliseconds: the model loads, and many cells are asked, perhaps beside much else.
LONG = 180_000
RETIRED = "Until when is the ISS to be operated?"
SIGNED = "How many countries have signed the Artemis Accords?"
COALITIONS = "Two coalitions for the Moon: the Accords and the ILRS in 2023"
SAYS = "As of 29 September 2023, 29 countries had signed the Artemis Accords."
HOSTILE = """# `<img src="http://tracker.example/title.png" onerror="alert(1)">` `![t](http://tracker.example/t.png)`

The lighthouse log of Skerry says `<script>window.ran = 1; alert(2)</script>` was painted on the door in 1911.

| Skerry lamp | Colour |
|---|---|
| `<svg onload=alert(4)>` | `[click](javascript:alert(3))` |
"""
FORMULA = '# =HYPERLINK("http://tracker.example")\n\nThe lighthouse log of Tarn has no words on the door in 1911.\n'

# Every 10 ms: how wide each head of the table is, in pixels. What was there before is left out.
WIDTHS = """() => {
  window.widths = []
  const look = () => {
    const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".reports"))
    if (!host) return
    const heads = [...host.shadowRoot.querySelectorAll(".reports thead th")]
    const row = JSON.stringify(heads.map((one) => Math.round(one.getBoundingClientRect().width)))
    if (heads.length && !window.widths.includes(row)) window.widths.push(row)
  }
  setInterval(look, 10)
}"""


@contextmanager
def comparing(browser: Browser, address: str) -> Iterator[Visitor]:
    """A new visitor on the page that compares."""
    with visiting(browser, address) as visitor:
        visitor.page.get_by_role("link", name="Compare").click()
        expect(visitor.page.get_by_role("heading", name="Compare")).to_be_visible()
        yield visitor


def compare(page: Page, *questions: str) -> None:
    page.get_by_label("Questions, one a line").fill("\n".join(questions))
    page.get_by_role("button", name="Compare", exact=True).click()


def choose(page: Page, words: str, of: int = 1) -> None:
    """Have none asked but those that a search finds, as many as ``of``."""
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.get_by_text("None is asked")).to_be_visible()
    page.get_by_label("Reports").fill(words)
    expect(page.get_by_test_id("stCheckbox")).to_have_count(of)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text(f"{of} of 14 {'is' if of == 1 else 'are'} asked")).to_be_visible()


def cell(page: Page, report: str, question: str) -> Locator:
    """The cell below a question and beside a report, by the heads that a screen reader would say."""
    heads = page.locator(".reports thead th").all_text_contents()
    row = page.locator(".reports tbody tr").filter(has=page.get_by_role("rowheader", name=report))
    return row.locator("td").nth(heads.index(question) - 1)


def ended(page: Page) -> None:
    expect(page.get_by_role("button", name="Download XLSX")).to_be_visible(timeout=LONG)


def test_two_questions_fill_a_table_whose_files_hold_the_same(browser: Browser, address: str, tmp_path: Path) -> None:
    with comparing(browser, address) as visitor:
        page = visitor.page
        choose(page, "accords", of=2)
        compare(page, SIGNED, RETIRED)
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.locator(".reports tbody tr")).to_have_count(2)
        ended(page)
        expect(page.get_by_text("4 cells: 2 stated, 2 not stated.")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        stated = cell(page, COALITIONS, SIGNED)
        expect(stated).to_contain_text(SAYS)
        expect(cell(page, COALITIONS, RETIRED)).to_have_text("Not stated")
        expect(cell(page, "Artemis partners in early 2025", SIGNED)).to_contain_text("53 countries had signed")
        number = stated.locator(".statement", has_text=SAYS).get_by_role("button").first.inner_text()
        rows = {}
        for label, name in (("XLSX", "comparison.xlsx"), ("CSV", "comparison.csv")):
            with page.expect_download() as downloading:
                page.get_by_role("button", name=f"Download {label}").click()
            assert downloading.value.suggested_filename == name
            downloading.value.save_as(tmp_path / name)
        book = openpyxl.load_workbook(tmp_path / "comparison.xlsx")
        rows = {row[0]: row for row in book["Comparison"].iter_rows(values_only=True)}
        assert rows["Report"] == ("Report", "Date", SIGNED, RETIRED)
        assert f"{SAYS} [{number}]" in str(rows[COALITIONS][2])
        assert rows[COALITIONS][3] == "Not stated"
        sources = {str(row[0]): row for row in book["Sources"].iter_rows(values_only=True)}
        assert sources[number][1] == COALITIONS
        assert " ".join(str(sources[number][4]).split()) == SAYS
        lines = csv.reader(io.StringIO((tmp_path / "comparison.csv").read_text(encoding="utf-8-sig"), newline=""))
        assert {row[0]: tuple(row[2:4]) for row in lines} == {title: row[2:4] for title, row in rows.items()}


def test_a_footnote_says_what_it_cites_to_whoever_shows_sources(browser: Browser, address: str, samples: Path) -> None:
    with comparing(browser, address) as visitor:
        page = visitor.page
        page.evaluate("window.addEventListener('footnote:open', (event) => { window.opened = event.detail })")
        choose(page, "coalitions")
        compare(page, SIGNED)
        ended(page)
        statement = cell(page, COALITIONS, SIGNED).locator(".statement", has_text=SAYS)
        mark = statement.get_by_role("button")
        expect(mark).to_have_accessible_name(re.compile(f"^Footnote {mark.inner_text()}: {COALITIONS}, § "))
        mark.focus()
        page.keyboard.press("Enter")
        opened = page.evaluate("window.opened")
        library = Library(samples)
        report = library.report(COALITIONS)
        text = library.page(report.id, opened["page"]).text
        library.close()
        assert text[opened["start"] : opened["end"]] == opened["quote"]
        assert " ".join(opened["quote"].split()) == SAYS
        assert {key: opened[key] for key in ("document", "title", "date", "gone")} == {
            "document": report.document,
            "title": COALITIONS,
            "date": "2023-09-29",
            "gone": False,
        }
        assert set(opened) == set("number document page start end title label date quote gone".split())
        expect(visitor.source.locator("mark")).to_have_text(re.compile(re.escape(SAYS[:20])))


def test_a_run_goes_on_while_the_chat_is_looked_at_and_its_questions_stay(browser: Browser, address: str) -> None:
    with comparing(browser, address) as visitor:
        page = visitor.page
        compare(page, SIGNED)
        expect(page.get_by_text("of 14 cells")).to_be_visible(timeout=LONG)
        page.get_by_role("link", name="Chat").click()
        expect(page.get_by_placeholder("Ask your reports")).to_be_visible()
        page.get_by_role("link", name="Compare").click()
        ended(page)
        expect(cell(page, COALITIONS, SIGNED)).to_contain_text(SAYS)
        expect(page.get_by_label("Questions, one a line")).to_have_value(SIGNED)


def test_what_is_missing_is_said_when_the_button_is_pressed(browser: Browser, address: str) -> None:
    with comparing(browser, address) as visitor:
        visitor.page.get_by_role("button", name="Compare", exact=True).click()
        expect(visitor.page.get_by_text("Write a question in the box above first.")).to_be_visible()


def test_the_table_scrolls_within_itself_on_a_phone(browser: Browser, address: str) -> None:
    with comparing(browser, address) as visitor:
        page = visitor.page
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        choose(page, "coalitions")
        compare(page, SIGNED, RETIRED)
        ended(page)
        table = page.get_by_role("region", name="Comparison: reports by questions")
        widths = table.evaluate(
            """one => [one.scrollWidth, one.clientWidth, document.documentElement.scrollWidth,
                      document.querySelector('[data-testid="stMain"]').scrollWidth]"""
        )
        assert widths[0] > widths[1]
        assert max(widths[1:]) <= NARROW[0]
        head = page.get_by_role("rowheader", name=COALITIONS)
        before = head.bounding_box()
        table.focus()
        page.keyboard.press("End")
        table.evaluate("one => { one.scrollLeft = 200 }")
        after = head.bounding_box()
        assert before and after and before["x"] == after["x"]


def test_the_tables_columns_stay_where_they_are_while_its_cells_come(browser: Browser, address: str) -> None:
    with comparing(browser, address) as visitor:
        page = visitor.page
        choose(page, "accords", of=2)
        page.evaluate(WIDTHS)
        compare(page, SIGNED, "x?")
        ended(page)
        assert len(page.evaluate("window.widths")) == 1


def test_more_than_a_few_sentences_are_opened(browser: Browser, address: str) -> None:
    question, says = "What does the Wolf Amendment forbid?", "The passage forbids NASA and the White House Office"
    with comparing(browser, address) as visitor:
        page = visitor.page
        choose(page, "wolf")
        compare(page, question)
        ended(page)
        place = cell(page, "The Wolf Amendment at ten", question)
        expect(place.locator(".statement:visible")).to_have_count(2)
        expect(place.get_by_text(says)).to_be_hidden()
        place.get_by_role("button", name="2 more sentences").click()
        expect(place.get_by_text(says)).to_be_visible()
        # Whatever else is drawn again leaves it open.
        page.get_by_role("button", name="None", exact=True).click()
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.get_by_text("Tick a report in the list above")).to_be_visible()
        place.get_by_role("button", name="Less").click()
        expect(place.get_by_text(says)).to_be_hidden()


@pytest.fixture(scope="module")
def written(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sample reports where a slow model writes."""
    folder = tmp_path_factory.mktemp("model")
    with serving(samples, folder / "server.log", **slow_model(folder)) as found:
        yield found


def test_a_stop_ends_the_wait_for_a_model_and_keeps_what_is_there(browser: Browser, written: str) -> None:
    with comparing(browser, written) as visitor:
        page = visitor.page
        choose(page, "tiangong opens")
        compare(page, "Why might ESA reconsider Tiangong?", "Why might ESA reconsider Tiangong? take your time")
        first, second = page.locator(".reports td").first, page.locator(".reports td").nth(1)
        page.locator(".reports").evaluate("one => { one.stayed = true }")
        expect(first).to_contain_text("China is letting in civilian astronauts", timeout=LONG)
        expect(second).to_have_text("Reading …")
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped after 1 of 2 cells: 1 stated.")).to_be_visible()
        expect(second).to_have_text("Not asked")
        assert page.locator(".reports").evaluate("one => one.stayed")
        # What the model made up is shown for what it is worth.
        expect(first.get_by_text("not supported")).to_have_count(1)


def test_the_writer_that_is_picked_on_one_page_holds_on_the_other(browser: Browser, written: str) -> None:
    # High enough that the chat's picker is in view: the words that are typed choose nothing while the side scrolls.
    with visiting(browser, written, size=(1280, 1300)) as visitor:
        page = visitor.page
        writer = page.get_by_role("combobox", name="Writer")
        chat, compared = page.get_by_placeholder("Ask your reports"), page.get_by_label("Questions, one a line")
        expect(writer).to_be_visible()
        # The end of the loading draws the chat again.
        expect(page.get_by_text("The embedding model is loading")).to_have_count(0, timeout=LONG)
        for other, there, sign in (("Quotes (no model)", "Compare", compared), ("ollama:slow", "Chat", chat)):
            writer.fill(other)
            writer.press("Enter")
            expect(writer).to_have_value(other)
            # Nothing on the page says that the server has heard of it.
            page.wait_for_timeout(2000)
            page.get_by_role("link", name=there).click()
            expect(sign).to_be_visible()
            expect(writer).to_have_value(other)


def test_nothing_in_a_report_runs_links_or_loads_in_the_table_and_the_files(
    browser: Browser, minilm: Embedding, tmp_path: Path, write_reports: Callable[..., Path]
) -> None:
    fill(tmp_path / "home", minilm, write_reports(skerry=HOSTILE, tarn=FORMULA))
    with serving(tmp_path / "home", tmp_path / "server.log") as address, comparing(browser, address) as visitor:
        page = visitor.page
        question = "What was painted on the door of the Skerry lighthouse? <img src=x onerror=alert(6)>"
        compare(page, question, "What colour is the Skerry lamp?")
        ended(page)
        table = page.locator(".reports")
        expect(table).to_contain_text("<script>window.ran = 1; alert(2)</script>")
        expect(table).to_contain_text("<svg onload=alert(4)>")
        expect(table.get_by_role("columnheader").nth(1)).to_have_text(question)
        assert page.evaluate("window.ran") is None
        assert page.locator("a[href*='tracker'], a[href*='javascript'], a[href*='HYPERLINK']").count() == 0
        assert page.locator("img[src*='tracker'], img[src='x'], svg[onload], .reports img, .reports a").count() == 0
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Download XLSX").click()
        downloading.value.save_as(tmp_path / "table.xlsx")
        cells = [
            one for row in openpyxl.load_workbook(tmp_path / "table.xlsx")["Comparison"].iter_rows() for one in row
        ]
        assert '=HYPERLINK("http://tracker.example")' in [one.value for one in cells]
        assert "f" not in {one.data_type for one in cells}
