"""The page of the library, run as Streamlit runs it, and the rows, facts and verdicts that it draws."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from rag.conversations import Conversations, Exchange
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.intake import add_documents
from rag.jobs import Jobs
from rag.library import Library
from rag.settings import load_settings
from rag.types import Answer, Block, Citation, Document, Page, PageNote, Question, Report, Statement
from rag.web.plain import plain
from rag.web.removing import Removal, remove
from rag.web.shelf.facts import facts_data
from rag.web.shelf.rows import ROWS, View, find, listed
from rag.web.state import Desk, open_desk
from tests.conftest import ROOT, add_all, put

Open = Callable[[Path], AppTest]
CREW = "# `![Crew](http://x.example/crew.png)` of `*three*`\n\nDate: 2023-05-16\n\nTiangong has a permanent crew.\n"
CARGO = "# Cargo\n\nChina issued its call for cargo proposals in May 2023.\n"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the library page over a home as a new visitor; what it opened is closed at the end."""
    desks = {}

    def visit(home: Path) -> AppTest:
        monkeypatch.setenv("RAG_HOME", str(home))
        page = AppTest.from_string(PAGE, default_timeout=120).run()
        settings = load_settings()
        desks[home] = open_desk(settings, settings.model_dump_json())
        return page

    yield visit
    for desk in desks.values():
        desk.close()
    open_desk.clear()


PAGE = f"""
from pathlib import Path
from rag import load_settings
from rag.web.shelf import show_library_page
from rag.web.state import open_desk
settings = load_settings()
show_library_page(open_desk(settings, settings.model_dump_json()), Path({str(ROOT / "corpus")!r}))
"""


@pytest.fixture
def shelf(tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]) -> Path:
    """A home with two small reports."""
    with closing(Library(tmp_path / "home")) as library:
        indexes = Indexes(library)
        add_all(library, indexes, minilm, write_reports(crew=CREW, cargo=CARGO))
        indexes.close()
    return tmp_path / "home"


def drawn(page: AppTest, field: str) -> list[dict[str, Any]]:
    """What the browser was given to draw that has this field."""
    assert not page.exception
    given = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return [one for one in given if field in one]


def rows(page: AppTest) -> list[dict[str, Any]]:
    (listing,) = drawn(page, "rows")
    found: list[dict[str, Any]] = listing["rows"]
    return found


def choose(page: AppTest, report: str) -> AppTest:
    """Choose a report, as a click in the list does."""
    page.session_state["shelf-view"] = replace(page.session_state["shelf-view"], chosen=report)
    return page.run()


def words(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.success, *page.error, *page.warning)
    return "\n".join(one.value for one in shown).replace("\\", "").replace("\u2060", "")


