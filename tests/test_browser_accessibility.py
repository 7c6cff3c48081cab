"""Every page for everyone: axe-core finds no serious fault, light and dark, wide and narrow, and no mouse is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.embedding import Embedding
from rag.jobs import JobFile, Jobs
from rag.library import Library
from tests.accessibility import faults_in_both, focused, tab_to
from tests.browsing import NARROW, PATIENCE, WIDE, Visitor, fill, serving, visiting
from tests.conftest import ROOT
from tests.runs import run_twice

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

REPORTS = (
    "space-stations-in-figures.pdf",
    "tiangong-opening.md",
    "artemis-and-gateway-2025.md",
    "moon-coalitions-2023.md",
)
MASS = "How long are Wentian and Mengtian?"
ACCORDS = "How many countries have signed the Artemis Accords?"
CASES = (
    {"id": "mass", "question": MASS, "facts": [["17.9 metres"]], "tags": ["figure"]},
    {"id": "france", "question": "What is the capital of France?", "answerable": False, "tags": ["no"]},
)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A folder with a home of four sample reports, an empty one, and the results of two small runs."""
    found = tmp_path_factory.mktemp("everyone")
    for name in REPORTS:
        fill(found / "home", minilm, ROOT / "corpus" / name)
    run_twice(found, CASES)
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder / "home", folder / "server.log", RAG_RESULTS=str(folder / "results")) as found:
        yield found


@SIZES
def test_a_chat_over_an_empty_library_has_no_serious_fault(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, size: tuple[int, int]
) -> None:
    made = tmp_path_factory.mktemp("empty")
    with serving(made / "home", made / "log") as address, visiting(browser, address, size=size) as visitor:
        expect(visitor.page.get_by_role("button", name="Add the sample reports")).to_be_visible()
        assert faults_in_both(visitor.page) == []


@SIZES
def test_an_answer_a_conflict_a_refusal_a_card_and_a_source_have_no_serious_fault(
    browser: Browser, address: str, size: tuple[int, int]
) -> None:
    with visiting(browser, address, size=size) as visitor:
        page = visitor.page
        expect(page.get_by_role("heading", name="Ask your reports.")).to_be_visible()
        assert faults_in_both(page) == []
        mark = visitor.answered(MASS).get_by_role("button", name="Footnote 1:")
        expect(visitor.answered(ACCORDS).get_by_role("note", name="The reports differ")).to_be_visible()
        expect(visitor.answered("What is the capital of France?").locator(".sentence")).to_be_visible()
        assert faults_in_both(page) == []
        mark.hover()
        expect(page.get_by_role("tooltip")).to_be_visible()
        assert faults_in_both(page) == []
        mark.click()
        expect(visitor.source.locator(".box").first).to_be_visible()
        assert faults_in_both(page) == []
        visitor.source.get_by_role("button", name="Show the text").click()
        expect(visitor.source.locator("mark").first).to_be_visible()
        assert faults_in_both(page) == []


def test_the_side_of_the_chat_has_no_serious_fault_on_a_phone(browser: Browser, address: str) -> None:
    with visiting(browser, address, size=NARROW) as visitor:
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        expect(visitor.box("Space stations in figures")).to_be_visible()
        assert faults_in_both(visitor.page) == []


