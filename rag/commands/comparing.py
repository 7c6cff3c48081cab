"""The command ``rag compare``: questions that every report is asked by itself, shown and written to a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rag import console
from rag.errors import QuestionError, SettingsError, why
from rag.opening import named_reports, open_chain_of, open_library
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.comparing import Table

_FAILED = 1


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], *, shared: argparse.ArgumentParser
) -> None:
    """Offer the command ``compare``; ``shared`` holds what it has in common with the others."""
    compare = commands.add_parser("compare", parents=[shared], help="ask questions of every report by itself")
    compare.add_argument("questions", nargs="+", metavar="QUESTION")
    compare.add_argument("--report", action="append", metavar="REPORT", help="ask only this one: its id, name or title")
    compare.add_argument("--writer", metavar="NAME", help="quotes, or a model as provider:model (default: RAG_MODEL)")
    compare.add_argument(
        "--out", type=_table_file, metavar="FILE", help="write the table to FILE.xlsx or FILE.csv, too"
    )
    compare.set_defaults(run=_compare)


def _compare(options: argparse.Namespace, settings: Settings) -> int:
    from rag.comparing import compare, tabulate

    if not all(question.strip() for question in options.questions):
        raise QuestionError("A question is empty. Write what you want to know of each report.")
    # Before the model loads, like everything that may be mistyped.
    library = open_library(settings)
    reports = named_reports(library, options.report)
    if options.out is not None and not options.out.parent.is_dir():
        raise SettingsError(f"There is no folder {options.out.parent} for the table. Make it, or name another file.")
    chain = open_chain_of(library, settings, writer=options.writer)
    asking = compare(chain, options.questions, reports=reports)
    cells = list(asking) if options.json else console.print_cells(asking)
    if options.json:
        console.print_json([cell.to_json() for cell in cells])
    if options.out is not None:
        _write_table(options.out, tabulate(cells))
    return _FAILED if any(cell.error for cell in cells) else 0


def _table_file(name: str) -> Path:
    path = Path(name)
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise argparse.ArgumentTypeError(f"{name} ends neither in .xlsx nor in .csv")
    return path


def _write_table(path: Path, table: Table) -> None:
    from rag.comparing import as_csv, as_xlsx

    written = as_csv(table) if path.suffix.lower() == ".csv" else as_xlsx(table)
    try:
        path.write_bytes(written)
    except OSError as error:
        raise SettingsError(f"The table cannot be written to {path}: {why(error)}. Name another file.") from error
    console.print_error(f"the table is in {path}")
