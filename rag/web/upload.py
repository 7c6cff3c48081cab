"""Files -> the library, in a child process that runs what ``rag add`` runs and keeps its progress in a job.

The child is a session of its own: it goes on when the page is closed, and when the server ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from rag import Report
from rag.errors import why
from rag.jobs import Jobs, processes
from rag.web.plain import one_line

# Most file systems stop at 255 bytes a name.
_LONGEST_NAME = 200
_SAME_NAME = "Another file of this upload has the same name. Rename one of them, or upload them one by one."


def begin_upload(
    jobs: Jobs, files: Sequence[tuple[str, Callable[[], bytes]]], *, home: Path, password: str = ""
) -> str:
    """Write files, pairs of a name and what gives the bytes, into a folder of the job, start it, and return its id.

    A name loses its folders and what a file system would refuse. Of two files with one name and different bytes, the
    second one is not added, and said to have failed.
    """
    job = jobs.begin(expected=len(files))
    written: dict[str, bytes] = {}
    folder = jobs.folder(job)
    try:
        folder.mkdir(parents=True)
        for given, content in files:
            name, body = safe_name(given), content()
            if name not in written:
                written[name] = body
                (folder / name).write_bytes(body)
            elif written[name] == body:
                jobs.expect_fewer(job)
            else:
                jobs.refuse(job, name, _SAME_NAME)
    except OSError as error:
        jobs.finish(job, words=f"The files cannot be kept in {folder}: {why(error)}. Make room there, and try again.")
    else:
        _start(jobs, job, [folder / name for name in written], home=home, password=password)
    return job


def begin_replacing(jobs: Jobs, report: Report, content: Callable[[], bytes], *, home: Path, password: str = "") -> str:
    """Start a job that puts a file in the place of a report, whatever the file's own name, and return the job's id."""
    job = jobs.begin(expected=1)
    path = jobs.folder(job) / "new"
    try:
        path.parent.mkdir(parents=True)
        path.write_bytes(content())
    except OSError as error:
        jobs.finish(
            job, words=f"The file cannot be kept in {path.parent}: {why(error)}. Make room there, and try again."
        )
    else:
        _start(jobs, job, [path], home=home, password=password, options=[f"--name={report.name}"])
    return job


def begin_renewing(jobs: Jobs, report: Report, original: Path, *, home: Path, password: str = "") -> str:
    """Start a job that reads a report's kept original again, and return the job's id."""
    job = jobs.begin(expected=1)
    _start(jobs, job, [original], home=home, password=password, options=[f"--name={report.name}", "--again"])
    return job


def begin_adding(jobs: Jobs, paths: Sequence[Path], *, home: Path, expected: int) -> str:
    """Start a job that adds files and folders of this machine, and return its id."""
    job = jobs.begin(expected=expected)
    _start(jobs, job, paths, home=home)
    return job


def safe_name(name: str) -> str:
    """Return the last part of a file's name, without control characters and short enough; "upload" if none is left."""
    last = one_line(name.replace("\\", "/").replace("\0", "").rsplit("/", 1)[-1])
    stem, dot, kind = last.rpartition(".")
    if len(last.encode()) > _LONGEST_NAME and dot:
        room = _LONGEST_NAME - len(kind.encode()) - 1
        last = f"{stem.encode()[: max(room, 1)].decode(errors='ignore')}.{kind}"
    last = last.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return "upload" if last.strip(".") == "" else last


def _start(
    jobs: Jobs, job: str, paths: Sequence[Path], *, home: Path, password: str = "", options: Sequence[str] = ()
) -> None:
    """Start the child and give it the job; a thread waits for its end, so that it leaves no trace."""
    # The child finds the same rag, wherever the chat was started from.
    search = (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search)), "PYTHONIOENCODING": "utf-8"}
    if password:
        environment["RAG_PASSWORD"] = password
    command = [sys.executable, "-m", "rag.cli", "add", *map(str, paths), f"--home={home}", f"--job={job}", *options]
    nowhere = subprocess.DEVNULL
    try:
        child = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, env=environment, start_new_session=True)
    except OSError as error:
        jobs.finish(job, words=f"It did not start: {why(error)}. Try again with fewer files.")
        return
    processes.give_way(child.pid)
    threading.Thread(target=child.wait, daemon=True, name=f"job-{job}").start()
    jobs.hand_over(job, child.pid)
