"""The evals' page without a browser: runs found in a folder, figures and differences as they are drawn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evals.compare import Change
from evals.results import write_row
from rag.embedding import Embedding
from rag.interpreter import python
from rag.library import Library, report_id
from rag.settings import load_settings
from rag.web.facts import Fact
from rag.web.measuring.asking import Asked, asked_again
from rag.web.measuring.comparing import differing_facts, verdict_words
from rag.web.measuring.figures import change_groups, figure_groups, key_figures, tag_table
from rag.web.measuring.runs import find_runs
from rag.web.state import open_desk
from tests.conftest import ROOT, put
from tests.runs import ESA, WOLF, answered, case, every_kind, write_run

Open = Callable[[], AppTest]
SHARE = {"value": 0.75, "low": 0.5, "high": 1.0, "n": 4}


def lose(rows: list[Any]) -> list[Any]:
    """The rows with the right answer lost."""
    return [replace(row, answer=None, error="ModelError: gone") if row.case.id == "right" else row for row in rows]


def test_no_folder_and_an_empty_one_have_no_runs(tmp_path: Path) -> None:
    assert find_runs(tmp_path / "nowhere") == ()
    (tmp_path / "empty").mkdir()
    assert find_runs(tmp_path) == ()


def test_runs_are_found_newest_first_in_folders_of_folders_too(tmp_path: Path) -> None:
    write_run(tmp_path / "old", every_kind(), started="2025-01-01T08:00:00+00:00")
    write_run(tmp_path / "baselines" / "new", every_kind(), started="2025-02-01T09:30:00+00:00")
    (tmp_path / "notes.txt").write_text("none of ours")
    new, old = find_runs(tmp_path)
    assert (new.name, new.started, new.state) == ("baselines/new", "2025-02-01 09:30 UTC", "finished")
    assert (old.name, old.suite, old.done, old.cases) == ("old", "stations", 7, 7)
    assert old.figures["failed"]["value"] == 1.0


def test_a_run_that_is_not_finished_says_how_far_it_is_and_whether_it_is_at_work(tmp_path: Path) -> None:
    rows = every_kind()
    write_run(tmp_path / "half", rows)
    (tmp_path / "half" / "summary.json").unlink()
    (tmp_path / "half" / "cases.jsonl").unlink()
    (run,) = find_runs(tmp_path)
    assert (run.state, run.done, run.cases, run.figures) == ("under way", 0, 7, {})
    for row in rows[:3]:
        write_row(tmp_path / "half", row)
    # A row that is being written is none yet.
    with (tmp_path / "half" / "cases.jsonl").open("a") as file:
        file.write('{"case"')
    (run,) = find_runs(tmp_path)
    assert (run.state, run.done) == ("under way", 3)
    an_hour_ago = time.time() - 3600
    for name in ("run.json", "cases.jsonl"):
        os.utime(tmp_path / "half" / name, (an_hour_ago, an_hour_ago))
    (run,) = find_runs(tmp_path)
    assert (run.state, run.done) == ("stopped", 3)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("run.json", None, "It has no run.json, so that nothing says how it was made."),
        ("run.json", "{", "It cannot be read: Expecting property name"),
        ("run.json", "[]", "It cannot be read: run.json is no JSON object."),
        ("run.json", '{"version": 9}', "Its results are of version 9; this program reads 1."),
        ("run.json", '{"version": 1, "suite": 5}', "It cannot be read: 'int' object has no attribute 'get'"),
        ("summary.json", "nonsense", "It cannot be read: Expecting value"),
        ("summary.json", '{"figures": []}', "It cannot be read: the figures in summary.json are no object."),
    ],
)
def test_a_broken_folder_is_named_last_and_hides_no_other(
    tmp_path: Path, name: str, text: str | None, fault: str
) -> None:
    write_run(tmp_path / "broken", every_kind(), started="2026-01-01T00:00:00+00:00")
    write_run(tmp_path / "well", every_kind())
    path = tmp_path / "broken" / name
    path.unlink()
    if text is not None:
        path.write_text(text)
    well, broken = find_runs(tmp_path)
    assert (well.state, broken.name, broken.state) == ("finished", "broken", "broken")
    assert broken.fault.startswith(fault)


def test_figures_are_drawn_by_group_with_what_they_mean_and_shares_with_a_scale() -> None:
    seconds = {"value": 0.2, "low": 0.1, "high": 2.0, "n": 4}
    assert figure_groups({"seconds_p50": seconds, "facts_covered": SHARE}) == [
        {
            "title": "Answer",
            "rows": [
                {
                    "label": "Facts covered",
                    "words": "Share of the expected facts that the answer states; 0 if refused.",
                    "value": "0.750",
                    "interval": "0.500 to 1.000",
                    "of": "of 4",
                    "scale": {"low": 0.5, "at": 0.75, "high": 1.0, "zero": None},
                }
            ],
        },
        {
            "title": "Time and cost",
            "rows": [
                {
                    "label": "Time, median",
                    "words": "Half of the cases took no longer.",
                    "value": "200 ms",
                    "interval": "100 ms to 2.0 s",
                    "of": "of 4",
                    "scale": None,
                }
            ],
        },
    ]
    assert figure_groups({}) == []
    (group,) = figure_groups({"facts_covered": SHARE | {"value": float("nan"), "low": None}})
    assert (group["rows"][0]["value"], group["rows"][0]["interval"], group["rows"][0]["scale"]) == ("–", "", None)


def test_a_run_is_told_apart_by_its_headline_figures() -> None:
    figures = {"facts_covered": SHARE, "page_hit@5": SHARE | {"low": None}, "answer_words": SHARE}
    assert key_figures(figures) == "Facts covered 0.750 (0.500 to 1.000) · Page hit@5 0.750"
    assert key_figures({}) == ""


def test_a_difference_is_drawn_around_zero() -> None:
    change = Change("facts_covered", before=0.5, after=0.75, difference=0.25, low=-0.25, high=0.5)
    ((group,), same) = (
        change_groups([change]),
        change_groups([Change("failed", before=1, after=1, difference=0, low=0, high=0)]),
    )
    (row,) = group["rows"]
    assert row["scale"] == {"low": 0.25, "at": 0.75, "high": 1.0, "zero": 0.5}
    assert (row["before"], row["after"], row["value"], row["interval"], row["verdict"]) == (
        "0.500",
        "0.750",
        "+0.250",
        "−0.250 to +0.500",
        "",
    )
    assert same[0]["rows"][0]["scale"] is None


def test_it_is_said_which_differences_exclude_zero() -> None:
    chance = Change("facts_covered", before=0.5, after=0.75, difference=0.25, low=-0.25, high=0.5)
    worse = Change("seconds_p50", before=0.1, after=0.3, difference=0.2, low=0.1, high=0.3)
    better = Change("page_hit@5", before=0.5, after=0.75, difference=0.25, low=0.1, high=0.5)
    assert verdict_words([chance]) == "No difference excludes zero: what moved may be chance."
    assert verdict_words([chance, worse]) == ("1 of 2 difference excludes zero: Time, median (worse, +200 ms).")
    assert verdict_words([worse, better]) == (
        "2 of 2 differences exclude zero: Time, median (worse, +200 ms), Page hit@5 (better, +0.250)."
    )


def test_tags_are_drawn_with_most_cases_first() -> None:
    table = tag_table({"who": {"facts_covered": SHARE}, "why": {"facts_covered": SHARE | {"n": 9}, "seconds": SHARE}})
    assert table["heads"] == ["Tag", "Cases", "Facts covered"]
    assert [line["name"] for line in table["lines"]] == ["why", "who"]
    assert table["lines"][0]["cells"] == [
        {"value": "9", "note": ""},
        {"value": "0.750", "note": "0.500 to 1.000"},
    ]


def test_what_differs_between_two_runs_is_named_and_nothing_else() -> None:
    before = {"settings": {"retrieval.k": 8, "quoting.most": 6}, "code": "a" * 64, "writer": "quotes", "seconds": 1}
    after = before | {"settings": {"retrieval.k": 2, "quoting.most": 6}, "code": "b" * 64, "seconds": 2}
    assert differing_facts(before, after) == [
        Fact("code", "aaaaaaaaaaaa… → bbbbbbbbbbbb…"),
        Fact("retrieval.k", "8 → 2"),
    ]
    assert differing_facts(before, before) == []


def test_a_case_is_asked_of_its_reports_and_of_those_that_the_library_lacks_is_told(
    library: Library, hashed: Embedding
) -> None:
    for name in (ESA, "other.md"):
        put(library, hashed, name, f"What stands in {name}.")
    ids = {name: report_id(name) for name in (ESA, "other.md")}
    rows = every_kind()
    assert asked_again(rows[0], library) == Asked("Why did the exchange stall?", frozenset(), (WOLF,))
    narrow = case("narrow", reports=[ESA, WOLF], evidence=[(ESA, 2)])
    assert asked_again(replace(rows[6], case=narrow), library) == Asked(
        "Why did the exchange stall?", frozenset({ids["other.md"]}), (WOLF,)
    )
    library.close()


def test_a_follow_up_is_asked_as_it_was_searched(library: Library) -> None:
    asked = case("later", "and when?", history=[{"question": "What did ESA say?", "answer": "Nothing."}])
    said = replace(answered(asked), standalone="when did ESA say it?")
    row = replace(every_kind()[0], case=asked)
    assert asked_again(replace(row, answer=said), library).question == "when did ESA say it?"
    # Where asking failed, it is put together as the chain would.
    assert "What did ESA say?" in asked_again(replace(row, answer=None), library).question
    library.close()


def test_reading_results_wants_nothing_of_the_extra(tmp_path: Path) -> None:
    write_run(tmp_path / "one", every_kind())
    write_run(tmp_path / "two", lose(every_kind()))
    code = """
