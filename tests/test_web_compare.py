"""The page that compares, run as Streamlit runs it, and what its table is given to draw."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.comparing import Cell
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.settings import load_settings
from rag.types import Answer, Citation, Report, Statement
from rag.web.comparing.running import Comparison
from rag.web.comparing.table import table_data
from rag.web.state import Desk, open_desk
from tests.conftest import add_all

# With a title that would be a picture, were it read as Markdown.
CREW = "# `![Crew](http://x.example/crew.png)`\n\nTiangong has a permanent crew of three astronauts.\n"
CARGO = "# Cargo\n\nChina issued its call for commercial cargo proposals in May 2023.\n"
WHEN, WHO = "When did China call for cargo proposals?", "How large is the crew of Tiangong?"
CARGO_SAYS = "China issued its call for commercial cargo proposals in May 2023."

Open = Callable[[Path], AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the page over a home as a new visitor; what it opened is closed at the end."""
    desks = {}

    def visit(home: Path) -> AppTest:
        monkeypatch.setenv("RAG_HOME", str(home))
        settings = load_settings()
        desks[home] = open_desk(settings, settings.model_dump_json())
        return AppTest.from_function(_page, default_timeout=120).run()

    yield visit
    for desk in desks.values():
        desk.close()
    open_desk.clear()


def _page() -> None:
    from rag import load_settings
    from rag.web.comparing.page import show_compare_page
    from rag.web.state import open_desk

    settings = load_settings()
    show_compare_page(open_desk(settings, settings.model_dump_json()))


@pytest.fixture
def shelf(tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]) -> Path:
    """A home with two small reports."""
    library = Library(tmp_path / "home")
    indexes = Indexes(library)
    add_all(library, indexes, minilm, write_reports(crew=CREW, cargo=CARGO))
    indexes.close()
    library.close()
    return tmp_path / "home"


def drawn(page: AppTest) -> dict[str, Any]:
    """What the table was given to draw."""
    assert not page.exception
    (given,) = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return dict(given)


def run(page: AppTest, *questions: str) -> AppTest:
    """Compare, wait for the end and look again."""
    page.text_area(key="compare-questions").set_value("\n".join(questions)).run()
    page.button(key="compare").click().run()
    page.session_state["comparison"].wait(120)
    return page.run()


def said(data: dict[str, Any]) -> list[str]:
    return [cell["instead"] or cell["statements"][0]["text"] for cell in data["cells"]]


def captions(page: AppTest) -> list[str]:
    return [caption.value.replace("\\", "") for caption in page.caption]


def test_an_empty_library_says_what_to_do(tmp_path: Path, open_page: Open) -> None:
    page = open_page(tmp_path / "home")
    assert not page.exception
    assert [one.value for one in page.info] == [
        "There are no reports yet. Add some on the Chat page; then every one of them can be asked here."
    ]
    assert list(page.button) == []


def test_every_ticked_report_is_asked_every_question_and_the_files_are_offered(shelf: Path, open_page: Open) -> None:
    page = run(open_page(shelf), WHEN, "", f"  {WHO} ", WHEN)
    data = drawn(page)
    assert data["questions"] == [WHEN, WHO]
    assert [one["title"] for one in data["reports"]] == ["![Crew](http://x.example/crew.png)", "Cargo"]
    assert said(data) == [
        "Not stated", "Tiangong has a permanent crew of three astronauts.", CARGO_SAYS, "Not stated"
    ]  # fmt: skip
    assert [source["number"] for source in data["sources"]] == [1, 2]
    assert captions(page)[-1] == "4 cells: 2 stated, 2 not stated.  \nQuoted word for word."
    assert [one.label for one in page.get("download_button")] == ["Download XLSX", "Download CSV"]


@pytest.mark.parametrize(
    ("written", "press", "says"),
    [
        ("  ", "compare-All", "Write a question in the box above first."),
        ("a\nb\nc\nd\ne\nf\ng", "compare-All", "These are 7 questions, and a table has room for 6. Take some out."),
        (WHO, "compare-None", "Tick a report in the list above, or press All there."),
    ],
)
def test_what_a_comparison_lacks_is_said(shelf: Path, open_page: Open, written: str, press: str, says: str) -> None:
    page = open_page(shelf)
    page.button(key=press).click().run()
    page.text_area(key="compare-questions").set_value(written).run()
    page.button(key="compare").click().run()
    assert not page.exception
    assert [one.value for one in page.warning] == [says]
    assert "comparison" not in page.session_state


