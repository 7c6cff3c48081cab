"""What the documentation says is so: make targets, commands, flags, settings, links, the example and the transcript."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli import main
from rag.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the sample reports, as `make chat` fills it."""
    folder = tmp_path_factory.mktemp("readme") / ".rag"
    assert main(["add", str(ROOT / "corpus"), "--home", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_make_target_that_is_named_exists(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", text)) - {"are", "is"}
    assert named and named <= targets


def test_every_command_and_flag_of_rag_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    rows = re.findall(r"^\| `rag (\w+)[^`]*` \| (.*) \|$", README, re.MULTILINE)
    assert [name for name, _ in rows] == [
        "add",
        "reports",
        "ask",
        "compare",
        "conversations",
        "export",
        "remove",
        "doctor",
    ]
    for name, said in rows:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        offered = capsys.readouterr().out
        assert {flag for flag in re.findall(r"--[a-z]+", said) if flag not in offered} == set()
        assert "--home" in offered and ("--json" in offered or name == "export")


def test_every_setting_is_listed_and_nothing_else() -> None:
    table = README.partition("## Settings")[2].partition("\n## ")[0]
    listed: set[str] = set()
    for cell in re.findall(r"^\| (`RAG_[^|]*) \|", table, re.MULTILINE):
        first, *rest = re.findall(r"`(\w+)`", cell)
        stem = first.rpartition("_")[0]
        listed |= {first, *(name if name.startswith("RAG_") else f"{stem}{name}" for name in rest)}
    for row in re.findall(r"^\| `RAG_.*$", table, re.MULTILINE):
        listed |= set(re.findall(r"`(RAG_\w+)`", row))
    assert listed == {f"RAG_{name.upper()}" for name in Settings.model_fields} | {"RAG_PASSWORD"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "corpus/README.md"])
def test_every_link_within_the_project_leads_to_a_file(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_python_example_runs_as_it_stands(home: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None and len(code.group(1).splitlines()) <= 15
    shown = "\nassert answer.answered and answer.citations and len(answers) == 2 and titles"
    ran = subprocess.run(
        [sys.executable, "-c", code.group(1) + shown],
        cwd=home.parent,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.returncode, ran.stderr[-500:] if ran.returncode else "") == (0, "")
    assert "§ Why ESA might reconsider Tiangong" in ran.stdout


def test_the_transcript_is_what_asking_prints_today(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    transcript = re.search(r"```console\n\$ make ask Q=\"(.*?)\"\n(.*?)```", README, re.DOTALL)
    assert transcript is not None
    question, printed = transcript.groups()
    assert main(["ask", question, "--home", str(home)]) == 0
    assert capsys.readouterr().out == printed


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
