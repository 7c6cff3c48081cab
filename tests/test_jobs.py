"""Ingest jobs: kept in the library, seen by every process, told from the dead, and written a few times a second."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from rag import schema
from rag.embedding import Embedding
from rag.errors import DamagedFile, LibraryBusy
from rag.ingest import Outcome
from rag.jobs import Job, JobFile, Jobs, Recorder, processes, recording
from rag.jobs.record import MOST_TOLD
from rag.library import Library
from rag.sources import Source
from rag.types import PageNote, Report
from tests.conftest import ROOT, put

DIED = "It ended early; what is listed as added is kept. Add the rest again"
# A child that records a step of a job and then does nothing for a minute, with a child of its own.
CHILD = """
import subprocess, sys, time
from pathlib import Path
from rag.jobs import Jobs, Recorder, recording
from rag.library import Library
from rag.sources import Source
with recording(Jobs(Library(Path(sys.argv[1]))), sys.argv[2]) as tell:
    tell.watch(Source(Path("a.md"), "a.md"))("reading", 1, 4)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    time.sleep(60)
"""
OPEN = "import sys; from pathlib import Path; from rag.library import Library; Library(Path(sys.argv[1]))"
# What libraries were made of before they kept jobs.
FIRST = ("facts", "reports", "pages", "vectors", "chunks")


@pytest.fixture
def jobs(library: Library) -> Iterator[Jobs]:
    yield Jobs(library)
    library.close()


def report(title: str, *notes: PageNote) -> Report:
    return Report("0" * 12, "1" * 64, "a.md", title, "markdown", None, 1, 1, 10, "2026-01-01", notes)


def source(name: str) -> Source:
    return Source(Path(name), name)


def started(home: Path, job: str) -> subprocess.Popen[bytes]:
    """A child at work on the job, in a session of its own."""
    return subprocess.Popen([sys.executable, "-c", CHILD, str(home), job], cwd=ROOT, start_new_session=True)


def until(jobs: Jobs, step: str) -> Job:
    """The one job, once its one file is at that step."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (job,) = jobs.all()
        if [one.step for one in job.now] == [step]:
            return job
        time.sleep(0.05)
    raise AssertionError(jobs.all())


def test_a_job_is_running_with_nothing_done_when_it_begins(jobs: Jobs) -> None:
    job = jobs.begin(expected=3)
    (found,) = jobs.all()
    assert (found.id, found.expected, found.state, found.finished, found.share) == (job, 3, "running", 0, 0.0)
    assert jobs.states() == ((job, "running"),)


def test_what_is_recorded_is_told_as_at_work_failed_or_well_and_counted(jobs: Jobs) -> None:
    job = jobs.begin(expected=4)
    files = {
        0: JobFile("a.md", "added", words="A"),
        1: JobFile("b.md", "failed", words="b.md: it is empty."),
        2: JobFile("c.md", "replaced", words="C", notes=("page 2: blank",)),
        3: JobFile("d.md", step="embedding", done=1, whole=2),
    }
    jobs.record(job, files)
    (found,) = jobs.all()
    assert (found.now, found.failed, found.well) == ((files[3],), (files[1],), (files[2], files[0]))
    assert found.counts == {"added": 1, "failed": 1, "replaced": 1}
    # Three of four are done; of the fourth, reading is 0.3 of the work and half of embedding another 0.3.
    assert found.share == pytest.approx(3.6 / 4)


def test_of_thousands_of_files_the_latest_are_told_and_all_are_counted(jobs: Jobs) -> None:
    job = jobs.begin(expected=5000)
    jobs.record(job, {place: JobFile(f"{place}.md", "added", words=str(place)) for place in range(5000)})
    before = time.monotonic()
    (found,) = jobs.all()
    assert time.monotonic() - before < 1
    assert [one.name for one in found.well] == [f"{place}.md" for place in range(4999, 4999 - MOST_TOLD, -1)]
    assert (found.finished, found.share) == (5000, 1.0)


def test_jobs_raise_no_generation_and_need_no_writers_lock(jobs: Jobs, library: Library) -> None:
    other = Library(library.home)
    with other.writing():
        job = jobs.begin(expected=1)
        jobs.record(job, {0: JobFile("a.md", "added", words="A")})
        jobs.finish(job)
        jobs.dismiss(job)
    other.close()
    assert (library.generation(), jobs.all()) == (0, ())


