"""The library's page as people meet it: the real server, the real model, Chromium. Run by ``make browser``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, expect

from rag.embedding import Embedding
from rag.library import Library
from tests.browsing import NARROW, Visitor, fill, serving, text_of, visiting
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

# A minute and more of embedding.
LONG = "# A long report\n\n" + "".join(
    f"## Part {part}\n\nPart {part} tells at some length of the {part * 7} casks that lay in the cellar of Brenta, of"
    f" who had filled them, and of the {part * 3} that were sold in the spring to the merchants of Trento.\n\n"
    for part in range(2500)
)
CHEESE = "# The cheese of Brenta\n\nBrenta cheese ripens for exactly 47 days in the salt caves below Mount Ortles.\n"
NEWER = "# The newer cheese\n\nBrenta cheese ripens for exactly 51 days now.\n"
TOLD = "with progress at the top of this page"
HOSTILE = "# `<img src=x onerror=alert(1)>` `![t](http://tracker.example/t.png)`\n\nThe Skerry lamp is green.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A home that holds one sample report and a hostile one."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "skerry.md").write_text(HOSTILE)
    fill(folder / "home", minilm, folder / "skerry.md")
    fill(folder / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    return folder / "home"


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home, home.parent / "server.log") as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone new on the library's page."""
    with visiting(browser, address) as found:
        go(found)
        yield found


def go(visitor: Visitor) -> None:
    """Go to the library's page."""
    visitor.page.get_by_role("link", name="Library").click()
    expect(visitor.page.get_by_role("heading", name="Library")).to_be_visible()
    # The chat's side, with a form of its own, leaves a moment later.
    expect(visitor.page.locator("input[type=file]")).to_have_count(0)


def add(visitor: Visitor, *files: Path) -> None:
    """Open the form, choose files and send it."""
    visitor.page.get_by_role("button", name="Add reports", exact=True).click()
    expect(visitor.page.get_by_role("button", name="Close the form")).to_be_visible()
    expect(visitor.page.get_by_test_id("stMain").locator("input[type=file]")).to_have_count(1)
    visitor.add(*files)


def row(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("row").filter(has_text=title)


def dismiss_all(visitor: Visitor) -> None:
    buttons = visitor.page.get_by_role("button", name="Dismiss")
    while count := buttons.count():
        buttons.first.click()
        expect(buttons).to_have_count(count - 1)


def test_good_and_bad_files_and_a_zip_go_in_at_once_and_each_bad_one_is_named(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "cheese.md").write_text(CHEESE)
    (tmp_path / "broken.pdf").write_bytes((ROOT / "corpus" / "space-stations-in-figures.pdf").read_bytes()[:3000])
    with ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("1931/violins.md", "# Violins\n\nAmalia Rossi varnished her last violin in 1931.\n")
        archive.writestr("../../out.md", "# Out\n\nThis one wants out.\n")
        archive.writestr("__MACOSX/violins.md", "litter")
    add(visitor, tmp_path / "cheese.md", tmp_path / "broken.pdf", tmp_path / "more.zip")
    page = visitor.page
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("2 of 4 files are on the shelf")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    errors = sorted(map(text_of, page.get_by_test_id("stAlert").all()))
    assert len(errors) == 2
    assert "../../out.md: its name leads out of the zip" in errors[0]
    assert "broken.pdf: PDFium cannot open it" in errors[1]
    expect(row(visitor, "Violins")).to_contain_text("1931/violins.md")
    expect(row(visitor, "The cheese of Brenta")).to_contain_text("ready")
    dismiss_all(visitor)


def test_a_report_is_opened_saved_replaced_and_removed_with_the_receipt(
    visitor: Visitor, home: Path, tmp_path: Path
) -> None:
    page = visitor.page
    (tmp_path / "casks.md").write_text("# Casks\n\nTwelve casks were sold.\n")
    add(visitor, tmp_path / "casks.md")
    # By keyboard alone.
    title = row(visitor, "Casks").get_by_role("button")
    title.focus()
    title.press("Enter")
    facts = page.locator(".facts")
    expect(facts.get_by_role("heading", name="Casks")).to_be_focused()
    expect(title).to_have_attribute("aria-pressed", "true")
    page.evaluate("addEventListener('footnote:open', (event) => { window.opened = event.detail })")
    facts.get_by_role("button", name="Open Casks").click()
    with closing(Library(home)) as library:
        before = library.report("casks.md")
    assert page.evaluate("window.opened") == {
        "document": before.document,
        "page": 1,
        "start": 0,
        "end": 0,
        "title": "Casks",
        "label": "§ Casks",
        "date": "",
        "quote": "",
        "gone": False,
    }
    with page.expect_download() as saved:
        facts.get_by_role("link", name="Download the original").click()
    assert saved.value.suggested_filename == "casks.md"
    assert Path(saved.value.path()).read_text() == "# Casks\n\nTwelve casks were sold.\n"
    page.get_by_role("button", name="Replace").click()
    (tmp_path / "draft 7.md").write_text("# Casks, counted anew\n\nThirteen casks were sold.\n")
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(tmp_path / "draft 7.md")
    page.get_by_role("button", name="Put it in place").click()
    expect(page.get_by_test_id("stToast")).to_contain_text(f"Being replaced by draft 7.md, {TOLD}: Casks")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(page.get_by_text("casks.md is on the shelf")).to_be_visible()
    expect(facts.get_by_role("heading", name="Casks, counted anew")).to_be_visible()
    expect(row(visitor, "Casks, counted anew")).to_contain_text("casks.md")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_test_id("stToast").filter(has_text=f"Being read again, {TOLD}")).to_be_visible()
    dismiss_all(visitor)
    page.get_by_role("button", name="Remove", exact=False).first.click()
    page.get_by_role("button", name="Remove it for good").click()
    receipt = page.get_by_test_id("stAlert").filter(has_text="Removed")
    expect(receipt).to_be_visible()
    assert text_of(receipt).strip().endswith("Removed: Casks, counted anew (1 page, 1 chunk, 1 vector).")
    expect(row(visitor, "Casks")).to_have_count(0)


