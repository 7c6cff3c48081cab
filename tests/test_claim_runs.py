"""Claims held against their references: the checker's verdicts beside people's, and their agreement."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.claim_runs import agreement, run_claims
from evals.claims import Claim, Claims
from evals.figures import by_tag, figures
from evals.options import load_options
from evals.rows import Row
from evals.runner import Plan
from rag import Answer, Case, Settings

CREW = "Tiangong has a permanent crew of three astronauts.\n\nIt was finished in 2022."
CLAIMS = Claims(
    name="claims",
    claims=(
        Claim("yes", "Tiangong has a permanent crew of three astronauts.", (CREW,), True, ("a",)),
        Claim("no", "The Louvre in Paris holds the Mona Lisa.", (CREW,), False, ("b",)),
        Claim("bare", "Tiangong was finished in 2022.", (), False, ("b",)),
    ),
    source="claims",
    sha256="0" * 64,
)


def row(answered: bool, attributable: bool, *tags: str) -> Row:
    return Row(
        Case(id="a", question="It is so.", answerable=attributable, tags=tags),
        Answer(question="It is so.", standalone="It is so.", answered=answered),
    )


def values(*rows: Row) -> dict[str, float]:
    """The figures of checking these, without those of time."""
    found = figures(agreement(rows), resamples=0)
    return {name: one.value for name, one in found.items() if not name.startswith("seconds") and name != "failed"}


def test_balanced_accuracy_is_the_mean_of_sensitivity_and_specificity() -> None:
    # Of 3 attributable claims 2 are verified, of 1 other none is not: (2/3 + 0) / 2.
    assert values(row(True, True), row(True, True), row(False, True), row(True, False)) == pytest.approx(
        {"balanced_accuracy": 1 / 3, "sensitivity": 2 / 3, "specificity": 0.0, "agreement": 0.5}
    )


def test_balanced_accuracy_is_of_the_claims_at_hand_and_needs_both_kinds_of_them() -> None:
    # Of the tag: 1/2 of the attributable ones and the other. Of all: 1/4 of the attributable ones, and the other.
    tagged = [row(True, True, "few"), row(False, True, "few"), row(False, False, "few")]
    rows = agreement([*tagged, row(False, True), row(False, True)])
    assert by_tag(rows, resamples=0)["few"]["balanced_accuracy"].value == (1 / 2 + 1) / 2
    assert figures(rows, resamples=0)["balanced_accuracy"].value == (1 / 4 + 1) / 2
    assert values(row(True, True), row(False, True)) == {"sensitivity": 0.5, "agreement": 0.5}


def test_each_claim_is_checked_against_its_own_references(tmp_path: Path) -> None:
    options = load_options(Settings(dtype="float32"))
    results = run_claims(CLAIMS, options, tmp_path / "out")
    verdicts = {row.case.id: row.answer and row.answer.statements[0].support for row in results.rows}
    assert verdicts == {"yes": "verified", "no": "unsupported", "bare": "unsupported"}
    (citation,) = results.rows[0].answer.citations if results.rows[0].answer else ()
    assert CREW[citation.start : citation.end] == citation.quote
    assert results.summary["figures"]["balanced_accuracy"]["value"] == 1.0
    again = run_claims(CLAIMS, options, tmp_path / "out", Plan())
    assert [row.seconds for row in again.rows] == [row.seconds for row in results.rows]
