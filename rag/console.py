"""What the command line shows: answers and lists on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from rag.conflicts import THEY_DIFFER
from rag.unpacking import UNPACKING

if TYPE_CHECKING:
    from rag.comparing import Cell
    from rag.doctor import Diagnosis
    from rag.ingest import Outcome, Progress
    from rag.library import Receipt
    from rag.sources import Source
    from rag.transcripts import Conversation
    from rag.types import Answer, Citation, Report


# Files are read side by side, each in a thread that says how far it is: two lines at once would run into each other.
_PRINTING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Teller:
    """Who hears how far a file is, and what became of it."""

    watch: Callable[[Source], Progress]
    ended: Callable[[Outcome], None]


def print_error(words: object) -> None:
    """Print one line on stderr: an error or a hint, after the program's name."""
    print(f"rag: {_plain(str(words))}", file=sys.stderr)


def print_json(value: Any) -> None:
    """Print one JSON value on stdout, readable and with its letters as they are."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_event(event: str, **values: Any) -> None:
    """Print one JSON line on stdout at once, for a program that watches."""
    with _PRINTING:
        print(json.dumps({"event": event, **values}, ensure_ascii=False), flush=True)


def print_answer(answers: Iterable[Answer]) -> Answer:
    """Print an answer as it grows, then its footnotes, and return the whole of it."""
    shown = 0
    answer = None
    for answer in answers:
        for statement in answer.statements[shown:]:
            marks = "".join(f" [{number}]" for number in statement.citations)
            verdict = "" if statement.support == "verified" else f" ({statement.support})"
            print(_plain(f"{statement.text}{marks}{verdict}"), flush=True)
        shown = len(answer.statements)
    if answer is None:
        raise ValueError("a chain yields at least one answer")
    _print_sources(answer)
    for note in answer.notes:
        print(f"note: {_plain(note.message)}", file=sys.stderr)
    return answer


def print_cells(cells: Iterable[Cell]) -> list[Cell]:
    """Print a comparison as it grows, report by report, then its footnotes, and return its cells."""
    from rag.comparing import Numbering

    taken: list[Cell] = []
    numbering = Numbering()
    for cell in cells:
        if not taken or taken[-1].report != cell.report:
            date = f" ({cell.report.date})" if cell.report.date else ""
            print(_plain(f"{cell.report.title}{date}"))
        print(_plain(f"  {cell.question}"))
        print(_plain(f"    {numbering.entry(cell).text}"), flush=True)
        taken.append(cell)
    _print_citations(numbering.citations)
    return taken


def print_reports(reports: Iterable[Report]) -> None:
    """Print two lines a report: id, date, kind, size and title, then the name that it was added under."""
    for report in reports:
        pages = _count(report.pages, "page")
        print(_plain(f"{report.id}  {report.date or 'no date':10}  {report.kind:8}  {pages:>10}  {report.title}"))
        print(" " * 14 + _plain(report.name))


def print_conversations(conversations: Iterable[Conversation]) -> None:
    """Print a line a conversation: id, the day of its last change, how many questions, and title."""
    for one in conversations:
        print(_plain(f"{one.id}  {one.changed[:10]}  {_count(one.exchanges, 'question'):>12}  {one.title}"))


def print_outcome(outcome: Outcome) -> None:
    """Print what became of one file; a failure goes to stderr."""
    if outcome.report is None:
        print(f"failed: {_plain(str(outcome.error))}", file=sys.stderr)
        return
    report = outcome.report
    pages, embedded = _count(report.pages, "page"), _count(outcome.embedded, "chunk")
    said = {
        "added": f"added: {report.title} ({pages}, {_count(report.chunks, 'chunk')})",
        "replaced": f"replaced: {report.title} ({pages}, {embedded} embedded anew){_instead(outcome)}",
        "renewed": f"read again: {report.title} ({pages}, {embedded} embedded anew)",
        "unchanged": f"unchanged: {report.title} is in the library already",
        "duplicate": f"duplicate: {outcome.source.name} is the report {report.name} ({report.id})",
    }[outcome.status]
    print(_plain(said), flush=True)
    for note in report.ledger:
        place = f"page {note.page}: " if note.page else ""
        print(_plain(f"  {place}{note.message}"), file=sys.stderr)


def _instead(outcome: Outcome) -> str:
    """Return which other report went, where it was called otherwise: two files of one name may be no versions."""
    if outcome.before is None or outcome.report is None or outcome.before.title == outcome.report.title:
        return ""
    return f", in the place of {outcome.before.title}, which had the same name {outcome.before.name}"


def print_receipt(receipt: Receipt) -> None:
    """Print what removing a report took away."""
    report = receipt.report
    counts = (receipt.pages, "page"), (receipt.chunks, "chunk"), (receipt.vectors, "vector")
    gone = ", ".join(_count(number, what) for number, what in counts)
    original = f"the original {report.name} ({report.size:,} bytes)"
    print(_plain(f"removed: {report.title} ({report.id}): {gone}, and {original}"))
    if receipt.blanked:
        print_blanked(report.id, receipt.blanked)
    if receipt.conversations:
        verb = "quotes" if receipt.conversations == 1 else "quote"
        said = f"{_count(receipt.conversations, 'conversation')} still {verb} it"
        print(f"  {said}; to blank that: rag remove {report.id} --purge")


def print_blanked(report: str, conversations: int) -> None:
    """Print in how many conversations the quotes of a report, by its id, were blanked."""
    print(_plain(f"blanked: what {_count(conversations, 'conversation')} quoted of {report}"))


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """Print the counts and the faults."""
    counts = (diagnosis.reports, "report"), (diagnosis.pages, "page"), (diagnosis.chunks, "chunk")
    print(f"library: {', '.join(_count(number, what) for number, what in counts)}")
    for index, chunks in (("dense", diagnosis.dense), ("lexical", diagnosis.lexical)):
        print(f"{index} index: {'not counted' if chunks is None else _count(chunks, 'chunk')}")
    print(f"embedding: {_plain(diagnosis.embedding or 'none yet')}")
    for fault in diagnosis.faults:
        print(f"fault: {_plain(fault)}")
    if not diagnosis.faults:
        print("all is well")


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain JSON values."""
    return {
        "name": outcome.source.name,
        "status": outcome.status,
        "report": asdict(outcome.report) if outcome.report else None,
        "embedded": outcome.embedded,
        "before": asdict(outcome.before) if outcome.before else None,
        "message": str(outcome.error or ""),
    }


