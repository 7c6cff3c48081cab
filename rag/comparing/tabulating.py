"""Cells -> a table: reports down, questions across, and citations numbered over the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from rag.comparing.asking import Cell
from rag.types import Citation, Report, Source, Statement

UNSTATED = "Not stated"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell as the table has it: no statement where the report states nothing, or asking failed for the ``error``."""

    statements: tuple[Statement, ...] = ()
    error: str = ""

    @property
    def text(self) -> str:
        """The statements with their marks, and the verdict of those that are not verified; or why there are none."""
        if self.error:
            return f"Could not be asked: {self.error}"
        return " ".join(map(_marked, self.statements)) or UNSTATED


@dataclass(frozen=True, slots=True)
class Table:
    """Reports and questions in order, what each report says by (report id, question), and every citation by its number
    less one. A pair that was not asked is not in ``entries``."""

    reports: tuple[Report, ...]
    questions: tuple[str, ...]
    entries: Mapping[tuple[str, str], Entry]
    citations: tuple[Citation, ...]

    def text(self, report: str, question: str) -> str:
        """Return what a cell says, "" where it was not asked."""
        entry = self.entries.get((report, question))
        return entry.text if entry else ""


class Numbering:
    """Gives the citations of cell after cell numbers over the whole table, by first mention: of a table that grows
    nothing changes that was there."""

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations so far; the one at index 0 has the number 1."""
        return tuple(Citation(**asdict(source), number=number) for source, number in self._numbers.items())

    def entry(self, cell: Cell) -> Entry:
        """Return the cell as the table has it."""
        if cell.answer is None:
            return Entry(error=cell.error)
        # By the answer's own numbers, which begin with 1 in each cell.
        numbers = {
            one.number: self._numbers.setdefault(_source(one), len(self._numbers) + 1) for one in cell.answer.citations
        }
        return Entry(
            tuple(
                replace(one, citations=tuple(numbers[number] for number in one.citations))
                for one in cell.answer.statements
            )
        )


def tabulate(cells: Iterable[Cell]) -> Table:
    """Return the table of the cells, its reports and questions in the order that they come."""
    numbering = Numbering()
    reports: dict[str, Report] = {}
    entries: dict[tuple[str, str], Entry] = {}
    for cell in cells:
        reports.setdefault(cell.report.id, cell.report)
        entries[cell.report.id, cell.question] = numbering.entry(cell)
    questions = tuple(dict.fromkeys(question for _, question in entries))
    return Table(tuple(reports.values()), questions, entries, numbering.citations)


def _source(citation: Citation) -> Source:
    values = asdict(citation)
    del values["number"]
    return Source(**values)


def _marked(statement: Statement) -> str:
    marks = "".join(f"[{number}]" for number in statement.citations)
    verdict = "" if statement.support == "verified" else f"({statement.support})"
    return " ".join(filter(None, (statement.text, marks, verdict)))
