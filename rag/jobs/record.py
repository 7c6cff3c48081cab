"""Jobs as the library keeps them: begun, read, cancelled, dismissed, and told from the dead."""

from __future__ import annotations

import shutil
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from rag.jobs import processes
from rag.library import Library
from rag.schema import job_files, jobs

State = Literal["running", "done", "cancelled", "ended"]

# The part of a file's work that each step begins at and takes, by the clock.
_STEPS = {"reading": (0.0, 0.3), "embedding": (0.3, 0.6), "indexing": (0.9, 0.1)}
# An archive is no file of its own any more once it is unpacked.
UNPACKED = "unpacked"
# A job may have thousands of files: of each kind this many are told, and the rest is counted.
MOST_TOLD = 50
_KEPT = timedelta(days=7)
_DIED = "It ended early; what is listed as added is kept. Add the rest again"
# Files without an outcome that a job which ended early names.
_NAMED = 3
_STOPPED = "It was stopped; what is listed as added is kept."


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file of a job. ``status`` is that of an outcome, "" until it is known; ``words`` are then the report's title,
    or why the file failed. ``step``, ``done`` and ``whole`` are those of ``rag.ingest.Progress``."""

    name: str
    status: str = ""
    step: str = ""
    done: int = 0
    whole: int = 0
    words: str = ""
    notes: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The part of the file's work that is done, 0 to 1."""
        if self.status:
            return 1.0
        begins, length = _STEPS.get(self.step, (0.0, 0.0))
        return begins + length * (self.done / self.whole if self.whole else 0.0)


@dataclass(frozen=True, slots=True)
class Job:
    """Files on their way in: ``expected`` of them, and ``counts`` of those whose outcome is known, by status.

    ``now`` are the files at work; ``failed`` and ``well`` those with an outcome, the latest first and at most
    ``MOST_TOLD`` of each. ``words`` say why a job that is not running has no outcome for every file.
    """

    id: str
    begun: str
    expected: int
    state: State
    words: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    now: tuple[JobFile, ...] = ()
    failed: tuple[JobFile, ...] = ()
    well: tuple[JobFile, ...] = ()

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.state == "running"

    @property
    def finished(self) -> int:
        """How many files have an outcome."""
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """The part of the work that is done, 0 to 1."""
        done = self.finished + sum(one.share for one in self.now)
        return min(done / self.expected, 1.0) if self.expected else 0.0


