"""Where the page stands after a question: at it and at the start of its answer; and that another can be asked. Run by
``make browser``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from rag.embedding import Embedding
from rag.jobs import Jobs
from rag.library import Library
from tests.browsing import Visitor, fill, serving, slow_model, visiting
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

WHY = "Why might ESA reconsider Tiangong?"
# Two answers of the slow model fill it; a refusal with its nearest places is taller than it.
LOW = (1280, 560)
# In pixels from the top of the window: the last question's top, its answer's top, and the end of the header and the
# beginning of the chat's box, between which both are seen.
PLACES = """() => {
  const top = (one) => one.getBoundingClientRect().top
  const [question, answer] = [...document.querySelectorAll('[data-testid="stChatMessage"]')].slice(-2).map(top)
  const header = document.querySelector('[data-testid="stHeader"]').getBoundingClientRect().bottom
  return [header, question, answer, top(document.querySelector('[data-testid="stBottom"]'))]
}"""
# Every 10 ms: where the page stands, and how far each statement is from the window's top. Repeated rows are left out.
STANDS = """() => {
  const page = document.querySelector('[data-testid="stMain"]')
  window.stood = []
  const look = () => {
    const hosts = [...page.querySelectorAll('[data-testid="stChatMessage"] *')].filter((one) => one.shadowRoot)
    const texts = hosts.map((one) => one.shadowRoot.querySelector('.text, .sentence')).filter(Boolean)
    const row = [page.scrollTop, ...texts.map((one) => one.getBoundingClientRect().top)]
    if (JSON.stringify(row) !== JSON.stringify(window.stood.at(-1))) window.stood.push(row)
  }
  look()
  setInterval(look, 10)
}"""
SEEN = f"() => {{ const found = ({PLACES})(); return found.every((one, at) => !at || found[at - 1] <= one) }}"

# The last question is right below the header.
AT_THE_LAST = f"() => {{ const [header, top] = ({PLACES})(); return header <= top && top < header + 60 }}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A home with one report."""
    made = tmp_path_factory.mktemp("scrolling") / "home"
    fill(made, minilm, ROOT / "corpus" / "tiangong-opening.md")
    return made


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """A chat over it, whose answers a slow model writes."""
    with serving(home, home.parent / "server.log", **slow_model(home.parent)) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone new with a low window, whose page earlier answers fill."""
    with visiting(browser, address, size=LOW) as found:
        for question in (WHY, "What is the capital of France?"):
            ended(found, question)
        yield found


def ended(visitor: Visitor, question: str) -> None:
    """Ask, and wait for the whole answer."""
    answer = visitor.ask(question)
    expect(answer.get_by_text("Written by").or_(answer.get_by_text("Searched ·"))).to_be_visible()
    expect(answer.locator(".footnote:empty")).to_have_count(0)


def scroll(visitor: Visitor, pixels: int) -> None:
    visitor.page.mouse.move(800, 200)
    visitor.page.mouse.wheel(0, pixels)


def test_a_question_asked_from_further_up_comes_into_view_with_the_start_of_its_answer(visitor: Visitor) -> None:
    scroll(visitor, -5000)
    visitor.page.wait_for_function(f"() => !({SEEN})()")
    answer = visitor.ask(WHY)
    expect(answer.locator("p.text").first).to_be_visible()
    visitor.page.wait_for_function(SEEN)
    expect(answer).to_contain_text("Written by ollama")
    visitor.page.wait_for_function(SEEN)


def test_an_answer_taller_than_the_window_is_shown_from_its_question_on(visitor: Visitor) -> None:
    ended(visitor, "What is the capital of Spain?")
    visitor.page.wait_for_function(SEEN)
    # It stays so: nothing scrolls on to the end.
    visitor.page.wait_for_timeout(1000)
    header, question, answer, box = visitor.page.evaluate(PLACES)
    assert header <= question < answer < box


def test_nothing_moves_while_an_answer_grows_when_it_ends_and_when_the_page_is_drawn_again(
    visitor: Visitor, home: Path
) -> None:
    answer = visitor.ask(WHY)
    expect(answer.locator("p.text")).to_have_count(1)
    visitor.page.wait_for_function(SEEN)
    visitor.page.evaluate(STANDS)
    expect(answer).to_contain_text("Written by ollama")
    expect(answer.get_by_role("button", name="Ask again")).to_be_visible()
    with closing(Library(home)) as library:
        jobs = Jobs(library)
        job = jobs.begin(expected=2)
        expect(visitor.page.get_by_role("progressbar")).to_be_visible()
        jobs.cancel(job)
        jobs.dismiss(job)
    expect(visitor.page.get_by_role("progressbar")).to_have_count(0)
    rows = visitor.page.evaluate("window.stood")
    assert len(rows[-1]) >= len(rows[0]) + 2
    for earlier, later in pairwise(rows):
        assert later[: len(earlier)] == earlier


def test_who_scrolls_while_an_answer_grows_stays_where_they_are(visitor: Visitor) -> None:
    answer = visitor.ask(WHY)
    expect(answer.locator("p.text")).to_have_count(1)
    scroll(visitor, -5000)
    first = visitor.page.get_by_test_id("stChatMessage").first
    visitor.page.wait_for_function(f"() => !({SEEN})()")
    expect(answer).to_contain_text("Written by ollama")
    expect(first).to_be_in_viewport()


def test_a_conversation_that_is_opened_stands_at_its_last_question_until_someone_moves_the_page(
    visitor: Visitor, home: Path
) -> None:
    page = visitor.page
    for come in (page.reload, lambda: there_and_back(visitor)):
        come()
        expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
        page.wait_for_function(AT_THE_LAST)
        page.wait_for_timeout(500)
        page.wait_for_function(AT_THE_LAST)
    scroll(visitor, -5000)
    page.wait_for_function(f"() => !({AT_THE_LAST})()")
    page.evaluate(STANDS)
    with closing(Library(home)) as library:
        jobs = Jobs(library)
        job = jobs.begin(expected=2)
        expect(page.get_by_role("progressbar")).to_be_visible()
        jobs.cancel(job)
        jobs.dismiss(job)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert [row[0] for row in page.evaluate("window.stood")] == [0]
    # The next question goes first, as ever.
    answer = visitor.ask(WHY)
    page.wait_for_function(AT_THE_LAST)
    expect(answer).to_contain_text("Written by ollama")
    page.wait_for_function(AT_THE_LAST)


def there_and_back(visitor: Visitor) -> None:
    """Go to the library's page and back to the chat."""
    visitor.page.get_by_role("link", name="Library").click()
    expect(visitor.page.get_by_role("heading", name="Library")).to_be_visible()
    visitor.page.get_by_role("link", name="Chat").click()


