"""The source panel in Chromium: from a footnote to the page it is from, with the quote marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, expect

from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from tests.browsing import NARROW, Visitor, fill, serving, slow_model, visiting
from tests.conftest import ROOT
from tests.pdfs import Paper

pytestmark = pytest.mark.browser

DOCKING = "The docking port of Halden was sealed with copper in 1987."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of several kinds."""
    made = tmp_path_factory.mktemp("sources")
    paper = Paper()
    paper.prose(60, lines=30)
    paper.put(60, 500, f"{DOCKING} After that nobody")
    paper.put(60, 512, "opened it, and the key of the port was lost in the harbour of Bergen.")
    paper.add_page()
    paper.put(60, 100, "The second page says that Halden had a garden of forty tomato plants.")
    paper.output(str(made / "halden.pdf"))
    book = openpyxl.Workbook()
    book.active.title = "Costs"
    for row in (("Module", "Cost in kroner"), ("Galley", 4100), ("Laundry", 7300), ("Chapel", 9900)):
        book.active.append(row)
    book.save(made / "costs.xlsx")
    (made / "log.txt").write_text("Ferry log\n\nThe ferry to Skerry carried 212 sheep\nin the winter of 1902.\n")
    return made


@pytest.fixture(scope="module")
def home(folder: Path, minilm: Embedding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home") / "home"
    fill(made, minilm, folder)
    return made


@pytest.fixture(scope="module")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(home, tmp_path_factory.mktemp("log") / "server.log") as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    with visiting(browser, address) as found:
        yield found


def opened(visitor: Visitor, question: str) -> Locator:
    """Ask, follow the first footnote, and return the panel."""
    visitor.answered(question).get_by_role("button", name="Footnote 1:").click()
    expect(visitor.source).to_be_visible()
    return visitor.source


def words_in(panel: Locator, path: Path) -> str:
    """What PDFium finds on the first page inside the boxes that the browser draws over its picture."""
    sheet = panel.locator(".picture").bounding_box()
    assert sheet is not None
    page = pypdfium2.PdfDocument(path)[0]
    wide, high = page.get_size()
    text, found = page.get_textpage(), []
    for box in panel.locator(".box").all():
        at = box.bounding_box()
        assert at is not None
        left, top = (at["x"] - sheet["x"]) / sheet["width"] * wide, (at["y"] - sheet["y"]) / sheet["height"] * high
        right, bottom = left + at["width"] / sheet["width"] * wide, top + at["height"] / sheet["height"] * high
        found.append(text.get_text_bounded(left, high - bottom, right, high - top))
    return " ".join(" ".join(found).split())


def test_a_footnote_leads_to_the_pdf_page_with_boxes_on_exactly_the_quotes_words(
    visitor: Visitor, folder: Path
) -> None:
    panel = opened(visitor, "When was the docking port of Halden sealed?")
    expect(panel.locator(".place").first).to_contain_text("p. 1 · 1 of 2")
    expect(panel.locator(".box")).to_have_count(1)
    expect(panel.locator(".box")).to_be_in_viewport()
    panel.locator(".picture").evaluate("one => one.decode()")
    assert words_in(panel, folder / "halden.pdf") == DOCKING
    panel.get_by_role("button", name="Zoom in").click()
    expect(panel.locator(".box")).to_be_in_viewport()
    panel.locator(".picture").evaluate("one => one.decode()")
    assert words_in(panel, folder / "halden.pdf") == DOCKING


def test_pages_are_turned_and_the_text_is_shown_instead(visitor: Visitor) -> None:
    panel = opened(visitor, "When was the docking port of Halden sealed?")
    expect(panel.get_by_role("button", name="Previous page")).to_be_disabled()
    panel.get_by_role("button", name="Next page").click()
    expect(panel.locator(".place").first).to_contain_text("p. 2 · 2 of 2")
    expect(panel.locator(".box")).to_have_count(0)
    panel.get_by_role("button", name="Show the text").click()
    expect(panel.locator(".words")).to_contain_text("a garden of forty tomato plants")
    panel.get_by_role("button", name="Previous page").click()
    expect(panel.locator("mark")).to_have_text(DOCKING)


def test_a_sheets_row_is_marked_in_its_table(visitor: Visitor) -> None:
    answer = visitor.answered("What does the laundry module cost in kroner?")
    answer.locator(".footnote").filter(has_text="7300").locator("button.mark").last.click()
    panel = visitor.source
    expect(panel.locator("th")).to_have_text(["Module", "Cost in kroner"])
    expect(panel.locator("td mark")).to_have_text(["Laundry", "7300"])
    expect(panel.locator("table")).to_contain_text("Chapel")


def test_a_text_files_lines_are_kept_and_the_quote_is_marked(visitor: Visitor) -> None:
    panel = opened(visitor, "How many sheep did the ferry to Skerry carry?")
    expect(panel.locator("mark")).to_have_text("The ferry to Skerry carried 212 sheep\nin the winter of 1902.")
    lines = panel.locator("mark").evaluate("one => one.getClientRects().length")
    assert lines == 2


def test_the_original_is_saved(visitor: Visitor, folder: Path, tmp_path: Path) -> None:
    panel = opened(visitor, "When was the docking port of Halden sealed?")
    with visitor.page.expect_download() as download:
        panel.get_by_role("link", name="Save the original").click()
    assert download.value.suggested_filename == "halden.pdf"
    download.value.save_as(tmp_path / "saved.pdf")
    assert (tmp_path / "saved.pdf").read_bytes() == (folder / "halden.pdf").read_bytes()


def test_the_panel_stands_beside_the_chat_and_escape_gives_the_focus_back(visitor: Visitor) -> None:
    answer = visitor.answered("When was the docking port of Halden sealed?")
    mark = answer.get_by_role("button", name="Footnote 1:")
    mark.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.source).to_be_focused()
    chat, panel = answer.bounding_box(), visitor.source.bounding_box()
    assert chat is not None and panel is not None
    assert chat["x"] + chat["width"] <= panel["x"]
    visitor.page.keyboard.press("Escape")
    expect(visitor.source).to_have_count(0)
    expect(mark).to_be_focused()
    wide = answer.bounding_box()
    assert wide is not None and wide["width"] > chat["width"]


