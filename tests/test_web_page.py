"""The page itself, run as Streamlit runs it: real library, real model, every click a run of the script."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.answering import NO_REPORT_CHOSEN
from rag.conversations import Conversations, Exchange
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.jobs import JobFile, Jobs
from rag.library import Library
from rag.prompts import NOT_SAID
from rag.settings import load_settings
from rag.types import Answer, Question
from rag.web.state import open_desk
from rag.web.writers import QUOTES
from tests.conftest import ROOT, add_all

Open = Callable[[Path], AppTest]
# With a title that would be a picture, were it read as Markdown.
CREW = "# `![Crew](http://x.example/crew.png)` of `*three*`\n\nTiangong has a permanent crew of three astronauts.\n"
CARGO = "# Cargo\n\nChina issued its call for commercial cargo proposals in May 2023.\n"
TITLES = ["![Crew](http://x.example/crew.png) of *three*", "Cargo"]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the chat over a home as a new visitor; what it opened is closed at the end."""
    desks = {}

    def visit(home: Path) -> AppTest:
        monkeypatch.setenv("RAG_HOME", str(home))
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
        settings = load_settings()
        desks[home] = open_desk(settings, settings.model_dump_json())
        return page

    yield visit
    for desk in desks.values():
        desk.close()
    open_desk.clear()


@pytest.fixture
def shelf(tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]) -> Path:
    """A home with two small reports."""
    library = Library(tmp_path / "home")
    indexes = Indexes(library)
    outcomes = add_all(library, indexes, minilm, write_reports(crew=CREW, cargo=CARGO))
    assert [outcome.status for outcome in outcomes] == ["added", "added"]
    indexes.close()
    library.close()
    return tmp_path / "home"


def drawn(page: AppTest) -> list[dict[str, Any]]:
    """What the browser was given to draw, statements and refusals in order."""
    assert not page.exception
    given = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return [one for one in given if "text" in one]


def captions(page: AppTest) -> list[str]:
    return [caption.value.replace("\\", "").replace("\u2060", "") for caption in page.caption]


def ask(page: AppTest, question: str) -> list[dict[str, Any]]:
    page.chat_input(key="question").set_value(question).run()
    return drawn(page)


def test_an_empty_library_says_so_and_offers_the_samples(tmp_path: Path, open_page: Open) -> None:
    page = open_page(tmp_path / "home")
    assert not page.exception
    assert [title.value for title in page.title] == ["Ask your reports."]
    assert page.markdown[1].value.startswith("There are no reports yet. Add your own: PDF, Word,")
    assert page.button(key="samples").label == "Add the sample reports"
    assert len(page.file_uploader) == 1
    assert list(page.checkbox) == []


def test_a_question_to_an_empty_library_is_refused(tmp_path: Path, open_page: Open) -> None:
    (refusal,) = ask(open_page(tmp_path / "home"), "Why might ESA reconsider Tiangong?")
    assert (refusal["text"], refusal["nearest"]) == ("There are no reports to search.", [])


def suggested(page: AppTest) -> list[str]:
    """The questions to begin with, once all of them are found."""
    settings = load_settings()
    suggestions = open_desk(settings, settings.model_dump_json()).suggestions
    until = time.monotonic() + 120
    while suggestions.searching() and time.monotonic() < until:
        time.sleep(0.1)
    page.run()
    return [button.label for button in page.main.button if str(button.key).startswith("suggestion-")]


def test_a_suggested_question_is_answered_with_footnotes_when_it_is_clicked(
    tmp_path: Path, open_page: Open, minilm: Embedding
) -> None:
    library = Library(tmp_path / "home")
    indexes = Indexes(library)
    add_all(library, indexes, minilm, ROOT / "corpus" / "tiangong-opening.md")
    indexes.close()
    page = open_page(tmp_path / "home")
    questions = suggested(page)
    why = "Why might ESA reconsider Tiangong\\?"
    assert why in questions
    page.button(key=f"suggestion-{questions.index(why)}").click().run()
    statements = drawn(page)
    assert [text.value for text in page.text] == ["Why might ESA reconsider Tiangong?"]
    assert "letting in civilian astronauts" in statements[0]["text"]
    (report,) = library.reports()
    for number, statement in enumerate(statements, start=1):
        assert statement["support"] == "verified"
        (source,) = statement["sources"]
        assert (source["number"], source["title"], source["gone"]) == (number, report.title, False)
        assert " ".join(source["quote"].split()) == statement["text"]
    assert captions(page)[0].startswith("Quoted word for word · ")
    library.close()


