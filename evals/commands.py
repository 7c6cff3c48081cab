"""What each command of ``python -m evals`` does with its options."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime

from evals.claims import Claims
from evals.sources import open_source
from evals.suite import Suite, SuiteError, schema
from rag import load_settings

_FAILED = 1
# Figures shown at the end of a run, of those that it has.
_HEADLINES = (
    "page_hit@1",
    "page_hit@5",
    "page_mrr",
    "page_ndcg@10",
    "report_hit@5",
    "citation_integrity",
    "citation_precision",
    "citation_recall",
    "facts_covered",
    "answer_words",
    "token_f1",
    "rouge_l",
    "support_unsupported",
    "abstention_accuracy",
    "refusal_precision",
    "refusal_recall",
    "confidence_auroc",
    "aurc",
    "faithfulness",
    "correctness",
    "ungraded",
    "balanced_accuracy",
    "seconds_p50",
    "seconds_p95",
    "failed",
)


def _run(options: Namespace) -> int:
    from evals.claim_runs import run_claims
    from evals.gates import check_gates, parse_gate
    from evals.judging import Judge
    from evals.options import load_options
    from evals.runner import Plan, run_suite

    gates = [parse_gate(term) for term in options.gate]
    settings = load_settings()
    chosen = load_options(settings, options.set, writer=options.writer)
    suite = open_source(options.suite)
    options.out = options.out or settings.results / f"{suite.name}-{datetime.now():%Y%m%d-%H%M%S}"
    jobs = options.jobs or (1 if chosen.writer == "quotes" or options.retrieval_only else 4)
    plan = Plan(
        limit=options.limit,
        seed=options.seed,
        jobs=jobs,
        retrieval_only=options.retrieval_only,
        home=options.home,
        cache=options.cache,
        fresh=options.fresh,
    )
    if isinstance(suite, Claims):
        results = run_claims(suite, chosen, options.out, plan)
    else:
        judge = Judge.named(options.judge) if options.judge else None
        results = run_suite(suite, chosen, options.out, plan, judge)
    _print_headlines(results.summary["figures"])
    print(f"\n{results.folder / 'report.html'}")
    failures = check_gates(gates, results.summary["figures"])
    for failure in failures:
        print(f"evals: {failure}", file=sys.stderr)
    return _FAILED if failures else 0


def _compare(options: Namespace) -> int:
    from evals.compare import compare, print_comparison
    from evals.gates import check_gates, check_no_worse, parse_gate
    from evals.results import read_results

    gates = [parse_gate(term) for term in options.gate]
    before, after = read_results(options.before), read_results(options.after)
    found = compare(before, after)
    if options.json:
        print(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
    else:
        print_comparison(found)
    failures = [*check_gates(gates, after.summary["figures"]), *check_no_worse(options.no_worse, found)]
    for failure in failures:
        print(f"evals: {failure}", file=sys.stderr)
    return _FAILED if failures else 0


def _check(options: Namespace) -> int:
    from evals.libraries import open_shelf
    from evals.options import load_options
    from evals.suite_check import check_suite

    suite = open_source(options.suite)
    if not isinstance(suite, Suite):
        raise SuiteError(f"{options.suite} holds claims, which have no reports to be checked against.")
    with open_shelf(suite, load_options(load_settings()).embedding, kept=options.cache, home=options.home) as opened:
        faults = check_suite(suite, opened.library)
    for fault in faults:
        print(fault)
    print(f"{suite.name}: {len(suite.cases)} cases, {len(faults)} remarks", file=sys.stderr)
    return _FAILED if any(not fault.startswith("perhaps:") for fault in faults) else 0


def _schema(options: Namespace) -> int:
    print(json.dumps(schema(), indent=2))
    return 0


def _convert(options: Namespace) -> int:
    from evals.convert import convert_csv

    number = convert_csv(options.csv, options.suite, reports=options.reports)
    print(f"{options.suite}: {number} cases. Look for its faults: python -m evals check {options.suite}")
    return 0


def _report(options: Namespace) -> int:
    from evals.report import write_report

    print(write_report(options.results))
    return 0


def _baselines(options: Namespace) -> int:
    from evals.baselines import NAMES, run_baselines

    unknown = [name for name in options.sets if name not in NAMES]
    if unknown:
        raise SuiteError(f"There is no set {unknown[0]!r}. There are: {', '.join(NAMES)}")
    out = options.out or load_settings().results / "baselines"
    print(run_baselines(options.data, out, only=options.sets, cache=options.cache))
    return 0


def _speed(options: Namespace) -> int:
    from evals import speed

    if options.home is not None:
        return speed.run_asking(options.home)
    return speed.run(options.data, rounds=options.rounds, out=options.out)


def _print_headlines(figures: dict[str, dict[str, float]]) -> None:
    for name in _HEADLINES:
        if name in figures:
            figure = figures[name]
            print(f"{name:22} {figure['value']:8.3f}   {figure['low']:.3f} to {figure['high']:.3f}   n={figure['n']}")


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "run": _run,
    "compare": _compare,
    "check": _check,
    "schema": _schema,
    "convert": _convert,
    "report": _report,
    "baselines": _baselines,
    "speed": _speed,
}
