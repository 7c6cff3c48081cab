"""Runs made by hand for the tests of the report and of comparing: a row of every kind, and a folder of results."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from evals.figures import by_tag, figures, risk_coverage
from evals.measures import measure
from evals.results import RUN, SUMMARY, Results, read_results, write_json, write_row
from evals.rows import Place, Row
from rag import Answer, Case, Citation, Note, Refusal, Source, Statement
from rag.citing import marked_text
from rag.library import report_id
from rag.types import Seconds
from tests.conftest import ROOT

ESA, WOLF = "esa-and-tiangong.md", "wolf-amendment.md"
TITLES = {ESA: "ESA and Tiangong: the exchange that stalled", WOLF: "The Wolf Amendment at ten"}
DATES = {ESA: "2024-05-27", WOLF: "2021-07-05"}
TRAINED = "Two ESA astronauts trained with Chinese ones in 2017."
BARRED = "The law bars NASA from using its funds to work with China."


def case(name: str, question: str = "Why did the exchange stall?", **expected: Any) -> Case:
    """A case; ``evidence`` is given as pairs (report, page)."""
    evidence = [{"report": report, "pages": [page]} for report, page in expected.pop("evidence", ())]
    return Case.model_validate({"id": name, "question": question, "evidence": evidence} | expected)


def place(report: str, page: int) -> Place:
    return report_id(report), page


def source(report: str, page: int, quote: str) -> Source:
    return Source(
        report_id(report), "0" * 64, TITLES[report], DATES[report], page, f"p. {page}", quote, 10, 10 + len(quote)
    )


def answered(asked: Case, *cited: tuple[str, int, str], confidence: float = 0.8, support: Any = "verified") -> Answer:
    """An answer that says each quote (report, page, quote) as a statement of its own."""
    statements = tuple(Statement(quote, (at,), support) for at, (_, _, quote) in enumerate(cited, start=1))
    return Answer(
        question=asked.question,
        standalone=asked.question,
        answered=True,
        text=marked_text(statements),
        confidence=confidence,
        statements=statements,
        citations=tuple(Citation(**asdict(source(*one)), number=at) for at, one in enumerate(cited, start=1)),
        seconds=Seconds(0.1, 0.05, 0.05, 0.2),
    )


def refused(asked: Case, *, confidence: float = 0.2) -> Answer:
    return Answer(
        question=asked.question,
        standalone=asked.question,
        text="The reports do not say.",
        confidence=confidence,
        refusal=Refusal("no passage answers", ("Mars",), (source(ESA, 2, TRAINED),)),
        seconds=Seconds(0.1, 0.05, 0.0, 0.15),
    )


def every_kind() -> list[Row]:
    """Right, partly right, wrong, refused wrongly, answered wrongly, refused rightly and failed, in this order."""
    expected: dict[str, Any] = {"facts": [["2017"], ["bars NASA", "forbids NASA"]]}
    expected |= {"evidence": [(ESA, 2), (WOLF, 4)], "tags": ["why"], "reference": "Trained in 2017; the law bars NASA."}
    right, partly, wrong, shy = (case(name, **expected) for name in ("right", "partly", "wrong", "shy"))
    bold, no, failed = (
        case(name, question, answerable=answerable, tags=["near miss"])
        for name, question, answerable in (
            ("bold", "What did Tiangong cost?", False),
            ("no", "Who flew to Mars?", False),
            ("failed", "What is ROS?", True),
        )
    )
    found = (place(ESA, 2), place(WOLF, 4))
    both = ((ESA, 2, TRAINED), (WOLF, 4, BARRED))
    return [
        Row(right, answered(right, *both, confidence=0.9), ranking=found, intact=(True, True), seconds=0.2),
        Row(partly, answered(partly, both[0]), ranking=found[:1], intact=(True,), seconds=0.3),
        Row(
            wrong,
            replace(answered(wrong, (ESA, 3, "It stalled."), support="partial"), notes=(Note("slow", "It was slow."),)),
            ranking=(place(ESA, 3),),
            intact=(False,),
            seconds=0.4,
        ),
        Row(shy, refused(shy, confidence=0.45), ranking=found, seconds=0.25),
        Row(bold, answered(bold, both[1], confidence=0.6), ranking=found[1:], intact=(True,), seconds=0.2),
        Row(no, refused(no), ranking=found, seconds=0.2),
        Row(failed, error="ModelError: the model did not answer", seconds=2.0),
    ]


def write_run(
    folder: Path,
    rows: Sequence[Row],
    *,
    summed: bool = True,
    measured: Callable[[Sequence[Row]], list[Row]] = measure,
    **about: Any,
) -> Results:
    """Write a folder of results as a run does, all but its page, and return it; ``summed`` False has no figures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.jsonl").unlink(missing_ok=True)
    rows = measured(rows) if summed else rows
    for row in rows:
        write_row(folder, row)
    run = {
        "version": 1,
        "suite": {"name": "stations", "source": "suites/stations.jsonl", "sha256": "5" * 64, "cases": len(rows)},
        "settings": {"retrieval.retriever": "default", "retrieval.k": 8, "quoting.threshold": 0.5},
        "writer": "quotes",
        "judge": None,
        "seed": 0,
        "versions": {"python": "3.11", "torch": "2.13"},
        "machine": {"cpu": "A processor", "cores": 2, "dtype": "float32"},
        "prompts": {"answer": "a" * 64},
        "code": "c" * 64,
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "started": "2025-11-24T19:00:00+00:00",
        "seconds": 4.0,
    }
    write_json(folder / RUN, run | about)
    found = {name: one.to_json() for name, one in figures(rows, resamples=200).items()} if summed else {}
    tags = {tag: {name: one.to_json() for name, one in by.items()} for tag, by in by_tag(rows, resamples=200).items()}
    curve = [asdict(point) for point in risk_coverage(rows)]
    write_json(folder / SUMMARY, {"figures": found, "tags": tags if summed else {}, "curve": curve if summed else []})
    return read_results(folder)


def run_twice(folder: Path, cases: Sequence[Mapping[str, Any]]) -> None:
    """Ask the cases of the folder's ``home`` by the command, twice: into ``results/before``, and into
    ``results/after`` with one quote at most."""
    lines = ({"suite": "tiny", "home": "home"}, *cases)
    (folder / "tiny.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    for out, settings in (("before", []), ("after", ["--set", "quoting.most=1"])):
        command = [sys.executable, "-m", "evals", "run", str(folder / "tiny.jsonl"), *settings]
        out_folder = str(folder / "results" / out)
        subprocess.run([*command, "--out", out_folder], cwd=ROOT, check=True, capture_output=True)