def test_the_focus_that_comes_back_shows_no_card_until_it_is_brought_there_anew(visitor: Visitor) -> None:
    answer = visitor.answered("When was the docking port of Halden sealed?")
    mark, card = answer.get_by_role("button", name="Footnote 1:"), answer.locator(".card:popover-open")
    mark.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.source).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(mark).to_be_focused()
    assert mark.evaluate("one => one.matches(':focus-visible')")
    expect(card).to_have_count(0)
    visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Tab")
    expect(mark).to_be_focused()
    expect(card).to_have_count(1)


def test_a_footnote_stays_where_it_was_clicked_when_its_source_opens_and_when_it_closes(visitor: Visitor) -> None:
    page = visitor.page
    for _ in range(3):
        for question in ("When was the docking port of Halden sealed?", "What is the capital of France?"):
            answer = visitor.answered(question)
    mark = page.get_by_role("button", name="Footnote 1:").last
    mark.scroll_into_view_if_needed()
    # Where this window is, a pixel is whole.
    height = "one => Math.round(one.getBoundingClientRect().top)"
    before, wide = mark.evaluate(height), answer.bounding_box()
    mark.click()
    expect(visitor.source.locator(".box")).to_have_count(1)
    narrow = answer.bounding_box()
    assert wide is not None and narrow is not None
    assert narrow["width"] < wide["width"]
    page.wait_for_timeout(300)
    assert mark.evaluate(height) == before
    page.keyboard.press("Escape")
    expect(visitor.source).to_have_count(0)
    page.wait_for_timeout(300)
    assert mark.evaluate(height) == before


def test_on_a_phone_the_panel_covers_the_chat(browser: Browser, address: str) -> None:
    with visiting(browser, address, size=NARROW) as visitor:
        panel = opened(visitor, "When was the docking port of Halden sealed?")
        assert panel.bounding_box() == {"x": 0, "y": 0, "width": NARROW[0], "height": NARROW[1]}
        panel.get_by_role("button", name="Close the source").click()
        expect(panel).to_have_count(0)


def test_a_source_opens_while_the_answer_still_grows(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, minilm: Embedding
) -> None:
    made = tmp_path_factory.mktemp("growing")
    fill(made / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    with (
        serving(made / "home", made / "server.log", **slow_model(made)) as address,
        visiting(browser, address) as visitor,
    ):
        answer = visitor.ask("Why might ESA reconsider Tiangong? take your time")
        answer.get_by_role("button", name="Footnote 1:").click()
        expect(visitor.source.locator("mark")).to_contain_text("China is letting in civilian astronauts")
        expect(answer.get_by_text("Written by")).to_have_count(0)


def test_a_report_that_was_removed_shows_its_quote_as_it_was(
    browser: Browser, folder: Path, minilm: Embedding, tmp_path: Path
) -> None:
    fill(tmp_path / "home", minilm, folder / "log.txt")
    with serving(tmp_path / "home", tmp_path / "server.log") as address, visiting(browser, address) as visitor:
        answer = visitor.answered("How many sheep did the ferry to Skerry carry?")
        library = Library(tmp_path / "home")
        indexes = Indexes(library)
        indexes.remove("log.txt")
        indexes.close()
        library.close()
        answer.get_by_role("button", name="Footnote 1:").click()
        expect(visitor.source).to_contain_text("This report has been changed or removed since.")
        expect(visitor.source.locator("blockquote")).to_have_text(re.compile("carried 212 sheep"))
        expect(visitor.source.get_by_role("button", name="Next page")).to_be_hidden()
        # Chromium says that the page was asked for in vain.
        assert [said for said in visitor.troubles if "404" not in said] == []
        visitor.troubles.clear()
