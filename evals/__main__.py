"""``python -m evals run | compare | check | schema | convert | report | baselines | speed``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rag import RagError

_FAILED = 1
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed or a gate not passed, 2 wrong usage."""
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    options = _parser().parse_args(arguments)
    # Each command imports what it needs: a usage error must not wait for a model library.
    from evals import commands

    try:
        return commands.COMMANDS[options.command](options)
    except RagError as error:
        print(f"evals: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        out = getattr(options, "out", None)
        print(f"evals: stopped.{f' Go on with the same command and --out {out}' if out else ''}", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description="Measure Footnote.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    _add_run(commands.add_parser("run", help="ask a suite and measure the answers"))
    _add_compare(commands.add_parser("compare", help="hold one run's figures against another's"))
    check = commands.add_parser("check", help="find the faults of a suite")
    check.add_argument("suite", metavar="SUITE")
    _add_places(check)
    commands.add_parser("schema", help="print the JSON Schema of a suite's lines")
    convert = commands.add_parser("convert", help="turn a CSV of questions and answers into a suite")
    convert.add_argument("csv", type=Path, metavar="CSV")
    convert.add_argument("suite", type=Path, metavar="SUITE", help="the file to write, which must not be there")
    convert.add_argument("--reports", type=Path, metavar="FOLDER", help="the reports that it asks over")
    report = commands.add_parser("report", help="write the page of a results folder anew")
    report.add_argument("results", type=Path, metavar="DIR")
    base = commands.add_parser("baselines", help="run every suite and public set, beside the baselines of retrieval")
    base.add_argument("sets", nargs="*", metavar="NAME", help="only these sets")
    base.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public sets")
    base.add_argument("--out", type=Path, metavar="DIR")
    base.add_argument("--cache", type=Path, default=Path(".evals"), metavar="DIR", help="where libraries are kept")
    fast = commands.add_parser("speed", help="ingest, retrieval, cold start and memory, beside a stock pipeline")
    fast.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="the folder with gao/ and financebench/"
    )
    fast.add_argument("--rounds", type=int, default=1, help="how often each pipeline ingests; the fastest counts")
    fast.add_argument("--out", type=Path, help="also write the figures as JSON here")
    fast.add_argument("--home", type=Path, metavar="DIR", help="only ask, over the library of this home")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("suite", metavar="SUITE", help="a suite's file, or FORMAT:FOLDER of a public set")
    run.add_argument("--out", type=Path, metavar="DIR", help="the results folder; one that is begun is gone on with")
    run.add_argument("--writer", metavar="NAME", help="quotes, or a model as provider:model (default: RAG_MODEL)")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, as retrieval.k=8")
    run.add_argument("--limit", type=int, metavar="N", help="only N cases, drawn by the seed")
    run.add_argument("--seed", type=int, default=0, help="of the sample and the intervals (default: 0)")
    run.add_argument("--jobs", type=int, metavar="N", help="cases asked at once (default: 1; 4 where a model writes)")
    run.add_argument("--retrieval-only", action="store_true", help="rank passages and write no answer")
    run.add_argument("--judge", metavar="NAME", help="a model as provider:model that grades the answers")
    run.add_argument("--gate", action="append", default=[], metavar="TERM", help="fail unless, as citation_recall>=0.8")
    run.add_argument("--fresh", action="store_true", help="ask anew what the folder has already")
    _add_places(run)


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("before", type=Path, metavar="A")
    compare.add_argument("after", type=Path, metavar="B")
    compare.add_argument("--gate", action="append", default=[], metavar="TERM", help="fail unless B has it")
    compare.add_argument("--no-worse", action="append", default=[], metavar="MEASURE", help="fail where B is worse")
    compare.add_argument("--json", action="store_true", help="print JSON")


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, metavar="DIR", help="ask this library as it is")
    parser.add_argument("--cache", type=Path, default=Path(".evals"), metavar="DIR", help="where libraries are kept")


if __name__ == "__main__":
    sys.exit(main())
