"""The command line, command by command: what goes to stdout, what to stderr, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest
from fpdf import FPDF

from rag.cli import main
from rag.jobs import Jobs
from rag.library import Library, report_id
from rag.types import Answer

CARGO = "# Cargo for Tiangong\n\nDate: 2023-05-16\n\nThe call for cargo proposals came in May 2023.\n"
CREWS = "Crews of Tiangong\n\nDate: 2021-06-17\n\nTiangong has a permanent crew of three astronauts.\n"
CALL = "When did the call for cargo proposals come?"
CREW = "How many astronauts are in the permanent crew of Tiangong?"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in a home of its own and gives its status, stdout and stderr."""
    return lambda *arguments: (main([*map(str, arguments), "--home", str(tmp_path / "home")]), *capsys.readouterr())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_two(tmp_path)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the two reports, for commands that change nothing."""
    folder = tmp_path_factory.mktemp("cli")
    assert main(["add", str(write_two(folder)), "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def filled(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in the home that holds the two reports."""
    capsys.readouterr()
    return lambda *arguments: (main([*map(str, arguments), "--home", str(home)]), *capsys.readouterr())


def write_two(parent: Path) -> Path:
    """Write a folder of two reports: one in Markdown of 2023, one in plain text of 2021."""
    folder = parent / "reports"
    folder.mkdir()
    (folder / "cargo.md").write_text(CARGO, encoding="utf-8")
    (folder / "crews.txt").write_text(CREWS, encoding="utf-8")
    return folder


def test_adding_says_what_became_of_each_file(run: Run, folder: Path) -> None:
    added = "added: Cargo for Tiangong (1 page, 1 chunk)\nadded: Crews of Tiangong (1 page, 1 chunk)\n"
    assert run("add", folder) == (0, added, "")
    (folder / "cargo.md").write_text(CARGO.replace("May", "June"), encoding="utf-8")
    (folder / "copy.txt").write_bytes((folder / "crews.txt").read_bytes())
    assert run("add", folder) == (
        0,
        "replaced: Cargo for Tiangong (1 page, 1 chunk embedded anew)\n"
        f"duplicate: copy.txt is the report crews.txt ({report_id('crews.txt')})\n"
        "unchanged: Crews of Tiangong is in the library already\n",
        "",
    )


def test_the_good_files_go_in_and_each_bad_one_is_named(run: Run, folder: Path) -> None:
    (folder / "page.pdf").write_text("<html>not found</html>", encoding="utf-8")
    (folder / "photo.jpeg").write_bytes(b"\xff\xd8\xff")
    (folder / "void.docx").touch()
    status, out, err = run("add", folder, folder / "nowhere.md")
    assert (status, out.count("added: ")) == (1, 2)
    assert [line.split(". ")[0] for line in err.splitlines()] == [
        "failed: page.pdf: its name says PDF, but its bytes do not",
        "failed: photo.jpeg: no reader for this kind of file",
        "failed: void.docx: it is empty, 0 bytes",
        f"failed: {folder}/nowhere.md cannot be read: there is no such file",
    ]
    assert len(json.loads(run("reports", "--json")[1])) == 2


def test_adding_as_json_prints_one_list_with_the_failures_in_it(run: Run, folder: Path) -> None:
    (folder / "void.md").touch()
    status, out, err = run("add", folder, "--json")
    cargo, crews, void = json.loads(out)
    assert (status, err) == (1, "")
    assert (cargo["name"], cargo["status"], cargo["embedded"], cargo["message"]) == ("cargo.md", "added", 1, "")
    assert (cargo["report"]["id"], cargo["report"]["kind"]) == (report_id("cargo.md"), "markdown")
    assert (crews["status"], crews["report"]["date"]) == ("added", "2021-06-17")
    assert (void["status"], void["report"]) == ("failed", None)
    assert void["message"].startswith("void.md: it is empty")