def test_nothing_is_suggested_that_the_reports_do_not_answer(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    for question in suggested(page):
        assert ask(open_page(shelf), question.replace("\\", ""))[0]["support"] == "verified"


def test_a_conversation_stays_and_a_new_chat_clears_it(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert ask(page, "How large is the crew of Tiangong?")[0]["text"] == (
        "Tiangong has a permanent crew of three astronauts."
    )
    both = ask(page, "When did China call for cargo proposals?")
    assert [text.value for text in page.text] == [
        "How large is the crew of Tiangong?",
        "When did China call for cargo proposals?",
    ]
    assert [one["text"] for one in both][-1] == ("China issued its call for commercial cargo proposals in May 2023.")
    page.button(key="new-chat").click().run()
    assert (list(page.text), drawn(page)) == ([], [])
    assert [title.value for title in page.title] == ["Ask your reports."]


def test_what_the_reports_do_not_say_is_refused_with_the_nearest_places(shelf: Path, open_page: Open) -> None:
    (refusal,) = ask(open_page(shelf), "What is the capital of France?")
    assert refusal["text"] == NOT_SAID
    assert "capital" in " ".join(refusal["missing"])
    assert {place["title"] for place in refusal["nearest"]} <= set(TITLES)


def test_unticking_every_report_refuses_and_ticking_one_searches_it_alone(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert "All 2 are searched" in captions(page)
    page.button(key="search-None").click().run()
    assert "None is searched" in captions(page)
    (refusal,) = ask(page, "How large is the crew of Tiangong?")
    assert (refusal["text"], refusal["reason"]) == (NO_REPORT_CHOSEN, "")
    assert refusal["step"] == "Tick a report in the list at the side, or press All there, and ask again."
    next(box for box in page.checkbox if box.label.startswith("Cargo")).check().run()
    assert "1 of 2 is searched" in captions(page)
    assert ask(page, "How large is the crew of Tiangong?")[-1]["text"] == NOT_SAID
    page.button(key="search-All").click().run()
    assert ask(page, "How large is the crew of Tiangong?")[-1]["text"].startswith("Tiangong has a permanent crew")


def test_a_title_is_shown_as_text_where_streamlit_reads_markdown(shelf: Path, open_page: Open) -> None:
    labels = [box.label for box in open_page(shelf).checkbox]
    assert labels[0].startswith("\\!\u2060\\[Crew\\]\u2060\\(http\\:\u2060\\/")
    assert labels[0].endswith("crew\\.png\\) of \\*three\\* :small[:gray[1\u00a0page]]")
    assert labels[1] == "Cargo :small[:gray[1\u00a0page]]"


def test_reports_of_one_title_are_told_apart_by_their_names(
    shelf: Path, open_page: Open, minilm: Embedding, write_reports: Callable[..., Path]
) -> None:
    library = Library(shelf)
    indexes = Indexes(library)
    add_all(library, indexes, minilm, write_reports(cargo_again=CARGO.replace("May", "June")))
    indexes.close()
    library.close()
    labels = [box.label.replace("\\", "") for box in open_page(shelf).checkbox]
    assert sorted(label for label in labels if label.startswith("Cargo")) == [
        "Cargo :small[:gray[cargo.md · 1\u00a0page]]",
        "Cargo :small[:gray[cargo_again.md · 1\u00a0page]]",
    ]
    assert not any("crew.md" in label for label in labels)


def test_a_report_that_was_removed_marks_its_quotes_and_is_searched_no_more(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    assert ask(page, "When did China call for cargo proposals?")[0]["sources"][0]["gone"] is False
    library = Library(shelf)
    indexes = Indexes(library)
    indexes.remove("cargo.md")
    indexes.close()
    library.close()
    page.run()
    assert "It is searched" in captions(page)
    assert [box.label.startswith("Cargo") for box in page.checkbox] == [False]
    assert drawn(page)[0]["sources"][0]["gone"] is True
    assert ask(page, "When did China call for cargo proposals?")[-1]["text"] == NOT_SAID


def test_the_picker_of_writers_offers_quotes_and_the_model_of_the_settings(
    shelf: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_page(shelf).selectbox(key="writer").options == ["Quotes (no model)"]
    monkeypatch.setenv("RAG_MODEL", "nobody:nothing")
    page = open_page(shelf)
    assert page.selectbox(key="writer").options == ["Quotes (no model)", "nobody:nothing"]
    assert page.selectbox(key="writer").value == "nobody:nothing"
    assert ask(page, "How large is the crew of Tiangong?") == []
    assert "nobody" in page.error[0].value
    page.selectbox(key="writer").select(QUOTES).run()
    assert ask(page, "How large is the crew of Tiangong?")[0]["text"].startswith("Tiangong has a permanent crew")


@pytest.mark.parametrize(("name", "value"), [("RAG_DTYPE", "float7"), ("RAG_PASSAGES", "many"), ("RAG_THRESHOLD", "2")])
def test_a_setting_that_cannot_be_used_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(name, value)
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not page.exception
    (error,) = page.error
    said = error.value.replace("\\", "").replace("\u2060", "")
    assert said.startswith(f"{name} is '{value}': ")
    assert said.endswith(" Correct it or unset it.")
    assert list(page.chat_input) == []


def test_a_home_that_is_a_file_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("not a folder")
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert "cannot be used" in page.error[0].value


def test_a_model_that_does_not_load_is_said_on_the_page_before_anything_is_asked(
    shelf: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_EMBEDDING", str(shelf / "nowhere"))
    page = open_page(shelf)
    settings = load_settings()
    open_desk(settings, settings.model_dump_json()).warm().exception(60)
    page.run()
    assert not page.exception
    assert [error.value.replace("\\", "").count("nowhere") > 0 for error in page.error] == [True]


def address(page: AppTest) -> str:
    """The conversation that the page's address names."""
    found = page.query_params["chat"]
    return found if isinstance(found, str) else found[0]


def kept(home: Path) -> list[tuple[Exchange, ...]]:
    """Every conversation of a home, the newest first."""
    library = Library(home)
    conversations = Conversations(library)
    found = [conversations.exchanges(one.id) for one in conversations.all()]
    library.close()
    return found


def test_an_answer_that_broke_off_is_said_to_have_stopped_and_is_no_history(shelf: Path, open_page: Open) -> None:
    library = Library(shelf)
    conversations = Conversations(library)
    begun = conversations.begin("Who lives there?")
    growing = Answer("Who lives there?", "Who lives there?", stage="writing")
    conversations.save(begun.id, Exchange(0, Question("Who lives there?"), answer=growing))
    conversations.close()
    library.close()
    page = open_page(shelf)
    page.query_params["chat"] = begun.id
    page.run()
    assert captions(page)[0] == "Stopped before the end. Ask again for the whole answer."
    assert ask(page, "How large is the crew of Tiangong?")[0]["text"].startswith("Tiangong has a permanent crew")
    assert captions(page)[0] == "Stopped before the end. Ask again for the whole answer."
    assert not any(caption.startswith("Searched as") for caption in captions(page))


def test_a_conversation_is_kept_and_comes_back_for_another_visitor_by_its_address(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    statements = ask(page, "How large is the crew of Tiangong?")
    name = address(page)
    other = open_page(shelf)
    assert drawn(other) == []
    other.query_params["chat"] = name
    other.run()
    assert drawn(other) == statements
    assert ask(other, "When did China call for cargo proposals?")[-1]["sources"][0]["title"] == "Cargo"
    ((first, second),) = kept(shelf)
    assert (first.question.text, first.done, first.writer) == ("How large is the crew of Tiangong?", True, QUOTES)
    assert second.answer is not None and second.answer.citations[0].title == "Cargo"


def test_an_address_that_leads_nowhere_is_said_and_a_new_conversation_begins(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    page.query_params["chat"] = "0123456789abcdef"
    page.run()
    assert page.warning[0].value.startswith("That conversation is not there any more")
    assert "chat" not in page.query_params


def test_asking_again_puts_the_new_question_in_the_place_of_the_old_one_and_what_followed(
    shelf: Path, open_page: Open
) -> None:
    page = open_page(shelf)
    ask(page, "When did China call for cargo proposals?")
    ask(page, "What is the capital of France?")
    name = address(page)
    page.text_area(key=f"again-text-{name}-0-0").set_value("How large is the crew of Tiangong?").run()
    page.button(key=f"again-go-{name}-0-0").click().run()
    assert [one["text"] for one in drawn(page)] == ["Tiangong has a permanent crew of three astronauts."]
    assert [text.value for text in page.text] == ["How large is the crew of Tiangong?"]
    ((only,),) = kept(shelf)
    assert only.question.text == "How large is the crew of Tiangong?"


def test_an_answer_stays_where_asking_again_fails(
    shelf: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MODEL", "nobody:nothing")
    page = open_page(shelf)
    page.selectbox(key="writer").select(QUOTES).run()
    ask(page, "How large is the crew of Tiangong?")
    ask(page, "When did China call for cargo proposals?")
    before, name = kept(shelf), address(page)
    page.selectbox(key=f"again-writer-{name}-0-0").select("nobody:nothing").run()
    page.button(key=f"again-go-{name}-0-0").click().run()
    assert page.error[0].value.endswith("The answer from before is kept\\.")
    assert kept(shelf) == before


def test_conversations_are_listed_found_opened_renamed_and_deleted(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    ask(page, "How large is the crew of Tiangong?")
    page.button(key="new-chat").click().run()
    ask(page, "When did China call for cargo proposals?")
    rows = [button.label for button in page.sidebar.button if str(button.key).startswith("chat-")]
    assert rows == [
        "**When did China call for cargo proposals\\?** :small[:gray[(open)]]",
        "How large is the crew of Tiangong\\?",
    ]
    page.text_input(key="find-chat").set_value("THREE astronauts").run()
    (found,) = [button for button in page.sidebar.button if str(button.key).startswith("chat-")]
    found.click().run()
    assert [one["text"] for one in drawn(page)] == ["Tiangong has a permanent crew of three astronauts."]
    name = address(page)
    page.text_input(key=f"title-{name}").set_value("The crew").run()
    page.button(key="rename-chat").click().run()
    assert page.button(key=f"chat-{name}").label.startswith("**The crew**")
    page.button(key="delete-chat").click().run()
    assert (drawn(page), len(kept(shelf))) == ([], 1)


@pytest.mark.parametrize(("thumb", "label"), [(0, "What should have been answered?"), (1, "What is good about it?")])
def test_a_thumb_and_a_reason_become_a_case_of_the_homes_suite(
    shelf: Path, open_page: Open, thumb: int, label: str
) -> None:
    page = open_page(shelf)
    ask(page, "How large is the crew of Tiangong?")
    name = address(page)
    page.feedback(key=f"thumbs-{name}-0").set_value(thumb).run()
    assert page.text_input(key=f"reason-{name}-0").label == label
    assert not (shelf / "cases.jsonl").exists()
    page.text_input(key=f"reason-{name}-0").set_value("Three it is.")
    page.button(key=f"keep-{name}-0").click().run()
    header, case = map(json.loads, (shelf / "cases.jsonl").read_text(encoding="utf-8").splitlines())
    assert header == {"suite": "cases", "home": "."}
    assert case["question"] == "How large is the crew of Tiangong?"
    assert case["note"] == "Three it is. Answered: Tiangong has a permanent crew of three astronauts. [1]"
    assert ("reference" in case, "evidence" in case) == (thumb == 1, thumb == 1)
    assert any(caption.startswith("Kept as a case in") for caption in captions(page))
    ((exchange,),) = kept(shelf)
    assert (exchange.thumb, exchange.remark[:14]) == (thumb, "Kept as a case")


def test_a_filter_leaves_out_what_does_not_pass_it_and_a_search_only_narrows_the_list(
    tmp_path: Path, open_page: Open, minilm: Embedding, write_reports: Callable[..., Path]
) -> None:
    named = {f"r{number}": f"# Report {number}\n\nThe vault of Oslo holds {number} keys.\n" for number in range(1, 8)}
    folder = write_reports(**named)
    (folder / "old.txt").write_text("Old vault\n\n3 May 1999\n\nThe vault of Oslo held ninety keys in 1999.\n")
    library = Library(tmp_path / "home")
    indexes = Indexes(library)
    add_all(library, indexes, minilm, folder)
    indexes.close()
    library.close()
    page = open_page(tmp_path / "home")
    page.text_input(key="find").set_value("report 3").run()
    assert [box.label.split(" :")[0] for box in page.checkbox] == ["Report 3"]
    assert "All 8 are searched" in captions(page)
    page.button(key="search-None").click().run()
    assert "7 of 8 are searched" in captions(page)
    page.text_input(key="find").set_value("").run()
    page.text_input(key="until").set_value("2000").run()
    assert "1 of 8 is searched" in captions(page)
    assert {one["sources"][0]["title"] for one in ask(page, "How many keys did the vault of Oslo hold?")} == {
        "Old vault"
    }
    swapped = "From is later than To, so that no report passes. Swap the dates."
    for since, crossed in (("2001", True), ("2000-05", False), ("2000", False), ("2001-02-03", True)):
        page.text_input(key="since").set_value(since).run()
        assert (swapped in captions(page)) is crossed, since
    page.text_input(key="since").set_value("").run()
    page.text_input(key="until").set_value("last year").run()
    assert "Write a date as 2024, 2024-05 or 2024-05-31." in captions(page)


def test_a_new_upload_clears_what_the_visitors_former_one_said(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    for name in ("void", "broken"):
        page.file_uploader[0].set_value((f"{name}.pdf", b"no PDF", "application/pdf"))
        page.button(key="add").click().run()
        ended(shelf)
        page.run()
        assert not page.exception
        assert [name in error.value for error in page.sidebar.error] == [True]
    assert list(page.main.error) == []


def test_a_new_upload_leaves_one_that_is_at_work_and_those_of_others(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    with closing(Library(shelf)) as library:
        jobs = Jobs(library)
        running, others = jobs.begin(expected=2), jobs.begin(expected=1)
        jobs.record(others, {0: JobFile("void.md", "failed", words="void.md: it is empty.")})
        jobs.finish(others)
        page.session_state["jobs"] = [running]
        page.file_uploader[0].set_value(("void.md", b"", "text/markdown"))
        page.button(key="add").click().run()
        assert [job.id for job in jobs.all()][1:] == [others, running]
        jobs.cancel(running)
        ended(shelf)
        page.run()
        assert [button.label for button in page.button if button.label in ("Stop", "Dismiss")] == ["Dismiss"] * 3
        page.button(key=f"Dismiss-{others}").click().run()
        assert others not in [job.id for job in jobs.all()]


def test_adding_with_nothing_chosen_says_what_to_do(shelf: Path, open_page: Open) -> None:
    page = open_page(shelf)
    page.button(key="add").click().run()
    assert not page.exception
    assert [warning.value for warning in page.warning] == ["Choose files above first, or drop them there."]
    page.run()
    assert list(page.warning) == []


def ended(home: Path) -> None:
    """Wait until every job of the home is over."""
    with closing(Library(home)) as library:
        jobs = Jobs(library)
        deadline = time.monotonic() + 120
        while any(job.running for job in jobs.all()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(job.running for job in jobs.all())
