"""The evals in Chromium: two runs that were really made, listed, looked into, side by side, and a case asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rag.embedding import Embedding
from tests.browsing import NARROW, Visitor, fill, serving, visiting
from tests.conftest import ROOT
from tests.runs import run_twice

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror='window.ran = 1'> What of ![q](http://tracker.example/q.png) and [x](javascript:alert(1))?"
)
CASES = (
    {
        "id": "esa",
        "question": "Why might ESA reconsider Tiangong?",
        "facts": [["civilian astronauts"], ["January 2023"]],
        "evidence": [{"report": "tiangong-opening.md", "pages": [4]}],
        "reports": ["tiangong-opening.md"],
        "tags": ["why"],
    },
    {"id": "cheese", "question": "How long does Brenta cheese ripen?", "answerable": False, "tags": ["no"]},
    {"id": "hostile", "question": HOSTILE, "answerable": False, "tags": ["no"]},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A folder with a home of two sample reports, and the results of two runs over it."""
    found = tmp_path_factory.mktemp("evals")
    for name in ("tiangong-opening.md", "esa-and-tiangong.md"):
        fill(found / "home", minilm, ROOT / "corpus" / name)
    run_twice(found, CASES)
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder / "home", folder / "server.log", RAG_RESULTS=str(folder / "results")) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone new at the evals' page."""
    with visiting(browser, address) as found:
        found.page.get_by_role("link", name="Evals").click()
        yield found
        assert found.page.evaluate("window.ran") is None


def choose(page: Page, *names: str) -> None:
    """Choose runs in the box above them."""
    for name in names:
        page.get_by_role("combobox", name="Runs").click()
        page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")


def row(page: Page, label: str) -> Locator:
    return page.locator("li.row", has=page.get_by_text(label, exact=True))


def test_the_runs_are_listed_with_their_figures_and_one_is_opened(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_role("button", name="after")).to_be_visible()
    expect(page.get_by_text("Facts covered 0.500 (0.500 to 0.500)").first).to_be_visible()
    page.get_by_role("button", name="before").click()
    facts = row(page, "Facts covered")
    expect(facts).to_contain_text("Share of the expected facts that the answer states; 0 if refused.")
    expect(facts.locator(".interval")).to_have_text("1.000 to 1.000")
    expect(row(page, "Citation integrity").locator(".value")).to_have_text("1.000")
    page.get_by_role("tab", name="By tag").click()
    expect(page.get_by_role("rowheader", name="why")).to_be_visible()
    page.get_by_role("tab", name="How it was made").click()
    expect(page.get_by_text("quoting.most")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report page").click()
    assert download.value.path().read_bytes().startswith(b"<!doctype html>")


def test_two_runs_are_side_by_side_with_what_differs(visitor: Visitor) -> None:
    page = visitor.page
    choose(page, "before", "after")
    expect(page.get_by_role("heading", name="before → after")).to_be_visible()
    expect(page.get_by_text("3 cases that both asked alike.")).to_be_visible()
    facts = row(page, "Facts covered")
    expect(facts.locator(".from")).to_have_text("1.000 → 0.500")
    expect(facts.locator(".said .value")).to_have_text("−0.500")
    expect(facts.locator(".said .interval")).to_have_text("−0.500 to −0.500")
    expect(facts.locator(".verdict")).to_have_text("worse")
    page.get_by_role("tab", name="Cases that moved").click()
    expect(page.get_by_text("1.00 → 0.50")).to_be_visible()
    page.get_by_role("tab", name="What differs").click()
    expect(page.get_by_text("6 → 1")).to_be_visible()


def test_a_case_is_opened_in_the_chat_with_its_reports_ticked_and_answered(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("button", name="after").click()
    page.get_by_role("tab", name="Cases").click()
    page.get_by_role("combobox", name="Show").click()
    page.get_by_role("option", name="Where it went wrong").click()
    expect(page.locator("summary")).to_have_count(1)
    page.locator("summary").click()
    expect(page.get_by_text("Fact missed: January 2023")).to_be_visible()
    expect(page.get_by_test_id("stExpander").locator("p.text")).to_contain_text("letting in civilian astronauts")
    page.get_by_role("button", name="Ask it in the chat").click()
    answer = page.get_by_test_id("stChatMessage").nth(1)
    expect(answer).to_contain_text("Quoted word for word")
    expect(answer).to_contain_text("January 2023")
    expect(page.get_by_text("1 of 2 is searched")).to_be_visible()
    expect(visitor.box("Tiangong opens its hatch").get_by_role("checkbox")).to_be_checked()
    expect(visitor.box("ESA and Tiangong").get_by_role("checkbox")).not_to_be_checked()
    # And once only.
    page.get_by_role("link", name="Evals").click()
    expect(page.get_by_role("heading", name="Evals")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(2)


def test_what_a_suite_says_is_shown_as_text(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("button", name="before").click()
    page.get_by_role("tab", name="Cases").click()
    page.locator("summary", has_text="tracker.example").click()
    expect(page.get_by_role("button", name="Ask it in the chat")).to_be_visible()
    assert page.locator("a[href*='tracker'], a[href*='javascript'], img[src='x'], img[src*='tracker']").count() == 0


def test_a_run_that_is_under_way_shows_how_far_it_is_without_being_touched(visitor: Visitor, folder: Path) -> None:
    page, running = visitor.page, folder / "results" / "running"
    running.mkdir()
    about = json.loads((folder / "results" / "before" / "run.json").read_text())
    rows = (folder / "results" / "before" / "cases.jsonl").read_text().splitlines(keepends=True)
    try:
        (running / "run.json").write_text(json.dumps(about))
        (running / "cases.jsonl").write_text(rows[0])
        page.get_by_role("link", name="Chat").click()
        page.get_by_role("link", name="Evals").click()
        expect(page.get_by_text("1 of 3 asked, under way")).to_be_visible()
        (running / "cases.jsonl").write_text("".join(rows[:2]))
        expect(page.get_by_text("2 of 3 asked, under way")).to_be_visible()
    finally:
        for path in running.iterdir():
            path.unlink()
        running.rmdir()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_the_evals_is_wider_than_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with visiting(browser, address, scheme=scheme) as visitor:
        page = visitor.page
        page.get_by_role("link", name="Evals").click()
        expect(page.get_by_role("button", name="before")).to_be_visible()
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        check_width(page)
        page.get_by_role("button", name="before").click()
        expect(row(page, "Facts covered")).to_be_visible()
        for tab in ("By tag", "Cases", "How it was made", "Figures"):
            page.get_by_role("tab", name=tab).click()
            check_width(page)
        choose(page, "after")
        expect(page.get_by_role("heading", name="before → after")).to_be_visible()
        check_width(page)


def check_width(page: Page) -> None:
    """Nothing is wider than the window, and the page itself does not scroll sideways."""
    widths = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')].map((one) => one.scrollWidth)"
    )
    assert max(widths) <= NARROW[0]
