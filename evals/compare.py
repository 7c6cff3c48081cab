"""Two runs of the same cases -> what changed: each figure's difference, and the cases that were won and lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.figures import differences, figures
from evals.glossary import better, in_order, shown, term
from evals.results import Results
from evals.rows import Row
from evals.suite import SuiteError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# The measures whose cases are named where they rose or fell.
NAMED = ("facts_covered", "page_hit@5", "citation_precision", "abstention_accuracy")
# Cases that are printed for each; JSON has them all.
_PRINTED = 10
# What sums of shares leave where nothing moved.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of both runs over the cases they share, the ``difference`` after minus before, and its 95% interval."""

    name: str
    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where the interval lies wholly on one side of 0, else empty."""
        if self.low <= _ROUNDING and self.high >= -_ROUNDING:
            return ""
        return "better" if better(self.name, self.difference) else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A case whose measure rose or fell between the runs."""

    case: str
    question: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to another over the ``shared`` cases; ``notes`` say what was left out, and why.

    ``won`` and ``lost`` are by measure, of NAMED, the furthest moved first.
    """

    before: Path
    after: Path
    shared: int
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    won: Mapping[str, tuple[Flip, ...]]
    lost: Mapping[str, tuple[Flip, ...]]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        flips = {
            kind: {name: [asdict(one) for one in found] for name, found in by_name.items()}
            for kind, by_name in (("won", self.won), ("lost", self.lost))
        }
        return {
            "before": str(self.before),
            "after": str(self.after),
            "shared": self.shared,
            "notes": list(self.notes),
            "changes": [asdict(one) | {"verdict": one.verdict} for one in self.changes],
            **flips,
        }


def compare(before: Results, after: Results, *, seed: int = 0, resamples: int = 1000) -> Comparison:
    """Return what changed, over the cases that both runs asked alike, with paired bootstrap intervals.

    A case is asked alike where its id, its question and what is expected are the same. Raises SuiteError where there
    is none.
    """
    old, new = ({row.case.id: row for row in results.rows} for results in (before, after))
    common = [case for case in old if case in new]
    alike = [case for case in common if _asked(old[case]) == _asked(new[case])]
    if not alike:
        raise SuiteError(
            f"{before.folder} and {after.folder} share no case, so that there is nothing to compare. "
            "Name two runs of the same suite."
        )
    pairs = [(old[case], new[case]) for case in alike]
    return Comparison(
        before=before.folder,
        after=after.folder,
        shared=len(alike),
        notes=(*_left_out(before, after), *_other_suite(before, after), *_rewritten(len(common) - len(alike))),
        changes=_changes(pairs, seed=seed, resamples=resamples),
        won={name: flips for name in NAMED if (flips := _flips(pairs, name, rising=True))},
        lost={name: flips for name in NAMED if (flips := _flips(pairs, name, rising=False))},
    )


def print_comparison(found: Comparison, console: Console | None = None) -> None:
    """Print the comparison as a table, and below it the cases that were won and lost."""
    from rich.console import Console

    console = console or Console(highlight=False)
    console.print(f"{found.before} -> {found.after}, {found.shared} cases", markup=False, soft_wrap=True)
    for note in found.notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    console.print(_table(found.changes))
    for name in NAMED:
        for kind, flips in (("won", found.won.get(name, ())), ("lost", found.lost.get(name, ()))):
            _print_flips(console, f"{name}: {len(flips)} {kind}", flips)


def _asked(row: Row) -> dict[str, Any]:
    """Return all of the case that a figure can depend on."""
    return row.case.model_dump(exclude={"tags", "note"})


def _left_out(before: Results, after: Results) -> list[str]:
    old, new = ({row.case.id for row in results.rows} for results in (before, after))
    missing = [(after.folder, len(old - new), before.folder), (before.folder, len(new - old), after.folder)]
    return [f"{there} has {_cases(number)} that {lacks} lacks; left out" for lacks, number, there in missing if number]


def _other_suite(before: Results, after: Results) -> list[str]:
    hashes = {results.run.get("suite", {}).get("sha256") for results in (before, after)}
    return ["the suites are not the same file, by their hashes"] if len(hashes) > 1 else []


def _rewritten(number: int) -> list[str]:
    return (
        [f"{_cases(number)} left out, where the runs ask or expect something else under the same id"] if number else []
    )


def _cases(number: int) -> str:
    return f"{number} case{'' if number == 1 else 's'}"


def _changes(pairs: Sequence[tuple[Row, Row]], *, seed: int, resamples: int) -> tuple[Change, ...]:
    """Return the changes in the glossary's order."""
    rows = [old for old, _ in pairs], [new for _, new in pairs]
    # Their values alone are wanted: no resampling.
    old, new = (figures(one, resamples=0) for one in rows)
    moved = differences(*rows, seed=seed, resamples=resamples)
    return tuple(
        Change(name, old[name].value, new[name].value, moved[name].value, moved[name].low, moved[name].high)
        for name in in_order(moved)
    )


def _flips(pairs: Sequence[tuple[Row, Row]], name: str, *, rising: bool) -> tuple[Flip, ...]:
    """Return the cases of which both runs have the measure and that moved this way."""
    moved = [
        Flip(old.case.id, old.case.question, old.measures[name], new.measures[name])
        for old, new in pairs
        if name in old.measures and name in new.measures
    ]
    kept = [one for one in moved if (one.after - one.before if rising else one.before - one.after) > _ROUNDING]
    return tuple(sorted(kept, key=lambda one: -abs(one.after - one.before)))


def _table(changes: Sequence[Change]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("figure", no_wrap=True)
    for title in ("before", "after", "difference", "95% interval"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("")
    group = ""
    for one in changes:
        if group and term(one.name).group != group:
            table.add_section()
        group = term(one.name).group
        table.add_row(
            Text(one.name),
            shown(one.name, one.before),
            shown(one.name, one.after),
            shown(one.name, one.difference, signed=True),
            f"{shown(one.name, one.low, signed=True)} to {shown(one.name, one.high, signed=True)}",
            Text(one.verdict, style={"better": "green", "worse": "red"}.get(one.verdict, "")),
        )
    return table


def _print_flips(console: Console, title: str, flips: Sequence[Flip]) -> None:
    if not flips:
        return
    console.print(title, style="bold", markup=False)
    for one in flips[:_PRINTED]:
        line = f"  {one.before:.2f} -> {one.after:.2f}  {one.case}: {one.question}"
        console.print(_printable(line), markup=False, no_wrap=True, overflow="ellipsis")
    if len(flips) > _PRINTED:
        console.print(f"  and {len(flips) - _PRINTED} more: --json names them")


def _printable(words: str) -> str:
    """Return the words without what would steer a terminal, or cannot be printed at all."""
    return "".join(letter if letter.isprintable() else " " for letter in words)
