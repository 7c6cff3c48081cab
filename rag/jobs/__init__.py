"""Ingest jobs: files on their way in, each job a child process whose progress is kept in the library.

So progress survives a reload and the server's own end, any visitor sees it, and it can be cancelled from anywhere.
"""

from __future__ import annotations

from rag.jobs.record import Job, JobFile, Jobs
from rag.jobs.recorder import Recorder, recording

__all__ = ["Job", "JobFile", "Jobs", "Recorder", "recording"]
