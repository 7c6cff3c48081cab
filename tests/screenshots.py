"""Pictures of every page over the sample reports, light and dark, desktop and phone: ``make screenshots``.

They go to ``docs/screens`` as PAGE-SCHEME-SIZE.png, each under 150 KB. Two small runs of the evals are made for them.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from rag import load_embedding
from tests.accessibility import rest
from tests.browsing import NARROW, Visitor, chromium, fill, serving, visiting
from tests.conftest import ROOT

SCREENS = ROOT / "docs" / "screens"
SIZES = {"desktop": (1280, 800), "phone": NARROW}
SCHEMES = ("light", "dark")
# In bytes, so that the repository stays small.
MOST = 150_000
QUESTION = "How large and heavy are Tiangong's modules?"
COMPARED = "How many countries have signed the Artemis Accords?\nWhen is the ISS to be brought down?"
REPORTS = ("After the ISS", "Artemis partners", "Two coalitions")
RUNS = {"one-quote": ("--set", "quoting.most=1"), "six-quotes": ()}
# Milliseconds: what fades in is there, and what is drawn late has its place.
_SETTLED = 1200


def welcome(visitor: Visitor) -> None:
    """The chat before the first question."""
    expect(visitor.page.get_by_role("heading", name="Ask your reports.")).to_be_visible()


def chat(visitor: Visitor) -> None:
    """An answer, with the source panel open on a PDF's page."""
    answer = visitor.answered(QUESTION)
    expect(visitor.page.get_by_placeholder("Ask your reports")).to_be_enabled()
    answer.get_by_role("button", name="Footnote 2: Space stations in figures").click()
    expect(visitor.source.locator(".box").first).to_be_visible()
    visitor.source.locator(".picture").evaluate("one => one.decode()")
    visitor.page.mouse.move(0, 0)


def library(visitor: Visitor) -> None:
    """The shelf with a report chosen; on a phone, the shelf."""
    title = visitor.page.get_by_role("button", name="Space stations in figures")
    expect(title).to_be_visible()
    if not _is_narrow(visitor.page):
        title.click()
        expect(visitor.page.get_by_text("Download the original")).to_be_visible()
        expect(visitor.page.get_by_role("button", name="Remove")).to_be_visible()
        visitor.page.mouse.move(0, 0)
    visitor.page.get_by_test_id("stMain").evaluate("one => one.scrollTo(0, 0)")


def compare(visitor: Visitor) -> None:
    """A table of three reports and two questions, scrolled to."""
    page = visitor.page
    page.get_by_role("button", name="None", exact=True).click()
    # The boxes are new ones then: a click on a former one would be lost.
    expect(page.get_by_text("None is asked")).to_be_visible()
    rest(page)
    for at, title in enumerate(REPORTS, start=1):
        visitor.box(title).click()
        expect(page.get_by_text(f"{at} of 14 {'is' if at == 1 else 'are'} asked")).to_be_visible()
    page.get_by_label("Questions").fill(COMPARED)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("button", name="Download XLSX")).to_be_visible(timeout=600_000)
    page.get_by_role("table").evaluate("one => one.scrollIntoView({ block: 'end' })")


def evals(visitor: Visitor) -> None:
    """Two runs side by side."""
    visitor.page.goto(f"{visitor.address}evals?" + "&".join(f"runs={name}" for name in RUNS))
    expect(visitor.page.locator("li.row").first).to_be_visible()


def settings(visitor: Visitor) -> None:
    """What is in use."""
    expect(visitor.page.get_by_text("Embedding model").first).to_be_visible()


PAGES: dict[str, tuple[str, Callable[[Visitor], None]]] = {
    "welcome": ("", welcome),
    "chat": ("", chat),
    "library": ("library", library),
    "compare": ("compare", compare),
    "evals": ("evals", evals),
    "settings": ("settings", settings),
}


def main(names: Sequence[str] = ()) -> None:
    """Take the pictures of the named pages, or of all."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        home, results = Path(folder) / "home", Path(folder) / "results"
        fill(home, load_embedding(dtype="float32"), ROOT / "corpus")
        if not names or "evals" in names:
            _measure(results)
        with serving(home, Path(folder) / "log", RAG_RESULTS=str(results)) as address, chromium() as browser:
            for scheme in SCHEMES:
                for size, wide in SIZES.items():
                    for name in names or PAGES:
                        path, prepare = PAGES[name]
                        with visiting(browser, address, path=path, size=wide, scheme=scheme) as visitor:
                            prepare(visitor)
                            rest(visitor.page)
                            visitor.page.wait_for_timeout(_SETTLED)
                            _keep(visitor.page.screenshot(), SCREENS / f"{name}-{scheme}-{size}.png")


def _measure(results: Path) -> None:
    """Make the runs that the evals' page shows."""
    for name, given in RUNS.items():
        suite = ["evals/suites/stations.jsonl", "--limit", "24", "--out", str(results / name), *given]
        subprocess.run([sys.executable, "-m", "evals", "run", *suite], cwd=ROOT, check=True, capture_output=True)


def _keep(picture: bytes, path: Path) -> None:
    """Write a picture with a palette of its own, which halves it and is not seen."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(192, dither=Image.Dither.NONE)
    drawn.save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} KB")
    if size > MOST:
        raise SystemExit(f"{path} has {size:,} bytes, more than {MOST:,}: show less on it, or take fewer colours.")


def _is_narrow(page: Page) -> bool:
    return page.viewport_size is not None and page.viewport_size["width"] <= NARROW[0]


if __name__ == "__main__":
    main(sys.argv[1:])
