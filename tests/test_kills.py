"""A process that adds reports is killed at random moments; what it said to be added is there on the next start."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.retrieval import HybridRetriever
from tests.conftest import ROOT

REPORTS = 12
PAGES = 3


def write_shelf(folder: Path) -> None:
    folder.mkdir()
    for number in range(REPORTS):
        sections = "".join(
            f"## Part {part}\n\nReport word{number} speaks of topic{number} in part {part}. It says so once more.\n\n"
            for part in range(PAGES)
        )
        (folder / f"report-{number:02}.md").write_text(f"# Report {number}\n\n{sections}", encoding="utf-8")


def start(home: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.adding", str(home), str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def add_to_the_end(home: Path, folder: Path) -> None:
    process = start(home, folder)
    process.communicate(timeout=120)
    assert process.returncode == 0


def added_before_kill(home: Path, folder: Path, *, seconds: float) -> set[str]:
    """Kill an adding process so long after it is ready; return the names that it said to be added or unchanged."""
    process = start(home, folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    killer = threading.Timer(seconds, process.kill)
    killer.start()
    said = [line.split() for line in process.stdout if line.endswith("\n")]
    process.wait()
    process.stdout.close()
    killer.cancel()
    return {name for status, name in said if status in ("added", "unchanged")}


def check_shelf(home: Path, said: set[str], embedding: Embedding) -> None:
    library = Library(home)
    indexes = Indexes(library)
    reports = {report.name: report for report in library.reports()}
    assert said - reports.keys() == set()
    indexes.catch_up()
    assert indexes.examine().faults == ()
    assert library.faults() == []
    for report in reports.values():
        assert len(library.document(report).pages) == report.pages
        assert len(library.chunk_ids(report.id)) == report.chunks
    retriever = HybridRetriever(library=library, indexes=indexes, embedding=embedding, k=3)
    for name in sorted(said):
        number = int(name[-5:-3])
        assert retriever.invoke(f"word{number} topic{number}")[0].metadata["report"] == reports[name].id
    assert list((home / "incoming").iterdir()) == []
    indexes.close()
    library.close()


def kill_often(tmp_path: Path, embedding: Embedding, *, times: int, seed: int) -> set[str]:
    """Kill an adding process again and again, look at the shelf each time, and return what was said to be added."""
    folder, home = tmp_path / "shelf", tmp_path / "home"
    write_shelf(folder)
    moments = random.Random(seed)
    said: set[str] = set()
    for _ in range(times):
        said |= added_before_kill(home, folder, seconds=moments.uniform(0.02, 1.5))
        check_shelf(home, said, embedding)
    return said


def names_in(home: Path) -> set[str]:
    library = Library(home)
    names = {report.name for report in library.reports()}
    library.close()
    return names


def test_what_was_said_to_be_added_survives_eight_kills(tmp_path: Path, hashed: Embedding) -> None:
    said = kill_often(tmp_path, hashed, times=8, seed=8)
    assert said <= names_in(tmp_path / "home")


@pytest.mark.slow
def test_what_was_said_to_be_added_survives_thirty_kills(tmp_path: Path, hashed: Embedding) -> None:
    said = kill_often(tmp_path, hashed, times=30, seed=30)
    assert said <= names_in(tmp_path / "home")


def test_two_processes_add_at_once_and_both_finish(tmp_path: Path, hashed: Embedding) -> None:
    home, folder, other = tmp_path / "home", tmp_path / "shelf", tmp_path / "other"
    write_shelf(folder)
    other.mkdir()
    (other / "report-77.md").write_text("# Other\n\nReport word77 speaks of topic77 alone.\n", encoding="utf-8")
    first, second = start(home, folder), start(home, other)
    printed = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [process.returncode for process in (first, second)] == [0, 0]
    said = {line.split()[1] for text in printed for line in text.splitlines() if line.startswith("added")}
    assert len(said) == REPORTS + 1
    check_shelf(home, said, hashed)


def test_an_open_reader_finds_what_another_process_added_and_misses_what_it_removed(
    tmp_path: Path, hashed: Embedding
) -> None:
    home, folder = tmp_path / "home", tmp_path / "shelf"
    library = Library(home)
    indexes = Indexes(library)
    retriever = HybridRetriever(library=library, indexes=indexes, embedding=hashed, k=3)
    assert retriever.invoke("word3 topic3") == []
    write_shelf(folder)
    add_to_the_end(home, folder)
    found = retriever.invoke("word3 topic3")[0].metadata["report"]
    assert found == library.report("report-03.md").id
    remove = "import sys; from rag.cli import main; sys.exit(main(['remove', 'report-03.md', '--home', sys.argv[1]]))"
    assert (
        subprocess.run([sys.executable, "-c", remove, str(home)], cwd=ROOT, stdout=subprocess.DEVNULL).returncode == 0
    )
    assert found not in {hit.metadata["report"] for hit in retriever.invoke("word3 topic3")}
    indexes.close()
    library.close()


@pytest.mark.parametrize("harm", ["deleted", "truncated", "flipped"])
def test_a_damaged_index_file_changes_no_search(tmp_path: Path, hashed: Embedding, harm: str) -> None:
    home, folder = tmp_path / "home", tmp_path / "shelf"
    write_shelf(folder)
    add_to_the_end(home, folder)
    wanted = hits(home, hashed)
    for name in ("dense", "lexical"):
        root = home / "indexes" / name
        assert len(index_files(root)) >= 3
        # A rebuild makes a new copy with files of its own, so the list is read again each time.
        place = 0
        while place < len(index_files(root)):
            path = index_files(root)[place]
            damage(path, harm)
            assert hits(home, hashed) == wanted, path.name
            place += 1


def index_files(root: Path) -> list[Path]:
    """The files of an index that hold anything, by what kind of file they are."""
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock" and path.stat().st_size]
    return sorted(files, key=lambda path: (path.suffix, path.name))


def hits(home: Path, embedding: Embedding) -> list[str]:
    library = Library(home)
    indexes = Indexes(library)
    retriever = HybridRetriever(library=library, indexes=indexes, embedding=embedding, k=5)
    found = [hit.id or "" for hit in retriever.invoke("word5 topic5 part 1")]
    indexes.close()
    library.close()
    return found


def damage(path: Path, harm: str) -> None:
    if harm == "deleted":
        path.unlink()
    elif harm == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(bytes(data))
