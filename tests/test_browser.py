"""The chat as people meet it: the real server, the real model, Chromium. Run by ``make browser``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.embedding import Embedding
from rag.library import Library
from tests.browsing import NARROW, Visitor, fill, serving, slow_model, text_of, visiting
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

WHY = "Why might ESA reconsider Tiangong?"
OPENING = "Tiangong opens its hatch: how it may change China's standing"
EXCHANGE = "ESA and Tiangong: the exchange that stalled"
CHEESE = "# The cheese of Brenta\n\nBrenta cheese ripens for exactly 47 days in the salt caves below Mount Ortles.\n"
VIOLIN = "# Violins\n\nThe violin maker Amalia Rossi varnished her last violin in Cremona in 1931.\n"

HOSTILE = """# `<img src="http://tracker.example/title.png" onerror="alert(1)">` `![t](http://tracker.example/t.png)`

The lighthouse log of Skerry says `<script>window.ran = 1; alert(2)</script>` was painted on the door in 1911.

The keeper of Skerry wrote `<img src=x onerror="window.ran = 1">` and `[click](javascript:alert(3))` below it.

The Skerry bill shows `![pixel](http://tracker.example/pixel.png)` and <http://tracker.example/bare> in red ink.

| Skerry lamp | Colour |
|---|---|
| `<svg onload=alert(4)>` | `:red[:material/home:]` |
"""
# Every 10 ms: for the last answer, each statement's text, a number that its element keeps, and how far it is below the
# first one. Rows that repeat are left out.
WATCH = """() => {
  window.rows = []
  let ids = 0
  setInterval(() => {
    const answer = [...document.querySelectorAll('[data-testid="stChatMessage"]')].at(-1)
    const hosts = answer ? [...answer.querySelectorAll('*')].filter((one) => one.shadowRoot) : []
    const found = hosts.map((one) => one.shadowRoot.querySelector('.text')).filter(Boolean)
    const top = found.length ? found[0].getBoundingClientRect().top : 0
    const row = found.map((one) => [one.textContent, one.seen ??= ++ids, one.getBoundingClientRect().top - top])
    if (JSON.stringify(row) !== JSON.stringify(window.rows.at(-1))) window.rows.push(row)
  }, 10)
}"""


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone new at the chat over the sample reports."""
    with visiting(browser, address) as found:
        yield found


def test_the_page_is_there_before_the_model_and_a_question_asked_at_once_is_answered(visitor: Visitor) -> None:
    # The first visitor of the server: the model begins to load now.
    expect(visitor.page.get_by_text("The embedding model is loading. You can ask already.")).to_be_visible()
    answer = visitor.ask(WHY)
    expect(visitor.page.get_by_text("The embedding model is loading; your question comes next")).to_be_visible()
    expect(answer).to_contain_text("letting in civilian astronauts")


def test_a_footnote_shows_the_exact_quote_with_its_report_and_its_place(visitor: Visitor, samples: Path) -> None:
    answer = visitor.answered(WHY)
    mark = answer.get_by_role("button", name="Footnote 1:")
    card = answer.get_by_role("tooltip")
    expect(card).to_have_count(0)
    mark.hover()
    quote = card.locator("blockquote")
    expect(card.locator(".title")).to_have_text(OPENING)
    expect(card.locator(".place")).to_have_text("2023-10-16 · § Why ESA might reconsider Tiangong")
    library = Library(samples)
    report = library.report("tiangong-opening.md")
    pages = [library.page(report.id, number) for number in range(1, report.pages + 1)]
    library.close()
    (page,) = [page for page in pages if page.label == "§ Why ESA might reconsider Tiangong"]
    words = quote.text_content() or ""
    assert words.startswith("The European Space Agency (ESA) might reconsider Tiangong because China is letting in")
    assert words in page.text
    visitor.page.mouse.move(0, 0)
    expect(card).to_have_count(0)
    # By the keyboard: the card comes with the focus, and Escape puts it away.
    visitor.page.get_by_placeholder("Ask your reports").focus()
    visitor.page.keyboard.press("Shift+Tab")
    while not mark.evaluate("one => one === one.getRootNode().activeElement"):
        visitor.page.keyboard.press("Shift+Tab")
    expect(card).to_have_count(1)
    visitor.page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_a_follow_up_is_searched_with_what_came_before_and_an_open_source_stays_open(visitor: Visitor) -> None:
    first = visitor.answered("What did Aschbacher say about Tiangong?")
    first.get_by_role("button", name="Footnote 1:").click()
    second = visitor.answered("and when was that?")
    expect(second).to_contain_text("January 2023")
    expect(second).to_contain_text("Searched as: and when was that? (What did Aschbacher say about Tiangong?")
    expect(visitor.source.locator("mark")).to_contain_text("Josef Aschbacher")
    visitor.page.get_by_role("button", name="New chat").click()
    expect(visitor.page.get_by_test_id("stChatMessage")).to_have_count(0)
    expect(visitor.page.get_by_text("For example")).to_be_visible()


