"""A results folder -> ``report.html``: one page that holds all it needs and asks nothing of any server."""

from __future__ import annotations

import hashlib
import json
import math
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import plots
from evals.casebook import case_entry
from evals.glossary import GROUPS, HEADLINE, in_order, shown, term
from evals.outcomes import OF_CLAIMS, OUTCOMES, is_claim, names_in
from evals.results import REPORT, Results, read_results

if TYPE_CHECKING:
    from jinja2 import Environment

_PARTS = Path(__file__).parent / "page"
# Columns of the figures by tag: what fits beside each other.
_COLUMNS = 7


def write_report(folder: Path) -> Path:
    """Write the page of the results in the folder and return its path; an old page is replaced.

    Raises SuiteError where the folder holds no results of a finished run.
    """
    path = folder / REPORT
    beside = path.with_suffix(".new")
    # Half a surrogate pair, which a broken file can bring, has no bytes in UTF-8.
    beside.write_bytes(render(read_results(folder)).encode("utf-8", "replace"))
    beside.replace(path)
    return path


def render(results: Results) -> str:
    """Return the page as HTML. Nothing of the results is in it but as escaped text or as JSON that a script reads."""
    from plotly.offline import get_plotlyjs

    figures = results.summary.get("figures", {})
    claims = any(map(is_claim, results.rows))
    noun = "claim" if claims else "question"
    meanings = OUTCOMES | (OF_CLAIMS if claims else {})
    drawn = _plots(results, figures, noun)
    names = names_in(results.rows)
    cases = [case_entry(row, names) for row in results.rows]
    counts = Counter(case["outcome"] for case in cases)
    style, script = (_part(name) for name in ("report.css", "report.js"))
    scripts = [script, get_plotlyjs()] if drawn else [script]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=results.run,
            suite=results.run.get("suite", {}),
            count=len(cases),
            claims=claims,
            noun=noun,
            outcomes=[(name, words, counts[name]) for name, words in meanings.items() if counts[name]],
            groups=_groups(figures),
            tags=_tags(results.summary.get("tags", {})),
            captions=_captions(results, figures, noun),
            plots=drawn,
            origin=_origin(results.run),
            style=style,
            scripts=scripts,
            policy=_policy(scripts),
            data=_as_json({"plots": drawn, "outcomes": list(OUTCOMES), "cases": cases}),
        )
    )


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"thousands": lambda number: f"{number:,}"}
    return environment


def _policy(scripts: Sequence[str]) -> str:
    """Return the page's Content-Security-Policy: these very scripts run, and nothing is asked of any server."""
    hashes = (b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}"


