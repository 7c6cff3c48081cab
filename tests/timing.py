"""How long a visitor waits, measured in Chromium on this machine: ``make browser-speed``.

The server is up and warm. Each figure is of a question or a visit of its own; the best of several rounds counts as far
as the machine has other things to do meanwhile.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, expect

from evals.provenance import provenance
from evals.suite import load_suite
from rag import load_embedding
from tests.browsing import Visitor, chromium, fill, serving, visiting
from tests.conftest import ROOT

QUESTIONS, VISITS = 15, 5
SUITE = ROOT / "evals" / "suites" / "stations.jsonl"
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
# Notes when the chat's box can be typed into, from the beginning of the visit.
OPENS = """
(function look() {
  const box = document.querySelector('[data-testid="stChatInputTextArea"]')
  if (box && !box.disabled) window.opened = performance.now()
  else requestAnimationFrame(look)
})()
"""
# From the press of Enter: when the last answer has its first statement or refusal, and when its last line is there.
ASKED = """() => {
  window.told = {}
  const since = {}
  document.addEventListener('keydown', (event) => { if (event.key === 'Enter') since.at = performance.now() },
    { once: true, capture: true })
  const known = document.querySelectorAll('[data-testid="stChatMessage"]').length
  const look = () => {
    const answer = [...document.querySelectorAll('[data-testid="stChatMessage"]')][known + 1]
    const hosts = answer ? [...answer.querySelectorAll('*')].filter((one) => one.shadowRoot) : []
    if (hosts.some((one) => one.shadowRoot.querySelector('.text, .sentence')))
      window.told.first ??= performance.now() - since.at
    const end = answer?.textContent.match(/(Quoted word for word|Searched) ·/)
    if (end && window.told.first) window.told.whole = performance.now() - since.at
    else requestAnimationFrame(look)
  }
  look()
}"""
# From the click on a footnote: when the page's picture, or its text, is there with the quote marked.
OPENED = """(mark) => new Promise((done) => {
  const since = performance.now()
  mark.click()
  const look = () => {
    const shadows = [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean)
    const panel = shadows.map((one) => one.querySelector('.viewer')).find(Boolean)
    const picture = panel.querySelector('.picture')
    const drawn = picture ? picture.complete && picture.naturalWidth && panel.querySelector('.box')
      : panel.querySelector('mark')
    if (drawn && !panel.querySelector('[aria-busy]')) done(performance.now() - since)
    else requestAnimationFrame(look)
  }
  look()
})"""


@dataclass(frozen=True, slots=True)
class Waits:
    """What was measured, in milliseconds, by what was waited for."""

    paint: list[float] = field(default_factory=list)
    box: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    chain: list[float] = field(default_factory=list)
    pdf: list[float] = field(default_factory=list)
    text: list[float] = field(default_factory=list)


def main(rounds: int = 1) -> None:
    """Measure so many times and print the best round, by the median of the whole answers."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fill(home, load_embedding(), ROOT / "corpus")
        # As a user has it: the tests beside this compute in float32.
        with serving(home, Path(folder) / "log", RAG_DTYPE="auto") as address, chromium() as browser:
            # The first visitor waits for the model, and the first question warms what is left.
            with visiting(browser, address) as first:
                first.answered("Why might ESA reconsider Tiangong?")
            found = [_measure(browser, address) for _ in range(rounds)]
    _show(min(found, key=lambda waits: median(waits.whole)))


def _measure(browser: Browser, address: str) -> Waits:
    waits = Waits()
    for _ in range(VISITS):
        context = browser.new_context()
        page = context.new_page()
        page.add_init_script(OPENS)
        page.goto(address)
        page.wait_for_function("window.opened")
        waits.box.append(page.evaluate("window.opened"))
        waits.paint.append(page.evaluate(PAINT))
        context.close()
    # The suite's own order goes topic by topic: every few cases, one is asked.
    asked = [case.question for case in load_suite(SUITE).cases if case.answerable]
    with visiting(browser, address) as visitor:
        for question in asked[:: len(asked) // QUESTIONS][:QUESTIONS]:
            _ask(visitor, question, waits)
    return waits


def _ask(visitor: Visitor, question: str, waits: Waits) -> None:
    """Ask in a conversation of its own, and open the first footnote."""
    page = visitor.page
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(0)
    box = page.get_by_placeholder("Ask your reports")
    expect(box).to_be_enabled()
    page.evaluate(ASKED)
    box.fill(question)
    box.press("Enter")
    page.wait_for_function("window.told.whole")
    told = page.evaluate("window.told")
    waits.first.append(told["first"])
    waits.whole.append(told["whole"])
    said = re.search(r"· (\d+\.\d) s", page.get_by_test_id("stChatMessage").nth(1).inner_text())
    waits.chain.append(float(said[1]) * 1000 if said else 0.0)
    mark = page.locator("button.mark")
    if mark.count():
        _open(page, waits)


def _open(page: Page, waits: Waits) -> None:
    pictured = page.locator("button.mark[aria-label*='Space stations in figures']")
    mark = pictured if pictured.count() else page.locator("button.mark")
    (waits.pdf if pictured.count() else waits.text).append(mark.first.evaluate(OPENED))
    page.get_by_role("button", name="Close the source").click()


def _show(waits: Waits) -> None:
    machine = provenance()["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores, {time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.1f}")
    print(f"{'milliseconds':<44}{'p50':>8}{'max':>8}{'of':>5}")
    for words, figures in (
        ("first paint of a new visitor", waits.paint),
        ("the chat's box can be typed into", waits.box),
        ("Enter to the first statement", waits.first),
        ("Enter to the whole answer (quotes)", waits.whole),
        ("of it, the chain", waits.chain),
        ("footnote to the PDF's page with its boxes", waits.pdf),
        ("footnote to the text with its mark", waits.text),
    ):
        if figures:
            print(f"{words:<44}{median(figures):>8.0f}{max(figures):>8.0f}{len(figures):>5}")


def _rounds(arguments: Sequence[str]) -> int:
    return int(arguments[0]) if arguments else 1


if __name__ == "__main__":
    main(_rounds(sys.argv[1:]))