def test_what_the_reports_do_not_hold_is_refused_with_the_nearest_places(visitor: Visitor) -> None:
    answer = visitor.answered("What is the capital of France?")
    expect(answer.locator(".sentence")).to_have_text("The reports do not say.")
    expect(answer).to_contain_text("Not found near each other: capital")
    quotes = answer.locator(".nearest blockquote")
    expect(quotes.first).to_be_visible()
    assert "France" in " ".join(quotes.all_text_contents())
    answer.get_by_role("button", name="Read ").first.click()
    expect(visitor.source.locator("mark").first).to_contain_text((quotes.first.text_content() or "").split()[0])


def test_values_that_differ_are_noted_below_the_statements_newest_first(visitor: Visitor) -> None:
    answer = visitor.answered("How many countries have signed the Artemis Accords?")
    note = answer.get_by_role("note", name="The reports differ")
    expect(note).to_have_count(1)
    expect(note.get_by_role("listitem")).to_have_text(
        [
            "53 countries Artemis partners in early 2025: the Accords and the Gateway 2025-02-17 3",
            "29 countries Two coalitions for the Moon: the Accords and the ILRS in 2023 2023-09-29 2",
        ]
    )


def test_a_tables_row_is_drawn_below_its_heads(visitor: Visitor) -> None:
    visitor.answered("When was Tianzhou-8 launched?")
    table = visitor.page.locator("table").first
    expect(table).to_be_visible()
    assert table.locator("th").all_text_contents()[:2] == ["Flight", "Launched"]
    assert table.locator("td").all_text_contents()[:2] == ["Tianzhou-8", "November 2024"]


def test_an_unticked_report_leaves_the_answers(visitor: Visitor) -> None:
    question = "What did Aschbacher say about Tiangong?"
    assert EXCHANGE in " ".join(visitor.cited(visitor.answered(question)))
    visitor.box("ESA and Tiangong").click()
    expect(visitor.page.get_by_text("13 of 14 are searched")).to_be_visible()
    left = visitor.cited(visitor.answered(question))
    assert left and EXCHANGE not in " ".join(left)
    visitor.page.get_by_role("button", name="None", exact=True).click()
    expect(visitor.page.get_by_text("None is searched")).to_be_visible()
    refusal = visitor.answered(question)
    expect(refusal.locator(".sentence")).to_have_text("No report is chosen.")
    expect(refusal).to_contain_text("Tick a report in the list at the side")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with visiting(browser, address, size=NARROW, scheme=scheme) as visitor:
        for question in (WHY, "When was Tianzhou-8 launched?", "What is the capital of France?"):
            answer = visitor.answered(question)
            for mark in answer.locator("button.mark").all():
                mark.click()
                assert visitor.source.evaluate("one => one.scrollWidth") <= NARROW[0]
                visitor.page.get_by_role("button", name="Close the source").click()
            widths = answer.evaluate("one => [one.scrollWidth, document.documentElement.scrollWidth]")
            assert max(widths) <= NARROW[0]


