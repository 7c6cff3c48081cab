"""A run of a suite, on the real chain: what is asked, what is written, and how a run that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evals import runner
from evals.asking import Asking
from evals.options import Options, load_options
from evals.results import Results
from evals.rows import Row
from evals.runner import Plan, run_suite
from evals.suite import SuiteError, load_suite
from rag import Case, Settings

SIZE = "## Size\n\nTiangong has a permanent crew of three astronauts.\n"
CREW = f"# Crew\n\n{SIZE}\n## Civilians\n\nGui Haichao flew in 2023.\n"
CARGO = "# Cargo\n\nChina issued its call for commercial cargo proposals in May 2023.\n"
CASES = [
    {
        "id": "crew",
        "question": "How many astronauts are in the permanent crew of Tiangong?",
        "reference": "Three astronauts.",
        "facts": [["three", "3"]],
        "evidence": [{"report": "crew.md", "pages": [1], "quote": "a permanent crew of three"}],
        "tags": ["how-many"],
    },
    {
        "id": "when",
        "question": "When did China issue its call for commercial cargo proposals?",
        "facts": [["May 2023"]],
        "evidence": [{"report": "cargo.md", "pages": [1]}],
        "tags": ["when"],
    },
    {"id": "france", "question": "What is the capital of France?", "answerable": False, "tags": ["unanswerable"]},
]


@pytest.fixture
def suite(tmp_path: Path, write_reports: Callable[..., Path]) -> Path:
    write_reports(crew=CREW, cargo=CARGO)
    lines = [{"suite": "tiny", "reports": "reports"}, *CASES]
    (tmp_path / "tiny.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / "tiny.jsonl"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def options(*assignments: str) -> Options:
    return load_options(Settings(dtype="float32"), assignments)


def run(suite: Path, out: Path, cache: Path, *assignments: str, **plan: object) -> Results:
    return run_suite(load_suite(suite), options(*assignments), out, Plan(cache=cache, **plan))  # type: ignore[arg-type]


def test_a_run_measures_every_case_and_says_how_it_was_made(suite: Path, tmp_path: Path, cache: Path) -> None:
    results = run(suite, tmp_path / "out", cache)
    assert [row.case.id for row in results.rows] == ["crew", "when", "france"]
    assert [row.answer is not None and row.answer.answered for row in results.rows] == [True, True, False]
    figures = {name: figure["value"] for name, figure in results.summary["figures"].items()}
    expected = {
        "page_hit@1": 1.0,
        "facts_covered": 1.0,
        "citation_integrity": 1.0,
        "citation_precision": 1.0,
        "citation_match": 1.0,
        "abstention_accuracy": 1.0,
        "refused": 1 / 3,
        "refusal_recall": 1.0,
        "confidence_auroc": 1.0,
        "failed": 0.0,
    }
    assert {name: figures[name] for name in expected} == pytest.approx(expected)
    assert set(results.summary["tags"]) == {"how-many", "unanswerable", "when"}
    assert results.run["suite"]["cases"] == 3
    assert results.run["settings"]["retrieval.retriever"] == "default"
    assert results.run["machine"]["dtype"] == "float32"
    assert results.run["versions"]["chromadb"]
    assert len(results.run["prompts"]["answer"]) == 64
    assert "How many astronauts" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(
    suite: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Asking.ask

    def stopping(self: Asking, case: Case) -> Row:
        asked.append(case.id)
        if asked == ["crew", "when"]:
            raise KeyboardInterrupt
        return ask(self, case)

    monkeypatch.setattr(Asking, "ask", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(suite, tmp_path / "out", cache)
    with (tmp_path / "out" / "cases.jsonl").open("a") as file:
        file.write('{"case": {"id": "when"')
    results = run(suite, tmp_path / "out", cache)
    assert asked == ["crew", "when", "when", "france"]
    assert [row.case.id for row in results.rows] == ["crew", "when", "france"]


def test_a_folder_of_another_run_is_left_alone_unless_it_is_to_be_fresh(
    suite: Path, tmp_path: Path, cache: Path
) -> None:
    run(suite, tmp_path / "out", cache)
    before = (tmp_path / "out" / "cases.jsonl").read_bytes()
    with pytest.raises(SuiteError, match="holds a run with other settings"):
        run(suite, tmp_path / "out", cache, "retrieval.k=1")
    assert (tmp_path / "out" / "cases.jsonl").read_bytes() == before
    results = run(suite, tmp_path / "out", cache, "retrieval.k=1", fresh=True)
    assert (results.run["settings"]["retrieval.k"], len(results.rows)) == (1, 3)


def test_a_question_that_fails_scores_zero_and_is_counted(
    suite: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Asking, question: object) -> object:
        raise RuntimeError("no index")

    monkeypatch.setattr(Asking, "_ranked", failing)
    results = run(suite, tmp_path / "out", cache)
    figures = {name: figure["value"] for name, figure in results.summary["figures"].items()}
    assert [row.error for row in results.rows] == ["RuntimeError: no index"] * 3
    assert {name: figures[name] for name in ("facts_covered", "page_hit@5", "abstention_accuracy", "failed")} == {
        "facts_covered": 0.0,
        "page_hit@5": 0.0,
        "abstention_accuracy": 0.0,
        "failed": 3.0,
    }


def test_a_sample_is_drawn_by_the_seed_and_keeps_the_suites_order() -> None:
    cases = tuple(Case(id=str(number), question="Who?") for number in range(100))
    first, again, other = (runner.drawn(cases, Plan(limit=10, seed=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert [int(case.id) for case in first] == sorted(int(case.id) for case in first)
    assert runner.drawn(cases, Plan(limit=200)) == cases


def test_several_jobs_give_the_same_answers(suite: Path, tmp_path: Path, cache: Path) -> None:
    alone, together = run(suite, tmp_path / "one", cache), run(suite, tmp_path / "two", cache, jobs=3)
    texts = [[row.answer and row.answer.text for row in results.rows] for results in (alone, together)]
    assert texts[0] == texts[1]
    assert [row.ranking for row in alone.rows] == [row.ranking for row in together.rows]


def test_retrieval_alone_ranks_and_writes_nothing(suite: Path, tmp_path: Path, cache: Path) -> None:
    results = run(suite, tmp_path / "out", cache, retrieval_only=True)
    assert [row.answer for row in results.rows] == [None, None, None]
    assert results.run["writer"] == "none"
    assert results.summary["figures"]["page_hit@1"]["value"] == 1.0
    assert results.rows[0].called[0] == ("Crew", "§ Size")
    assert len(results.rows[0].called) == len(results.rows[0].ranking) == 3
    assert "facts_covered" not in results.summary["figures"]


def test_the_baselines_rank_by_their_own_half(suite: Path, tmp_path: Path, cache: Path) -> None:
    found: dict[str, list[tuple[tuple[str, int], ...]]] = {}
    for name in ("default", "dense", "bm25", "fusion"):
        results = run(suite, tmp_path / name, cache, f"retrieval.retriever={name}", retrieval_only=True)
        found[name] = [row.ranking for row in results.rows]
    # Three pages in all: dense search finds each, BM25 those alone that share a word with the question.
    assert [len(ranking) for ranking in found["dense"]] == [3, 3, 3]
    assert len(found["bm25"][2]) < 3
    plain = run(suite, tmp_path / "plain", cache, "retrieval.reranker=none", retrieval_only=True)
    assert found["fusion"] == [row.ranking for row in plain.rows]
    assert found["default"] != found["fusion"]


def test_what_is_new_in_the_folder_goes_in_and_what_is_gone_goes_out(
    suite: Path, tmp_path: Path, cache: Path, write_reports: Callable[..., Path]
) -> None:
    run(suite, tmp_path / "one", cache, retrieval_only=True)
    (tmp_path / "reports" / "cargo.md").unlink()
    write_reports(france="# France\n\nThe capital of France is Paris.\n")
    results = run(suite, tmp_path / "two", cache, retrieval_only=True)
    assert results.summary["figures"]["page_hit@1"]["value"] == 0.5
    assert all(len(row.ranking) == 3 for row in results.rows)


@pytest.fixture(autouse=True)
def nothing_of_langsmith(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    yield