def test_the_newest_job_comes_first_and_a_running_one_is_not_dismissed(jobs: Jobs) -> None:
    first, second = jobs.begin(expected=1), jobs.begin(expected=1)
    jobs.dismiss(first)
    assert [job.id for job in jobs.all()] == [second, first]
    jobs.finish(second)
    jobs.dismiss(second)
    assert [job.id for job in jobs.all()] == [first]


def test_what_ended_records_no_more(jobs: Jobs) -> None:
    job = jobs.begin(expected=1)
    jobs.cancel(job)
    jobs.record(job, {0: JobFile("a.md", "added", words="A")})
    jobs.finish(job)
    (found,) = jobs.all()
    assert (found.state, found.well) == ("cancelled", ())
    assert found.words == "It was stopped; what is listed as added is kept."


def test_a_job_whose_process_is_dead_has_ended_early_and_keeps_what_was_said(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=2)
    jobs.folder(job).mkdir(parents=True)
    jobs.refuse(job, "b.md", "b.md: another file has the same name.")
    child = started(library.home, job)
    until(jobs, "reading")
    child.kill()
    child.wait()
    (found,) = jobs.all()
    assert (found.state, found.words, found.now) == ("ended", f"{DIED}: a.md.", ())
    assert [one.name for one in found.failed] == ["b.md"]
    assert not jobs.folder(job).exists()


def test_of_many_files_without_an_outcome_a_job_that_ended_early_names_three(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=7)
    at_work = {place: JobFile(f"{place}.md", step="reading") for place in range(5)}
    jobs.record(job, {**at_work, 5: JobFile("5.md", "added")})
    child = started(library.home, job)
    child.kill()
    child.wait()
    jobs.hand_over(job, child.pid)
    (found,) = jobs.all()
    assert found.words == f"{DIED}: 0.md, 1.md, 2.md and 3 more."


def test_another_process_with_the_same_id_is_not_taken_for_the_jobs(jobs: Jobs, library: Library) -> None:
    jobs.begin(expected=1)
    with closing(sqlite3.connect(library.home / "library.db")) as connection, connection:
        connection.execute("UPDATE jobs SET started = started - 60")
    assert [job.state for job in jobs.all()] == ["ended"]


def test_a_process_that_has_ended_and_that_nobody_waited_for_is_dead(jobs: Jobs) -> None:
    job = jobs.begin(expected=1)
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    jobs.hand_over(job, child.pid)
    assert [one.state for one in jobs.all()] == ["running"]
    assert child.stdin is not None
    child.stdin.close()
    deadline = time.monotonic() + 10
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [one.state for one in jobs.all()] == ["ended"]
    child.wait()


def test_cancelling_ends_the_child_and_what_it_started(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=1)
    jobs.folder(job).mkdir(parents=True)
    child = started(library.home, job)
    until(jobs, "reading")
    family = psutil.Process(child.pid).children(recursive=True)
    deadline = time.monotonic() + 20
    while not family and time.monotonic() < deadline:
        family = psutil.Process(child.pid).children(recursive=True)
    # From another process as well: a second look at the same home.
    with closing(Library(library.home)) as other:
        Jobs(other).cancel(job)
    child.wait(10)
    assert len(family) == 1
    assert not any(one.is_running() for one in family)
    assert [one.state for one in jobs.all()] == ["cancelled"]
    assert not jobs.folder(job).exists()


@pytest.mark.skipif(os.name != "posix", reason="niceness is POSIX's")
def test_a_child_gives_way_to_those_who_ask() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    before = psutil.Process(child.pid).nice()
    processes.give_way(child.pid)
    assert psutil.Process(child.pid).nice() == max(before, 5)
    child.communicate()
    processes.give_way(child.pid)


def test_a_child_that_comes_after_its_job_was_cancelled_is_ended(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=1)
    jobs.cancel(job)
    child = started(library.home, job)
    assert child.wait(60) != 0
    assert [one.state for one in jobs.all()] == ["cancelled"]


def test_sweeping_deletes_old_jobs_and_folders_that_no_job_owns(jobs: Jobs, library: Library) -> None:
    old, new, running = (jobs.begin(expected=1) for _ in range(3))
    for job in (old, new):
        jobs.finish(job)
    for name in (running, "stranger"):
        jobs.folder(name).mkdir(parents=True)
    with closing(sqlite3.connect(library.home / "library.db")) as connection, connection:
        connection.execute("UPDATE jobs SET begun = '2020-01-01T00:00:00+00:00' WHERE id = ?", (old,))
    jobs.sweep()
    assert {job.id for job in jobs.all()} == {new, running}
    assert [path.name for path in (library.home / "uploads").iterdir()] == [running]


