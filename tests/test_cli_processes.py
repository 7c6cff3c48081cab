"""The command line as a process: pipes whose reader has gone, Ctrl+C, terminals, and encodings that lack a letter."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from rag.cli import main
from rag.embedding import Embedding
from rag.library import Library
from tests.conftest import ROOT, put

RAG = [sys.executable, "-m", "rag.cli"]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, pipes and terminals of POSIX")
# Prints two outcomes while bars show, as adding does.
OUTCOMES = """
from pathlib import Path
from time import sleep
from rag import console
from rag.sources import Source
with console.watch_with_bars(2) as (watch, ended):
    for name in ("one.md", "two.md"):
        watch(Source(Path(name), name))("reading", 1, 2)
        sleep(0.2)
        print(f"added: {name}", flush=True)
        ended()
"""


def start(
    command: list[str], *, environment: Mapping[str, str] | None = None, **streams: int
) -> subprocess.Popen[bytes]:
    """Start a program as a terminal does, which heeds Ctrl+C: what a shell puts in the background does not."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(  # type: ignore[call-overload]
        command,
        env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        **streams,
    )


@pytest.fixture
def home(tmp_path: Path, hashed: Embedding) -> Path:
    """A home with one report of a title that ASCII cannot write."""
    library = Library(tmp_path / "home")
    put(library, hashed, "a.md", "The call came in May 2023.", title="Fret pour Tiangong “été”")
    library.close()
    return tmp_path / "home"


@pytest.mark.parametrize("command", [["reports"], ["reports", "--json"], ["doctor", "--json"]])
def test_a_reader_that_has_gone_ends_the_command_quietly(home: Path, command: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    child = start([*RAG, *command, "--home", str(home)], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (child.communicate(timeout=60)[1], child.returncode) == (b"", 1)


def test_letters_that_the_terminal_lacks_are_written_as_escapes(home: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    out = start([*RAG, "reports", "--home", str(home)], environment=ascii_only, stdout=subprocess.PIPE).communicate()[0]
    assert rb"Fret pour Tiangong \u201c\xe9t\xe9\u201d" in out
    out = start([*RAG, "reports", "--json", "--home", str(home)], stdout=subprocess.PIPE).communicate()[0]
    assert json.loads(out)[0]["title"] == "Fret pour Tiangong “été”"


def test_ctrl_c_ends_adding_with_status_130_and_keeps_what_was_said(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:02}.md").write_text(f"# Report {number}\n\nCrew {number} arrived in May.\n")
    command = [*RAG, "add", str(folder), "--home", str(tmp_path / "home"), "--events"]
    child = start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    said = []
    for line in child.stdout:
        event = json.loads(line)
        if event["event"] == "outcome":
            said.append(event["name"])
        if len(said) == 3:
            child.send_signal(signal.SIGINT)
            break
    rest, err = child.communicate(timeout=60)
    said += [event["name"] for event in map(json.loads, rest.splitlines()) if event["event"] == "outcome"]
    assert (child.returncode, err) == (130, b"rag: stopped; what was said to be added is kept.\n")
    library = Library(tmp_path / "home")
    held = {report.name for report in library.reports()}
    library.close()
    # One more may have been safe already when the signal came, before it could be said.
    assert set(said) <= held and len(held) <= len(said) + 1 < 60
    assert main(["doctor", "--repair", "--home", str(tmp_path / "home")]) == 0


def test_in_a_pipe_there_are_no_bars(tmp_path: Path) -> None:
    child = start([sys.executable, "-c", OUTCOMES], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.communicate(timeout=60) == (b"added: one.md\nadded: two.md\n", b"")


def test_on_a_terminal_outcomes_stand_on_lines_of_their_own_above_the_bars() -> None:
    shown = on_terminal(out_too=True)
    assert shown.count("added: ") == 2
    assert "reading one.md" in shown and "files" in shown
    # Where a bar had begun a line, it is erased before the outcome is written.
    assert re.findall(r"(?:\n|\x1b\[2K|^)added: (\w+)\.md", shown) == ["one", "two"]


def test_what_goes_into_a_pipe_has_no_bars_in_it_though_they_show_on_the_terminal() -> None:
    assert "added: " not in (shown := on_terminal(out_too=False)) and "reading two.md" in shown


def on_terminal(*, out_too: bool) -> str:
    """Return what a terminal is sent that a program with bars has for stderr; its stdout is the terminal or a pipe."""
    main_end, its_end = os.openpty()
    stdout = its_end if out_too else subprocess.PIPE
    terminal = {"TERM": "xterm", "COLUMNS": "80"}
    child = start([sys.executable, "-c", OUTCOMES], environment=terminal, stdout=stdout, stderr=its_end)
    os.close(its_end)
    shown = b""
    while True:
        try:
            part = os.read(main_end, 65536)
        except OSError:  # Linux's way to say that the program has closed it
            part = b""
        if not part:
            break
        shown += part
    os.close(main_end)
    out = child.communicate(timeout=60)[0]
    assert out_too or out == b"added: one.md\nadded: two.md\n"
    return shown.decode().replace("\r", "")
