"""Who is still at work: each worker holds a lock in a file of its own, which a kill lets go of."""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path

from filelock import FileLock, Timeout

# Two that ask after a dead worker at once find its lock taken, by each other, for an instant.
_TRIES = 5
_LOOK_AGAIN = 0.01


class Presence:
    """The workers of one home folder, and this one among them. Share it between threads."""

    def __init__(self, folder: Path) -> None:
        """Look after the folder, which is made when there is a worker."""
        self._folder = folder
        self._guard = threading.Lock()
        self._name = uuid.uuid4().hex
        self._lock: FileLock | None = None

    def enter(self) -> str:
        """Be at work from now on and return this worker's name. Raises OSError where the folder cannot be used."""
        with self._guard:
            if self._lock is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                # Whoever leaves may be another thread than the one that entered.
                lock = FileLock(self._path(self._name), thread_local=False)
                lock.acquire(timeout=0)
                self._lock = lock
            return self._name

    def is_here(self, worker: str) -> bool:
        """Return whether the worker with that name is at work still."""
        if worker == self._name:
            return self._lock is not None
        for _ in range(_TRIES):
            if not self._path(worker).exists():
                return False
            try:
                lock = FileLock(self._path(worker))
                lock.acquire(timeout=0)
            except (Timeout, OSError):
                time.sleep(_LOOK_AGAIN)
            else:
                lock.release()
                # Names are never used again: what the dead left behind may go.
                self._path(worker).unlink(missing_ok=True)
                return False
        return True

    def leave(self) -> None:
        """Be at work no longer."""
        with self._guard:
            if self._lock is not None:
                self._lock.release()
                self._path(self._name).unlink(missing_ok=True)
                self._lock = None

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"
