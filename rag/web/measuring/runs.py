"""A folder of results -> the runs in it, each with how far it is; what is broken is named and hides no other."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from rag.errors import why

if TYPE_CHECKING:
    from evals.compare import Comparison
    from evals.results import Results

# Folders of folders: the baselines lie in one of their own.
_DEPTH = 3
# A run that wrote nothing for so many seconds was stopped, as far as can be told.
_AT_WORK = 120.0
State = Literal["finished", "under way", "stopped", "broken"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells of it: ``name`` is the folder's below the results, ``done`` of ``cases`` were asked.

    ``figures`` are those of ``summary.json`` by name, ``about`` is ``run.json``; both are empty where they cannot be
    read, and ``fault`` says why.
    """

    folder: Path
    name: str
    state: State
    done: int = 0
    cases: int = 0
    fault: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def started(self) -> str:
        """When it began, as ``YYYY-MM-DD HH:MM UTC``; "" where nothing says."""
        return str(self.about.get("started", ""))[:16].replace("T", " ") + (" UTC" if self.about.get("started") else "")

    @property
    def suite(self) -> str:
        """The suite's name, or the folder's where nothing says."""
        return str((self.about.get("suite") or {}).get("name") or self.name)


def find_runs(results: Path) -> tuple[Run, ...]:
    """Return the runs below the folder, the newest first and broken ones last; () where there is no folder."""
    runs = [_read(folder, str(folder.relative_to(results)), _stamp(folder)) for folder in _folders(results)]
    newest_first = sorted(runs, key=lambda run: (run.started, run.name), reverse=True)
    return tuple(sorted(newest_first, key=lambda run: run.state == "broken"))


def read_run(run: Run) -> Results:
    """Return all results of a finished run, read once while its files stay the same. Raises SuiteError."""
    return _results(run.folder, _stamp(run.folder))


def compare_runs(before: Run, after: Run) -> Comparison:
    """Return what changed between two runs, worked out once while their files stay the same. Raises SuiteError."""
    return _compared((before.folder, _stamp(before.folder)), (after.folder, _stamp(after.folder)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _results(folder: Path, stamp: tuple[int, ...]) -> Results:
    from evals.results import read_results

    return read_results(folder)


@st.cache_resource(max_entries=16, show_spinner="Drawing the cases anew, a thousand times")
def _compared(before: tuple[Path, tuple[int, ...]], after: tuple[Path, tuple[int, ...]]) -> Comparison:
    from evals.compare import compare

    return compare(_results(*before), _results(*after))


def _folders(results: Path) -> Iterator[Path]:
    """Yield the folders that a run wrote into."""
    from evals.results import CASES, RUN, SUMMARY

    for where, below, names in os.walk(results):
        folder = Path(where)
        if {RUN, CASES, SUMMARY} & set(names):
            below.clear()
            yield folder
        elif len(folder.relative_to(results).parts) >= _DEPTH:
            below.clear()


def _stamp(folder: Path) -> tuple[int, ...]:
    """Return what changes when one of a run's files does."""
    from evals.results import CASES, RUN, SUMMARY

    stamps = []
    for name in (RUN, CASES, SUMMARY):
        try:
            about = (folder / name).stat()
            stamps += [about.st_mtime_ns, about.st_size]
        except OSError:
            stamps += [0, 0]
    return tuple(stamps)


def _read(folder: Path, name: str, stamp: tuple[int, ...]) -> Run:
    run = _parsed(folder, name, stamp)
    quiet = time.time() - max(stamp[::2]) / 1e9 > _AT_WORK
    return replace(run, state="stopped") if quiet and run.state == "under way" else run


@lru_cache(maxsize=512)
def _parsed(folder: Path, name: str, stamp: tuple[int, ...]) -> Run:
    """Return the run as its files are at this stamp; one that is not finished counts as under way."""
    from evals.results import CASES, RUN, SUMMARY, VERSION

    try:
        if not (folder / RUN).is_file():
            return Run(folder, name, "broken", fault=f"It has no {RUN}, so that nothing says how it was made.")
        about = _object(folder / RUN)
        if about.get("version") != VERSION:
            wanted = f"Its results are of version {about.get('version')!r}; this program reads {VERSION}."
            return Run(folder, name, "broken", fault=wanted)
        cases = int((about.get("suite") or {}).get("cases", 0))
        done = (folder / CASES).read_bytes().count(b"\n") if (folder / CASES).is_file() else 0
        if not (folder / SUMMARY).is_file():
            return Run(folder, name, "under way", done, cases, about=about)
        figures = _object(folder / SUMMARY).get("figures", {})
        if not isinstance(figures, dict):
            raise ValueError(f"the figures in {SUMMARY} are no object")
        return Run(folder, name, "finished", done, cases, about=about, figures=figures)
    except OSError as error:
        return Run(folder, name, "broken", fault=f"{error.filename or folder} cannot be read: {why(error)}.")
    except (ValueError, TypeError, AttributeError) as error:
        return Run(folder, name, "broken", fault=f"It cannot be read: {error}.")


def _object(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is no JSON object")
    return found
