"""The report page in Chromium: it asks for nothing, runs nothing of a report's, and can be read and sifted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from evals.report import write_report
from evals.rows import Row
from tests.browsing import NARROW, WIDE, Visitor, visiting
from tests.runs import ESA, WOLF, answered, case, every_kind, place, write_run

pytestmark = pytest.mark.browser

NASTY = """</script><script>alert(1)</script><img src=x onerror=alert(1)><b>bold</b>"""


def many() -> list[Row]:
    """Seventy rows, ten of each kind, and a nasty one."""
    rows = []
    for at in range(10):
        for row in every_kind():
            name = f"{row.case.id}-{at}"
            rows.append(
                replace(row, case=row.case.model_copy(update={"id": name, "question": f"{row.case.question} {name}"}))
            )
    asked = case("nasty", NASTY, tags=[NASTY], facts=[[NASTY]], reference=NASTY, evidence=[(ESA, 2)])
    said = answered(asked, (ESA, 2, NASTY))
    return [*rows, Row(asked, said, ranking=(place(ESA, 2),), intact=(True,), seconds=0.1)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("run")
    write_run(folder, many())
    return write_report(folder).as_uri()


@contextmanager
def reading(browser: Browser, address: str, *, size: tuple[int, int] = WIDE, scheme: str = "light") -> Iterator[Page]:
    """A reader of the page once its plots are drawn; at the end nothing was asked for, and nothing complained of."""
    with visiting(browser, address, size=size, scheme=scheme) as visitor:
        drawn(visitor)
        yield visitor.page
        assert [url for url in visitor.requests if not url.startswith(("file:", "data:"))] == []
        assert visitor.requests.count(address) == 1


def drawn(visitor: Visitor) -> None:
    for plot in visitor.page.locator(".plot").all():
        expect(plot.locator(".main-svg").first).to_be_visible()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with reading(browser, address) as found:
        yield found


def cases(page: Page) -> Locator:
    return page.locator("details.case")


def opened(page: Page, words: str) -> Locator:
    """The one case that these words find, opened."""
    page.locator("#search").fill(words)
    expect(cases(page)).to_have_count(1)
    cases(page).locator("> summary").click()
    return cases(page).locator(".body")


def test_every_plot_is_drawn(page: Page) -> None:
    expect(page.locator(".plot .main-svg").first).to_be_visible()
    assert page.locator(".plot").count() == 4
    expect(page.locator("#plot-headline")).to_contain_text("Facts covered")
    expect(page.locator("#plot-confidence")).to_contain_text("refuses below 0.5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser: Browser, address: str, scheme: str) -> None:
    with reading(browser, address, size=NARROW, scheme=scheme) as page:
        for at in (0, 20, 45):
            cases(page).nth(at).locator("> summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


def test_plots_take_the_colours_of_the_scheme_also_when_it_changes(page: Page) -> None:
    label = page.locator("#plot-headline .ytick text").first
    expect(label).to_have_css("fill", "rgb(34, 37, 43)")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("#plot-headline .ytick text").first).to_have_css("fill", "rgb(228, 225, 218)")


def test_the_worst_stand_first_and_fifty_at_a_time(page: Page) -> None:
    expect(page.locator("#count")).to_have_text("All 71 cases")
    expect(cases(page)).to_have_count(50)
    expect(cases(page).first).to_contain_text("failed")
    page.get_by_role("button", name="Show 21 more of 21").click()
    expect(cases(page)).to_have_count(71)
    expect(page.locator("#more")).to_be_hidden()
    # The keyboard goes on where the new ones begin.
    expect(cases(page).nth(50).locator("> summary")).to_be_focused()


def test_a_case_opens_with_the_keyboard_and_shows_all_of_it(page: Page) -> None:
    page.locator("#search").fill("partly-3")
    expect(cases(page)).to_have_count(1)
    cases(page).locator("> summary").focus()
    page.keyboard.press("Enter")
    body = cases(page).locator(".body")
    expect(body).to_be_visible()
    for words in (
        "Fact missed: bars NASA / forbids NASA",
        "Not cited: The Wolf Amendment at ten, p. 4",
        "Not found among the first 5 pages: The Wolf Amendment at ten, p. 4",
        "Two ESA astronauts trained with Chinese ones in 2017. [1]",
        "ESA and Tiangong: the exchange that stalled p. 2 · 2024-05-27 · a page of evidence",
        "yes: 2017",
        "no: bars NASA / forbids NASA",
        "ESA and Tiangong: the exchange that stalled, p. 2 · cited, found at rank 1",
        "The Wolf Amendment at ten, p. 4 · not cited, not found",
    ):
        expect(body).to_contain_text(re.compile(re.escape(words).replace(r"\ ", r"\s*")))


def test_retrieval_alone_is_shown_by_what_was_found_and_named(browser: Browser, tmp_path: Path) -> None:
    found = {"ranking": (place(WOLF, 9), place(ESA, 2)), "called": (("Wolf", "p. nine"),)}
    alone = [replace(row, answer=None, intact=(), **found) for row in every_kind()[:2]]
    write_run(tmp_path, alone, writer="none")
    with reading(browser, write_report(tmp_path).as_uri()) as page:
        body = opened(page, "partly")
        expect(body).to_contain_text("Fact: 2017Fact: bars NASA / forbids NASA")
        expect(body).to_contain_text(re.compile(r"yes: .* page 2 · found at rank 2"))
        expect(body).to_contain_text(re.compile(r"no: .* page 4 · not found"))
        body.get_by_text("Pages found first").click()
        expect(body.locator("ol li").first).to_have_text("Wolf p. nine")
        values = page.locator("#order option").evaluate_all("options => options.map((one) => one.value)")
        assert values == ["worst", "suite", "slowest", "question"]


def test_a_refusal_shows_the_nearest_pages_and_an_error_its_words(page: Page) -> None:
    refusal = opened(page, "shy-0")
    expect(refusal).to_contain_text("Refused, though the reports hold it")
    expect(refusal).to_contain_text("Nearest")
    page.locator("#search").fill("")
    expect(cases(page)).to_have_count(50)
    expect(opened(page, "failed-0")).to_contain_text("Asking failed: ModelError: the model did not answer")


def test_cases_are_sifted_by_outcome_tag_and_words_together(page: Page) -> None:
    chip = page.locator("#outcomes button", has_text="answered wrongly")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#count")).to_have_text("10 of 71 cases")
    page.locator("#outcomes button", has_text="failed").click()
    expect(page.locator("#count")).to_have_text("20 of 71 cases")
    page.locator("#tag").select_option("near miss")
    expect(page.locator("#count")).to_have_text("20 of 71 cases")
    page.locator("#search").fill("TIANGONG cost")
    expect(page.locator("#count")).to_have_text("10 of 71 cases")
    page.locator("#tag").select_option("why")
    expect(page.locator("#count")).to_have_text("No case is like that")
    expect(cases(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("suite", "right-0"),
        ("worst", "failed-0"),
        ("grade", "wrong-0"),
        ("surest", "right-0"),
        ("unsure", "no-0"),
        ("slowest", "failed-0"),
        ("question", "</script>"),
    ],
)
def test_cases_are_put_in_order(page: Page, order: str, first: str) -> None:
    page.locator("#order").select_option(order)
    expect(cases(page).first).to_contain_text(first)


def test_an_outcome_at_the_top_and_a_tag_of_the_table_show_their_cases(page: Page) -> None:
    page.locator(".legend button", has_text="refused wrongly").click()
    expect(page.locator("#count")).to_have_text("10 of 71 cases")
    page.locator(".heat button", has_text="near miss").click()
    expect(page.locator("#count")).to_have_text("30 of 71 cases")
    expect(page.locator("#tag")).to_have_value("near miss")
    expect(page.locator('#outcomes [aria-pressed="true"]')).to_have_count(0)


def test_a_mark_leads_to_its_quote(page: Page) -> None:
    opened(page, "right-2")
    page.get_by_role("link", name="quote 2").click()
    expect(page.locator(".quote:target")).to_contain_text("The law bars NASA")


def test_nothing_in_a_report_or_a_question_runs_or_loads(page: Page) -> None:
    expect(opened(page, "onerror").locator("blockquote")).to_have_text(NASTY)
    expect(cases(page).locator(".question")).to_have_text(NASTY)
    assert page.locator("#list img, #list script, #list b b").count() == 0


def test_a_script_that_is_not_the_pages_own_would_not_run(browser: Browser, address: str) -> None:
    """Should text ever become markup, the page's policy is there still."""
    page = browser.new_page()
    page.goto(address)
    ran = page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            return window.ran === true;
        }"""
    )
    page.close()
    assert ran is False


def contrast(page: Page, locator: Locator) -> float:
    """The contrast of the element's text with the page (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = luminance(locator.evaluate("element => getComputedStyle(element).color"))
    paper = luminance(page.locator("body").evaluate("element => getComputedStyle(element).backgroundColor"))
    return (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser: Browser, address: str, scheme: str) -> None:
    with reading(browser, address, scheme=scheme) as page:
        opened(page, "wrong-1")
        for where in ("body", ".note", ".figures small", ".case .why", ".mark", ".doubt", ".place", "nav a", "dt"):
            assert contrast(page, page.locator(where).first) >= 4.5, where


def test_six_thousand_cases_stay_usable(browser: Browser, tmp_path: Path) -> None:
    rows = [
        replace(row, case=row.case.model_copy(update={"id": f"{row.case.id}-{at}"}))
        for at in range(857)
        for row in every_kind()
    ]
    write_run(tmp_path, rows, summed=False)
    with visiting(browser, write_report(tmp_path).as_uri()) as visitor:
        page = visitor.page
        expect(page.locator("#count")).to_have_text("All 5,999 cases")
        expect(cases(page)).to_have_count(50)
        page.locator("#search").fill("shy-856")
        expect(page.locator("#count")).to_have_text("1 of 5,999 cases")
        # What the page does between two frames for a search over all of it, the haystacks made by now.
        spent = page.evaluate(
            """async () => {
                const box = document.getElementById("search");
                const began = performance.now();
                box.value = "astronauts";
                box.dispatchEvent(new Event("input"));
                await new Promise((done) => setTimeout(done, 121));
                await new Promise((done) => requestAnimationFrame(done));
                return performance.now() - began;
            }"""
        )
        assert spent < 2000