def _as_json(value: Any) -> str:
    """Return JSON that can stand in a script element: no "<" is in it, whatever a report says."""
    text = json.dumps(_plain(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: Any) -> Any:
    """Return the value with None for each number that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plots(results: Results, figures: dict[str, Any], noun: str) -> dict[str, plots.Plot]:
    """Return the plots that there is something for, by the id of their place in the page."""
    threshold = results.run.get("settings", {}).get("quoting.threshold")
    quoting = results.run.get("writer") == "quotes" and isinstance(threshold, int | float)
    drawn = {
        "headline": plots.headline(figures),
        "latency": plots.latency(results.rows, figures.get("seconds_p50", {}).get("value"), noun=noun),
    }
    # Of a claim there is a verdict, and no confidence.
    if not any(map(is_claim, results.rows)):
        drawn["curve"] = plots.risk_coverage(results.summary.get("curve", []))
        drawn["confidence"] = plots.confidences(results.rows, float(threshold) if quoting else None)
    return {name: plot for name, plot in drawn.items() if plot is not None}


def _groups(figures: dict[str, Any]) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the figures as a table's lines under the glossary's groups."""
    lines: dict[str, list[dict[str, str]]] = {group: [] for group in GROUPS}
    for name in in_order(figures):
        what, figure = term(name), figures[name]
        lines[what.group].append(
            {
                "name": name,
                "label": what.label,
                "words": what.words,
                "value": shown(name, figure["value"]),
                "interval": _interval(name, figure),
                "n": f"{figure['n']:,}",
            }
        )
    return [(group, found) for group, found in lines.items() if found]


def _interval(name: str, figure: dict[str, Any]) -> str:
    low, high = figure.get("low"), figure.get("high")
    return "" if low is None or high is None else f"{shown(name, low)} – {shown(name, high)}"


def _tags(tags: dict[str, Any]) -> dict[str, Any]:
    """Return the table of figures by tag, the tags with most cases first: columns, and a line of cells for each."""
    columns = [name for name in HEADLINE if any(name in figures for figures in tags.values())][:_COLUMNS]
    sizes = {tag: max((figure["n"] for figure in figures.values()), default=0) for tag, figures in tags.items()}
    return {
        "columns": [term(name) for name in columns],
        "lines": [
            {"tag": tag, "n": sizes[tag], "cells": [_cell(name, tags[tag].get(name)) for name in columns]}
            for tag in sorted(tags, key=lambda tag: (-sizes[tag], tag))
        ],
    }


def _cell(name: str, figure: dict[str, Any] | None) -> dict[str, Any] | None:
    if figure is None or figure["value"] is None:
        return None
    share = min(1.0, max(0.0, figure["value"]))
    return {
        "value": shown(name, figure["value"]),
        "interval": _interval(name, figure),
        "n": figure["n"],
        # Squared, so that the high values that most cells have are told apart.
        "tint": round(100 * share**2),
    }


def _captions(results: Results, figures: dict[str, Any], noun: str) -> dict[str, str]:
    """Return a sentence below each plot that says what it shows, for those who do not see it too."""
    answers = [row.answer for row in results.rows if row.answer and not is_claim(row)]
    said = {"curve": "", "confidence": "", "latency": ""}
    if curve := results.summary.get("curve"):
        half = min(curve, key=lambda point: abs(point["coverage"] - 0.5))
        said["curve"] = (
            f"Answering all that it answers, the mean error is {shown('risk', curve[-1]['risk'])}; "
            f"answering only the surest {half['coverage']:.0%} of it, {shown('risk', half['risk'])}."
        )
    if "confidence_auroc" in figures:
        said["confidence"] = (
            "An answerable question gets more confidence than one that is not in "
            f"{figures['confidence_auroc']['value']:.0%} of all pairs."
        )
    if "seconds_p50" in figures and "seconds_p95" in figures:
        middle, most = (shown(name, figures[name]["value"]) for name in ("seconds_p50", "seconds_p95"))
        said["latency"] = f"Half of the {noun}s took up to {middle}, 19 of 20 up to {most}."
    if answers:
        steps = {step: sum(getattr(one.seconds, step) for one in answers) / len(answers) for step in _STEPS}
        spent = ", ".join(f"{word} {shown('seconds', steps[step])}" for step, word in _STEPS.items())
        said["latency"] += f" On average: {spent}."
    return said


_STEPS = {"retrieve": "retrieving", "write": "writing", "check": "checking"}


def _origin(run: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Return how the run was made, as named lists of (name, value): first what matters most, then the whole of it."""
    machine, suite, judge = (run.get(name) or {} for name in ("machine", "suite", "judge"))
    seconds = run.get("seconds")
    lead = {
        "Suite": suite.get("source"),
        "Writer": run.get("writer"),
        "Retriever": run.get("settings", {}).get("retrieval.retriever"),
        "Judge": judge.get("model"),
        "Commit": _short(run.get("commit") or "not known"),
        "Seed": run.get("seed"),
        "Processor": machine.get("cpu"),
        "Cores": machine.get("cores"),
        "Computed in": machine.get("dtype"),
        "Started": str(run.get("started", "")).replace("T", " ").replace("+00:00", " UTC"),
        "Took": None if seconds is None else f"{seconds:,.0f} s",
    }
    hashes = {"suite": suite.get("sha256"), "code": run.get("code")} | (run.get("prompts") or {})
    lists = {
        "lead": lead,
        "Settings": run.get("settings") or {},
        "Versions": run.get("versions") or {},
        "Hashes (SHA-256)": hashes,
    }
    return {
        name: [(key, str(one)) for key, one in found.items() if one not in (None, "")] for name, found in lists.items()
    }


def _short(commit: str) -> str:
    """Return the commit's first 12 digits, with the "+" that says that files differed from it."""
    return commit[:12] + ("+" if commit.endswith("+") else "")
