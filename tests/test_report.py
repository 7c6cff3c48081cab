"""The report page as it is written: whole, safe, and there whatever a run lacks. What a browser makes of it is tried in
``test_report_browser.py``."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals.claim_runs import agreement
from evals.report import write_report
from evals.rows import Row
from evals.suite import SuiteError
from tests.runs import BARRED, ESA, TRAINED, answered, case, every_kind, place, write_run

NASTY = """</script><script>alert(1)</script><img src=x onerror=alert(1)> "'&amp; <!-- \u2028"""


class Parts(HTMLParser):
    """The page's elements, and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data


def written(folder: Path, rows: list[Row], **about: Any) -> str:
    write_run(folder, rows, **about)
    return write_report(folder).read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    plain: dict[str, Any] = json.loads(found.group(1))
    return plain


def visible(page: str) -> str:
    """The text of the page without its scripts and styles, white space folded."""
    bare = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def test_the_page_stands_in_the_folder_and_replaces_an_old_one(tmp_path: Path) -> None:
    write_run(tmp_path / "a", every_kind())
    (tmp_path / "a" / "report.html").write_text("old")
    assert write_report(tmp_path / "a") == tmp_path / "a" / "report.html"
    assert (tmp_path / "a" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "cases.jsonl",
        "report.html",
        "run.json",
        "summary.json",
    ]


def test_a_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="holds no results of a finished run"):
        write_report(tmp_path)


def test_the_page_says_what_was_run_and_how(tmp_path: Path) -> None:
    said = visible(written(tmp_path / "a", every_kind()))
    for words in (
        "stations 7 questions, answered by quoting, with no language model",
        "Suite suites/stations.jsonl",
        "Retriever default",
        "Commit 0123456789ab Seed 0",
        "Processor A processor Cores 2 Computed in float32",
        "Started 2025-11-24 19:00:00 UTC Took 4 s",
        "retrieval.k 8",
        "torch 2.13",
        "answer " + "a" * 64,
    ):
        assert words in said


def test_the_page_counts_what_came_of_the_questions(tmp_path: Path) -> None:
    said = visible(written(tmp_path / "a", every_kind()))
    for words in ("2 right", "1 partly right", "1 refused wrongly", "1 wrong", "1 answered wrongly", "1 failed"):
        assert words in said


def test_figures_stand_with_their_interval_their_words_and_their_number(tmp_path: Path) -> None:
    rows = every_kind()
    results = write_run(tmp_path / "a", rows)
    figure = results.summary["figures"]["facts_covered"]
    # Of two facts each: 2, 1, 0, and 0 where it refused.
    assert (figure["value"], figure["n"]) == (0.375, 4)
    said = visible(write_report(tmp_path / "a").read_text(encoding="utf-8"))
    interval = f"{figure['low']:.3f} – {figure['high']:.3f}"
    assert f"Facts covered Share of the expected facts that the answer states; 0 if refused. 0.375 {interval} 4" in said


def test_figures_by_tag_stand_in_a_table_the_largest_tag_first(tmp_path: Path) -> None:
    said = visible(written(tmp_path / "a", every_kind()))
    # near miss: 3 cases, one of them rightly refused; why: 4 cases, three rightly answered.
    assert re.search(r"Tag Cases Facts covered .* why 4 0\.375 .* 0\.750 .* near miss 3 – .* 0\.333", said)


def test_all_that_the_page_needs_is_in_it(tmp_path: Path) -> None:
    page = written(tmp_path / "a", every_kind())
    parts = Parts(page)
    for tag, attributes in parts.tags:
        assert "src" not in attributes
        assert attributes.get("href") is None or attributes["href"].startswith(("#", "data:")), tag
    assert page.count("plotly.js v") == 1
    assert "@import" not in page.split("</style>")[0]
    assert "url(" not in page.split("</style>")[0]


def test_only_the_scripts_of_the_page_may_run_and_nothing_may_be_asked_for(tmp_path: Path) -> None:
    parts = Parts(written(tmp_path / "a", every_kind()))
    policy = next(one["content"] for tag, one in parts.tags if tag == "meta" and "http-equiv" in one)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    running = [script for script in parts.scripts if not script.startswith("{")]
    assert rules["script-src"].split() == [
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in running
    ]
    assert len(running) == 2


def test_what_a_report_a_suite_or_a_model_says_is_never_markup(tmp_path: Path) -> None:
    asked = case("nasty", NASTY, tags=[NASTY], facts=[[NASTY]], reference=NASTY, evidence=[(ESA, 2)])
    rows = [Row(asked, answered(asked, (ESA, 2, NASTY)), ranking=(place(ESA, 2),), intact=(True,), seconds=0.1)]
    rows += [Row(case("failed"), error=NASTY)]
    plain = Parts(written(tmp_path / "plain", every_kind()))
    page = written(
        tmp_path / "a",
        rows,
        writer=NASTY,
        suite={"name": NASTY, "source": NASTY, "sha256": NASTY},
        settings={NASTY: NASTY},
        versions={NASTY: NASTY},
        commit=NASTY,
        judge={"model": NASTY},
    )
    parts = Parts(page)
    assert len(parts.scripts) == len(plain.scripts)
    assert "img" not in {tag for tag, _ in parts.tags}
    assert not any(name.startswith("on") for _, attributes in parts.tags for name in attributes)
    assert "<" not in parts.scripts[0]
    entry = data_of(page)["cases"][0]
    assert entry["question"] == NASTY.strip()
    assert entry["answer"]["citations"][0]["quote"] == NASTY


def test_half_a_surrogate_pair_in_a_quote_does_not_keep_the_page_from_being_written(tmp_path: Path) -> None:
    asked = case("broken")
    page = written(tmp_path / "a", [Row(asked, answered(asked, (ESA, 2, "half \ud800 pair")), intact=(True,))])
    assert "half \\ud800 pair" in page


def test_a_case_tells_what_was_asked_and_said(tmp_path: Path) -> None:
    rows = every_kind()
    history = [{"question": "What is Tiangong?", "answer": "A station."}]
    asked = rows[1].case.model_validate(rows[1].case.model_dump() | {"history": history})
    rows[1] = replace(rows[1], case=asked, remarks=("correctness was not judged",))
    entry = data_of(written(tmp_path / "a", rows))["cases"][1]
    assert entry["history"] == history
    assert (entry["outcome"], entry["grade"], entry["confidence"], entry["seconds"]) == ("partly right", 0.5, 0.8, 0.3)
    assert entry["remarks"] == ["correctness was not judged"]
    assert ["Facts covered", "0.500"] in entry["measures"]
    assert entry["answer"]["statements"] == [{"text": TRAINED, "citations": [1], "support": "verified"}]
    assert entry["answer"]["citations"] == [
        {
            "title": "ESA and Tiangong: the exchange that stalled",
            "label": "p. 2",
            "date": "2024-05-27",
            "quote": TRAINED,
            "number": 1,
            "expected": True,
            "broken": False,
        }
    ]


def test_a_case_tells_what_was_expected_and_found(tmp_path: Path) -> None:
    entry = data_of(written(tmp_path / "a", every_kind()))["cases"][1]
    assert entry["expected"]["reference"] == "Trained in 2017; the law bars NASA."
    assert entry["expected"]["facts"] == [
        {"alternatives": ["2017"], "covered": True},
        {"alternatives": ["bars NASA", "forbids NASA"], "covered": False},
    ]
    assert entry["expected"]["references"] == []
    title = "ESA and Tiangong: the exchange that stalled"
    first, second = entry["expected"]["evidence"]
    assert (first["report"], first["file"], first["quote"]) == (title, ESA, None)
    assert first["pages"] == [{"label": "p. 2", "cited": True, "rank": 1, "first": True}]
    assert second["report"] == "The Wolf Amendment at ten"
    assert second["pages"] == [{"label": "p. 4", "cited": False, "rank": None, "first": False}]
    assert entry["ranking"] == [{"report": title, "label": "p. 2", "expected": True}]


def test_a_case_tells_its_other_references(tmp_path: Path) -> None:
    asked = case("many", reference="Rollo", references=["a Norse", "Norse"])
    (entry,) = data_of(written(tmp_path / "a", [Row(asked, answered(asked, (ESA, 2, TRAINED)))]))["cases"]
    assert entry["expected"]["reference"] == "Rollo"
    assert entry["expected"]["references"] == ["a Norse", "Norse"]


def test_a_run_of_retrieval_alone_has_a_page(tmp_path: Path) -> None:
    rows = [replace(row, answer=None, intact=()) for row in every_kind()[:3]]
    page = written(tmp_path / "a", rows, writer="none")
    said = visible(page)
    assert "3 questions, retrieval only" in said
    assert "1 found" in said and "1 partly found" in said and "1 not found" in said
    assert "Knowing when to refuse" not in said
    assert set(data_of(page)["plots"]) == {"headline", "latency"}
    expected = data_of(page)["cases"][1]["expected"]
    # Nothing was answered that could miss a fact or leave out a page.
    assert [fact["covered"] for fact in expected["facts"]] == [None, None]
    pages = [(each["cited"], each["rank"], each["first"]) for one in expected["evidence"] for each in one["pages"]]
    assert pages == [(None, 1, True), (None, None, False)]


def test_a_run_without_figures_has_a_page(tmp_path: Path) -> None:
    page = written(tmp_path / "a", every_kind(), summed=False)
    assert "95% interval" not in visible(page)
    assert set(data_of(page)["plots"]) == {"confidence", "latency"}


def test_a_run_of_no_cases_has_a_page_without_plots(tmp_path: Path) -> None:
    page = written(tmp_path / "a", [])
    assert "0 questions" in visible(page)
    assert "plotly.js" not in page
    assert data_of(page) == {"plots": {}, "outcomes": data_of(page)["outcomes"], "cases": []}


def test_a_figure_without_a_value_or_an_interval_is_a_dash(tmp_path: Path) -> None:
    write_run(tmp_path / "a", every_kind())
    path = tmp_path / "a" / "summary.json"
    summary = json.loads(path.read_text())
    summary["figures"]["facts_covered"] = {"value": None, "low": None, "high": None, "n": 0}
    summary["figures"]["aurc"] = {"value": float("nan"), "low": float("nan"), "high": float("nan"), "n": 0}
    summary["tags"]["why"]["facts_covered"] = {"value": None, "low": None, "high": None, "n": 0}
    path.write_text(json.dumps(summary))
    page = write_report(tmp_path / "a").read_text(encoding="utf-8")
    assert "Facts covered Share of the expected facts that the answer states; 0 if refused. – 0" in visible(page)
    assert "Facts covered" not in json.dumps(data_of(page)["plots"]["headline"])


def test_a_run_of_claims_speaks_of_claims(tmp_path: Path) -> None:
    asked = case("claim", TRAINED)
    row = Row(asked, answered(asked, (ESA, 2, TRAINED)), measures={"agreement": 1.0}, seconds=0.1)
    page = written(tmp_path / "a", [row], summed=False)
    said = visible(page)
    assert "1 claim, checked against its references" in said
    assert "1 right verified or not, as people judged it" in said
    assert "question" not in said.lower()
    assert 'placeholder="claim, quote, id"' in page
    assert set(data_of(page)["plots"]) == {"latency"}
    assert "question" not in json.dumps(data_of(page)["plots"]).lower()
    assert data_of(page)["cases"][0]["claim"] is True


def test_a_page_of_claims_has_their_figures_and_no_risk_of_answering(tmp_path: Path) -> None:
    asked = [case("yes", TRAINED), case("no", BARRED, answerable=False)]
    rows = [Row(one, answered(one, (ESA, 2, TRAINED)), seconds=0.1) for one in asked]
    page = written(tmp_path / "a", rows, measured=agreement)
    assert "Balanced accuracy The mean of sensitivity and specificity. 0.500" in visible(page)
    assert "risk-coverage" not in visible(page)
    assert "question" not in visible(page).lower()


def test_judged_figures_are_shown_where_there_is_a_judge(tmp_path: Path) -> None:
    rows = [replace(row, measures={"faithfulness": 0.5}) for row in every_kind()[:1]]
    page = written(tmp_path / "a", rows, judge={"model": "fake:judge", "prompts": {}})
    assert "Judge fake:judge" in visible(page)
    assert "Faithfulness" in data_of(page)["plots"]["headline"]["data"][0]["y"]
    assert "Faithfulness" not in visible(written(tmp_path / "b", every_kind()))
