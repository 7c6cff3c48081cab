"""A suite -> a folder of results: asks every case, measures, and writes what a person and a program can read."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from evals.asking import prepare
from evals.claims import Claim, Claims
from evals.figures import by_tag, figures, risk_coverage
from evals.judging import Judge
from evals.libraries import open_shelf
from evals.measures import measure
from evals.options import Options
from evals.progress import progress_bar
from evals.provenance import provenance
from evals.report import write_report
from evals.results import (
    CASES,
    RUN,
    SUMMARY,
    VERSION,
    Results,
    mend_rows,
    read_json,
    read_results,
    read_rows,
    write_json,
    write_row,
    write_rows,
)
from evals.rows import Row
from evals.suite import Suite, SuiteError
from rag import Case

_Case = TypeVar("_Case", Case, Claim)
# What has to be the same where a run is gone on with.
_IDENTITY = ("version", "suite", "settings", "writer", "judge", "seed", "code", "prompts")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a suite is run, beside the options: ``limit`` draws that many cases by ``seed``, ``jobs`` ask at once."""

    limit: int | None = None
    seed: int = 0
    jobs: int = 1
    retrieval_only: bool = False
    home: Path | None = None
    cache: Path = Path(".evals")
    fresh: bool = False


def run_suite(suite: Suite, options: Options, out: Path, plan: Plan = Plan(), judge: Judge | None = None) -> Results:
    """Ask the suite's cases and return the results, which are in the folder ``out`` then.

    A folder that holds a part of the same run is gone on with. Raises SuiteError where it holds another run.
    """
    cases = drawn(suite.cases, plan)
    began = time.perf_counter()
    about = about_run(suite, options, plan, judge, cases=len(cases))
    begin(out, about, fresh=plan.fresh)
    done = {row.case.id for row in read_rows(out)}
    waiting = [case for case in cases if case.id not in done]
    if waiting:
        with open_shelf(suite, options.embedding, kept=plan.cache, home=plan.home) as opened:
            about["machine"]["dtype"] = opened.embedding.dtype
            asking = prepare(opened, options, retrieval_only=plan.retrieval_only)

            def ask(case: Case) -> Row:
                row = measure([asking.ask(case)], answers=not plan.retrieval_only)[0]
                return row if judge is None else judge.judge(row)

            with progress_bar(f"asking {suite.name}", len(waiting)) as advance:
                for row in _asked(waiting, ask, plan.jobs):
                    write_row(out, row)
                    advance()
    return finish(out, about, [case.id for case in cases], seconds=time.perf_counter() - began)


def drawn(cases: tuple[_Case, ...], plan: Plan) -> tuple[_Case, ...]:
    """Return the cases, or a sample of them in their order."""
    if plan.limit is None or plan.limit >= len(cases):
        return cases
    return tuple(cases[place] for place in sorted(random.Random(plan.seed).sample(range(len(cases)), plan.limit)))


def about_run(
    suite: Suite | Claims, options: Options, plan: Plan, judge: Judge | None, *, cases: int
) -> dict[str, Any]:
    """Return how a run is done, as ``run.json`` keeps it."""
    return {
        "version": VERSION,
        "suite": {"name": suite.name, "source": suite.source, "sha256": suite.sha256, "cases": cases},
        "settings": options.flat() | {"retrieval_only": plan.retrieval_only, "jobs": plan.jobs},
        "writer": "none" if plan.retrieval_only else options.writer,
        "judge": None if judge is None else judge.about(),
        "seed": plan.seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        **provenance(),
    }


def begin(out: Path, about: dict[str, Any], *, fresh: bool) -> None:
    """Make the folder ready: empty, or with a part of this very run."""
    out.mkdir(parents=True, exist_ok=True)
    if fresh:
        for name in (RUN, CASES, SUMMARY):
            (out / name).unlink(missing_ok=True)
    if (out / RUN).is_file():
        earlier = read_json(out / RUN)
        other = [name for name in _IDENTITY if earlier.get(name) != about[name]]
        if other:
            raise SuiteError(
                f"{out} holds a run with other {' and '.join(other)}. Name another folder with --out, or start that "
                "one anew with --fresh."
            )
    elif (out / CASES).exists():
        raise SuiteError(f"{out} holds cases and no {RUN}. Name another folder with --out, or use --fresh.")
    mend_rows(out)
    write_json(out / RUN, about)


def _asked(cases: Sequence[Case], ask: Callable[[Case], Row], jobs: int) -> Iterator[Row]:
    """Yield the rows as they come. With several jobs a case is handed in when another is done, so that a stop loses
    no more than those under way."""
    if jobs == 1:
        yield from map(ask, cases)
        return
    with ThreadPoolExecutor(jobs, thread_name_prefix="asking") as pool:
        rest = iter(cases)
        running = {pool.submit(ask, case) for case in islice(rest, jobs)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(ask, case) for case in islice(rest, len(done))}
            for future in done:
                yield future.result()


def finish(
    out: Path,
    about: dict[str, Any],
    ids: Sequence[str],
    *,
    seconds: float,
    measured: Callable[[Sequence[Row]], list[Row]] = list,
) -> Results:
    """Put the rows in the order of the cases' ids, sum them up, and write the report."""
    order = {one: place for place, one in enumerate(ids)}
    rows = measured(sorted(read_rows(out), key=lambda row: order[row.case.id]))
    write_rows(out, rows)
    write_json(out / RUN, about | {"seconds": seconds})
    write_json(
        out / SUMMARY,
        {
            "figures": {name: figure.to_json() for name, figure in figures(rows, seed=about["seed"]).items()},
            "tags": {
                tag: {name: figure.to_json() for name, figure in found.items()}
                for tag, found in by_tag(rows, seed=about["seed"]).items()
            },
            "curve": [asdict(point) for point in risk_coverage(rows)],
        },
    )
    write_report(out)
    return read_results(out)