import sys
for name in ("ir_measures", "jinja2", "plotly", "rouge_score", "sklearn"):
    sys.modules[name] = None
from pathlib import Path
from evals.casebook import case_entry
from evals.outcomes import names_in
from rag.web.measuring.page import lacking_extra
from rag.web.measuring.runs import compare_runs, find_runs, read_run
one, two = find_runs(Path(sys.argv[1]))
rows = read_run(one).rows
print(len([case_entry(row, names_in(rows)) for row in rows]), compare_runs(one, two).shared, lacking_extra())
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert run.stdout.split() == ["7", "7", "True"]


def _script() -> None:
    """The evals, and a chat that says what it would ask."""
    import streamlit as st

    from rag import load_settings
    from rag.web.measuring import show_evals_page
    from rag.web.state import open_desk

    def say() -> None:
        st.text(st.session_state.get("suggestion", ""))

    def show() -> None:
        settings = load_settings()
        show_evals_page(open_desk(settings, settings.model_dump_json()), chat=chat)

    chat = st.Page(say, title="Chat", url_path="chat")
    st.navigation([st.Page(show, title="Evals", url_path="evals", default=True), chat]).run()


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the evals of one home and folder of results as a new visitor."""
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RAG_RESULTS", str(tmp_path / "results"))
    yield lambda: AppTest.from_function(_script, default_timeout=60).run()
    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    desk.close()
    open_desk.clear()


def said(texts: Any) -> list[str]:
    return [text.value.replace("\\", "").replace("\u2060", "") for text in texts]


def questions(page: AppTest) -> list[str]:
    return [one.label.split(" :small")[0].replace("\\", "") for one in page.expander]


def given(page: AppTest, name: str) -> list[Any]:
    """What the browser was given to draw under that name."""
    assert not page.exception
    drawn = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return [one[name] for one in drawn if name in one]


def test_without_runs_the_page_says_how_to_make_one(visit: Open, tmp_path: Path) -> None:
    page = visit()
    assert f"There are no runs in {tmp_path / 'results'} yet. Make one:" in said(page.markdown)
    assert [code.value for code in page.code] == [f"{python()} -m evals run mine.jsonl"]
    assert list(page.multiselect) == []


def test_runs_are_listed_with_their_figures_and_broken_ones_named(visit: Open, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "one", every_kind())
    (tmp_path / "results" / "bad").mkdir()
    (tmp_path / "results" / "bad" / "run.json").write_text("{")
    write_run(tmp_path / "results" / "half", every_kind())
    (tmp_path / "results" / "half" / "summary.json").unlink()
    page = visit()
    assert page.button(key="open-one").label == "**one**"
    assert "stations · 2025-11-24 19:00 UTC · 7 cases · quotes · 8 passages" in said(page.caption)
    assert any(one.startswith("Facts covered 0.375 (0.") for one in said(page.markdown))
    assert any(one.endswith("Run it again with --fresh, or delete the folder.") for one in said(page.caption))
    (progress,) = page.get("progress")
    assert progress.proto.text.replace("\\", "") == "7 of 7 asked, under way"
    assert page.multiselect(key="runs").options == ["one"]


def test_one_run_shows_its_figures_its_tags_its_cases_and_how_it_was_made(visit: Open, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "one", every_kind())
    page = visit()
    page.button(key="open-one").click().run()
    groups = given(page, "groups")[0]
    assert [group["title"] for group in groups][:3] == ["Answer", "Citation", "Retrieval"]
    assert given(page, "heads")[0][:2] == ["Tag", "Cases"]
    made = {fact["name"]: fact["value"] for fact in given(page, "facts")[0]}
    assert (made["Writer"], made["retrieval.k"], made["torch"]) == ("quotes", "8", "2.13")
    assert questions(page) == [
        *["Why did the exchange stall?"] * 4,
        "What did Tiangong cost?",
        "Who flew to Mars?",
        "What is ROS?",
    ]


def test_cases_are_sifted_by_what_came_of_them_by_tag_and_by_words(visit: Open, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "one", every_kind())
    page = visit()
    page.multiselect(key="runs").set_value(["one"]).run()
    which = page.selectbox(key="cases-outcome")
    assert which.options[:3] == ["All cases (7)", "Where it went wrong (5)", "Failed (1)"]
    which.select("Where it went wrong").run()
    assert [one.label.split("gray[")[1].rstrip("]") for one in page.expander] == [
        "partly right",
        "wrong",
        "refused wrongly",
        "answered wrongly",
        "failed",
    ]
    page.selectbox(key="cases-tag").select("near miss").run()
    assert questions(page) == ["What did Tiangong cost?", "What is ROS?"]
    page.text_input(key="cases-words").set_value("tiangong COST").run()
    assert questions(page) == ["What did Tiangong cost?"]
    page.text_input(key="cases-words").set_value("cheese").run()
    assert "No case is left. Choose others above." in said(page.caption)


def test_a_case_shows_its_answer_its_faults_and_its_scores_and_is_asked_in_the_chat(
    visit: Open, tmp_path: Path, hashed: Embedding
) -> None:
    library = Library(tmp_path / "home")
    put(library, hashed, ESA, "Two ESA astronauts trained with Chinese ones in 2017.")
    put(library, hashed, "other.md", "Nothing of it.")
    library.close()
    rows = every_kind()
    narrow = replace(rows[1], case=rows[1].case.model_copy(update={"reports": (ESA, WOLF)}))
    write_run(tmp_path / "results" / "one", [rows[0], narrow])
    page = visit()
    page.multiselect(key="runs").set_value(["one"]).run()
    page.session_state["case-one-partly"] = True
    page.run()
    assert given(page, "support") == ["verified"]
    assert "Fact missed: bars NASA / forbids NASA" in " ".join(said(page.markdown))
    facts = {fact["name"]: (fact["value"], fact["note"]) for fact in given(page, "facts")[0]}
    assert facts["Right answer"] == ("Trained in 2017; the law bars NASA.", "")
    assert facts["Expected fact"] == ("bars NASA / forbids NASA", "missing")
    assert facts["Scores"][0].startswith("Facts covered 0.500 · ")
    assert f"This library does not hold {WOLF}: the answer will be another." in said(page.caption)
    page.button(key="ask-partly").click().run()
    assert [text.value for text in page.text] == ["Why did the exchange stall?"]
    assert page.session_state["search-unticked"] == {report_id("other.md")}


def test_two_runs_are_shown_side_by_side_the_older_first(visit: Open, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "after", lose(every_kind()), started="2025-11-25T00:00:00+00:00")
    write_run(tmp_path / "results" / "before", every_kind(), settings={"retrieval.k": 4, "quoting.threshold": 0.5})
    page = visit()
    page.multiselect(key="runs").set_value(["after", "before"]).run()
    assert [one.value for one in page.header] == ["before → after"]
    assert said(page.markdown)[0].startswith("7 cases that both asked alike. ")
    rows = {row["label"]: row for group in given(page, "groups")[0] for row in group["rows"]}
    assert (rows["Facts covered"]["before"], rows["Facts covered"]["after"]) == ("0.375", "0.125")
    facts = [fact for one in given(page, "facts") for fact in one]
    assert {"name": "1.00 → 0.00", "value": "Why did the exchange stall?", "note": "right"} in facts
    assert {"name": "retrieval.k", "value": "4 → 8", "note": ""} in facts


def test_two_runs_that_share_no_case_are_said_to(visit: Open, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "one", every_kind()[:1])
    write_run(tmp_path / "results" / "two", every_kind()[1:2])
    page = visit()
    page.multiselect(key="runs").set_value(["one", "two"]).run()
    (error,) = said(page.error)
    assert error.endswith("Name two runs of the same suite.")
