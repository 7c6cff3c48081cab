"""Two runs side by side: differences with their intervals, and the cases that were won and lost."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from evals.compare import Change, compare, print_comparison
from evals.rows import Row
from evals.suite import SuiteError
from tests.runs import BARRED, ESA, TRAINED, answered, case, every_kind, place, refused, write_run


def rows(number: int, *, missing: int = 0) -> list[Row]:
    """Cases with one fact and one page of evidence; the last ``missing`` ones miss both."""
    found = []
    for at in range(number):
        asked = case(f"case-{at}", f"Question {at}?", facts=[["2017"]], evidence=[(ESA, 2)])
        right = at < number - missing
        quote = (ESA, 2, TRAINED) if right else (ESA, 3, BARRED)
        ranking = (place(ESA, 2),) if right else (place(ESA, 3),)
        found.append(Row(asked, answered(asked, quote), ranking=ranking, intact=(True,), seconds=0.1))
    return found


def test_a_run_beside_itself_has_not_moved(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", every_kind())
    found = compare(run, run)
    assert found.shared == 7
    assert found.notes == ()
    assert [one.name for one in found.changes if (one.difference, one.low, one.high) != (0.0, 0.0, 0.0)] == []
    assert {one.verdict for one in found.changes} == {""}
    assert (found.won, found.lost) == ({}, {})


def test_the_difference_is_of_the_figures_over_the_shared_cases(tmp_path: Path) -> None:
    before, after = write_run(tmp_path / "a", rows(10)), write_run(tmp_path / "b", rows(10, missing=4))
    change = next(one for one in compare(before, after).changes if one.name == "page_hit@5")
    # 10 of 10 before, 6 of 10 after.
    assert (change.before, change.after) == (1.0, 0.6)
    assert change.difference == pytest.approx(-0.4)
    assert change.low < change.difference < change.high < 0
    assert change.verdict == "worse"


def test_cases_lost_are_named_and_are_those_won_the_other_way_round(tmp_path: Path) -> None:
    before, after = write_run(tmp_path / "a", rows(5)), write_run(tmp_path / "b", rows(5, missing=2))
    lost = compare(before, after).lost
    assert set(lost) == {"facts_covered", "page_hit@5", "citation_precision"}
    assert [(one.case, one.question, one.before, one.after) for one in lost["facts_covered"]] == [
        ("case-3", "Question 3?", 1.0, 0.0),
        ("case-4", "Question 4?", 1.0, 0.0),
    ]
    back = compare(after, before)
    assert [one.case for one in back.won["facts_covered"]] == ["case-3", "case-4"]
    assert back.lost == {}


def test_a_refusal_is_lost_by_abstention_and_has_no_precision_to_lose(tmp_path: Path) -> None:
    old = rows(3)
    new = [*old[:2], replace(old[2], answer=refused(old[2].case), intact=())]
    found = compare(write_run(tmp_path / "a", old), write_run(tmp_path / "b", new))
    assert [one.case for one in found.lost["abstention_accuracy"]] == ["case-2"]
    assert "citation_precision" not in found.lost


def test_the_furthest_moved_stands_first(tmp_path: Path) -> None:
    old = every_kind()[:2]
    new = [replace(old[0], answer=refused(old[0].case), intact=()), replace(old[1], answer=refused(old[1].case))]
    lost = compare(write_run(tmp_path / "a", old[::-1]), write_run(tmp_path / "b", new)).lost["facts_covered"]
    # Both facts of the one, one of two of the other.
    assert [(one.case, one.before - one.after) for one in lost] == [("right", 1.0), ("partly", 0.5)]


def test_cases_that_one_run_lacks_are_left_out_with_a_note(tmp_path: Path) -> None:
    found = compare(write_run(tmp_path / "a", rows(5)), write_run(tmp_path / "b", rows(4)))
    assert found.shared == 4
    assert found.notes == (f"{tmp_path / 'a'} has 1 case that {tmp_path / 'b'} lacks; left out",)


def test_a_case_that_expects_something_else_by_now_is_left_out_with_a_note(tmp_path: Path) -> None:
    old, new = rows(3), rows(3)
    new[0] = replace(new[0], case=new[0].case.model_copy(update={"facts": (("2018",),)}))
    new[1] = replace(new[1], case=new[1].case.model_copy(update={"tags": ("why",), "note": "checked"}))
    suite = {"name": "stations", "sha256": "6" * 64}
    found = compare(write_run(tmp_path / "a", old), write_run(tmp_path / "b", new, suite=suite))
    assert found.shared == 2
    assert found.notes == (
        "the suites are not the same file, by their hashes",
        "1 case left out, where the runs ask or expect something else under the same id",
    )


def test_runs_that_share_no_case_cannot_be_compared(tmp_path: Path) -> None:
    before, after = write_run(tmp_path / "a", rows(2)), write_run(tmp_path / "b", every_kind())
    with pytest.raises(SuiteError, match=r"share no case.*Name two runs of the same suite"):
        compare(before, after)


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("facts_covered", 0.01, 0.2, "better"),
        ("facts_covered", -0.2, -0.01, "worse"),
        ("facts_covered", -0.2, 0.0, ""),
        # A bound of -0.0000000000000001 is a 0 that was summed up.
        ("facts_covered", -0.2, -1e-16, ""),
        ("seconds_p50", 0.01, 0.2, "worse"),
        ("aurc", -0.2, -0.01, "better"),
    ],
)
def test_a_change_has_a_verdict_where_its_interval_leaves_out_zero(
    name: str, low: float, high: float, expected: str
) -> None:
    assert Change(name, 0.5, 0.5 + (low + high) / 2, (low + high) / 2, low, high).verdict == expected


def test_json_holds_it_all(tmp_path: Path) -> None:
    found = compare(write_run(tmp_path / "a", rows(5)), write_run(tmp_path / "b", rows(5, missing=5)))
    plain = json.loads(json.dumps(found.to_json()))
    assert (plain["before"], plain["after"], plain["shared"]) == (str(tmp_path / "a"), str(tmp_path / "b"), 5)
    change = next(one for one in plain["changes"] if one["name"] == "facts_covered")
    assert change == {
        "name": "facts_covered",
        "before": 1.0,
        "after": 0.0,
        "difference": -1.0,
        "low": -1.0,
        "high": -1.0,
        "verdict": "worse",
    }
    assert plain["lost"]["facts_covered"][0] == {
        "case": "case-0",
        "question": "Question 0?",
        "before": 1.0,
        "after": 0.0,
    }


def printed(before: list[Row], after: list[Row], folder: Path) -> str:
    out = io.StringIO()
    found = compare(write_run(folder / "a", before), write_run(folder / "b", after))
    print_comparison(found, Console(file=out, width=100))
    return out.getvalue()


def test_what_is_printed_is_a_table_with_the_cases_below(tmp_path: Path) -> None:
    said = printed(rows(15), rows(15, missing=12), tmp_path)
    line = next(line.strip() for line in said.splitlines() if line.startswith(" facts_covered "))
    # 15 of 15 before, 3 of 15 after.
    assert line.split()[:4] == ["facts_covered", "1.000", "0.200", "−0.800"]
    assert line.split()[-1] == "worse"
    assert "facts_covered: 12 lost" in said
    assert "  1.00 -> 0.00  case-3: Question 3?" in said
    assert "  and 2 more" in said
    assert "won" not in said


def test_a_question_is_printed_as_it_is_and_steers_no_terminal(tmp_path: Path) -> None:
    said = "[bold]Why?[/bold] \x1b[2J"
    old, new = (
        [replace(row, case=row.case.model_copy(update={"question": said}))] for row in (*rows(1), *rows(1, missing=1))
    )
    text = printed(old, new, tmp_path)
    assert "case-0: [bold]Why?[/bold]  [2J" in text
    assert "\x1b" not in text
