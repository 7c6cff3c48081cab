"""Conversations in Chromium: they come back after a reload, are asked again, exported, found and deleted."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, expect

from rag.embedding import Embedding
from tests.browsing import Visitor, fill, serving, slow_model, visiting
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

CREW = "# Crews\n\nTiangong has a permanent crew of three astronauts.\n"
CARGO = "# Cargo\n\nChina issued its call for commercial cargo proposals in May 2023.\n"
OLD = "Mir in print\n\n3 May 1999\n\nThe station Mir is to come down in the year 2001, the paper says.\n"
HOW_LARGE, WHEN = "How large is the crew of Tiangong?", "When did China call for cargo proposals?"

# The left edge of each line of some labels, in pixels.
LINES = """(labels) => labels.map((label) => {
  const range = document.createRange()
  range.selectNodeContents(label)
  const boxes = [...range.getClientRects()].filter((box) => box.width)
  const tops = [...new Set(boxes.map((box) => Math.round(box.bottom / 8)))]
  return tops.map((top) => Math.min(...boxes.filter((box) => Math.round(box.bottom / 8) === top).map((b) => b.left)))
})"""


@pytest.fixture
def home(tmp_path: Path, minilm: Embedding) -> Path:
    """A home with three small reports."""
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, text in (("crew.md", CREW), ("cargo.md", CARGO), ("mir.txt", OLD)):
        (folder / name).write_text(text)
    fill(tmp_path / "home", minilm, folder)
    return tmp_path / "home"


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with serving(home, home.with_name("server.log")) as found:
        yield found


def menu(visitor: Visitor) -> None:
    """Open what can be done with the conversation."""
    visitor.page.get_by_role("tab", name="Chats").click()
    visitor.page.get_by_role("button", name="This conversation").click()


def test_a_conversation_comes_back_after_a_reload_and_a_restart_with_its_footnotes(
    browser: Browser, home: Path
) -> None:
    with serving(home, home.with_name("first.log")) as address, visiting(browser, address) as visitor:
        visitor.answered(HOW_LARGE)
        visitor.answered("and when did China call for cargo proposals?")
        place = re.sub(r".*/", "", visitor.page.url)
        before = visitor.page.get_by_test_id("stChatMessage").all_inner_texts()
        visitor.page.reload()
        messages = visitor.page.get_by_test_id("stChatMessage")
        expect(messages).to_have_count(4)
        expect(messages.nth(3)).to_contain_text("May 2023")
        assert messages.all_inner_texts() == before
    with serving(home, home.with_name("second.log")) as address, visiting(browser, address + place) as visitor:
        visitor.address = address
        messages = visitor.page.get_by_test_id("stChatMessage")
        expect(messages.nth(3)).to_contain_text("May 2023")
        messages.nth(1).get_by_role("button", name="Footnote 1:").click()
        expect(visitor.source.locator("mark")).to_have_text("Tiangong has a permanent crew of three astronauts.")


def test_an_answer_that_a_reload_broke_off_is_kept_as_far_as_it_was_shown(
    browser: Browser, tmp_path: Path, minilm: Embedding
) -> None:
    fill(tmp_path / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    log, model = tmp_path / "server.log", slow_model(tmp_path)
    with serving(tmp_path / "home", log, **model) as address, visiting(browser, address) as visitor:
        answer = visitor.ask("Why might ESA reconsider Tiangong? take your time")
        expect(answer.locator("p.text")).to_have_count(1)
        visitor.page.reload()
        again = visitor.page.get_by_test_id("stChatMessage").nth(1)
        expect(again).to_contain_text("Stopped before the end.")
        expect(again.locator("p.text")).to_contain_text("China is letting in civilian astronauts")


def test_a_question_is_asked_again_in_other_words_in_its_own_place(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        first = visitor.answered(WHEN)
        visitor.answered("What is the capital of France?")
        first.get_by_role("button", name="Ask again").click()
        visitor.page.get_by_label("Question", exact=True).fill(HOW_LARGE)
        visitor.page.get_by_label("Question", exact=True).press("Control+Enter")
        visitor.page.get_by_role("button", name="Ask and drop the next question").click()
        messages = visitor.page.get_by_test_id("stChatMessage")
        expect(messages).to_have_count(2)
        expect(messages.nth(0)).to_contain_text(HOW_LARGE)
        expect(messages.nth(1)).to_contain_text("a permanent crew of three")
        expect(visitor.page.get_by_role("button", name="Ask and drop")).to_have_count(0)


def test_a_conversation_is_saved_to_markdown_and_word_with_footnotes(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.answered(HOW_LARGE)
        menu(visitor)
        files = {}
        for name in ("Markdown", "Word"):
            with visitor.page.expect_download() as download:
                visitor.page.get_by_role("button", name=name).click()
            files[download.value.suggested_filename] = Path(download.value.path()).read_bytes()
        assert sorted(files) == ["how-large-is-the-crew-of-tiangong.docx", "how-large-is-the-crew-of-tiangong.md"]
        text = files["how-large-is-the-crew-of-tiangong.md"].decode()
        assert "Tiangong has a permanent crew of three astronauts.[^1]" in text
        assert re.search(r"^\[\^1\]: .*Crews", text, re.MULTILINE)
        document = docx.Document(io.BytesIO(files["how-large-is-the-crew-of-tiangong.docx"]))
        assert any("a permanent crew of three" in paragraph.text for paragraph in document.paragraphs)
        notes = next(part for part in document.part.package.iter_parts() if part.partname.endswith("footnotes.xml"))
        assert b"Crews" in notes.blob


def test_conversations_are_found_opened_renamed_and_deleted(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        visitor.answered(HOW_LARGE)
        page.get_by_role("button", name="New chat").click()
        expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
        visitor.answered(WHEN)
        page.get_by_role("tab", name="Chats").click()
        page.get_by_placeholder("Find a conversation").fill("three ASTRONAUTS")
        page.get_by_placeholder("Find a conversation").press("Enter")
        expect(page.get_by_role("button", name=f"{WHEN} (open)")).to_have_count(0)
        page.get_by_role("button", name=HOW_LARGE).click()
        expect(page.get_by_test_id("stChatMessage").nth(1)).to_contain_text("a permanent crew of three")
        page.get_by_role("button", name="This conversation").click()
        page.get_by_label("Title").fill("The crew")
        page.get_by_label("Title").press("Enter")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("button", name="The crew (open)")).to_be_visible()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
        expect(page.get_by_role("button", name="The crew")).to_have_count(0)


def test_titles_in_the_list_begin_at_its_left_edge_on_one_line_and_on_two(browser: Browser, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.get_by_role("tab", name="Chats").click()
        for question in ("Mir?", "When did China call for commercial cargo proposals of companies?"):
            page.get_by_role("button", name="New chat").click()
            expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
            visitor.answered(question)
        labels = page.locator('[class*="st-key-chat-"] .stTooltipIcon p')
        expect(labels).to_have_count(2)
        lines = labels.evaluate_all(LINES)
        assert sorted(len(one) for one in lines) == [1, 2]
        assert len({round(left) for one in lines for left in one}) == 1


def test_two_visitors_talk_at_once_and_each_sees_the_other_conversation_in_the_list(
    browser: Browser, address: str
) -> None:
    with visiting(browser, address) as one, visiting(browser, address) as other:
        first, second = one.ask(HOW_LARGE), other.ask(WHEN)
        expect(first).to_contain_text("a permanent crew of three")
        expect(second).to_contain_text("May 2023")
        expect(one.page.get_by_test_id("stChatMessage")).to_have_count(2)
        one.page.reload()
        one.page.get_by_role("tab", name="Chats").click()
        expect(one.page.get_by_role("button", name=WHEN)).to_be_visible()
        one.page.get_by_role("button", name=WHEN).click()
        expect(one.page.get_by_test_id("stChatMessage").nth(1)).to_contain_text("May 2023")
        # What the one asks there, the other sees.
        one.answered(HOW_LARGE)
        expect(other.page.get_by_test_id("stChatMessage")).to_have_count(4)