@contextmanager
def telling(files: int, *, quiet: bool) -> Iterator[Teller]:
    """Show bars on stderr and print each outcome, or with ``quiet`` none."""
    with watch_with_bars(files) as (watch, advance):

        def ended(outcome: Outcome) -> None:
            if not quiet:
                print_outcome(outcome)
            advance()

        yield Teller(watch, ended)


@contextmanager
def telling_events() -> Iterator[Teller]:
    """Print progress and outcomes as JSON lines."""

    def watch(source: Source) -> Progress:
        return lambda step, done, whole: print_event("progress", name=source.name, step=step, done=done, whole=whole)

    yield Teller(watch, lambda outcome: print_event("outcome", **outcome_json(outcome)))


@contextmanager
def watch_with_bars(total: int) -> Iterator[tuple[Callable[[Source | Report], Progress], Callable[[], None]]]:
    """Show a bar over all files and a line on the one at work, on stderr; yields how to watch one and to end one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = Console(stderr=True)
    # On a terminal, what is printed meanwhile has to go above the bars; in a pipe it has to go on to stdout.
    over = sys.stdout.isatty()
    with Bars(*columns, console=shown, transient=True, redirect_stdout=over, disable=not shown.is_terminal) as bars:
        files = bars.add_task("files", total=total)
        step = bars.add_task("", total=None)

        def show(source: Source | Report, name: str, done: int, whole: int) -> None:
            bars.update(step, description=_escaped(f"{name} {source.name}"), completed=done, total=whole or None)
            if name == UNPACKING and done == whole:
                bars.update(files, total=(bars.tasks[files].total or 0) + whole - 1)

        def watch(source: Source | Report) -> Callable[[str, int, int], None]:
            return partial(show, source)

        yield watch, lambda: bars.advance(files)


def _print_sources(answer: Answer) -> None:
    if answer.refusal is not None:
        print(answer.text)
        if answer.refusal.reason != answer.text:
            print(_plain(answer.refusal.reason))
        if answer.refusal.missing:
            print(f"Not found near each other: {_plain(', '.join(answer.refusal.missing))}")
        if answer.refusal.nearest:
            print("\nNearest:")
        for nearest in answer.refusal.nearest:
            print(_plain(f"  {nearest.title}, {nearest.label}: “{nearest.quote}”"))
        return
    for conflict in answer.conflicts:
        values = (f"{one.value} ({one.date or 'no date'}) [{one.citation}]" for one in conflict.values)
        print(_plain(f"{THEY_DIFFER}: {'; '.join(values)}"))
    _print_citations(answer.citations)


def _print_citations(citations: Sequence[Citation]) -> None:
    if citations:
        print()
    for citation in citations:
        date = f" ({citation.date})" if citation.date else ""
        print(_plain(f"[{citation.number}] {citation.title}{date}, {citation.label}: “{citation.quote}”"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _plain(text: str) -> str:
    """Return the text without line breaks or characters that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(_plain(text))