def test_a_recorder_writes_a_few_times_a_second_whatever_it_is_told(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=1)
    written = library.home / "library.db"
    with closing(sqlite3.connect(written)) as watcher:

        def version() -> int:
            return int(watcher.execute("PRAGMA data_version").fetchone()[0])

        changes, last = 0, version()
        recorder = Recorder(jobs, job)
        step = recorder.watch(source("a.md"))
        until_then = time.monotonic() + 2
        told = 0
        while time.monotonic() < until_then:
            step("reading", told, 100_000)
            told += 1
            now = version()
            changes, last = changes + (now != last), now
        recorder.close()
    assert told > 1000
    assert 2 <= changes <= 7
    (found,) = jobs.all()
    assert [(one.step, one.done) for one in found.now] == [("reading", told - 1)]


def test_outcomes_are_recorded_with_their_notes_and_the_report_that_made_way(jobs: Jobs) -> None:
    job = jobs.begin(expected=3)
    with recording(jobs, job) as tell:
        blank = PageNote(2, "blank", "p. 2: blank.")
        tell.ended(Outcome(source("a.md"), "added", report=report("A", PageNote(0, "odd", "It is odd."), blank)))
        tell.ended(Outcome(source("b.md"), "replaced", report=report("B"), before=report("Bee")))
        tell.ended(Outcome(source("c.md"), "failed", error=DamagedFile("c.md: it is broken.")))
    (found,) = jobs.all()
    assert (found.state, found.words, found.share) == ("done", "", 1.0)
    assert [(one.name, one.status, one.words, one.notes) for one in (*found.well, *found.failed)] == [
        ("b.md", "replaced", "B", ("It took the place of Bee, which had the same file name b.md.",)),
        ("a.md", "added", "A", ("It is odd.", "page 2: p. 2: blank.")),
        ("c.md", "failed", "c.md: it is broken.", ()),
    ]


def test_an_unpacked_archive_is_so_many_files_instead_of_one(jobs: Jobs) -> None:
    job = jobs.begin(expected=2)
    with recording(jobs, job) as tell:
        watch = tell.watch(source("all.zip"))
        watch("unpacking", 0, 3)
        watch("unpacking", 3, 3)
        for name in ("one.md", "two.md", "three.md", "other.md"):
            tell.ended(Outcome(source(name), "added", report=report(name)))
    (found,) = jobs.all()
    assert (found.expected, found.finished, found.share) == (4, 4, 1.0)
    assert {one.name for one in found.well} == {"one.md", "two.md", "three.md", "other.md"}


def test_an_error_of_ours_is_the_jobs_end_in_words(jobs: Jobs) -> None:
    job = jobs.begin(expected=1)
    with pytest.raises(LibraryBusy), recording(jobs, job):
        raise LibraryBusy("Another process has been writing for over 900 s.")
    (found,) = jobs.all()
    assert (found.state, found.words) == ("ended", "Another process has been writing for over 900 s.")


def test_a_library_from_before_there_were_jobs_gets_their_tables_and_old_programs_go_on(
    tmp_path: Path, hashed: Embedding
) -> None:
    with closing(Library(tmp_path / "home")) as library:
        put(library, hashed, "a.md", "Text.")
    path = tmp_path / "home" / "library.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if name not in FIRST:
                connection.execute(f"DROP TABLE {name}")
    # Several at once, as when a server and a command start together.
    command = [sys.executable, "-c", OPEN, str(tmp_path / "home")]
    opened = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    assert [one.communicate(timeout=60)[1] for one in opened] == [b"", b"", b""]
    with closing(Library(tmp_path / "home")) as library:
        assert [one.name for one in library.reports()] == ["a.md"]
        assert (Jobs(library).all(), library.generation()) == ((), 1)
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {"jobs", "job_files"} <= tables
        assert connection.execute("SELECT value FROM facts WHERE name = 'schema'").fetchone() == (
            schema.SCHEMA_VERSION,
        )
    assert schema.SCHEMA_VERSION == "1"
    assert set(FIRST) == schema.FIRST


@pytest.mark.skipif(os.name != "posix", reason="a session of its own is POSIX's")
def test_progress_of_one_process_is_seen_by_another_while_it_works(jobs: Jobs, library: Library) -> None:
    job = jobs.begin(expected=1)
    child = started(library.home, job)
    found = until(jobs, "reading")
    assert found.now == (JobFile("a.md", step="reading", done=1, whole=4),)
    # A quarter of the reading, which is 0.3 of the work.
    assert found.share == pytest.approx(0.3 / 4)
    jobs.cancel(job)
    child.wait(10)
