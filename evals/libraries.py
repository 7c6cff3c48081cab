"""The library that a suite is asked over: built once for its reports, kept in a cache, caught up when they change."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evals.options import EmbeddingSet
from evals.progress import progress_bar
from evals.provenance import doing_hash
from evals.suite import Shelf, Suite, SuiteError
from rag import Embedding, Indexes, Library, add, add_documents, find_sources, load_embedding

# What decides how a file becomes chunks, vectors and indexes: what other code made must not be measured as this one's.
_MAKERS = (
    *("reading", "chunking.py", "language.py", "types.py", "embedding.py", "ingest.py", "intake.py"),
    *("records.py", "indexes/dense.py", "indexes/lexical.py"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An open library with its indexes and the embedding model of its vectors."""

    library: Library
    indexes: Indexes
    embedding: Embedding


@contextmanager
def open_shelf(suite: Suite, chosen: EmbeddingSet, *, kept: Path, home: Path | None = None) -> Iterator[Opened]:
    """Open the library of the suite's shelf, taking its reports in first, and close it afterwards.

    ``home`` is one whose library is asked as it is, in the place of the suite's shelf. Raises SuiteError where a
    report cannot be taken in, or the suite names nothing to ask.
    """
    shelf = suite.shelf if home is None else Shelf(home=home)
    embedding = load_chosen(chosen)
    if shelf.home is not None and not (shelf.home / "library.db").is_file():
        raise SuiteError(f"{shelf.home} holds no library. Name its folder with --home, or a suite with reports.")
    library = Library(shelf.home or kept / "libraries" / _key(suite, shelf, embedding))
    indexes = Indexes(library)
    try:
        if shelf.home is None:
            _take_in(shelf, Opened(library, indexes, embedding))
        yield Opened(library, indexes, embedding)
    finally:
        indexes.close()
        library.close()


@cache
def load_chosen(chosen: EmbeddingSet) -> Embedding:
    """Return the embedding model; it stays loaded, for the next run of this process."""
    return load_embedding(
        chosen.name, dtype=chosen.dtype, query_prefix=chosen.query_prefix, document_prefix=chosen.document_prefix
    )


def _key(suite: Suite, shelf: Shelf, embedding: Embedding) -> str:
    """Return the name of the cached library, a hash of what its chunks and vectors come from: suites share one."""
    places = [str(path.resolve()) for path in shelf.paths]
    if not places and not shelf.documents:
        raise SuiteError(f"{suite.source} names no reports. Write them in its first line, or ask a library: --home DIR")
    made = [shelf.key, *places, embedding.fingerprint, embedding.dtype, doing_hash(_MAKERS)]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]


def _take_in(shelf: Shelf, opened: Opened) -> None:
    """Bring the library in step with the shelf: what is new goes in, what is gone goes out."""
    # Documents are told apart by the library's key already, so that once they are all in there is nothing to look at.
    whole = opened.library.home / "whole"
    if shelf.documents is not None and whole.exists():
        return
    names = set(_documents(shelf, opened) if shelf.documents is not None else _files(shelf, opened))
    for report in opened.library.reports():
        if report.name not in names:
            opened.indexes.remove(report.id)
    if not names:
        raise SuiteError(f"{', '.join(map(str, shelf.paths)) or 'The set'} holds no report. Nothing can be asked.")
    whole.touch()


def _files(shelf: Shelf, opened: Opened) -> Iterator[str]:
    """Take in the files, yielding the names of the reports; one that cannot be read is named on stderr."""
    missing = [path for path in shelf.paths if not path.exists()]
    if missing:
        raise SuiteError(f"{missing[0]}: the suite's reports are not there. Name the folder in the suite's first line.")
    sources = find_sources(shelf.paths)
    with progress_bar("taking in the reports", len(sources)) as advance:
        for outcome in add(sources, library=opened.library, indexes=opened.indexes, embedding=opened.embedding):
            if outcome.report is None:
                print(f"evals: left out: {outcome.error}", file=sys.stderr)
            else:
                yield outcome.report.name
            advance()


def _documents(shelf: Shelf, opened: Opened) -> Iterator[str]:
    assert shelf.documents is not None
    with progress_bar("taking in the documents", None) as advance:
        for report in add_documents(
            shelf.documents(), library=opened.library, indexes=opened.indexes, embedding=opened.embedding
        ):
            yield report.name
            advance()