class Jobs:
    """The ingest jobs of one library, which all its processes share. Nothing here changes a report."""

    def __init__(self, library: Library) -> None:
        self._database = library.database
        self._home = library.home / "uploads"

    def sweep(self) -> None:
        """End the jobs whose process is dead, delete old ones, and the folders that no running job owns."""
        self.all()
        before = (datetime.now(UTC) - _KEPT).isoformat()
        for job in self._ids(jobs.c.state != "running", jobs.c.begun < before):
            self.dismiss(job)
        # Listed first: a job is recorded before its folder is made.
        there = [path for path in self._home.iterdir() if path.is_dir()] if self._home.is_dir() else []
        running = self._ids(jobs.c.state == "running") if there else []
        for path in there:
            if path.name not in running:
                shutil.rmtree(path, ignore_errors=True)

    def all(self) -> tuple[Job, ...]:
        """Return every job, the newest first; one whose process is dead has ended early."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(jobs).order_by(jobs.c.begun.desc(), jobs.c.id)).mappings().all()
            found = tuple(_as_job(connection, row) for row in rows)
        dead = [job for job, row in zip(found, rows, strict=True) if job.running and not _alive(row)]
        for job in dead:
            # Nothing happens where the process has said its last word between the two looks.
            self._end(job.id, "ended", _left(job))
        return self.all() if dead else found

    def states(self) -> tuple[tuple[str, str], ...]:
        """Return each job's id and state, the newest first: what a page looks at to see whether one has changed."""
        return tuple((job.id, job.state) for job in self.all())

    def begin(self, *, expected: int) -> str:
        """Record a new job of this process and return its id; ``hand_over`` gives it to the child at work."""
        pid, start = processes.own()
        job = uuid.uuid4().hex[:12]
        row = {"id": job, "pid": pid, "started": start, "expected": expected, "state": "running", "words": ""}
        with self._database.noting() as connection:
            connection.execute(sa.insert(jobs), {**row, "begun": datetime.now(UTC).isoformat()})
        return job

    def folder(self, job: str) -> Path:
        """Return the folder for a job's files, which goes when the job ends."""
        return self._home / job

    def refuse(self, job: str, name: str, words: str) -> None:
        """Record a file of the job that has failed before the work began."""
        self.record(job, {self.next_place(job): JobFile(name, "failed", words=words)})

    def expect_fewer(self, job: str) -> None:
        """Record that one of the job's files is the same as another."""
        self._update(job, expected=jobs.c.expected - 1)

    def hand_over(self, job: str, pid: int) -> None:
        """Give the job to the process that does the work from now on; where it was cancelled meanwhile, end that."""
        start = processes.started(pid)
        if not self._update(job, pid=pid, started=start):
            processes.end(pid, start)

    def cancel(self, job: str) -> None:
        """End the job's process with all that it started; what was said to be added stays."""
        # Its state first: a child that is ended must not be taken for one that died, and none takes over from here on.
        if not self._update(job, state="cancelled", words=_STOPPED):
            return
        with self._database.reading() as connection:
            pid, start = connection.execute(sa.select(jobs.c.pid, jobs.c.started).where(jobs.c.id == job)).one()
        if (pid, start) != processes.own():
            processes.end(pid, start)
        self._clear(job)

    def finish(self, job: str, *, words: str = "") -> None:
        """Record that the job's work is over, by whoever did it; ``words`` say why it is not done."""
        # First, so that nothing of a job that is told to be over is left.
        self._clear(job)
        self._update(job, state="ended" if words else "done", words=words)

    def dismiss(self, job: str) -> None:
        """Delete a job that is not running."""
        with self._database.noting() as connection:
            over = sa.select(jobs.c.id).where(jobs.c.id == job, jobs.c.state != "running")
            connection.execute(sa.delete(job_files).where(job_files.c.job.in_(over)))
            connection.execute(sa.delete(jobs).where(jobs.c.id.in_(over)))

    def record(self, job: str, files: Mapping[int, JobFile], *, expected: int | None = None) -> None:
        """Record files of a running job by their places, over what was recorded of those before."""
        with self._database.noting() as connection:
            if connection.scalar(sa.select(jobs.c.state).where(jobs.c.id == job)) != "running":
                return
            if expected is not None:
                connection.execute(sa.update(jobs).where(jobs.c.id == job).values(expected=expected))
            if files:
                mine = (job_files.c.job == job) & job_files.c.place.in_(list(files))
                connection.execute(sa.delete(job_files).where(mine))
                connection.execute(sa.insert(job_files), [_as_row(job, place, one) for place, one in files.items()])

    def next_place(self, job: str) -> int:
        """Return the place after the last file that is recorded of the job, 0 for the first."""
        last = sa.select(sa.func.max(job_files.c.place)).where(job_files.c.job == job)
        with self._database.reading() as connection:
            found = connection.scalar(last)
        return 0 if found is None else int(found) + 1

    def expected(self, job: str) -> int:
        """Return how many files the job has, as far as is known; 0 where there is no such job."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(jobs.c.expected).where(jobs.c.id == job)) or 0

    def _end(self, job: str, state: State, words: str) -> None:
        """End a job where it is running."""
        if self._update(job, state=state, words=words):
            self._clear(job)

    def _update(self, job: str, **values: object) -> bool:
        change = sa.update(jobs).where(jobs.c.id == job, jobs.c.state == "running").values(**values)
        with self._database.noting() as connection:
            return connection.execute(change).rowcount == 1

    def _ids(self, *conditions: sa.ColumnElement[bool]) -> list[str]:
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(jobs.c.id).where(*conditions)))

    def _clear(self, job: str) -> None:
        shutil.rmtree(self.folder(job), ignore_errors=True)


def _left(job: Job) -> str:
    """Return what to say of a job that died; of the files without an outcome those are known that were at work."""
    named = [one.name for one in reversed(job.now)][:_NAMED]
    more = job.expected - job.finished - len(named)
    files = ", ".join(named) + (f" and {more:,} more" if more > 0 else "")
    return f"{_DIED}: {files}." if named else f"{_DIED}."


def _alive(row: Mapping[Any, Any]) -> bool:
    return processes.is_alive(row["pid"], row["started"])


def _as_job(connection: sa.Connection, row: Mapping[Any, Any]) -> Job:
    mine = job_files.c.job == row["id"]
    counted = sa.select(job_files.c.status, sa.func.count()).where(mine).group_by(job_files.c.status)
    counts = Counter({status: count for status, count in connection.execute(counted) if status not in ("", UNPACKED)})

    def chosen(*conditions: sa.ColumnElement[bool]) -> tuple[JobFile, ...]:
        query = sa.select(job_files).where(mine, *conditions).order_by(job_files.c.place.desc()).limit(MOST_TOLD)
        return tuple(map(_as_file, connection.execute(query).mappings()))

    status = job_files.c.status
    return Job(
        id=row["id"],
        begun=row["begun"],
        expected=row["expected"],
        state=row["state"],
        words=row["words"],
        counts=counts,
        now=chosen(status == "") if row["state"] == "running" else (),
        failed=chosen(status == "failed"),
        well=chosen(status.not_in(["", "failed", UNPACKED])),
    )


def _as_file(row: Mapping[Any, Any]) -> JobFile:
    fields = ("name", "status", "step", "done", "whole", "words")
    return JobFile(**{name: row[name] for name in fields}, notes=tuple(row["notes"]))


def _as_row(job: str, place: int, one: JobFile) -> dict[str, Any]:
    return {
        "job": job,
        "place": place,
        **{name: getattr(one, name) for name in ("name", "status", "step", "done", "whole", "words")},
        "notes": list(one.notes),
    }
