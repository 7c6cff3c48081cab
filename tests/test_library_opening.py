"""Opening a library: new, shared, of another version, damaged, not to be written to, or busy."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.errors import LibraryBusy, LibraryDamaged, LibraryError
from rag.library import Library
from rag.schema import SCHEMA_VERSION
from tests.conftest import ROOT, put

OPENINGS = 40
OPEN_MANY = f"""
import sys
from pathlib import Path
from rag.library import Library
print("ready", flush=True)
sys.stdin.readline()
for number in range({OPENINGS}):
    library = Library(Path(sys.argv[1]) / str(number))
    assert (library.reports(), library.generation()) == ((), 0)
"""
NOBODY = 65534


def test_a_library_is_made_where_there_is_none_and_its_parents_too(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet" / "there"
    assert Library(home).reports() == ()
    assert (home / "library.db").is_file()


def test_a_closed_library_opens_again_and_so_does_a_second_one_beside_it(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Text.")
    library.close()
    assert library.reports() == Library(library.home).reports() == (report,)


@pytest.mark.parametrize("name", ["a b", "100%25", "why?", "a#b", "ü 站", "quote'\";", "mode=ro&cache=shared"])
def test_a_home_may_have_any_name(tmp_path: Path, hashed: Embedding, name: str) -> None:
    home = tmp_path / name
    put(Library(home), hashed, "a.md", "Text.")
    assert (home / "library.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_library_of_another_schema_is_refused_with_the_next_step(library: Library) -> None:
    run_sql(library.home, "UPDATE facts SET value = '99' WHERE name = 'schema'")
    with pytest.raises(LibraryError) as caught:
        Library(library.home)
    assert str(caught.value) == (
        f"The library {library.home / 'library.db'} has schema 99, this program reads {SCHEMA_VERSION}. "
        "Use the version of Footnote that made it, or name another folder with --home."
    )


def test_a_file_that_is_no_database_is_damage_that_says_what_to_do(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Text.")
    library.close()
    path = library.home / "library.db"
    path.write_bytes(b"not a database" + path.read_bytes()[14:])
    with pytest.raises(LibraryDamaged) as caught:
        Library(library.home)
    assert str(path) in str(caught.value)
    assert "Restore it from a backup, or move" in str(caught.value)
    # What cannot be read is left as it is, the originals too.
    assert (library.home / "files" / report.document).is_file()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_database_that_was_cut_short_is_damage(library: Library, hashed: Embedding, share: float) -> None:
    put(library, hashed, "a.md", *[f"Page {number}. " * 50 for number in range(40)])
    library.close()
    path = library.home / "library.db"
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(LibraryDamaged, match="Restore it from a backup"):
        read_everything(library.home)


def test_a_text_that_is_no_utf8_any_more_is_damage(library: Library, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "The word zyzzyva stands on this page.")
    library.close()
    path = library.home / "library.db"
    path.write_bytes(path.read_bytes().replace(b"zyzzyva stands", b"zyz\xffyva stands"))
    with pytest.raises(LibraryDamaged, match="Restore it from a backup"):
        read_everything(library.home)


def test_blocks_that_are_no_json_any_more_are_damage(library: Library, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "Text.")
    run_sql(library.home, "UPDATE pages SET blocks = '[[0, 5,'")
    with pytest.raises(LibraryDamaged, match="Restore it from a backup"):
        read_everything(library.home)


@pytest.mark.parametrize("harm", ["deleted", "emptied"])
def test_originals_outlive_a_database_that_is_lost(library: Library, hashed: Embedding, harm: str) -> None:
    report = put(library, hashed, "a.md", "Text.")
    library.close()
    if harm == "deleted":
        (library.home / "library.db").unlink()
    else:
        os.truncate(library.home / "library.db", 0)
    # Naming the loss is as good as opening empty: what matters is that the only copies are kept.
    with suppress(LibraryDamaged):
        Library(library.home).close()
    assert (library.home / "files" / report.document).read_bytes() == b"\nText."


def test_a_home_below_a_file_is_an_error_that_names_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(LibraryError, match=r"The home folder .* cannot be used: .* Name another with --home\."):
            Library(home)


def test_a_home_that_may_not_be_written_to_is_an_error_and_not_half_made(hashed: Embedding) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        put(Library(home), hashed, "a.md", "Text.")
        with unprivileged(home), pytest.raises(LibraryError, match="cannot be written to"):
            Library(home)
        with unprivileged(Path(folder)), pytest.raises(LibraryError, match="Name another with --home"):
            Library(Path(folder) / "new")
        assert [path.name for path in Path(folder).iterdir()] == ["home"]
        assert [report.name for report in Library(home).reports()] == ["a.md"]


def test_a_busy_writers_lock_is_an_error_that_names_the_seconds(library: Library) -> None:
    with writing_elsewhere(library.home):
        started = time.monotonic()
        with pytest.raises(LibraryBusy) as caught, library.writing(seconds=1):
            pass
        assert 1 <= time.monotonic() - started < 10
    assert str(caught.value) == (
        f"Another process has been writing to {library.home} for over 1 s. "
        "Wait for it to finish, or end it, and try again."
    )
    with library.writing(seconds=0), library.writing(seconds=0):
        pass


def test_a_library_opens_and_reads_while_another_writes(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Text.")
    with writing_elsewhere(library.home):
        assert Library(library.home).page(report.id, 1).text == "Text."


def test_an_opening_waits_for_another_that_is_making_the_library(tmp_path: Path) -> None:
    # The other one is at its first write, before the file is in WAL mode.
    with closing(sqlite3.connect(tmp_path / "library.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, other.execute, ["COMMIT"])
        done.start()
        try:
            assert Library(tmp_path).reports() == ()
        finally:
            done.join()


def test_several_processes_make_the_same_libraries_at_once_and_all_succeed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_MANY, str(tmp_path)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert said == ["", "", ""]
    assert [process.returncode for process in processes] == [0, 0, 0]


@pytest.mark.slow
def test_a_database_that_another_program_keeps_locked_is_busy_after_half_a_minute(library: Library) -> None:
    with closing(sqlite3.connect(library.home / "library.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryBusy, match="for over 30 s"), library.writing():
            library.replace_chunks({}, {}, "f@1")
    assert library.generation() == 0


def read_everything(home: Path) -> None:
    with closing(Library(home)) as library:
        for report in library.reports():
            library.document(report)
            library.stored_chunks(report.id)


def run_sql(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "library.db")) as connection, connection:
        connection.execute(statement)


@contextmanager
def writing_elsewhere(home: Path) -> Iterator[None]:
    """Another process holds the writer's lock of the home meanwhile."""
    code = "import sys; from pathlib import Path; from rag.library import Library\n"
    code += "with Library(Path(sys.argv[1])).writing(): print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        yield
        process.communicate(timeout=60)


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """The folder may not be written to meanwhile: by mode, and by giving up root, which no mode binds."""
    root = os.geteuid() == 0
    folder.chmod(0o555)
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
