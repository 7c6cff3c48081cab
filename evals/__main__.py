"""``python -m evals speed``: measurements, each a command of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evals import speed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one measurement and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m evals", description="Measure Footnote.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fast = commands.add_parser("speed", help="ingest, retrieval, cold start and memory, beside a stock pipeline")
    fast.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="the folder with gao/ and financebench/"
    )
    fast.add_argument("--rounds", type=int, default=1, help="how often each pipeline ingests; the fastest counts")
    fast.add_argument("--out", type=Path, help="also write the figures as JSON here")
    fast.set_defaults(run=lambda options: speed.run(options.data, rounds=options.rounds, out=options.out))
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