def test_adding_with_events_prints_a_json_line_for_each_step_and_outcome(run: Run, folder: Path) -> None:
    status, out, _ = run("add", folder, "--events")
    events = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [event["name"] for event in events if event["event"] == "outcome"] == ["cargo.md", "crews.txt"]
    cargo = [event for event in events if event["name"] == "cargo.md"]
    assert [(event["step"], event["done"], event["whole"]) for event in cargo[:-1]] == [
        ("reading", 1, 1),
        ("embedding", 0, 1),
        ("indexing", 0, 1),
        ("indexing", 1, 1),
    ]
    assert (cargo[-1]["event"], cargo[-1]["status"]) == ("outcome", "added")


def test_a_folder_with_nothing_to_add_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = "rag: no file to add in what was named. Name files, or folders that hold some.\n"
    assert run("add", tmp_path / "empty") == (1, "", said)
    assert run("add", tmp_path / "empty", "--json") == (1, "[]\n", "")


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_password_opens_an_encrypted_file(run: Run, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="sesame")
    paper.add_page()
    paper.set_font("helvetica")
    paper.cell(text="The call for cargo proposals came in May 2023.")
    path = tmp_path / "paper.pdf"
    paper.output(str(path))
    status, out, err = run("add", path)
    assert (status, out) == (1, "")
    assert err.startswith("failed: paper.pdf: it is locked with a password.")
    if by == "variable":
        monkeypatch.setenv("RAG_PASSWORD", "sesame")
    assert run("add", path, *(["--password", "sesame"] if by == "flag" else []))[0] == 0


def test_reports_are_listed_with_what_the_other_commands_want(filled: Run) -> None:
    status, out, err = filled("reports")
    assert (status, err) == (0, "")
    assert out == (
        f"{report_id('cargo.md')}  2023-05-16  markdown      1 page  Cargo for Tiangong\n"
        "              cargo.md\n"
        f"{report_id('crews.txt')}  2021-06-17  text          1 page  Crews of Tiangong\n"
        "              crews.txt\n"
    )
    listed = json.loads(filled("reports", "--json")[1])
    assert [(one["id"], one["name"], one["chunks"]) for one in listed] == [
        (report_id("cargo.md"), "cargo.md", 1),
        (report_id("crews.txt"), "crews.txt", 1),
    ]