def report(number: int, **changes: object) -> Report:
    made = Report(
        f"{number:012}", f"{number:064}", f"{number}.md", f"Title {number}", "markdown", None, 1, 2, 3, "2026"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_an_empty_library_says_so_and_offers_the_form_and_the_samples(tmp_path: Path, open_page: Open) -> None:
    page = open_page(tmp_path / "home")
    assert not page.exception
    assert [title.value for title in page.title] == ["Library"]
    assert "There are no reports yet. Add your own:" in words(page)
    assert len(page.file_uploader) == 1
    assert page.button(key="samples").label == "Add the sample reports"
    assert drawn(page, "rows") == []


def test_the_form_for_files_is_shown_on_a_click_and_stays(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert list(page.file_uploader) == []
    page.button(key="show-adding").click().run()
    assert [one.label for one in page.run().file_uploader] == ["Add reports"]
    page.button(key="show-adding").click().run()
    assert list(page.file_uploader) == []


def test_every_report_is_a_row_with_what_is_known_of_it(shelf: Path, open_page: Open) -> None:
    today = time.strftime("%Y-%m-%d", time.gmtime())
    crew, cargo = rows(open_page(shelf))
    assert crew == {
        "id": crew["id"],
        "title": "![Crew](http://x.example/crew.png) of *three*",
        "name": "crew.md",
        "date": "2023-05-16",
        "kind": "markdown",
        "pages": "1",
        "chunks": "1",
        "size": f"{len(CREW)} bytes",
        "added": crew["added"],
        "status": "ready",
        "well": True,
    }
    assert crew["added"] >= today
    assert (cargo["title"], cargo["date"]) == ("Cargo", "2023-05")


def test_searching_narrows_the_rows_and_finding_nothing_says_what_to_do(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert "2 reports · 2 pages" in words(page)
    page.text_input(key="shelf-words").set_value("CARGO").run()
    assert [row["title"] for row in rows(page)] == ["Cargo"]
    assert "1 of 2 reports · 1 page" in words(page)
    page.text_input(key="shelf-words").set_value("cargo crew").run()
    assert drawn(page, "rows") == []
    assert "No report has these words and this kind." in words(page)


def test_a_chosen_report_shows_its_facts_and_where_its_original_is(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    crew = rows(page)[0]
    (facts,) = drawn(choose(page, crew["id"]), "facts")
    known = dict(facts["facts"])
    assert (facts["title"], facts["notes"]) == (crew["title"], [])
    assert (known["File"], known["Id"], known["Date"]) == ("crew.md", crew["id"], "2023-05-16")
    assert facts["original"] == f"/source/{facts['document']}/original"
    page.button(key="close").click().run()
    assert drawn(page, "facts") == []


def test_removing_asks_first_and_gives_the_receipt(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    cargo = rows(page)[1]["id"]
    choose(page, cargo)
    assert "Remove Cargo?" in words(page)
    page.button(key=f"remove-{cargo}").click().run()
    assert "Removed: Cargo (1 page, 1 chunk, 1 vector)." in words(page)
    assert [row["name"] for row in rows(page)] == ["crew.md"]
    assert "Removed" not in words(page.run())


def test_a_removal_that_failed_is_no_success(shelf: Path, open_page: Open) -> None:
    with closing(Library(shelf)) as library:
        desk = SimpleNamespace(indexes=Indexes(library))
        removal = remove(cast(Desk, desk), "nowhere", purge=False)
    said = "No report has the id, name or title 'nowhere'. See them all with: rag reports"
    assert removal == Removal(said, failed=True)
    page = open_page(shelf)
    page.session_state["shelf-receipt"] = removal
    page.run()
    assert ([one.value for one in page.error], list(page.success)) == ([plain(said)], [])


@pytest.mark.parametrize(
    ("purge", "said"),
    [(False, "1 conversation still quotes it."), (True, "What 1 conversation quoted of it is blanked.")],
)
def test_the_receipt_says_who_still_quotes_the_report_or_that_it_is_blanked(
    shelf: Path, open_page: Open, purge: bool, said: str
) -> None:
    page = open_page(shelf)
    cargo = rows(page)[1]["id"]
    with closing(Library(shelf)) as library:
        report = library.report(cargo)
        quote = library.page(cargo, 1).text[:5]
        source = Citation(cargo, report.document, report.title, report.date, 1, "p. 1", quote, 0, 5, 1)
        statement = Statement(quote, (1,), "verified")
        answer = Answer("What?", "What?", text=f"{quote} [1]", statements=(statement,), citations=(source,))
        conversations = Conversations(library)
        begun = conversations.begin("What?")
        conversations.save(begun.id, Exchange(0, Question("What?"), answer=answer))
    choose(page, cargo)
    page.checkbox(key=f"purge-{cargo}").set_value(purge).run()
    page.button(key=f"remove-{cargo}").click().run()
    assert f"Removed: Cargo (1 page, 1 chunk, 1 vector). {said}" in words(page)


def test_a_report_is_read_again_on_a_click(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    cargo = rows(page)[1]["id"]
    choose(page, cargo)
    page.button(key=f"renew-{cargo}").click().run()
    ended(shelf)
    assert "Cargo :small[:gray[read and indexed again]]" in words(page.run())


def test_a_new_version_takes_the_reports_place_whatever_its_file_is_called(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    cargo = rows(page)[1]["id"]
    choose(page, cargo)
    assert page.button(key=f"replace-{cargo}").disabled
    uploader = next(one for one in page.file_uploader if one.label == "New version")
    assert sorted(uploader.proto.type) == [".markdown", ".md"]
    uploader.set_value(("draft 7.md", b"# Cargo anew\n\nThe call came in June.\n", "text/markdown")).run()
    page.button(key=f"replace-{cargo}").click().run()
    ended(shelf)
    page.run()
    assert [(row["id"], row["title"], row["name"]) for row in rows(page)][1] == (cargo, "Cargo anew", "cargo.md")


def test_a_lost_original_is_said_and_is_not_offered(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    with closing(Library(shelf)) as library:
        cargo = library.report("cargo.md")
        library.original(cargo.document).unlink()
    page.run()
    assert rows(page)[1]["status"] == "original lost"
    (facts,) = drawn(choose(page, cargo.id), "facts")
    assert facts["original"] == ""
    assert "Its original is lost: replace it with the same file, and it is kept again." in words(page)
    assert f"renew-{cargo.id}" not in [button.key for button in page.button]


def test_a_report_that_a_program_added_can_be_removed_alone(tmp_path: Path, open_page: Open, minilm: Embedding) -> None:
    with closing(Library(tmp_path / "home")) as library:
        indexes = Indexes(library)
        row = Document("Row 7", "row", (Page(1, "p. 1", "Seven lives there.", (Block(0, 18),)),))
        (made,) = add_documents([("row 7", row)], library=library, indexes=indexes, embedding=minilm)
        indexes.close()
    page = choose(open_page(tmp_path / "home"), made.id)
    assert "A program added this report and keeps it up to date." in words(page)
    keys = [button.key for button in page.button]
    assert f"remove-{made.id}" in keys and f"renew-{made.id}" not in keys and f"replace-{made.id}" not in keys


def test_the_doctors_verdict_is_given_when_asked_for_and_what_can_be_is_repaired(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert "On disk: " in words(page) and "All is well" not in words(page)
    page.button(key="check").click().run()
    assert "All is well: 2 reports, 2 pages, 2 chunks, and both indexes hold just these." in words(page)
    for mark in (shelf / "indexes" / "lexical").glob("*.clean"):
        mark.unlink()
    page.button(key="check").click().run()
    assert "The lexical index was left in the middle of a write." in words(page)
    page.button(key="repair").click().run()
    assert "All is well" in words(page)


def test_what_cannot_be_rebuilt_is_named_and_no_repair_is_offered(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    with closing(Library(shelf)) as library:
        library.original(library.report("cargo.md").document).unlink()
    page.button(key="check").click().run()
    assert "is missing; add cargo.md again." in words(page)
    assert "repair" not in [button.key for button in page.button]


def test_rows_are_sorted_both_ways_and_shown_a_page_at_a_time() -> None:
    reports = [report(number, pages=number % 7) for number in range(120)]
    view = View().sorted_by("pages")
    assert (view.falling, view.sorted_by("pages").falling) == (True, False)
    first = listed(reports, view, Path)
    assert (first["total"], first["pages"], first["page"], first["first"], len(first["rows"])) == (120, 3, 0, 1, ROWS)
    assert [row["pages"] for row in first["rows"][:18]] == ["6"] * 17 + ["5"]
    last = listed(reports, view.at(9), Path)
    assert (last["page"], last["first"], len(last["rows"])) == (2, 101, 20)
    assert listed([], View(), Path)["first"] == 0


def test_a_list_of_five_thousand_is_drawn_at_once() -> None:
    reports = [report(number) for number in range(5000)]
    before = time.monotonic()
    shown = listed(find(reports, words="title 4", kind="markdown"), View().sorted_by("size"), Path)
    assert time.monotonic() - before < 0.5
    assert shown["total"] == sum("4" in str(number) for number in range(5000))


def test_reports_are_found_by_all_words_and_by_kind() -> None:
    reports = [report(1, title="Crew of three", kind="pdf"), report(2, title="Cargo", date="2023-05")]
    assert find(reports, words="three CREW", kind=None) == reports[:1]
    assert find(reports, words="2023", kind=None) == reports[1:]
    assert find(reports, words="", kind="pdf") == reports[:1]
    assert find(reports, words="crew", kind="markdown") == []


def test_what_a_browser_asks_for_out_of_order_does_no_harm() -> None:
    assert View().sorted_by("__class__").sort == "title"
    assert View().at(-5).page == 0
    assert View(chosen="a").choosing("a").chosen == ""


def test_warnings_are_told_by_page_with_the_pages_labels_and_counted(library: Library, hashed: Embedding) -> None:
    made = put(library, hashed, "a.md", "One.", "Two.", title="A")
    noted = replace(
        made, ledger=(PageNote(0, "hidden", "A sheet is hidden."), *(PageNote(2, "ocr", "Read by OCR."),) * 300)
    )
    found = facts_data(library, noted, kept=True)
    assert found["notes"][:2] == [
        {"page": 0, "label": "", "message": "A sheet is hidden."},
        {"page": 2, "label": "p. 2", "message": "Read by OCR."},
    ]
    assert (found["first"], len(found["notes"]), found["more"]) == ("p. 1", 200, 101)
    assert listed([noted], View(), library.original)["rows"][0]["status"] == "301 warnings"


def ended(home: Path) -> None:
    """Wait until every job of the home is over."""
    with closing(Library(home)) as library:
        jobs = Jobs(library)
        deadline = time.monotonic() + 120
        while any(job.running for job in jobs.all()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(job.running for job in jobs.all())