def test_a_hostile_title_is_shown_as_it_stands(visitor: Visitor) -> None:
    page = visitor.page
    found = row(visitor, "onerror")
    assert found.get_by_role("button").inner_text() == "<img src=x onerror=alert(1)> ![t](http://tracker.example/t.png)"
    found.get_by_role("button").click()
    expect(page.locator(".facts h3")).to_have_text("<img src=x onerror=alert(1)> ![t](http://tracker.example/t.png)")
    page.get_by_role("button", name="Remove", exact=False).first.click()
    expect(page.get_by_text("Remove <img src=x onerror=alert")).to_be_visible()
    assert page.locator("img[src='x'], img[src*='tracker'], a[href*='tracker']").count() == 0


def test_the_list_is_searched_and_sorted_and_keeps_the_keyboards_place(visitor: Visitor) -> None:
    page = visitor.page
    pages = page.get_by_role("columnheader", name="Pages")
    pages.get_by_role("button").focus()
    pages.get_by_role("button").press("Enter")
    expect(pages).to_have_attribute("aria-sort", "descending")
    expect(pages.get_by_role("button")).to_be_focused()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Tiangong opens its hatch")
    page.get_by_label("Search").fill("skerry")
    page.get_by_label("Search").press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("skerry.md")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_no_wider_than_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with visiting(browser, address, size=NARROW, scheme=scheme) as visitor:
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        go(visitor)
        visitor.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        row(visitor, "Tiangong opens its hatch").get_by_role("button").click()
        expect(visitor.page.locator(".facts dl")).to_be_visible()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_progress_survives_a_reload_is_seen_by_others_and_asking_goes_on(
    browser: Browser, address: str, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "long.md").write_text(LONG)
    with visiting(browser, address) as visitor:
        # The model is there from here on.
        visitor.answered("Why might ESA reconsider Tiangong?")
    with visiting(browser, address) as visitor, visiting(browser, address) as other:
        go(visitor)
        add(visitor, tmp_path / "long.md")
        page = visitor.page
        expect(page.get_by_text("long.md, ")).to_be_visible()
        # A new session, as after a reload or in another window.
        page.goto(address)
        expect(page.get_by_text("long.md, ")).to_be_visible()
        expect(other.page.get_by_text("long.md, ")).to_be_visible()
        answer = visitor.answered("Why might ESA reconsider Tiangong?")
        expect(answer).to_contain_text("letting in civilian astronauts")
        expect(page.get_by_text("long.md, ")).to_be_visible()
        go(other)
        # Streamlit has a button of this name in its header, while a page runs.
        other.page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
        for one in (visitor, other):
            expect(one.page.get_by_text("It was stopped; what is listed as added is kept.")).to_be_visible()
            expect(one.page.get_by_role("progressbar")).to_have_count(0)
        dismiss_all(other)
        expect(page.get_by_text("It was stopped")).to_have_count(0)
    with closing(Library(home)) as library:
        assert "long.md" not in {report.name for report in library.reports()}
    assert list((home / "uploads").iterdir()) == []


def test_five_thousand_reports_are_listed_a_page_at_a_time(
    browser: Browser, tmp_path: Path, hashed: Embedding, put_many: Callable[[Path, int], None]
) -> None:
    put_many(tmp_path / "home", 5000)
    with serving(tmp_path / "home", tmp_path / "server.log") as address, visiting(browser, address) as visitor:
        go(visitor)
        expect(visitor.page.get_by_text("1 to 50 of 5,000")).to_be_visible()
        visitor.page.get_by_role("button", name="Next").click()
        expect(visitor.page.get_by_text("51 to 100 of 5,000")).to_be_visible()
        expect(visitor.page.get_by_role("row")).to_have_count(51)
        last = visitor.page.get_by_role("row").last.get_by_role("button")
        last.click()
        expect(visitor.page.locator(".facts h3")).to_be_in_viewport(ratio=1)
        expect(last).to_have_attribute("aria-pressed", "true")
        expect(last).to_be_in_viewport(ratio=1)


@pytest.fixture
def put_many() -> Callable[[Path, int], None]:
    """Writes so many reports into a home, as rows of its database alone."""
    import sqlite3

    def put(home: Path, number: int) -> None:
        Library(home).close()
        rows = [
            (f"{n:012x}", f"{n:064x}", f"{n}.md", f"Report {n}", "markdown", 0, 0, 1, "2026-01-01", "[]")
            for n in range(number)
        ]
        with closing(sqlite3.connect(home / "library.db")) as connection, connection:
            columns = "id, document, name, title, kind, pages, chunks, size, added, ledger"
            connection.executemany(f"INSERT INTO reports ({columns}) VALUES (?,?,?,?,?,?,?,?,?,?)", rows)

    return put