def test_no_reports_is_no_error(run: Run, tmp_path: Path) -> None:
    assert run("reports") == (0, "", f"rag: no reports in {tmp_path / 'home'}. Add some with: rag add PATH\n")
    assert run("reports", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("ref", [report_id("cargo.md"), "cargo.md", "cargo for tiangong"])
def test_removing_says_what_went(run: Run, folder: Path, ref: str) -> None:
    run("add", folder / "cargo.md")
    name = f"Cargo for Tiangong ({report_id('cargo.md')})"
    gone = f"1 page, 1 chunk, 1 vector, and the original cargo.md ({len(CARGO)} bytes)"
    assert run("remove", ref) == (0, f"removed: {name}: {gone}\n", "")
    assert run("reports", "--json")[1] == "[]\n"


def test_removing_as_json_prints_the_receipt(run: Run, folder: Path) -> None:
    run("add", folder)
    receipt = json.loads(run("remove", "cargo.md", "--json")[1])
    assert (receipt["report"]["name"], receipt["pages"], receipt["chunks"], receipt["vectors"]) == ("cargo.md", 1, 1, 1)
    assert [one["name"] for one in json.loads(run("reports", "--json")[1])] == ["crews.txt"]


def test_an_answer_is_printed_with_its_footnotes(filled: Run) -> None:
    sentence = "The call for cargo proposals came in May 2023."
    place = f"Cargo for Tiangong (2023-05-16), § Cargo for Tiangong: “{sentence}”"
    assert filled("ask", CALL) == (0, f"{sentence} [1]\n\n[1] {place}\n", "")


def test_asking_as_json_prints_one_answer_that_python_reads_back(filled: Run, home: Path) -> None:
    status, out, err = filled("ask", CALL, "--json")
    plain = json.loads(out)
    answer = Answer.from_json(plain)
    assert (status, err) == (0, "")
    assert answer.to_json() == plain
    assert (answer.question, answer.answered, answer.writer, answer.stage) == (CALL, True, "quotes", "done")
    citation = answer.citations[0]
    page = Library(home).page(citation.report, citation.page)
    assert page.text[citation.start : citation.end] == citation.quote == answer.statements[0].text


def test_a_refusal_is_an_answer(filled: Run) -> None:
    status, out, err = filled("ask", "What is the capital of France?")
    assert (status, err) == (0, "")
    said, why, missing, _, nearest, *places = out.splitlines()
    assert (said, why, missing, nearest) == (
        "The reports do not say.",
        "Nothing in the passages nearest to the question supports an answer.",
        "Not found near each other: capital, France",
        "Nearest:",
    )
    assert places[0].startswith("  C") and "of Tiangong" in out
    assert Answer.from_json(json.loads(filled("ask", "What is the capital of France?", "--json")[1])).refusal


@pytest.mark.parametrize(
    ("flags", "answered"),
    [
        (["--report", report_id("crews.txt")], True),
        (["--report", report_id("cargo.md")], False),
        (["--report", "crews.txt"], True),
        (["--report", "CREWS of Tiangong", "--report", "cargo.md"], True),
        (["--report", "cargo.md"], False),
        (["--kind", "markdown"], False),
        (["--since", "2022"], False),
        (["--until", "2021-06"], True),
        (["--until", "2020"], False),
        (["--since", "2021", "--until", "2022", "--kind", "markdown", "--kind", "text"], True),
    ],
)
def test_flags_narrow_what_is_searched(filled: Run, flags: list[str], answered: bool) -> None:
    answer = json.loads(filled("ask", CREW, "--json", *flags)[1])
    assert answer["answered"] is answered
    assert {one["title"] for one in answer["citations"]} == ({"Crews of Tiangong"} if answered else set())


def test_a_follow_up_is_asked_after_a_saved_answer(filled: Run, tmp_path: Path) -> None:
    saved = tmp_path / "first.json"
    saved.write_text(filled("ask", "What is said of the call for cargo proposals?", "--json")[1], encoding="utf-8")
    alone = json.loads(filled("ask", "And when was that?", "--json")[1])
    after = json.loads(filled("ask", "And when was that?", "--after", str(saved), "--json")[1])
    assert (alone["answered"], alone["standalone"]) == (False, "And when was that?")
    assert "cargo proposals" in after["standalone"]
    assert [one["text"] for one in after["statements"]] == ["The call for cargo proposals came in May 2023."]


def test_asking_appends_a_case_to_a_suite_once(filled: Run, home: Path, tmp_path: Path) -> None:
    suite = tmp_path / "suites" / "mine.jsonl"
    ids = [report["id"] for report in json.loads(filled("reports", "--json")[1])]
    for _ in range(2):
        status, printed, said = filled("ask", CALL, "--report", ids[0], "--save-case", suite, "--json")
        assert (status, json.loads(printed)["question"]) == (0, CALL)
    assert said.startswith("rag: saved already as case ")
    header, case = map(json.loads, suite.read_text(encoding="utf-8").splitlines())
    assert (header["suite"], (suite.parent / header["home"]).resolve()) == ("mine", home.resolve())
    assert (case["question"], len(case["reports"]), case["tags"]) == (CALL, 1, ["saved"])


def test_a_case_that_cannot_be_appended_is_said_after_the_answer(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, printed, said = filled("ask", CALL, "--save-case", tmp_path / "file" / "mine.jsonl")
    assert (status, "May 2023" in printed) == (1, True)
    assert "mine.jsonl: " in said and said.endswith("Name another file.\n")


def test_filters_that_no_report_passes_are_said_with_what_there_is(filled: Run) -> None:
    for arguments in (("--kind", "pdf"), ("--until", "2020"), ("--since", "2022", "--until", "2021-07")):
        refusal = json.loads(filled("ask", CALL, *arguments, "--json")[1])
        assert (refusal["answered"], refusal["text"]) == (False, "No report passes the filters.")
        assert refusal["refusal"] == {
            "reason": "There are 2 reports: markdown, text, dated 2021-06-17 to 2023-05-16.",
            "missing": [],
            "nearest": [],
        }
    assert "May 2023" in filled("ask", CALL, "--kind", ".Markdown")[1]
    status, out, _ = filled("ask", CALL, "--kind", "foo")
    assert (status, out.splitlines()) == (
        0,
        ["No report passes the filters.", "There are 2 reports: markdown, text, dated 2021-06-17 to 2023-05-16."],
    )


def test_another_report_of_the_same_name_is_said_to_have_made_way(run: Run, tmp_path: Path) -> None:
    for place, title in (("one", "Alpha minutes"), ("two", "Beta minutes")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "minutes.md").write_text(f"# {title}\n\nThe {title} are short.\n")
    run("add", tmp_path / "one")
    _, printed, _ = run("add", tmp_path / "two")
    assert printed.endswith(", in the place of Alpha minutes, which had the same name minutes.md\n")
    (tmp_path / "two" / "minutes.md").write_text("# Beta minutes\n\nThey are long.\n")
    (again,) = json.loads(run("add", tmp_path / "two", "--json")[1])
    assert (again["status"], again["before"]["title"]) == ("replaced", "Beta minutes")


def test_a_file_goes_by_the_name_that_is_given_and_replaces_the_report_of_that_name(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    run("add", folder / "cargo.md")
    (tmp_path / "draft-7.md").write_text(CARGO.replace("May", "June"), encoding="utf-8")
    status, out, err = run("add", tmp_path / "draft-7.md", "--name", "cargo.md")
    assert (status, err) == (0, "")
    assert out == "replaced: Cargo for Tiangong (1 page, 1 chunk embedded anew)\n"
    assert [line.split()[-1] for line in run("reports")[1].splitlines()] == ["Tiangong", "cargo.md"]
    status, out, err = run("add", folder, "--name", "cargo.md")
    assert (status, out) == (1, "")
    assert err == "rag: --name is for one file, and 2 are named. Add them one by one.\n"


def test_a_known_file_is_read_again_when_asked_for(run: Run, folder: Path) -> None:
    run("add", folder)
    said = "read again: Cargo for Tiangong (1 page, 0 chunks embedded anew)\n"
    assert run("add", folder / "cargo.md", "--again") == (0, said, "")
    assert run("doctor")[0] == 0


def test_a_zip_is_added_as_the_files_in_it(run: Run, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("2023/cargo.md", CARGO)
        archive.writestr("picture.png", b"PNG")
    status, out, err = run("add", tmp_path / "all.zip")
    assert (status, out) == (1, "added: Cargo for Tiangong (1 page, 1 chunk)\n")
    assert err.startswith("failed: picture.png: no reader for this kind of file.")
    assert run("reports")[1].splitlines()[1].strip() == "2023/cargo.md"


def test_a_job_is_told_of_every_file_and_the_terminal_of_none(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "picture.png").write_bytes(b"PNG")
    with closing(Library(tmp_path / "home")) as library:
        jobs = Jobs(library)
        job = jobs.begin(expected=3)
        assert run("add", folder, "--job", job) == (1, "", "")
        (found,) = jobs.all()
        assert (found.state, found.share, dict(found.counts)) == ("done", 1.0, {"added": 2, "failed": 1})
        assert {one.words for one in found.well} == {"Cargo for Tiangong", "Crews of Tiangong"}


def test_the_jobs_of_the_browser_are_no_option_for_people(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["add", "--help"])
    assert "--job" not in capsys.readouterr().out
