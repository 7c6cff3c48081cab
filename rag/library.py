"""The library: the one system of record, an SQL database in the home folder with the originals beside it.

What the indexes hold is derived from here. A change of reports raises the ``generation`` in its own transaction, and
happens only under the writer's lock, which all processes share.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock, Timeout

from rag import records, schema
from rag.errors import LibraryBusy, LibraryDamaged, LibraryError, ModelMismatch, UnknownReport
from rag.records import as_page, as_report
from rag.types import Chunk, Document, Page, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 5000
# One report's commit and catch-up; a rebuild of a large shelf's indexes is what takes minutes.
LOCK_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the indexes hold it: ``text`` and ``context`` for the lexical one, ``vector`` for the dense one."""

    id: str
    report: str
    document: str
    text: str
    context: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """Where a chunk stands, for showing it as a passage."""

    id: str
    report: str
    page: int
    start: int
    end: int
    context: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What removing a report took away."""

    report: Report
    pages: int
    chunks: int
    vectors: int


class Library:
    """The reports of one home folder. Safe to share between threads; other processes may use the folder too."""

    def __init__(self, home: Path) -> None:
        """Open the library in ``home``, making it when there is none.

        Raises LibraryError where the folder cannot be used, LibraryDamaged where its database cannot be read.
        """
        self.home = home
        self.files = home / "files"
        try:
            self.files.mkdir(parents=True, exist_ok=True)
            (home / "incoming").mkdir(exist_ok=True)
        except OSError as error:
            raise LibraryError(f"The home folder {home} cannot be used: {error}. Name another with --home.") from error
        self._lock = FileLock(home / "writer.lock")
        self._engine = schema.open_engine(home / "library.db")
        self._prepare()

    @contextmanager
    def writing(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the writer's lock, shared by all threads and processes of this home; reentrant in one thread.

        Raises LibraryBusy when it is not free within ``seconds``.
        """
        try:
            lock = self._lock.acquire(timeout=seconds, poll_interval=0.02)
        except Timeout as error:
            raise LibraryBusy(
                f"Another process has been writing to {self.home} for over {seconds:.0f} s. "
                "Wait for it to finish, or end it, and try again."
            ) from error
        with lock:
            yield

    def generation(self) -> int:
        """Return the number of changes of reports so far, by any process."""
        return int(self._fact("generation") or 0)

    def fingerprint(self) -> str | None:
        """Return the embedding model that the vectors were made with; None while there are no reports."""
        return self._fact("embedding") if self.held() else None

    def require_model(self, fingerprint: str) -> None:
        """Raise ModelMismatch unless the library's vectors are of this embedding model, or it has none."""
        made = self.fingerprint()
        if made not in (None, fingerprint):
            raise ModelMismatch(
                f"The library in {self.home} was made with the embedding model {made}, and {fingerprint} is asked "
                f"for. Set RAG_EMBEDDING back, or embed it again: rag doctor --reembed --home {self.home}"
            )

    def reports(self) -> tuple[Report, ...]:
        """Return every report, by title; () for an empty library."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(schema.reports)).mappings().all()
        return tuple(sorted(map(as_report, rows), key=lambda report: (report.title.casefold(), report.id)))

    def report(self, ref: str) -> Report:
        """Return the report with that id, name or title. Raises UnknownReport, naming the close ones."""
        found = [report for report in self.reports() if ref in (report.id, report.name)]
        found = found or [report for report in self.reports() if ref.casefold() == report.title.casefold()]
        if len(found) != 1:
            why = "No report has" if not found else f"{len(found)} reports have"
            raise UnknownReport(f"{why} the id, name or title {ref!r}. See them all with: rag reports")
        return found[0]

    def by_document(self, document: str) -> Report | None:
        """Return the report whose bytes have that SHA-256, or None where there is none."""
        with self._engine.connect() as connection:
            row = (
                connection.execute(sa.select(schema.reports).where(schema.reports.c.document == document))
                .mappings()
                .first()
            )
        return as_report(row) if row else None

    def held(self) -> frozenset[tuple[str, str]]:
        """Return the pairs (report, document) that the library holds: what each index has to hold, too."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(schema.reports.c.id, schema.reports.c.document))
            return frozenset((row.id, row.document) for row in rows)

    def page(self, report: str, number: int) -> Page:
        """Return one page of a report, ``number`` from 1. Raises UnknownReport where there is none."""
        found = self.pages([(report, number)])
        if not found:
            raise UnknownReport(f"Report {report} has no page {number}. See the reports with: rag reports")
        return found[report, number]

    def pages(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Page]:
        """Return the pages by (report id, page number), those that exist."""
        table = schema.pages
        key = sa.tuple_(table.c.report, table.c.number)
        found: dict[tuple[str, int], Page] = {}
        with self._engine.connect() as connection:
            for part in records.batches(list(dict.fromkeys(wanted)), _BATCH // 2):
                for row in connection.execute(sa.select(table).where(key.in_(part))).mappings():
                    found[row["report"], row["number"]] = as_page(row)
        return found

    def chunks(self, ids: Sequence[str]) -> dict[str, FoundChunk]:
        """Return the chunks by id, those that are in the library now."""
        table = schema.chunks
        columns = (table.c.id, table.c.report, table.c.page, table.c.start, table.c.end, table.c.context)
        found: dict[str, FoundChunk] = {}
        with self._engine.connect() as connection:
            for part in records.batches(ids, _BATCH):
                for row in connection.execute(sa.select(*columns).where(table.c.id.in_(part))):
                    found[row.id] = FoundChunk(*row)
        return found

    def chunk_ids(self, report: str | None = None) -> frozenset[str]:
        """Return the id of every chunk, or of one report's."""
        query = sa.select(schema.chunks.c.id)
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(query.where(schema.chunks.c.report == report) if report else query))

    def stored_chunks(self, report: str) -> list[StoredChunk]:
        """Return a report's chunks with their text and vectors, in reading order, for an index to take in."""
        import numpy as np

        chunks, pages, reports, vectors = schema.chunks, schema.pages, schema.reports, schema.vectors
        query = (
            sa.select(chunks, pages.c.text, reports.c.document, vectors.c.vector.label("bytes"))
            .join(pages, (pages.c.report == chunks.c.report) & (pages.c.number == chunks.c.page))
            .join(reports, reports.c.id == chunks.c.report)
            .join(vectors, vectors.c.key == chunks.c.vector)
            .where(chunks.c.report == report)
            .order_by(chunks.c.page, chunks.c.start)
        )
        with self._engine.connect() as connection:
            return [
                StoredChunk(
                    id=row.id,
                    report=row.report,
                    document=row.document,
                    text=row.text[row.start : row.end],
                    context=row.context,
                    vector=np.frombuffer(row.bytes, dtype=np.float32),
                )
                for row in connection.execute(query)
            ]

    def cached_vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors, shape (dimension,), that are kept under these keys."""
        import numpy as np

        found = {}
        with self._engine.connect() as connection:
            for part in records.batches(list(dict.fromkeys(keys)), _BATCH):
                query = sa.select(schema.vectors).where(schema.vectors.c.key.in_(part))
                found.update(
                    {row.key: np.frombuffer(row.vector, dtype=np.float32) for row in connection.execute(query)}
                )
        return found

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

        ``original`` is a copy of the file inside the home; it is moved into place first. ``chunks`` are pairs of a
        chunk and the key of its vector. The caller holds the writer's lock.
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
        _move_synced(original, self.files / sha256)
        with self._changing() as connection:
            records.delete_report(connection, report.id)
            records.insert_vectors(connection, vectors)
            records.insert_report(connection, report, document.pages)
            records.insert_chunks(connection, report, chunks)
            records.drop_unused_vectors(connection)
            records.set_fact(connection, "embedding", fingerprint)
        self.sweep()
        return report

    def remove(self, ref: str) -> Receipt:
        """Remove a report in one transaction, then its original; return what went.

        The caller holds the writer's lock. Raises UnknownReport.
        """
        report = self.report(ref)
        with self._changing() as connection:
            pages, chunks = records.delete_report(connection, report.id)
            vectors = records.drop_unused_vectors(connection)
        self.sweep()
        return Receipt(report=report, pages=pages, chunks=chunks, vectors=vectors)

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
        with self._changing() as connection:
            connection.execute(sa.delete(schema.chunks))
            records.insert_vectors(connection, vectors)
            for report, keyed in chunks.items():
                records.insert_chunks(connection, reports[report], keyed)
                connection.execute(
                    sa.update(schema.reports).where(schema.reports.c.id == report).values(chunks=len(keyed))
                )
            records.drop_unused_vectors(connection)
            records.set_fact(connection, "embedding", fingerprint)

    def document(self, report: Report) -> Document:
        """Return what reading the report's file gave."""
        pages = self.pages([(report.id, number) for number in range(1, report.pages + 1)])
        ordered = tuple(pages[key] for key in sorted(pages))
        return Document(report.title, report.kind, ordered, report.date, report.ledger)

    def sweep(self) -> None:
        """Delete originals that no report has, and what dead processes left in ``incoming``.

        The caller holds the writer's lock.
        """
        import psutil

        kept = {document for _, document in self.held()}
        for path in self.files.iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)
        for path in (self.home / "incoming").iterdir():
            owner = path.name.split("-", 1)[0]
            if not (owner.isdigit() and psutil.pid_exists(int(owner))):
                path.unlink(missing_ok=True)

    def faults(self) -> list[str]:
        """Return what is wrong with the record itself, a sentence each; [] when it is sound."""
        found = []
        with self._engine.connect() as connection:
            verdict = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        if verdict != "ok":
            found.append(f"the database says: {verdict}")
        for report, document in sorted(self.held()):
            path = self.files / document
            if not path.is_file():
                found.append(f"the original of report {report} is missing; add it again")
            elif file_sha256(path) != document:
                found.append(f"the original of report {report} has changed on disk; add it again")
        return found

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _prepare(self) -> None:
        try:
            if not sa.inspect(self._engine).has_table("facts"):
                immediate = self._engine.execution_options(immediate=True)
                with self.writing(), immediate.begin() as connection:
                    schema.metadata.create_all(connection)
                    records.set_fact(connection, "schema", schema.SCHEMA_VERSION)
            found = self._fact("schema")
        except sa.exc.DatabaseError as error:
            raise LibraryDamaged(
                f"The library {self.home / 'library.db'} cannot be read: {error.orig}. Restore it from a backup, or "
                f"move {self.home} aside and add the reports again."
            ) from error
        if found != schema.SCHEMA_VERSION:
            raise LibraryError(
                f"The library in {self.home} has schema {found}, this program reads {schema.SCHEMA_VERSION}. "
                "Use the version of Footnote that made it, or name another folder with --home."
            )

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """A transaction that raises the generation, or leaves no trace."""
        with self._engine.execution_options(immediate=True).begin() as connection:
            yield connection
            now = records.fact(connection, "generation")
            records.set_fact(connection, "generation", str(int(now or 0) + 1))

    def _fact(self, name: str) -> str | None:
        with self._engine.connect() as connection:
            return records.fact(connection, name)


def report_id(name: str) -> str:
    """Return the id of the report with that source name: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def report_of(chunk: str) -> str:
    """Return the id of the report that a chunk's id begins with."""
    return chunk.partition("-")[0]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _move_synced(source: Path, target: Path) -> None:
    """Move a file into place so that it is there after a power cut: its bytes first, then its name."""
    with source.open("rb+") as handle:
        os.fsync(handle.fileno())
    source.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
