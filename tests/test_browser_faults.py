"""A library that cannot be read for a while, in Chromium: the page says so and comes back by itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.embedding import Embedding
from tests.browsing import fill, serving, visiting
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


def rename(home: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(home / "library.db")) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.commit()


def test_a_page_that_cannot_be_drawn_says_why_and_comes_back_by_itself(
    browser: Browser, minilm: Embedding, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    fill(home, minilm, ROOT / "corpus" / "tiangong-opening.md")
    with serving(home, tmp_path / "server.log") as address, visiting(browser, address) as visitor:
        page = visitor.page
        expect(visitor.box("Tiangong opens its hatch")).to_be_visible()
        rename(home, "jobs", "away")
        page.get_by_role("button", name="New chat").click()
        fault = page.get_by_test_id("stAlert")
        expect(fault.first).to_contain_text("cannot be read: no such table")
        expect(page.get_by_role("button", name="Try again").first).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        rename(home, "away", "jobs")
        expect(fault).to_have_count(0)
        expect(page.get_by_role("heading", name="Ask your reports.")).to_be_visible()
