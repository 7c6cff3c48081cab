"""The chat for browser tests: its server in a process of its own, and a visitor in Chromium who notes what goes on."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, expect, sync_playwright

from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.jobs import Jobs
from rag.library import Library
from rag.web.plain import WORD_JOINER
from tests.conftest import ROOT, add_all

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds: loading the model takes seconds, and this machine may have much else to do.
PATIENCE = 60_000
WIDE, NARROW = (1280, 800), (390, 844)
# A package in the place of langchain_ollama: a model that thinks a while before each sentence. The last one is not what
# the passage says.
_MODEL = """
from tests.chat_models import Scripted, number_of

def write(prompt):
    # Asked to take its time, it is stopped for sure while one sentence is shown.
    pause = 25.0 if "take your time" in prompt else 1.0
    first = 25.0 if "think first" in prompt else 1.0
    mark = f" [{number_of('letting in civilian astronauts', prompt)}]. "
    return [
        first, "China is letting in civilian astronauts and companies that are not state-owned" + mark,
        1.0, "This change could also lead ESA to look again at its retreat from training astronauts with China" + mark,
        pause, "It cost 900 billion euros <img src=x onerror=alert(1)> [here](http://tracker.example)" + mark,
        1.0, "![p](http://tracker.example/p.png)",
    ]

class ChatOllama(Scripted):
    def __init__(self, **_):
        super().__init__(writes=write)
"""


@contextmanager
def serving(home: Path, log: Path, **environment: str) -> Iterator[str]:
    """Serve the chat over this home, with these variables in its environment, and yield its address.

    It ends with everything that it started, and a traceback in what it printed fails the test.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "RAG_HOME": str(home), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_until_served(process, address, log)
            yield address
        finally:
            _end(process, home)
    said = log.read_text()
    # Where a browser goes while Streamlit writes to it, the server may print a traceback of its own on a busy machine.
    assert "Traceback" not in said or ("WebSocketDisconnect" in said and str(ROOT / "rag") not in said), said


def fill(home: Path, embedding: Embedding, path: Path) -> None:
    """Add a file or a folder to a home."""
    library = Library(home)
    indexes = Indexes(library)
    assert {one.status for one in add_all(library, indexes, embedding, path)} == {"added"}
    indexes.close()
    library.close()


def slow_model(folder: Path) -> dict[str, str]:
    """The variables of a chat whose answers a slow model writes; the folder gets its package."""
    (folder / "langchain_ollama.py").write_text(_MODEL)
    return {"RAG_MODEL": "ollama:slow", "PYTHONPATH": f"{folder}:{ROOT}", "OLLAMA_HOST": "127.0.0.1:9"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; the test fails where none is installed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("These tests need Chromium. Install it, on Debian with: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Someone at the chat, with a record of every request, every dialog and every complaint of the browser's."""

    def __init__(self, page: Page, address: str, path: str = "") -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.troubles: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        page.on("dialog", self._dismiss)
        page.goto(f"{address}{path}")

    def ask(self, question: str) -> Locator:
        """Ask, and return the place of the answer, which may still be on its way."""
        number = self.page.get_by_test_id("stChatMessage").count()
        box = self.page.get_by_placeholder("Ask your reports")
        box.fill(question)
        box.press("Enter")
        return self.page.get_by_test_id("stChatMessage").nth(number + 1)

    def answered(self, question: str) -> Locator:
        """Ask, and return the place of the whole answer."""
        answer = self.ask(question)
        end = answer.get_by_text("Quoted word for word").or_(answer.get_by_text("Searched ·"))
        end.wait_for(timeout=PATIENCE)
        # Components are drawn a moment after their places are there.
        expect(answer.locator(".footnote:empty")).to_have_count(0)
        return answer

    @property
    def source(self) -> Locator:
        """The source panel, which is there while it is open."""
        return self.page.get_by_role("complementary", name="Source")

    def cited(self, answer: Locator) -> list[str]:
        """What an answer's footnotes are called, in order: number, title and place."""
        answer.locator("button.mark").first.wait_for()
        return [one.get_attribute("aria-label") or "" for one in answer.locator("button.mark").all()]

    def box(self, title: str) -> Locator:
        """The tick box of a report."""
        return self.page.get_by_test_id("stCheckbox").filter(has_text=title)

    def add(self, *files: Path) -> None:
        """Choose files and send the form."""
        arrived: list[str] = []
        self.page.on("requestfinished", lambda request: arrived.append(request.method))
        self.page.locator("input[type=file]").set_input_files(files)
        # The form takes no click while files are on their way to the server.
        deadline = time.monotonic() + PATIENCE / 1000
        while arrived.count("PUT") < len(files) and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        self.page.get_by_role("button", name="Add to the shelf").click()

    def check(self) -> None:
        """Nothing was complained of, nothing popped up, and nothing was asked of any other server."""
        own = (self.address, self.address.replace("http:", "ws:"), f"blob:{self.address}", "data:")
        assert [url for url in self.requests if not url.startswith(own)] == []
        assert self.troubles == [], self.troubles

    def _hear(self, message: ConsoleMessage) -> None:
        # Opened by the address of a page, Streamlit looks for its server below that first.
        sought = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type in ("error", "warning") and not sought:
            self.troubles.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def text_of(place: Locator) -> str:
    """What a person reads there, without the word joiners that keep Streamlit from taking it for markup."""
    return place.inner_text().replace(WORD_JOINER, "")


@contextmanager
def visiting(
    browser: Browser, address: str, *, path: str = "", size: tuple[int, int] = WIDE, scheme: str = "light"
) -> Iterator[Visitor]:
    """A new visitor at the page with that path, whose record is checked at the end."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        visitor = Visitor(context.new_page(), address, path)
        yield visitor
        visitor.check()
    finally:
        context.close()


def _wait_until_served(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{address}_stcore/health", timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"The server did not start: {log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes], home: Path) -> None:
    """End the server's session, and the jobs that it began and that are still at work in sessions of their own."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    if (home / "library.db").is_file():
        with closing(Library(home)) as library:
            jobs = Jobs(library)
            for job in jobs.all():
                jobs.cancel(job.id)