def test_reports_are_searched_for_and_all_and_none_hold_for_what_is_found(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert "All 2 are asked" in captions(page)
    page.text_input(key="compare-search").set_value("CARGO md").run()
    assert [box.label for box in page.checkbox] == ["Cargo :small[:gray[1\u00a0page]]"]
    page.button(key="compare-None").click().run()
    assert "1 of 2 is asked" in captions(page)
    page.text_input(key="compare-search").set_value("nothing has this").run()
    assert list(page.checkbox) == []
    assert "No report has that in its title, date or kind." in captions(page)
    page.text_input(key="compare-search").set_value("").run()
    assert [box.value for box in page.checkbox] == [True, False]
    page.checkbox[0].uncheck().run()
    assert "None is asked" in captions(page)
    page.checkbox[1].check().run()
    assert said(drawn(run(page, WHEN))) == [CARGO_SAYS]


def test_a_writer_that_cannot_be_used_is_said_in_words(
    shelf: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MODEL", "nobody:nothing")
    page = run(open_page(shelf), WHEN)
    assert not page.exception
    assert ["nobody" in error.value for error in page.error] == [True]
    assert captions(page)[-1].startswith("0 cells: nothing is stated.")


def test_a_report_that_was_removed_since_is_marked_in_the_table(shelf: Path, open_page: Open) -> None:
    page = run(open_page(shelf), WHEN)
    assert [source["gone"] for source in drawn(page)["sources"]] == [False]
    settings = load_settings()
    open_desk(settings, settings.model_dump_json()).indexes.remove("cargo.md")
    assert [source["gone"] for source in drawn(page.run())["sources"]] == [True]


def test_a_comparison_that_nobody_has_any_more_stops(shelf: Path, open_page: Open) -> None:
    open_page(shelf)
    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    found = Comparison(desk, "quotes", [f"{WHO} {number}" for number in range(500)], desk.library.reports())
    thread, work = found._thread, found._work
    while not work.cells:
        time.sleep(0.05)
    del found
    gc.collect()
    thread.join(60)
    assert not thread.is_alive()
    assert 0 < len(work.cells) < 1000


def test_a_stopped_comparison_keeps_its_cells_and_says_how_many(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    settings = load_settings()
    desk: Desk = open_desk(settings, settings.model_dump_json())
    found = Comparison(desk, "quotes", [f"{WHO} {number}" for number in range(500)], desk.library.reports())
    while not found.cells:
        time.sleep(0.05)
    page.session_state["comparison"] = found
    page.run()
    assert page.button(key="compare-stop").label == "Stop"
    page.button(key="compare-stop").click().run()
    found.wait(60)
    page.run()
    assert found.stopped
    assert captions(page)[-1].startswith(f"Stopped after {len(found.cells)} of 1000 cells: ")
    data = drawn(page)
    assert data["done"]
    assert len(data["cells"]) == len(found.cells)


def test_a_table_is_given_its_cells_as_plain_values() -> None:
    report = Report("a", "sha-a", "a.md", "Cargo <b>", "markdown", "2023-05", 2, 2, 9, "")
    quotes = [Citation("a", "sha-a", "Cargo <b>", "2023-05", 2, "p. 2", f"Quote {n}.", n, n + 8, n) for n in (1, 2)]
    long = Statement("word " * 60 + "end", (2,), "partial")
    row = Statement("Flight | Launched: Tianzhou-8 | 2024", (1,), "verified")
    answer = Answer("x", "x", answered=True, statements=(row, long), citations=tuple(quotes))
    cells = [Cell(report, "x", answer), Cell(report, "y", Answer("y", "y")), Cell(report, "z", None, "It failed.")]
    data = table_data(["x", "y", "z"], [report], cells, done=False, held={("a", "sha-a")})
    assert json.loads(json.dumps(data)) == data
    assert data["reports"] == [{"title": "Cargo <b>", "date": "2023-05"}]
    stated, unstated, failed = data["cells"]
    assert stated["statements"][0] == {
        "text": "Flight | Launched: Tianzhou-8 | 2024",
        "table": [["Flight", "Launched"], ["Tianzhou-8", "2024"]],
        "support": "verified",
        "citations": [1],
    }
    assert (stated["brief"], stated["instead"], len(stated["statements"])) == (1, "", 2)
    assert (unstated["instead"], unstated["failed"]) == ("Not stated", False)
    assert (failed["instead"], failed["failed"]) == ("Could not be asked: It failed.", True)
    assert data["sources"][1] == {
        "number": 2,
        "document": "sha-a",
        "page": 2,
        "start": 2,
        "end": 10,
        "title": "Cargo <b>",
        "label": "p. 2",
        "date": "2023-05",
        "quote": "Quote 2.",
        "gone": False,
    }
