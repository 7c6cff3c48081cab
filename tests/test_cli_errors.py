"""The command line when something is wrong: one line that says what, where and the next step, and the right status."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.cli import main
from rag.embedding import Embedding
from rag.library import Library
from tests.conftest import put

Run = Callable[..., tuple[int, str, str]]
ANSWER = {"version": 1, "question": "Who?"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in a home of its own, with no reports yet, and gives its status, stdout and stderr."""
    Library(home).close()
    return lambda *arguments: (main([*map(str, arguments), "--home", str(home)]), *capsys.readouterr())


def add(run: Run, folder: Path, **reports: str) -> None:
    for name, text in reports.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        assert run("add", folder / f"{name}.md")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["add"],
        ["ask"],
        ["ask", "Who?", "When?"],
        ["remove"],
        ["reports", "--all"],
        ["doctor", "--mend"],
        ["add", "a.md", "--json", "--events"],
    ],
)
def test_wrong_usage_ends_with_status_2_and_how_it_is_used(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.startswith("usage: rag ")


@pytest.mark.parametrize(
    ("question", "flags", "said"),
    [
        ("", [], "The question is empty. Write what you want to know."),
        (" \n", [], "The question is empty. Write what you want to know."),
        ("Who?", ["--since", "May"], "since is 'May'; write it as YYYY, YYYY-MM or YYYY-MM-DD."),
        ("Who?", ["--until", "5/2023"], "until is '5/2023'; write it as YYYY, YYYY-MM or YYYY-MM-DD."),
    ],
)
def test_a_question_that_cannot_be_asked_is_wrong_usage(run: Run, question: str, flags: list[str], said: str) -> None:
    assert run("ask", question, *flags) == (2, "", f"rag: {said}\n")
    assert run("ask", question, *flags, "--json") == (2, "", f"rag: {said}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["remove", "nothing.md"],
        ["ask", "Who?", "--report", "nothing.md"],
        ["ask", "Who?", "--writer", "llama"],
        ["ask", "Who?", "--writer", "nobody:llama"],
        ["ask", "Who?", "--after", "nowhere.json"],
    ],
)
def test_an_error_is_one_line_on_stderr_and_nothing_on_stdout(run: Run, arguments: list[str]) -> None:
    status, out, err = run(*arguments)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("rag: ") and arguments[-1] in err


@pytest.mark.parametrize("text", ["", "Who?", "[1]", "null", "{}", json.dumps(ANSWER), '"a"', "\x80"])
def test_a_file_that_is_no_saved_answer_is_named_with_how_to_save_one(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "first.json"
    path.write_bytes(text.encode("latin-1"))
    status, out, err = run("ask", "When?", "--after", path)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"rag: {path} is not an answer saved with --json: ")
    assert err.endswith(f" Save one: rag ask --json QUESTION > {path}\n")


def test_what_the_system_says_is_in_words_without_its_number(run: Run, tmp_path: Path) -> None:
    lacking = tmp_path / "first.json"
    assert run("ask", "When?", "--after", lacking)[2] == (
        f"rag: {lacking} is not an answer saved with --json: no such file or directory. "
        f"Save one: rag ask --json QUESTION > {lacking}\n"
    )


@pytest.mark.parametrize(
    ("name", "value"), [("RAG_PASSAGES", "many"), ("RAG_DTYPE", "float16"), ("RAG_READ_SECONDS", "0")]
)
def test_a_setting_that_cannot_be_used_is_named_by_its_variable(
    run: Run, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    status, out, err = run("reports")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"rag: {name} is '{value}': ") and err.endswith("Correct it or unset it.\n")


