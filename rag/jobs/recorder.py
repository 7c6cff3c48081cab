"""The child's side of a job: what it is at, written into the library a few times a second, whoever looks on."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from rag.errors import RagError
from rag.ingest import Outcome, Progress
from rag.jobs.record import UNPACKED, JobFile, Jobs
from rag.sources import Source
from rag.unpacking import UNPACKING

# Seconds between two writes: each waits for the disk.
_EVERY = 0.3
_BROKEN = "Something went wrong in Footnote itself, not in your files. The terminal says what; then try again."


@contextmanager
def recording(jobs: Jobs, job: str) -> Iterator[Recorder]:
    """Record what the block does as the job's progress, and its end as the job's; an error of ours ends it in words."""
    jobs.hand_over(job, os.getpid())
    recorder = Recorder(jobs, job)
    words = _BROKEN
    try:
        yield recorder
        words = ""
    except RagError as error:
        words = str(error)
        raise
    finally:
        recorder.close()
        jobs.finish(job, words=words)


class Recorder:
    """What is known of a job's files. Its methods take no time: a thread of its own does the writing."""

    def __init__(self, jobs: Jobs, job: str) -> None:
        self._jobs = jobs
        self._job = job
        self._guard = threading.Lock()
        self._next = jobs.next_place(job)
        self._expected = jobs.expected(job)
        self._places: dict[str, int] = {}
        self._files: dict[int, JobFile] = {}
        self._fresh: set[int] = set()
        self._over = threading.Event()
        self._writing = threading.Thread(target=self._keep_writing, daemon=True, name="recording")
        self._writing.start()

    def watch(self, source: Source) -> Progress:
        """Return the progress callback of a file."""
        return lambda step, done, whole: self._take(JobFile(source.name, step=step, done=done, whole=whole))

    def ended(self, outcome: Outcome) -> None:
        """Take note of what became of a file."""
        self._take(_as_file(outcome))

    def close(self) -> None:
        """Write what is left to write."""
        self._over.set()
        self._writing.join()
        self._write()

    def _take(self, one: JobFile) -> None:
        with self._guard:
            if one.step == UNPACKING and one.done == one.whole:
                one = replace(one, status=UNPACKED)
                self._expected += one.whole - 1
            if one.name not in self._places:
                self._places[one.name] = self._next
                self._next += 1
            place = self._places[one.name]
            self._files[place] = one
            self._fresh.add(place)

    def _keep_writing(self) -> None:
        while not self._over.wait(_EVERY):
            # What could not be written stays fresh, and the last write says what is wrong.
            with suppress(RagError):
                self._write()

    def _write(self) -> None:
        with self._guard:
            fresh, expected = {place: self._files[place] for place in self._fresh}, self._expected
            self._fresh.clear()
        try:
            if fresh:
                self._jobs.record(self._job, fresh, expected=expected)
        except BaseException:
            with self._guard:
                self._fresh |= fresh.keys()
            raise


def _as_file(outcome: Outcome) -> JobFile:
    """Return what to tell of a file's outcome: what is odd about its pages, and which report it took the place of."""
    name, report, before = outcome.source.name, outcome.report, outcome.before
    if report is None:
        return JobFile(name, "failed", words=str(outcome.error))
    notes = tuple(f"page {note.page}: {note.message}" if note.page else note.message for note in report.ledger)
    if before and before.title != report.title:
        notes = (f"It took the place of {before.title}, which had the same file name {name}.", *notes)
    return JobFile(name, outcome.status, words=report.title, notes=notes)
