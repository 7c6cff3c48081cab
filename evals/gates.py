"""What a run has to reach, and what must not get worse: terms such as ``citation_recall>=0.8``, and their failures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evals.compare import Change, Comparison
from evals.glossary import term
from rag import RagError

_TERM = re.compile(r"\s*([\w@.-]+)\s*(>=|<=|==|>|<)\s*(\S+)\s*")
# A mean of shares is right up to rounding only: 0.7999999999999999 is 0.8.
_ROUNDING = 1e-9


class GateError(RagError):
    """A gate cannot be understood, or names a figure that there is not."""

    code = "gate"


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound that a figure has to keep; ``sign`` is one of >=, <=, >, < and ==."""

    name: str
    sign: str
    bound: float

    def passes(self, value: float) -> bool:
        """Return whether the value keeps the bound; one that is not a number does not."""
        over = value - self.bound
        return {
            ">=": over >= -_ROUNDING,
            "<=": over <= _ROUNDING,
            ">": over > _ROUNDING,
            "<": over < -_ROUNDING,
            "==": abs(over) <= _ROUNDING,
        }[self.sign]


def parse_gate(text: str) -> Gate:
    """Return the gate in a term such as ``citation_recall>=0.8``. Raises GateError where it is none."""
    found = _TERM.fullmatch(text)
    if found is None:
        raise GateError(f"The gate {text!r} is not NAME>=NUMBER, as citation_recall>=0.8; the signs are >= <= > < ==")
    name, sign, bound = found.groups()
    return Gate(name, sign, _number(bound, f"The gate {text!r}"))


def check_gates(gates: Iterable[Gate], figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each gate that the figures do not pass, with the figures; [] where all pass.

    ``figures`` are those of a summary, by name. Raises GateError where a gate names one that is not there: what was
    not measured must not pass.
    """
    said = []
    for gate in gates:
        if gate.name not in figures:
            raise GateError(f"The gate names {gate.name!r}, which this run has no figure of. It has: {_names(figures)}")
        figure = figures[gate.name]
        value = math.nan if figure["value"] is None else figure["value"]
        if not gate.passes(value):
            said.append(
                f"{gate.name} is {value:.6g}, and has to be {gate.sign} {gate.bound:g} "
                f"(95% interval {figure['low']:.6g} to {figure['high']:.6g}, {figure['n']} cases)"
            )
    return said


def check_no_worse(rules: Iterable[str], found: Comparison) -> list[str]:
    """Return a sentence for each rule by which the later run is worse, with the figures; [] where it is not.

    A rule is a figure's name: it fails where the paired interval of the difference lies wholly on the worse side of 0.
    Or it is ``NAME:TOLERANCE``: it fails where the figure itself got worse by more than that, whatever the interval.
    Worse is lower, and for times, costs and faults higher. Raises GateError for a rule that cannot be understood, and
    for a figure that one of the runs has not.
    """
    changes = {one.name: one for one in found.changes}
    said = []
    for rule in rules:
        name, given, written = rule.strip().partition(":")
        if name not in changes:
            raise GateError(
                f"--no-worse names {name!r}, a figure that not both runs have. They have: {_names(changes)}"
            )
        if given:
            tolerance = _number(written, f"--no-worse {rule!r}")
            if tolerance < 0:
                raise GateError(f"--no-worse {rule!r}: {written} is below 0. Write by how much it may get worse.")
            said += _by_tolerance(changes[name], tolerance)
        else:
            said += _by_interval(changes[name])
    return said


def less_is_better(name: str) -> bool:
    """Return whether a smaller value of the figure is the better one, as for times, costs and faults."""
    return term(name).less


def _by_interval(change: Change) -> list[str]:
    if change.verdict != "worse":
        return []
    return [
        f"{_moved(change)}: the 95% interval of the difference, {change.low:+.6g} to {change.high:+.6g}, leaves out 0"
    ]


def _by_tolerance(change: Change, tolerance: float) -> list[str]:
    worse = change.difference if less_is_better(change.name) else -change.difference
    return [f"{_moved(change)}, and may by {tolerance:g}"] if worse > tolerance + _ROUNDING else []


def _moved(change: Change) -> str:
    way = "rose" if change.difference > 0 else "fell"
    return f"{change.name} {way} from {change.before:.6g} to {change.after:.6g}, by {abs(change.difference):.6g}"


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise GateError(f"{where}: {text!r} is not a number. Write one, as 0.8")
    return value


def _names(figures: Iterable[str]) -> str:
    return ", ".join(sorted(figures)) or "none"
