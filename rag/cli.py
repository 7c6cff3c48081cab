"""The command line: ``rag add | reports | remove | ask | compare | conversations | export | doctor``.

Answers and lists go to stdout, progress and errors to stderr. An error is one line and ends with status 1, wrong usage
with status 2, where argparse puts the usage above the line. A refusal is an answer: status 0.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag import console
from rag.commands import comparing, conversing
from rag.errors import QuestionError, RagError, SettingsError, why
from rag.opening import is_home, named_reports, open_chain_of, open_embedding, open_library
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.console import Teller
    from rag.ingest import Outcome
    from rag.jobs import Recorder
    from rag.library import Library
    from rag.sources import Source
    from rag.types import Answer, Question, Turn

_FAILED = 1
_USAGE = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed in part or whole, 2 wrong usage."""
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A letter that the terminal's encoding lacks, or half of one in a file's name, must not end the program.
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options, load_settings(home=options.home))
        sys.stdout.flush()
    except RagError as error:
        console.print_error(error)
        return _USAGE if isinstance(error, QuestionError) else _FAILED
    except KeyboardInterrupt:
        console.print_error("stopped; what was said to be added is kept.")
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not try to flush the rest at exit.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return _FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    home = argparse.ArgumentParser(add_help=False)
    home.add_argument("--home", type=Path, help="the folder of the library (default: RAG_HOME, or .rag)")
    shared = argparse.ArgumentParser(add_help=False, parents=[home])
    shared.add_argument("--json", action="store_true", help="print JSON, alone on stdout")
    parser = argparse.ArgumentParser(prog="rag", description="Ask your reports; every sentence carries a footnote.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    _offer_add(commands.add_parser("add", parents=[home], help="add files, folders and zips of reports"))

    reports = commands.add_parser("reports", parents=[shared], help="list the reports")
    reports.set_defaults(run=_reports)

    remove = commands.add_parser("remove", parents=[shared], help="remove a report")
    remove.add_argument("report", metavar="REPORT", help="its id, name or title")
    remove.add_argument("--purge", action="store_true", help="blank what conversations quote of it, too")
    remove.set_defaults(run=_remove)

    _offer_ask(commands.add_parser("ask", parents=[shared], help="ask a question"))
    comparing.add_commands(commands, shared=shared)
    conversing.add_commands(commands, home=home, shared=shared)
    doctor = commands.add_parser("doctor", parents=[shared], help="check the library against its indexes")
    doctor.add_argument("--repair", action="store_true", help="rebuild what is damaged")
    doctor.add_argument("--reembed", action="store_true", help="embed all reports again with RAG_EMBEDDING")
    doctor.set_defaults(run=_doctor)
    return parser


def _offer_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--report", action="append", metavar="REPORT", help="search only this one: its id, name or title")
    ask.add_argument("--kind", action="append", help="search only this kind: pdf, docx, markdown, ...")
    ask.add_argument("--since", metavar="DATE", help="search only reports of this date or later (YYYY[-MM[-DD]])")
    ask.add_argument("--until", metavar="DATE", help="search only reports of this date or earlier")
    ask.add_argument("--after", type=Path, action="append", metavar="FILE", help="an earlier answer, saved with --json")
    ask.add_argument("--writer", metavar="NAME", help="quotes, or a model as provider:model (default: RAG_MODEL)")
    ask.add_argument("--save-case", type=Path, metavar="FILE", help="append the question to this suite, for the evals")
    ask.set_defaults(run=_ask)


def _offer_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add.add_argument("--name", help="what the one file is called; it replaces the report of that name")
    add.add_argument("--again", action="store_true", help="read and index files again that the library has")
    add.add_argument("--password", default=os.environ.get("RAG_PASSWORD"), help="for encrypted files (or RAG_PASSWORD)")
    shape = add.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print JSON, alone on stdout")
    shape.add_argument("--events", action="store_true", help="print progress and outcomes as JSON lines")
    # What the browser's uploads run; the job was begun in the library.
    shape.add_argument("--job", help=argparse.SUPPRESS)
    add.set_defaults(run=_add)


def _add(options: argparse.Namespace, settings: Settings) -> int:
    from rag.indexes import Indexes
    from rag.ingest import Reading, add
    from rag.library import Library
    from rag.reading import Limits

    sources = _sources(options)
    library = Library(settings.home)
    outcomes: list[Outcome] = []
    with _telling(options, library, len(sources)) as tell:
        for outcome in add(
            sources,
            library=library,
            indexes=Indexes(library),
            embedding=open_embedding(settings, library),
            reading=Reading(Limits(*settings.limits), password=options.password, ocr=settings.ocr),
            progress=tell.watch,
            again=options.again,
        ):
            outcomes.append(outcome)
            tell.ended(outcome)
    if options.json:
        console.print_json([console.outcome_json(outcome) for outcome in outcomes])
    elif not sources:
        console.print_error("no file to add in what was named. Name files, or folders that hold some.")
    return _FAILED if not sources or any(outcome.status == "failed" for outcome in outcomes) else 0


def _sources(options: argparse.Namespace) -> list[Source]:
    """Return the files to add. Raises SettingsError for a name that is to be that of several."""
    from rag.sources import Source, find_sources

    sources = find_sources(options.paths)
    if options.name and len(sources) != 1:
        raise SettingsError(f"--name is for one file, and {len(sources)} are named. Add them one by one.")
    return [Source(sources[0].path, options.name)] if options.name else sources


def _telling(options: argparse.Namespace, library: Library, files: int) -> AbstractContextManager[Teller | Recorder]:
    """Return who is told of progress and outcomes: the terminal, a program that watches, or a job of the library."""
    if options.job:
        from rag.jobs import Jobs, recording

        return recording(Jobs(library), options.job)
    return console.telling_events() if options.events else console.telling(files, quiet=options.json)


def _reports(options: argparse.Namespace, settings: Settings) -> int:
    reports = open_library(settings).reports() if is_home(settings.home) else ()
    if options.json:
        console.print_json([asdict(report) for report in reports])
    elif reports:
        console.print_reports(reports)
    else:
        console.print_error(f"no reports in {settings.home}. Add some with: rag add PATH")
    return 0


def _remove(options: argparse.Namespace, settings: Settings) -> int:
    from rag.conversations import Conversations
    from rag.indexes import Indexes

    library = open_library(settings)
    held = {report.id for report in library.reports()}
    # Conversations may quote a report that was removed before, without --purge.
    if options.purge and options.report not in held and (blanked := Conversations(library).blank(options.report)):
        if options.json:
            console.print_json({"report": None, "blanked": blanked})
        else:
            console.print_blanked(options.report, blanked)
        return 0
    receipt = Indexes(library).remove(options.report, purge=options.purge)
    if options.json:
        console.print_json(asdict(receipt))
    else:
        console.print_receipt(receipt)
    return 0


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from rag.types import Question

    if not options.question.strip():
        # Said before the model loads: a usage error should not take seconds.
        raise QuestionError("The question is empty. Write what you want to know.")
    library = open_library(settings)
    question = Question(
        text=options.question,
        history=tuple(_turn(path) for path in options.after or ()),
        reports=named_reports(library, options.report),
        since=options.since,
        until=options.until,
        kinds=tuple(kind.lower().lstrip(".") for kind in options.kind) if options.kind else None,
    )
    chain = open_chain_of(library, settings, writer=options.writer)
    if options.json:
        answer = chain.invoke(question)
        console.print_json(answer.to_json())
    else:
        answer = console.print_answer(chain.stream(question))
    if options.save_case is not None:
        _save_case(options.save_case, question, answer, chain.library)
    return 0


def _save_case(path: Path, question: Question, answer: Answer, library: Library) -> None:
    from rag.cases import Header, append_case, saved_case

    case = saved_case(question, answer, {report.id: report.name for report in library.reports()})
    try:
        home = os.path.relpath(library.home, path.parent)
        new = append_case(path, case, Header(suite=path.stem, home=home))
    except OSError as error:
        raise SettingsError(f"The case cannot be appended to {path}: {why(error)}. Name another file.") from error
    console.print_error(f"{'saved as' if new else 'saved already as'} case {case.id} in {path}")


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from rag.doctor import diagnose, reembed
    from rag.indexes import Indexes

    library = open_library(settings)
    indexes = Indexes(library)
    if options.reembed:
        with console.watch_with_bars(len(library.reports())) as (bars, _):
            reembed(library, indexes, open_embedding(settings), bars)
    if options.repair:
        indexes.repair()
    diagnosis = diagnose(library, indexes)
    if options.json:
        console.print_json(asdict(diagnosis))
    else:
        console.print_diagnosis(diagnosis)
        if diagnosis.faults and not options.repair:
            console.print_error("to rebuild the indexes: rag doctor --repair")
    return _FAILED if diagnosis.faults else 0


def _turn(path: Path) -> Turn:
    from rag.types import Answer, Turn

    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        answer = Answer.from_json(plain if isinstance(plain, dict) else {})
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} is not an answer saved with --json: {why(error)}. Save one: rag ask --json QUESTION > {path}"
        ) from error
    return Turn(answer.question, answer.text)


if __name__ == "__main__":
    sys.exit(main())
