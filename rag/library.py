"""The library: the one system of record, an SQL database in the home folder with the originals beside it.

What the indexes hold is derived from here. A change of reports raises the ``generation`` in its own transaction, and
happens only under the writer's lock, which all processes share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock, Timeout

from rag import purging, records, schema
from rag.database import Database
from rag.embedding import recorded_name
from rag.errors import LibraryBusy, LibraryError, ModelMismatch, UnknownReport, why
from rag.originals import Originals
from rag.records import FoundChunk, StoredChunk, as_report
from rag.types import Chunk, Document, Page, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# One report's commit and catch-up; a rebuild of a large shelf's indexes is what takes minutes.
LOCK_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What removing a report took away.

    ``conversations`` is how many still quote it, ``blanked`` in how many its quotes were blanked.
    """

    report: Report
    pages: int
    chunks: int
    vectors: int
    conversations: int = 0
    blanked: int = 0


class Library:
    """The reports of one home folder. Safe to share between threads; other processes may use the folder too."""

    def __init__(self, home: Path) -> None:
        """Open the library in ``home``, making it when there is none.

        Raises LibraryError where the folder cannot be used, LibraryDamaged where its database cannot be read.
        """
        self.home = home
        try:
            self._originals = Originals(home)
        except OSError as error:
            raise LibraryError(
                f"The home folder {home} cannot be used: {why(error)}. Name another with --home."
            ) from error
        self._lock = FileLock(home / "writer.lock")
        # The generation that they were read at, or before, and the reports.
        self._reports: tuple[int, tuple[Report, ...]] | None = None
        self.database = Database(home / "library.db", belongings=self._originals.count)
        self._sweep()

    @contextmanager
    def writing(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the writer's lock, shared by all threads and processes of this home; reentrant in one thread.

        Raises LibraryBusy when it is not free within ``seconds``, LibraryError where the home cannot be written to.
        """
        try:
            lock = self._lock.acquire(timeout=seconds, poll_interval=0.02)
        except Timeout as error:
            raise LibraryBusy(
                f"Another process has been writing to {self.home} for over {seconds:.0f} s. "
                "Wait for it to finish, or end it, and try again."
            ) from error
        except OSError as error:
            raise LibraryError(
                f"The home folder {self.home} cannot be written to: {why(error)}. Name another with --home."
            ) from error
        with lock:
            yield

    def generation(self) -> int:
        """Return the number of changes of reports so far, by any process."""
        return int(self.database.fact("generation") or 0)

    def fingerprint(self) -> str | None:
        """Return the embedding model that the vectors were made with; None while there are no reports."""
        return self.database.fact("embedding") if self.held() else None

    def require_model(self, model: str) -> None:
        """Raise ModelMismatch unless the library's vectors are of this embedding model, or it has none. ``model`` is a
        fingerprint, or the name or folder of a model that is not loaded yet, which may take a minute."""
        made = self.fingerprint()
        if made is not None and recorded_name(model) not in (made, made.rpartition("@")[0]):
            raise ModelMismatch(
                f"The library in {self.home} was made with the embedding model {made}, and {model} is asked for. "
                f"Set RAG_EMBEDDING back, or embed it again: rag doctor --reembed --home {self.home}"
            )

    def reports(self) -> tuple[Report, ...]:
        """Return every report, by title; () for an empty library."""
        # Asked at every search: thousands of rows are read again only when one of them may have changed.
        generation = self.generation()
        kept = self._reports
        if kept is None or kept[0] != generation:
            with self.database.reading() as connection:
                rows = connection.execute(sa.select(schema.reports)).mappings().all()
            found = sorted(map(as_report, rows), key=lambda report: (report.title.casefold(), report.id))
            kept = self._reports = (generation, tuple(found))
        return kept[1]

    def report(self, ref: str) -> Report:
        """Return the report with that id, name or title. Raises UnknownReport where none or several have it."""
        reports = self.reports()
        found = [report for report in reports if ref in (report.id, report.name)]
        found = found or [report for report in reports if ref.casefold() == report.title.casefold()]
        if len(found) != 1:
            why = "No report has" if not found else f"{len(found)} reports have"
            raise UnknownReport(f"{why} the id, name or title {ref!r}. See them all with: rag reports")
        return found[0]

    def by_document(self, document: str) -> Report | None:
        """Return the report whose bytes have that SHA-256, or None where there is none."""
        with self.database.reading() as connection:
            query = sa.select(schema.reports).where(schema.reports.c.document == document)
            row = connection.execute(query).mappings().first()
        return as_report(row) if row else None

    def held(self) -> frozenset[tuple[str, str]]:
        """Return the pairs (report, document) that the library holds: what each index has to hold, too."""
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(schema.reports.c.id, schema.reports.c.document))
            return frozenset((row.id, row.document) for row in rows)

    def original(self, document: str) -> Path:
        """Return where the original with that SHA-256 is kept."""
        return self._originals.path(document)

    def page(self, report: str, number: int) -> Page:
        """Return one page of a report, ``number`` from 1. Raises UnknownReport where there is none."""
        found = self.pages([(report, number)])
        if not found:
            raise UnknownReport(f"Report {report} has no page {number}. See the reports with: rag reports")
        return found[report, number]

    def pages(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Page]:
        """Return the pages by (report id, page number), those that exist."""
        with self.database.reading() as connection:
            return records.select_pages(connection, wanted)

    def chunks(self, ids: Sequence[str]) -> dict[str, FoundChunk]:
        """Return the chunks by id, those that are in the library now."""
        with self.database.reading() as connection:
            return records.select_chunks(connection, ids)

    def chunk_ids(self, report: str | None = None) -> frozenset[str]:
        """Return the id of every chunk, or of one report's."""
        query = sa.select(schema.chunks.c.id)
        with self.database.reading() as connection:
            return frozenset(connection.scalars(query.where(schema.chunks.c.report == report) if report else query))

    def stored_chunks(self, report: str) -> list[StoredChunk]:
        """Return a report's chunks with their text and vectors, in reading order, for an index to take in."""
        with self.database.reading() as connection:
            return records.select_stored_chunks(connection, report)

    def cached_vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors, shape (dimension,), that are kept under these keys."""
        with self.database.reading() as connection:
            return records.select_vectors(connection, keys)

    def add(
        self,
        document: Document,
        *,
        name: str,
        original: Path,
        sha256: str,
        chunks: Sequence[tuple[Chunk, str]],
        vectors: Mapping[str, NDArray[np.float32]],
        fingerprint: str,
    ) -> Report:
        """Record a document in one transaction, replacing the version that its name had, and return its report.

        ``original`` is a copy inside the home, moved into place first; ``chunks`` are pairs of a chunk and its vector's
        key. The caller holds the writer's lock.
        """
        report = Report(
            id=report_id(name),
            document=sha256,
            name=name,
            title=document.title,
            kind=document.kind,
            date=document.date,
            pages=len(document.pages),
            chunks=len(chunks),
            size=original.stat().st_size,
            added=datetime.now(UTC).isoformat(timespec="seconds"),
            ledger=document.ledger,
        )
        before = dict(self.held()).get(report.id)
        self._keep(original, sha256)
        with self.database.changing() as connection:
            records.replace_report(connection, report, document.pages, chunks=chunks, vectors=vectors)
            records.set_fact(connection, "embedding", fingerprint)
        if before and before != sha256:
            self._originals.drop(before)
        return report

    def remove(self, ref: str, *, purge: bool = False) -> Receipt:
        """Remove a report in one transaction, with ``purge`` also what conversations quote of it, then its original;
        return what went. The caller holds the writer's lock. Raises UnknownReport."""
        report = self.report(ref)
        with self.database.changing() as connection:
            pages, chunks = records.delete_report(connection, report.id)
            vectors = records.drop_unused_vectors(connection)
            blanked = purging.blank_quotes(connection, report.id) if purge else 0
            left = purging.count_quoting(connection, report.id)
        self._originals.drop(report.document)
        return Receipt(report, pages=pages, chunks=chunks, vectors=vectors, conversations=left, blanked=blanked)

    def replace_chunks(
        self,
        chunks: Mapping[str, Sequence[tuple[Chunk, str]]],
        vectors: Mapping[str, NDArray[np.float32]],
        fingerprint: str,
    ) -> None:
        """Give every report, by id, new chunks and vectors of another embedding model, all in one transaction.

        The caller holds the writer's lock and has made the indexes distrust themselves: their reports stay the same.
        """
        reports = {report.id: report for report in self.reports()}
        with self.database.changing() as connection:
            keyed = [(reports[report], own) for report, own in chunks.items()]
            records.replace_chunks(connection, keyed, vectors)
            records.set_fact(connection, "embedding", fingerprint)

    def document(self, report: Report) -> Document:
        """Return what reading the report's file gave."""
        pages = self.pages([(report.id, number) for number in range(1, report.pages + 1)])
        return Document(report.title, report.kind, tuple(pages.values()), report.date, report.ledger)

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """A folder in the home for files on their way in; it is gone afterwards, and once this process is dead."""
        with self.writing():
            incoming = self._originals.open_incoming()
        try:
            yield incoming.folder
        finally:
            incoming.close()

    def restore(self, report: Report, copy: Path) -> None:
        """Put a copy of a report's bytes in the place of its original where that is lost or has changed."""
        if self._originals.fault(report.document) is not None:
            with self.writing():
                if (report.id, report.document) in self.held():
                    self._keep(copy, report.document)

    def faults(self) -> list[str]:
        """Return what is wrong with the record itself, a sentence each; [] when it is sound."""
        with self.database.reading() as connection:
            found = records.faults(connection)
        for report in self.reports():
            if fault := self._originals.fault(report.document):
                found.append(f"the original of report {report.id} {fault}; add {report.name} again")
        return found

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _keep(self, copy: Path, sha256: str) -> None:
        try:
            self._originals.keep(copy, sha256)
        except OSError as error:
            raise LibraryError(f"No original can be kept in {self.home}: {why(error)}. Make room there.") from error

    def _sweep(self) -> None:
        """Delete what the dead left behind; who holds the writer's lock now leaves that to the next opening."""
        with suppress(LibraryBusy), self.writing(seconds=0):
            self._originals.sweep({document for _, document in self.held()})


def report_id(name: str) -> str:
    """Return the id of the report with that source name: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