def test_the_box_opens_again_after_every_slow_answer(visitor: Visitor) -> None:
    for _ in range(3):
        ended(visitor, WHY)
        expect(visitor.page.get_by_placeholder("Ask your reports")).to_be_enabled()


def test_the_box_opens_again_where_a_thumb_waited_for_the_end_of_the_answer(visitor: Visitor) -> None:
    thumbs = visitor.page.get_by_test_id("stFeedback").first.get_by_role("radio")
    for thumb in (0, 1, 0):
        answer = visitor.ask(WHY)
        expect(answer.locator("p.text")).to_have_count(1)
        thumbs.nth(thumb).click()
        expect(answer).to_contain_text("Written by ollama")
        expect(visitor.page.get_by_placeholder("Ask your reports")).to_be_enabled()


def test_a_box_that_is_closed_though_nothing_runs_gets_a_run_of_the_page(visitor: Visitor) -> None:
    page, whole = visitor.page, list[str]()

    def hear(frame: bytes | str) -> None:
        message = ForwardMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else b"")
        if message.WhichOneof("type") == "new_session" and not message.metadata.run.fragment_ids:
            whole.append(message.metadata.run.script_run_id)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.reload()
    expect(page.get_by_placeholder("Ask your reports")).to_be_enabled()
    page.wait_for_timeout(4000)
    # The looks of the page at rest are no runs of the whole page.
    assert len(whole) == 1
    page.get_by_placeholder("Ask your reports").evaluate("box => { box.disabled = true }")
    page.wait_for_timeout(4000)
    assert len(whole) >= 2