def test_an_embedding_model_that_is_not_there_is_named_with_the_setting(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_EMBEDDING", "/no/such/model")
    status, out, err = run("ask", "Who?")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "'/no/such/model' does not load" in err and "RAG_EMBEDDING" in err


@pytest.mark.parametrize("command", [["reports"], ["doctor"], ["remove", "a"], ["ask", "Who?"]])
def test_a_home_that_cannot_be_used_is_named(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    status = main([*command, "--home", str(file)])
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err == f"rag: The home folder {file} cannot be used: not a directory. Name another with --home.\n"


def test_the_home_is_rag_home_unless_another_is_named(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["add", str(tmp_path)]) == 1
    assert (tmp_path / ".rag" / "library.db").is_file()
    capsys.readouterr()
    monkeypatch.setenv("RAG_HOME", "shelf")
    assert main(["reports"]) == 0
    assert capsys.readouterr().err == "rag: no reports in shelf. Add some with: rag add PATH\n"
    assert main(["reports", "--home", str(home)]) == 0
    assert capsys.readouterr().err == f"rag: no reports in {home}. Add some with: rag add PATH\n"


def test_a_library_of_another_embedding_model_is_named_with_the_command_that_helps(
    run: Run, home: Path, hashed: Embedding
) -> None:
    library = Library(home)
    put(library, hashed, "a.md", "The call for cargo proposals came in May 2023.", title="Cargo")
    library.close()
    status, out, err = run("ask", "When did the call for cargo proposals come?")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "was made with the embedding model hashed-words@1, and all-MiniLM-L6-v2 is asked for" in err
    assert err.endswith(f"rag doctor --reembed --home {home}\n")
    assert run("doctor", "--reembed")[0] == 0
    assert run("ask", "When did the call for cargo proposals come?")[1].startswith("The call for cargo proposals came")


def test_the_doctor_counts_names_what_is_wrong_and_repairs_it(run: Run, home: Path, tmp_path: Path) -> None:
    add(run, tmp_path, cargo="# Cargo\n\nThe call for cargo proposals came in May 2023.\n")
    status, out, err = run("doctor")
    assert (status, err) == (0, "")
    well = (
        "library: 1 report, 1 page, 1 chunk\ndense index: 1 chunk\nlexical index: 1 chunk\n"
        "embedding: all-MiniLM-L6-v2@223313a6bb24\nall is well\n"
    )
    assert out == well
    shutil.rmtree(home / "indexes" / "lexical")
    status, out, err = run("doctor")
    assert (status, err) == (1, "rag: to rebuild the indexes: rag doctor --repair\n")
    assert "lexical index: not counted\n" in out and "\nfault: the lexical index " in out and "all is well" not in out
    told = json.loads(run("doctor", "--json")[1])
    assert (told["reports"], told["lexical"]) == (1, None)
    assert told["faults"] == ["the lexical index has not been built"]
    assert run("doctor", "--repair") == (0, well, "")


def test_a_lost_original_is_a_fault_that_no_index_mends(run: Run, home: Path, tmp_path: Path) -> None:
    add(run, tmp_path, cargo="# Cargo\n\nThe call for cargo proposals came in May 2023.\n")
    for original in (home / "files").iterdir():
        original.unlink()
    status, out, _ = run("doctor", "--repair")
    assert (status, out.splitlines()[-1].endswith("is missing; add cargo.md again")) == (1, True)
    assert run("add", tmp_path / "cargo.md")[0] == 0
    assert run("doctor")[0] == 0


def test_what_a_report_says_never_steers_the_terminal(run: Run, tmp_path: Path) -> None:
    # An HTML title keeps characters that a file of text loses when it is read.
    name = "red\x1b[31m\x07.html"
    title = "Cargo &#x1b;[2J&#x9b;31m&#x202e; list"
    page = f"<title>{title}</title><h1>{title}</h1><p>The call for cargo &#x1b;[2J proposals came in May 2023.</p>"
    (tmp_path / name).write_text(page, encoding="utf-8")
    (tmp_path / f"{name}.xyz").touch()
    said = [
        run("add", tmp_path / name, tmp_path / f"{name}.xyz"),
        run("add", tmp_path / name),
        run("reports"),
        run("ask", "When did the call for cargo proposals come?"),
        run("ask", "What is the capital of France?"),
        run("ask", "Who?", "--after", tmp_path / f"{name}.json"),
        run("ask", "Who?", "--report", name),
        run("remove", name),
        run("remove", name),
    ]
    assert [status for status, _, _ in said] == [1, 0, 0, 0, 0, 1, 0, 0, 1]
    for _, out, err in said:
        assert [letter for letter in out + err if not letter.isprintable() and letter != "\n"] == []
    assert "May 2023" in said[3][1]


@pytest.mark.parametrize("command", [["ask", "Who?"], ["remove", "a.md"], ["doctor"], ["reports"]])
def test_a_home_that_is_mistyped_does_not_become_one(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "typo"
    status = main([*command, "--home", str(home)])
    said = capsys.readouterr().err
    assert (status, said.count("\n"), list(tmp_path.iterdir())) == (0 if command == ["reports"] else 1, 1, [])
    if status:
        assert said == f"rag: There is no library in {home}. Name its folder with --home, or add reports first.\n"
