"""A CSV of questions and answers becomes a suite that can be read, or is told where it cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evals.convert import convert_csv
from evals.suite import Shelf, Suite, SuiteError, load_suite
from rag import Case
from rag.cases import Evidence


def converted(folder: Path, text: str, *, reports: Path | None = None, name: str = "") -> Suite:
    source, out = folder / "questions.csv", folder / "mine.jsonl"
    source.write_text(text, encoding="utf-8", newline="")
    number = convert_csv(source, out, reports=reports, name=name)
    suite = load_suite(out)
    assert len(suite.cases) == number
    return suite


def refused(folder: Path, text: str) -> str:
    source = folder / "questions.csv"
    source.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(SuiteError) as caught:
        convert_csv(source, folder / "mine.jsonl")
    assert not (folder / "mine.jsonl").exists(), "half a suite is worse than none"
    return str(caught.value).removeprefix(str(source))


def test_questions_and_answers_are_enough(tmp_path: Path) -> None:
    suite = converted(tmp_path, 'question,answer\nWhy?,Because.\n"Who, and when?","Ada, in 1843"\n')
    assert suite.cases == (
        Case(id=hashlib.sha256(b"Why?").hexdigest()[:12], question="Why?", reference="Because."),
        Case(
            id=hashlib.sha256(b"Who, and when?").hexdigest()[:12], question="Who, and when?", reference="Ada, in 1843"
        ),
    )
    assert (suite.name, suite.shelf) == ("mine", Shelf())


def test_every_column_finds_its_field(tmp_path: Path) -> None:
    text = (
        "ID,Question,ANSWER,report, Pages ,facts,tags,Answerable,note\n"
        'q1,Why?,Because.,a/b.pdf,"3, 5-7",low orbit|1971 | ,why|history,yes,seen\n'
        "q2,Who?,,,,,near miss,No,\n"
    )
    assert converted(tmp_path, text).cases == (
        Case(
            id="q1",
            question="Why?",
            reference="Because.",
            facts=(("low orbit",), ("1971",)),
            evidence=(Evidence(report="a/b.pdf", pages=(3, 5, 6, 7)),),
            tags=("why", "history"),
            note="seen",
        ),
        Case(id="q2", question="Who?", answerable=False, tags=("near miss",)),
    )


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [("3", (3,)), ("3-5", (3, 4, 5)), ("3 – 4", (3, 4)), ("3;5", (3, 5)), ("3 and 5", (3, 5)), ("3|5", (3, 5))],
)
def test_pages_are_written_as_people_write_them(tmp_path: Path, pages: str, numbers: tuple[int, ...]) -> None:
    suite = converted(tmp_path, f'question,report,page(s)\nWhy?,a.pdf,"{pages}"\n')
    assert suite.cases[0].evidence == (Evidence(report="a.pdf", pages=numbers),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_or_tabs_part_the_values(tmp_path: Path, delimiter: str) -> None:
    rows = (("Question", "Answer"), ("Why so", "Because"), ("Who", "Ada"))
    suite = converted(tmp_path, "".join(delimiter.join(row) + "\r\n" for row in rows))
    assert [(case.question, case.reference) for case in suite.cases] == [("Why so", "Because"), ("Who", "Ada")]


def test_the_commas_of_the_questions_do_not_part_a_file_of_semicolons(tmp_path: Path) -> None:
    suite = converted(
        tmp_path, "question;answer\nWho, when, where?;Ada, 1843, London\nWhat, why, how?;One, two, three\n"
    )
    assert [case.reference for case in suite.cases] == ["Ada, 1843, London", "One, two, three"]


def test_a_file_of_one_column_will_do(tmp_path: Path) -> None:
    assert [case.question for case in converted(tmp_path, "question\nWhy?\n\nWho?\n").cases] == ["Why?", "Who?"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert converted(tmp_path, "\ufeffquestion,answer\nWhy?,So.\n").cases[0].question == "Why?"


def test_what_has_no_field_ends_up_in_the_note(tmp_path: Path) -> None:
    text = "question,Asked By,note,Date\nWhy?,Ada,seen,2024\nWho?,,,\n"
    assert [case.note for case in converted(tmp_path, text).cases] == ["seen; asked by: Ada; date: 2024", ""]


def test_the_folder_of_the_reports_is_named_from_where_the_suite_is(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "suites").mkdir()
    source, out = tmp_path / "questions.csv", tmp_path / "suites" / "mine.jsonl"
    source.write_text("question\nWhy?\n", encoding="utf-8")
    convert_csv(source, out, reports=tmp_path / "reports", name="ours")
    suite = load_suite(out)
    assert out.read_text(encoding="utf-8").splitlines()[0] == '{"suite":"ours","reports":"../reports"}'
    assert suite.shelf.paths[0].resolve() == (tmp_path / "reports").resolve()


def test_a_suite_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    source, out = tmp_path / "questions.csv", tmp_path / "mine.jsonl"
    source.write_text("question\nWhy?\n", encoding="utf-8")
    out.write_text("kept", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"mine\.jsonl is there already, and is left as it is"):
        convert_csv(source, out)
    assert out.read_text(encoding="utf-8") == "kept"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.csv").write_text("question\nWhy?\n", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"none.mine\.jsonl cannot be written: "):
        convert_csv(tmp_path / "questions.csv", tmp_path / "none" / "mine.jsonl")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", " is empty. Its first row names the columns: question, answer, and what else there is."),
        ("\n , \n", " is empty. Its first row names the columns: question, answer, and what else there is."),
        ("question,answer\n", ": there is no row below the names of the columns. Write a question a row."),
        ("asked,answer\nWhy?,So.\n", ", row 1: there is no column 'question', only 'asked', 'answer'."),
        ("question,Page,pages\nWhy?,1,2\n", ", row 1: there are 2 columns 'pages'. Leave one."),
        (
            "question,answer\nWhy?,So.\n,So.\n",
            ", row 3, column question: it is empty. Write the question, or take the row out.",
        ),
        ("question,answer\nWhy?,So, it is.\n", ", row 2: 3 values for 2 columns. Put a value in quotes."),
        ("question\nWhy?\nWho?\nWhy?\n", ", row 4, column question: row 2 has the same. Take one of them out."),
        ("id,question\na,Why?\na,Who?\n", ", row 3, column id: row 2 has the same. Take one of them out."),
        (
            "question,answerable\nWhy?,perhaps\n",
            ", row 2, column answerable: 'perhaps' is neither yes nor no. Write one of them.",
        ),
        (
            "question,answer,answerable\nWhy?,Not in the reports.,no\n",
            ", row 2, column answerable: Value error, the case is not answerable and yet has reference.",
        ),
        (
            "question,report,page\nWhy?,a.pdf,12a\n",
            ", row 2, column pages: '12a' names no pages. Write them as 3, as 3, 5 or as 3-5.",
        ),
        (
            "question,report,page\nWhy?,a.pdf,0\n",
            ", row 2, column pages: '0' names no pages. Write them as 3, as 3, 5 or as 3-5.",
        ),
        (
            "question,report,page\nWhy?,a.pdf,5-3\n",
            ", row 2, column pages: '5-3' names no pages. Write them as 3, as 3, 5 or as 3-5.",
        ),
        (
            "question,report,page\nWhy?,a.pdf,\n",
            ", row 2, column pages: it is empty, and report is not. Write both, or neither.",
        ),
        (
            "question,report,page\nWhy?,,3\n",
            ", row 2, column report: it is empty, and pages is not. Write both, or neither.",
        ),
        ('question,answer\n"Why?,So.\n', ", row 2: unexpected end of data. Save it as CSV anew."),
    ],
)
def test_what_is_wrong_is_named_with_its_row_and_column(tmp_path: Path, text: str, fault: str) -> None:
    assert refused(tmp_path, text) == fault


def test_a_row_is_counted_as_a_spreadsheet_counts_it(tmp_path: Path) -> None:
    # The answer of row 2 has three lines, and row 3 is blank.
    assert refused(tmp_path, 'question,answer\nWhy?,"One.\nTwo.\nThree."\n,\n,So.\n').startswith(
        ", row 4, column question"
    )


def test_a_file_that_is_no_utf8_or_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(b"question\nCaf\xe9?\n")
    with pytest.raises(SuiteError, match=r"latin\.csv cannot be read: .* saved as UTF-8"):
        convert_csv(tmp_path / "latin.csv", tmp_path / "mine.jsonl")
    with pytest.raises(SuiteError, match=r"none\.csv cannot be read: "):
        convert_csv(tmp_path / "none.csv", tmp_path / "mine.jsonl")
