"""``rag compare``: every report by every question, on the terminal, as JSON and in files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from rag.cli import main
from rag.types import Answer

CARGO = "# Cargo for Tiangong\n\nDate: 2023-05-16\n\nThe call for cargo proposals came in May 2023.\n"
CREWS = "# Crews of Tiangong\n\nTiangong has a permanent crew of three astronauts.\n"
CALL = "When did the call for cargo proposals come?"
CREW = "How many astronauts are in the permanent crew of Tiangong?"
PRINTED = f"""Cargo for Tiangong (2023-05-16)
  {CALL}
    The call for cargo proposals came in May 2023. [1]
  {CREW}
    Not stated
Crews of Tiangong
  {CALL}
    Not stated
  {CREW}
    Tiangong has a permanent crew of three astronauts. [2]

[1] Cargo for Tiangong (2023-05-16), § Cargo for Tiangong: “The call for cargo proposals came in May 2023.”
[2] Crews of Tiangong, § Crews of Tiangong: “Tiangong has a permanent crew of three astronauts.”
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparing")
    (folder / "cargo.md").write_text(CARGO, encoding="utf-8")
    (folder / "crews.md").write_text(CREWS, encoding="utf-8")
    files = [str(folder / name) for name in ("cargo.md", "crews.md")]
    assert main(["add", *files, "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Compares in the home that holds the two reports, and gives status, stdout and stderr."""
    capsys.readouterr()
    return lambda *arguments: (main(["compare", *map(str, arguments), "--home", str(home)]), *capsys.readouterr())


def test_a_comparison_is_printed_report_by_report_with_its_footnotes_at_the_end(run: Run) -> None:
    assert run(CALL, CREW) == (0, PRINTED, "")


def test_the_reports_can_be_named_by_name_or_title(run: Run) -> None:
    status, said, _ = run(CALL, "--report", "crews.md", "--report", "cargo for tiangong")
    assert status == 0
    assert said.splitlines()[:4] == [
        "Crews of Tiangong",
        f"  {CALL}",
        "    Not stated",
        "Cargo for Tiangong (2023-05-16)",
    ]


def test_as_json_it_is_a_list_of_cells_with_whole_answers(run: Run) -> None:
    status, said, errors = run(CALL, "--json")
    assert (status, errors) == (0, "")
    cargo, crews = json.loads(said)
    assert (cargo["title"], cargo["question"], cargo["stated"], cargo["error"]) == (
        "Cargo for Tiangong",
        CALL,
        True,
        "",
    )
    assert Answer.from_json(cargo["answer"]).citations[0].quote == "The call for cargo proposals came in May 2023."
    assert (crews["title"], crews["stated"]) == ("Crews of Tiangong", False)
    assert Answer.from_json(crews["answer"]).refusal is not None


def test_the_table_is_written_to_a_workbook_or_a_csv_file(run: Run, tmp_path: Path) -> None:
    book, lines = tmp_path / "table.XLSX", tmp_path / "table.csv"
    expected = [["Report", "Date", CALL, CREW]]
    expected.append(
        ["Cargo for Tiangong", "2023-05-16", "The call for cargo proposals came in May 2023. [1]", "Not stated"]
    )
    expected.append(["Crews of Tiangong", "", "Not stated", "Tiangong has a permanent crew of three astronauts. [2]"])
    assert run(CALL, CREW, "--out", book) == (0, PRINTED, f"rag: the table is in {book}\n")
    read = openpyxl.load_workbook(book)["Comparison"].values
    assert [[value or "" for value in row] for row in read] == expected
    assert run(CALL, CREW, "--out", lines)[0] == 0
    rows = list(csv.reader(io.StringIO(lines.read_text(encoding="utf-8-sig"))))
    assert [row[:4] for row in rows] == expected


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([" "], 2, "A question is empty. Write what you want to know of each report."),
        ([CALL, "--report", "nowhere"], 1, "No report has the id, name or title 'nowhere'."),
        ([CALL, "--out", "nowhere/table.csv"], 1, "There is no folder nowhere for the table."),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(run: Run, arguments: list[str], status: int, says: str) -> None:
    ended, said, errors = run(*arguments)
    assert (ended, said, errors.count("\n")) == (status, "", 1)
    assert errors.startswith(f"rag: {says}")


def test_a_file_of_another_kind_is_wrong_usage(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(CALL, "--out", "table.pdf")
    assert "table.pdf ends neither in .xlsx nor in .csv" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_after_the_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "table.csv").mkdir()
    status, said, errors = run(CALL, CREW, "--out", tmp_path / "table.csv")
    assert (status, said) == (1, PRINTED)
    assert errors.startswith(f"rag: The table cannot be written to {tmp_path / 'table.csv'}: ")
