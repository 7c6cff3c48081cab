"""``python -m evals``: each command as a user types it, in a process of ours."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.suite import load_suite
from rag import Passage
from rag.embedding import Embedding
from rag.types import Source
from tests.browsing import fill
from tests.conftest import ROOT

FLIGHTS = "".join(
    f"# Flight {number}\n\nThe cargo ship TZ-{number} carried {number + 3} tonnes of food and water to the crew.\n\n"
    for number in range(1, 9)
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command in an empty folder and gives its status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: (main([str(one) for one in arguments]), *capsys.readouterr())


@pytest.fixture
def flights(tmp_path: Path, write_reports: Callable[..., Path]) -> Path:
    write_reports(flights=FLIGHTS)
    cases = [
        {
            "id": f"tz-{number}",
            "question": f"How many tonnes did TZ-{number} carry?",
            "facts": [[f"{number + 3} tonnes"]],
            "evidence": [{"report": "flights.md", "pages": [number]}],
        }
        for number in range(1, 9)
    ]
    lines = [{"suite": "flights", "reports": "reports"}, *cases]
    (tmp_path / "flights.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / "flights.jsonl"


def test_a_run_prints_its_figures_and_where_its_page_is(run: Run, flights: Path) -> None:
    status, printed, _ = run("run", flights, "--out", "out", "--limit", "2", "--gate", "citation_integrity>=1")
    assert status == 0
    assert "citation_integrity        1.000   1.000 to 1.000   n=2" in printed
    assert printed.endswith("\nout/report.html\n")
    assert len(Path("out/cases.jsonl").read_text().splitlines()) == 2


def test_a_gate_that_is_not_passed_fails_the_run(run: Run, flights: Path) -> None:
    status, _, said = run("run", flights, "--out", "out", "--retrieval-only", "--gate", "failed>=1")
    assert status == 1
    assert "evals: failed is 0, and has to be >= 1" in said


def test_retrieval_without_bm25_is_caught_by_the_comparison(run: Run, tmp_path: Path) -> None:
    # One number in much prose that every page has says little to a model of meaning: BM25 tells the pages apart.
    prose = (
        "The pump and its valve are to be kept dry, greased once a month and looked at by a fitter every spring. " * 6
    )
    numbers = [hashlib.sha256(bytes([at])).hexdigest()[:8] for at in range(40)]
    (tmp_path / "reports").mkdir()
    text = "".join(f"# Pump {at}\n\n{prose}Invoice {number}.\n\n" for at, number in enumerate(numbers))
    (tmp_path / "reports" / "invoices.md").write_text(text)
    lines: list[dict[str, object]] = [{"suite": "invoices", "reports": "reports"}]
    for page, number in enumerate(numbers, start=1):
        evidence = [{"report": "invoices.md", "pages": [page]}]
        lines.append({"id": number, "question": f"Which pump is on invoice {number}?", "evidence": evidence})
    Path("invoices.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for name in ("fusion", "dense"):
        arguments = ("--out", name, "--retrieval-only", "--set", f"retrieval.retriever={name}")
        assert run("run", "invoices.jsonl", *arguments)[0] == 0
    rules = ("--no-worse", "page_mrr", "--gate", "page_mrr>=0.5")
    assert run("compare", "fusion", "fusion", *rules)[0] == 0
    status, printed, said = run("compare", "fusion", "dense", *rules)
    assert (status, said.count("page_mrr")) == (1, 2)
    assert "page_mrr" in printed
    changes = json.loads(run("compare", "fusion", "dense", "--json")[1])["changes"]
    assert [change["difference"] < 0 for change in changes if change["name"] == "page_mrr"] == [True]


def test_a_citing_bug_is_caught_by_the_gate(run: Run, flights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shifted(passage: Passage, start: int, end: int) -> Source:
        page, report = passage.page, passage.report
        place = (page.number, page.label, page.text[start:end], start + 1, end + 1)
        return Source(report.id, report.document, report.title, report.date, *place)

    assert run("run", flights, "--out", "before")[0] == 0
    monkeypatch.setattr("rag.checking.source", shifted)
    assert run("run", flights, "--out", "after", "--gate", "citation_integrity>=1")[0] == 1
    status, _, said = run("compare", "before", "after", "--no-worse", "citation_integrity")
    assert (status, "citation_integrity" in said) == (1, True)


def test_a_suites_faults_are_listed(run: Run, flights: Path) -> None:
    assert run("check", flights)[:2] == (0, "")
    text = flights.read_text().replace('"pages": [8]', '"pages": [9]')
    flights.write_text(text)
    status, printed, _ = run("check", flights)
    assert (status, printed.count("\n")) == (1, 1)
    assert "flights.jsonl, line 9, id 'tz-8': evidence.0.pages: 'flights.md' has no page 9" in printed


def test_a_csv_becomes_a_suite_that_runs(run: Run, flights: Path) -> None:
    Path("mine.csv").write_text("question,answer,report,page\nHow many tonnes did TZ-2 carry?,5 tonnes,flights.md,2\n")
    assert run("convert", "mine.csv", "mine.jsonl", "--reports", flights.parent / "reports")[0] == 0
    (case,) = load_suite(Path("mine.jsonl")).cases
    assert (case.question, case.reference) == ("How many tonnes did TZ-2 carry?", "5 tonnes")
    assert run("run", "mine.jsonl", "--out", "out", "--gate", "page_hit@5>=1")[0] == 0


def test_the_schema_is_json(run: Run) -> None:
    schema = json.loads(run("schema")[1])
    assert [one["title"] for one in schema["oneOf"]] == ["Header", "Case"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "none.jsonl"), "none.jsonl cannot be read: "),
        (("run", "beir:none"), "beir:none: there is no folder none."),
        (("compare", "one", "two"), "one holds no results of a finished run: "),
        (("report", "one"), "one holds no results of a finished run: "),
        (("check", "beir"), "'beir' is not FORMAT:FOLDER with one of the formats: attributionbench, "),
        (("run", "none.jsonl", "--gate", "hit"), "The gate 'hit' is not NAME>=NUMBER"),
    ],
)
def test_what_cannot_be_done_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, printed, error = run(*arguments)
    assert (status, printed, error.count("\n")) == (1, "", 1)
    assert error.startswith(f"evals: {said}")


def test_a_library_of_the_users_is_asked_as_it_is(run: Run, flights: Path) -> None:
    assert run("run", flights, "--out", "one", "--retrieval-only")[0] == 0
    (home,) = Path(".evals/libraries").iterdir()
    saved = Path("saved.jsonl")
    case = '{"id": "a", "question": "What did TZ-4 carry?"}\n'
    saved.write_text(json.dumps({"suite": "mine", "home": str(home)}) + f"\n{case}")
    status, printed, _ = run("run", saved, "--out", "two")
    assert (status, "failed                    0.000" in printed) == (0, True)
    bare = Path("bare.jsonl")
    bare.write_text(f'{{"suite": "mine"}}\n{case}')
    assert "names no reports" in run("run", bare)[2]
    assert run("run", bare, "--home", home, "--out", "three")[0] == 0
    assert "holds no library" in run("run", bare, "--home", "nowhere")[2]


def test_speed_over_a_home_tells_what_a_question_costs_there_or_how_to_make_a_library(
    run: Run, tmp_path: Path, minilm: Embedding
) -> None:
    assert run("speed", "--home", "home") == (
        1,
        "",
        "home holds no library. Make one with: rag add DIR --home home\n",
    )
    fill(tmp_path / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    status, printed, _ = run("speed", "--home", "home")
    assert status == 0
    figures = dict(re.findall(r"^\| (\S.*?) +\| +([\d.]+) +\|", printed, re.MULTILINE))
    assert list(figures) == [
        "embedding a question, p50 ms",
        "retrieval, no filter, p50 ms",
        "retrieval, one report, p50 ms",
        "retrieval, all but one, p50 ms",
        "whole quoted answer, p50 s",
        "whole quoted answer, p95 s",
    ]
    assert 0 < float(figures["whole quoted answer, p50 s"]) <= float(figures["whole quoted answer, p95 s"])
