"""The settings in Chromium: a key tested wrong and right, used in the chat, and gone unless it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rag.embedding import Embedding
from rag.web.connections import KEPT
from tests.browsing import NARROW, Visitor, fill, serving, text_of, visiting
from tests.conftest import ROOT
from tests.providers import KEY, MODEL, WRITTEN, WRONG_KEY, ModelServer, serving_model, write_package

pytestmark = pytest.mark.browser

WHY = "Why might ESA reconsider Tiangong?"
WRITER = f"openai:{MODEL}"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with serving_model() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A folder with a home that holds the report that is asked about, and a client of the model's server."""
    found = tmp_path_factory.mktemp("settings")
    fill(found / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    write_package(found / "packages")
    return found


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Footnote over the folder's home; at its end no key is in what it printed."""
    with serving(folder / "home", folder / "server.log", PYTHONPATH=f"{folder / 'packages'}:{ROOT}") as address:
        yield address
    assert "sk-" not in (folder / "server.log").read_text()


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def send_key(visitor: Visitor, model: ModelServer, key: str) -> None:
    go(visitor.page, "Settings")
    field(visitor.page, "Model").fill(MODEL)
    field(visitor.page, "API key").fill(key)
    field(visitor.page, "Address").fill(model.address)
    visitor.page.get_by_role("button", name="Test it").click()


def picker(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Writer")


def test_a_key_is_tested_and_writes_for_its_visitor_alone(browser: Browser, folder: Path, model: ModelServer) -> None:
    with started(folder) as address, visiting(browser, address) as visitor:
        page = visitor.page
        send_key(visitor, model, WRONG_KEY)
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_contain_text("The key was refused")
        expect(page.get_by_role("button", name=f"Use {WRITER}")).to_have_count(0)
        field(page, "API key").fill(KEY)
        page.get_by_role("button", name="Test it").click()
        expect(alert).to_contain_text(f"It works: {MODEL} answered.")
        expect(field(page, "API key")).to_have_attribute("type", "password")
        page.get_by_role("button", name="Use openai").click()
        expect(alert).to_contain_text("writes the next answer.")
        expect(field(page, "API key")).to_have_value("")
        go(page, "Chat")
        expect(picker(page)).to_have_value(WRITER)
        answer = visitor.ask(WHY)
        expect(answer).to_contain_text("Written by")
        assert f"Written by {WRITER}" in text_of(answer)
        expect(answer.locator("p.text")).to_contain_text(WRITTEN)
        with visiting(browser, address) as other:
            expect(other.answered(WHY)).to_contain_text("Quoted word for word")
            go(other.page, "Settings")
            expect(other.page.get_by_text("Also on offer")).to_be_visible()
            expect(other.page.get_by_text(WRITER)).to_have_count(0)
        assert all(KEY not in url and WRONG_KEY not in url for url in visitor.requests)
        go(page, "Settings")
        expect(page.get_by_role("button", name="Disconnect")).to_be_visible()
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("is gone, and its key with it.")).to_be_visible()
    assert not holding(folder / "home", KEY)


def test_a_key_is_gone_after_a_restart_unless_it_is_kept(browser: Browser, folder: Path, model: ModelServer) -> None:
    with started(folder) as address, visiting(browser, address) as visitor:
        send_key(visitor, model, KEY)
        visitor.page.get_by_role("button", name="Use openai").click()
        expect(visitor.page.get_by_role("button", name="Disconnect")).to_be_visible()
    with started(folder) as address, visiting(browser, address) as visitor:
        page = visitor.page
        go(page, "Settings")
        expect(page.get_by_text("Also on offer")).to_be_visible()
        expect(page.get_by_text(WRITER)).to_have_count(0)
        send_key(visitor, model, KEY)
        page.get_by_text("Keep on this machine").click()
        page.get_by_role("button", name="Use openai").click()
        expect(page.get_by_role("button", name="Forget")).to_be_visible()
    assert holding(folder / "home", KEY) == [KEPT]
    with started(folder) as address, visiting(browser, address) as visitor:
        page = visitor.page
        picker(page).click()
        page.get_by_role("option", name=WRITER).click()
        expect(visitor.ask(WHY)).to_contain_text("Written by")
        assert f"Written by {WRITER}" in text_of(page.get_by_test_id("stChatMessage").nth(1))
        go(page, "Settings")
        expect(page.get_by_role("button", name="Forget")).to_be_visible()
        page.get_by_role("button", name="Forget").click()
        expect(page.get_by_text("is gone, and its key with it.")).to_be_visible()
        go(page, "Chat")
        expect(picker(page)).to_have_value("Quotes (no model)")
    assert not holding(folder / "home", KEY)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_of_the_settings_is_wider_than_a_phone(
    browser: Browser, folder: Path, model: ModelServer, scheme: str
) -> None:
    with started(folder) as address, visiting(browser, address, scheme=scheme) as visitor:
        page = visitor.page
        send_key(visitor, model, WRONG_KEY)
        expect(page.get_by_test_id("stAlert")).to_be_visible()
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        expect(page.locator("dd", has_text=str(folder / "home"))).to_be_visible()
        widths = page.evaluate(
            "[document.documentElement, ...document.querySelectorAll('[data-testid=stMain], .facts')]"
            ".map((one) => one.scrollWidth)"
        )
        assert max(widths) <= NARROW[0]


def holding(home: Path, words: str) -> list[str]:
    """The files below a home that hold these words, by name."""
    return sorted(path.name for path in home.rglob("*") if path.is_file() and words.encode() in path.read_bytes())