def test_a_tick_box_is_called_what_is_seen_beside_it(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        box = visitor.box("Space stations in figures").get_by_role("checkbox")
        expect(box).to_have_attribute("aria-label", "Space stations in figures 2023-01-30 · 5 pages")


def test_the_chosen_tab_can_be_read_in_the_dark(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.emulate_media(color_scheme="dark")
        chosen = page.get_by_role("tab", name="Reports", selected=True)
        # The colour of links, which is 8 to 1 on the page; that of buttons is not 4 to 1.
        expect(chosen).to_have_css("color", "rgb(147, 183, 230)")
        page.emulate_media(color_scheme="light")
        expect(chosen).to_have_css("color", "rgb(43, 76, 126)")


@SIZES
def test_the_library_with_a_report_chosen_and_a_job_at_work_has_no_serious_fault(
    browser: Browser, address: str, folder: Path, size: tuple[int, int]
) -> None:
    with closing(Library(folder / "home")) as library, visiting(browser, address, path="library", size=size) as visitor:
        page = visitor.page
        page.get_by_role("button", name="Space stations in figures").click()
        expect(page.get_by_text("space-stations-in-figures.pdf").last).to_be_visible()
        jobs = Jobs(library)
        running = jobs.begin(expected=3)
        jobs.record(running, {0: JobFile("void.md", "failed", words="void.md: it is empty.")})
        try:
            expect(page.get_by_role("progressbar")).to_be_visible()
            assert faults_in_both(page) == []
        finally:
            jobs.finish(running)
            jobs.dismiss(running)


@SIZES
def test_the_evals_have_no_serious_fault(browser: Browser, address: str, size: tuple[int, int]) -> None:
    with visiting(browser, address, path="evals", size=size) as visitor:
        page = visitor.page
        expect(page.get_by_role("button", name="before")).to_be_visible()
        assert faults_in_both(page) == []
        page.get_by_role("button", name="before").click()
        for tab, text in (
            ("Figures", "Citation integrity"),
            ("By tag", "figure"),
            ("Cases", "capital of France"),
            ("How it was made", "quoting.most"),
        ):
            page.get_by_role("tab", name=tab).click()
            expect(page.get_by_text(text).locator("visible=true").first).to_be_visible()
            assert faults_in_both(page) == []
        page.goto(f"{address}evals?runs=before&runs=after")
        expect(page.get_by_role("heading", name="before → after")).to_be_visible()
        expect(page.locator("li.row").first).to_be_visible()
        assert faults_in_both(page) == []


@SIZES
def test_the_settings_have_no_serious_fault(browser: Browser, address: str, size: tuple[int, int]) -> None:
    with visiting(browser, address, path="settings", size=size) as visitor:
        expect(visitor.page.get_by_text("Embedding model").first).to_be_visible()
        assert faults_in_both(visitor.page) == []


def test_no_mouse_is_needed(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        page, keys = visitor.page, visitor.page.keyboard
        expect(page.get_by_placeholder("Ask your reports")).to_be_enabled()
        tab_to(page, "Ask your reports")
        keys.type(MASS)
        keys.press("Enter")
        expect(page.get_by_text("Quoted word for word")).to_be_visible()
        expect(page.get_by_placeholder("Ask your reports")).to_be_enabled()
        page.get_by_placeholder("Ask your reports").focus()
        tab_to(page, "Footnote 1: Space stations in figures", back=True)
        expect(page.get_by_role("tooltip")).to_be_visible()
        keys.press("Enter")
        read_without_a_mouse(visitor)
        assert focused(page)[1].startswith("Footnote 1: Space stations in figures")
        box = visitor.box("Space stations in figures").get_by_role("checkbox")
        expect(box).to_be_checked()
        tab_to(page, "Space stations in figures", back=True)
        keys.press("Space")
        expect(page.get_by_text("3 of 4 are searched")).to_be_visible()
        expect(box).not_to_be_checked()
        for name in ("Library", "Compare", "Evals", "Settings", "Chat"):
            page.evaluate("document.activeElement.blur()")
            tab_to(page, name)
            keys.press("Enter")
            expect(page).to_have_title(f"{name} · Footnote")


def read_without_a_mouse(visitor: Visitor) -> None:
    """Turn a page of the source that has just been opened, and close it."""
    panel, keys = visitor.source, visitor.page.keyboard
    expect(panel).to_be_focused()
    expect(panel.locator(".box").first).to_be_visible()
    tab_to(visitor.page, "Next page")
    keys.press("Enter")
    expect(panel.locator(".place").first).to_contain_text("5 of 5")
    tab_to(visitor.page, "Close the source", back=True)
    keys.press("Enter")
    expect(panel).to_have_count(0)


@SIZES
def test_a_comparison_has_no_serious_fault(browser: Browser, address: str, size: tuple[int, int]) -> None:
    with visiting(browser, address, path="compare", size=size) as visitor:
        page = visitor.page
        page.get_by_label("Questions").fill(ACCORDS)
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.get_by_role("button", name="Download XLSX")).to_be_visible(timeout=4 * PATIENCE)
        expect(page.get_by_role("rowheader")).to_have_count(len(REPORTS))
        assert faults_in_both(page) == []