@pytest.fixture(scope="module")
def written(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chat over the sample reports whose answers are written by a slow model."""
    folder = tmp_path_factory.mktemp("model")
    with serving(samples, folder / "server.log", **slow_model(folder)) as found:
        yield found


def test_a_growing_answer_leaves_what_was_shown_as_it_was_and_where_it_was(browser: Browser, written: str) -> None:
    with visiting(browser, written) as visitor:
        visitor.page.evaluate(WATCH)
        answer = visitor.ask(WHY)
        expect(answer).to_contain_text("Written by ollama")
        rows = [row for row in visitor.page.evaluate("window.rows") if row]
        assert {len(row) for row in rows} == {1, 2, 3}
        for earlier, later in pairwise(rows):
            assert later[: len(earlier)] == earlier
        expect(answer.get_by_text("not supported")).to_have_count(1)
        expect(answer.locator("p.text").last).to_contain_text("It cost 900 billion euros here.")


def test_an_answer_that_is_stopped_keeps_what_was_shown_and_the_next_one_is_whole(
    browser: Browser, written: str
) -> None:
    with visiting(browser, written) as visitor:
        answer = visitor.ask(f"{WHY} take your time")
        expect(answer.locator("p.text")).to_have_count(1)
        answer.get_by_role("button", name="Footnote 1:").click()
        visitor.page.get_by_test_id("stChatInput").get_by_role("button").click()
        expect(answer).to_contain_text("Stopped before the end. Ask again for the whole answer.")
        expect(answer.locator("p.text")).to_contain_text("China is letting in civilian astronauts")
        expect(visitor.source.locator("mark")).to_contain_text("China is letting in civilian astronauts")
        expect(visitor.ask(WHY)).to_contain_text("Written by ollama")
        expect(answer.locator("p.text")).to_have_count(1)


def test_a_model_that_has_said_nothing_yet_is_stopped_at_once(browser: Browser, written: str) -> None:
    with visiting(browser, written) as visitor:
        answer = visitor.ask(f"{WHY} think first")
        expect(answer).to_contain_text("Writing")
        visitor.page.get_by_test_id("stChatInput").get_by_role("button").click()
        expect(answer).to_contain_text("Stopped before the end.", timeout=10_000)
        expect(visitor.page.get_by_placeholder("Ask your reports")).to_be_enabled(timeout=10_000)


def test_an_answer_stays_until_the_one_that_takes_its_place_is_whole(browser: Browser, written: str) -> None:
    with visiting(browser, written) as visitor:
        page = visitor.page
        answer = visitor.ask(WHY)
        expect(answer).to_contain_text("Written by ollama")
        expect(visitor.ask("What is the capital of France?")).to_contain_text("Searched")
        answer.get_by_role("button", name="Ask again").click()
        page.get_by_label("Question", exact=True).fill(f"{WHY} take your time")
        page.get_by_label("Question", exact=True).press("Control+Enter")
        page.get_by_role("button", name="Ask and drop the next question").click()
        expect(answer).to_contain_text("Writing")
        answer.get_by_role("button", name="Stop").click()
        expect(answer).to_contain_text("Written by ollama", timeout=10_000)
        expect(page.get_by_test_id("stChatMessage")).to_have_count(4)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Iterator[tuple[Path, str]]:
    """A home that holds one hostile report, and the address of a chat over it."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "skerry.md").write_text(HOSTILE, encoding="utf-8")
    fill(folder / "home", minilm, folder / "skerry.md")
    with serving(folder / "home", folder / "server.log") as found:
        yield folder / "home", found


def test_nothing_in_a_report_or_a_question_runs_links_or_loads(browser: Browser, shelf: tuple[Path, str]) -> None:
    with visiting(browser, shelf[1]) as visitor:
        page = visitor.page
        box = visitor.box("onerror")
        expect(box).to_be_visible()
        title = '<img src="http://tracker.example/title.png" onerror="alert(1)"> ![t](http://tracker.example/t.png)'
        assert text_of(box).startswith(title)
        shown = {
            "What was painted on the door of the Skerry lighthouse?": "<script>window.ran = 1; alert(2)</script>",
            "What did the keeper of Skerry write?": '<img src=x onerror="window.ran = 1">',
            "What does the Skerry bill show in red ink?": "![pixel](http://tracker.example/pixel.png)",
            "What colour is the Skerry lamp?": "<svg onload=alert(4)>",
            "<img src=x onerror=alert(6)> What of ![q](http://tracker.example/q.png)?": "tracker.example",
        }
        for question, text in shown.items():
            answer = visitor.answered(question)
            expect(answer).to_contain_text(text)
            for mark in answer.locator("button.mark").all():
                mark.click()
            expect(page.get_by_test_id("stChatMessage").get_by_text(question)).to_be_visible()
        check_inert(visitor)


def test_files_are_added_with_progress_and_each_bad_one_is_named(
    browser: Browser, shelf: tuple[Path, str], write_reports: Callable[..., Path]
) -> None:
    folder = write_reports(cheese=CHEESE)
    broken, hostile = folder / "broken.pdf", folder / "![x](http:,,tracker.example)<img src=x onerror=alert(5)>.pdf"
    broken.write_bytes((ROOT / "corpus" / "space-stations-in-figures.pdf").read_bytes()[:3000])
    hostile.write_text("no PDF")
    with visiting(browser, shelf[1]) as visitor:
        page = visitor.page
        visitor.add(folder / "cheese.md", broken, hostile)
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_text("1 of 3 files are on the shelf")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        errors = sorted(map(text_of, page.get_by_test_id("stAlert").all()))
        assert len(errors) == 2
        assert f"{hostile.name}: its name says PDF" in errors[0]
        assert "broken.pdf: PDFium cannot open it" in errors[1]
        expect(visitor.box("The cheese of Brenta")).to_be_visible()
        expect(visitor.answered("How long does Brenta cheese ripen?")).to_contain_text("exactly 47 days")
        page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        check_inert(visitor)


def test_the_newest_upload_alone_is_told_of_and_in_view(
    browser: Browser, shelf: tuple[Path, str], tmp_path: Path
) -> None:
    with visiting(browser, shelf[1]) as visitor:
        page, alerts = visitor.page, visitor.page.get_by_test_id("stAlert")
        visitor.answered("What was painted on the door of the Skerry lighthouse?")
        page.get_by_role("button", name="Add to the shelf").click()
        expect(alerts).to_contain_text("Choose files above first")
        for name in ("first.pdf", "second.pdf", "third.pdf"):
            (tmp_path / name).write_text("no PDF")
            visitor.add(tmp_path / name)
            expect(alerts.filter(has_text=f"{name}: its name says PDF")).to_be_in_viewport()
            expect(alerts).to_have_count(1)


def test_what_another_process_adds_is_answered_from_without_a_reload(
    browser: Browser, shelf: tuple[Path, str], write_reports: Callable[..., Path]
) -> None:
    home, address = shelf
    question = "Who varnished her last violin in Cremona?"
    with visiting(browser, address) as visitor:
        visitor.page.evaluate("window.stayed = true")
        expect(visitor.answered(question).locator(".sentence")).to_have_text("The reports do not say.")
        report = write_reports(violin=VIOLIN) / "violin.md"
        command = [sys.executable, "-m", "rag.cli", "add", str(report), "--home", str(home)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        expect(visitor.box("Violins")).to_be_visible()
        expect(visitor.answered(question)).to_contain_text("Amalia Rossi")
        expect(visitor.page.locator(".sentence")).to_have_text("The reports do not say.")
        assert visitor.page.evaluate("window.stayed") is True


def check_inert(visitor: Visitor) -> None:
    """Nothing of the hostile report ran, and nothing of it became a link or a picture."""
    assert visitor.page.evaluate("window.ran") is None
    assert visitor.page.locator("a[href*='tracker'], a[href*='javascript']").count() == 0
    assert visitor.page.locator("img[src*='tracker'], img[src='x'], svg[onload]").count() == 0
