"""Processes by id and start time: an id alone may be another program's by now."""

from __future__ import annotations

import os
from contextlib import suppress

import psutil

# Seconds. A process's start is told from the boot's, which a corrected clock moves a little.
_SAME_START = 2.0
_PATIENCE = 5.0
# A third of the processor's time where an answer wants the rest, and all of it where nothing else does.
_BEHIND = 5


def own() -> tuple[int, float]:
    """Return this process's id and start time."""
    return os.getpid(), psutil.Process().create_time()


def started(pid: int) -> float:
    """Return when a process began, 0.0 where it is gone already."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).create_time()
    return 0.0


def is_alive(pid: int, start: float) -> bool:
    """Return whether the process with that id and that start is at work."""
    return _found(pid, start) is not None


def give_way(pid: int) -> None:
    """Let other programs have the processor before that process and what it will start: someone may be asking."""
    if os.name == "posix":
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.nice(max(process.nice(), _BEHIND))


def end(pid: int, start: float) -> None:
    """End that process with all that it started, and return once they are gone."""
    parent = _found(pid, start)
    if parent is None:
        return
    family = [parent]
    with suppress(psutil.NoSuchProcess):
        family += parent.children(recursive=True)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(family, timeout=_PATIENCE)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_PATIENCE)


def _found(pid: int, start: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - start) < _SAME_START
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None  # what may not be looked at is another user's
