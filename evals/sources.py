"""What a command is told to ask: a suite's file, or a public set by its format and folder."""

from __future__ import annotations

from pathlib import Path

from evals.claims import Claims
from evals.formats import FORMATS, load
from evals.suite import Suite, load_suite


def open_source(source: str) -> Suite | Claims:
    """Return the suite in a file, or the public set that ``FORMAT:FOLDER`` names. Raises SuiteError."""
    return load(source) if source.partition(":")[0] in FORMATS else load_suite(Path(source))
