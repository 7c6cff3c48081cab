"""Rows to nouns and back: what the library does inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from rag import schema
from rag.types import Block, Chunk, Page, PageNote, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Bound values in one statement; SQLite takes at most 32,766.
_BATCH = 5000
# Asked at every search; building a statement takes longer than running it.
_FACT = sa.select(schema.facts.c.value).where(schema.facts.c.name == sa.bindparam("name"))
_PAGES = (
    sa.select(schema.pages)
    .where(sa.tuple_(schema.pages.c.report, schema.pages.c.number).in_(sa.bindparam("wanted", expanding=True)))
    .order_by(schema.pages.c.report, schema.pages.c.number)
)
_CHUNKS = sa.select(
    *(schema.chunks.c[name] for name in ("id", "report", "page", "start", "end", "context")),
).where(schema.chunks.c.id.in_(sa.bindparam("wanted", expanding=True)))


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


def as_report(row: Mapping[Any, Any]) -> Report:
    """Return the report of a row of ``reports``."""
    return Report(**{**row, "ledger": tuple(PageNote(**note) for note in row["ledger"])})


def as_page(row: Mapping[Any, Any]) -> Page:
    """Return the page of a row of ``pages``."""
    blocks = tuple(Block(*block) for block in row["blocks"])
    charmap = tuple((text, pdf, length) for text, pdf, length in row["charmap"])
    return Page(row["number"], row["label"], row["text"], blocks, charmap)


def select_pages(connection: sa.Connection, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Page]:
    """Return the pages by (report id, page number), those that exist, a report's in order."""
    found: dict[tuple[str, int], Page] = {}
    for part in _batches(list(dict.fromkeys(wanted)), _BATCH // 2):
        for row in connection.execute(_PAGES, {"wanted": part}).mappings():
            found[row["report"], row["number"]] = as_page(row)
    return found


def select_chunks(connection: sa.Connection, ids: Sequence[str]) -> dict[str, FoundChunk]:
    """Return the chunks by id, those that exist."""
    found: dict[str, FoundChunk] = {}
    for part in _batches(ids, _BATCH):
        for row in connection.execute(_CHUNKS, {"wanted": part}):
            found[row.id] = FoundChunk(*row)
    return found


def select_stored_chunks(connection: sa.Connection, report: str) -> list[StoredChunk]:
    """Return a report's chunks with their text and vectors, in reading order."""
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


def select_vectors(connection: sa.Connection, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Return the vectors by key, those that exist."""
    import numpy as np

    found = {}
    for part in _batches(list(dict.fromkeys(keys)), _BATCH):
        query = sa.select(schema.vectors).where(schema.vectors.c.key.in_(part))
        found.update({row.key: np.frombuffer(row.vector, dtype=np.float32) for row in connection.execute(query)})
    return found


def faults(connection: sa.Connection) -> list[str]:
    """Return what is wrong with the database itself, a sentence each; [] when it is sound."""
    verdicts = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars()
    found = [f"the database says: {verdict}" for verdict in verdicts if verdict != "ok"]
    for table in (schema.pages, schema.chunks):
        held = sa.select(sa.func.count()).where(table.c.report == schema.reports.c.id).scalar_subquery()
        said = schema.reports.c[table.name]
        query = sa.select(schema.reports.c.id, said, held).where(said != held)
        found.extend(
            f"report {report} has {number} {table.name} where {promised} were added; remove it and add it again"
            for report, promised, number in connection.execute(query)
        )
    return found


def replace_report(
    connection: sa.Connection,
    report: Report,
    pages: Sequence[Page],
    *,
    chunks: Sequence[tuple[Chunk, str]],
    vectors: Mapping[str, NDArray[np.float32]],
) -> None:
    """Insert a report with all that belongs to it, over the version that its id had."""
    gone, _ = delete_report(connection, report.id)
    insert_vectors(connection, vectors)
    insert_report(connection, report, pages)
    insert_chunks(connection, report, chunks)
    if gone:
        drop_unused_vectors(connection)


def insert_report(connection: sa.Connection, report: Report, pages: Sequence[Page]) -> None:
    """Insert a report and its pages."""
    connection.execute(
        sa.insert(schema.reports), {**asdict(report), "ledger": [asdict(note) for note in report.ledger]}
    )
    rows = [
        {
            "report": report.id,
            "number": page.number,
            "label": page.label,
            "text": page.text,
            "blocks": [(block.start, block.end, block.kind, block.level, block.heads) for block in page.blocks],
            "charmap": page.charmap,
        }
        for page in pages
    ]
    connection.execute(sa.insert(schema.pages), rows)


def insert_chunks(connection: sa.Connection, report: Report, chunks: Sequence[tuple[Chunk, str]]) -> None:
    """Insert a report's chunks, pairs of a chunk and its vector's key; the id of a chunk names the document too."""
    rows = [
        {
            "id": f"{report.id}-{report.document[:12]}-{place}",
            "report": report.id,
            "page": chunk.page,
            "start": chunk.start,
            "end": chunk.end,
            "context": chunk.context,
            "vector": key,
        }
        for place, (chunk, key) in enumerate(chunks)
    ]
    if rows:
        connection.execute(sa.insert(schema.chunks), rows)


def replace_chunks(
    connection: sa.Connection,
    chunks: Sequence[tuple[Report, Sequence[tuple[Chunk, str]]]],
    vectors: Mapping[str, NDArray[np.float32]],
) -> None:
    """Give every report these chunks and no others."""
    connection.execute(sa.delete(schema.chunks))
    insert_vectors(connection, vectors)
    for report, keyed in chunks:
        insert_chunks(connection, report, keyed)
        connection.execute(sa.update(schema.reports).where(schema.reports.c.id == report.id).values(chunks=len(keyed)))
    drop_unused_vectors(connection)


def insert_vectors(connection: sa.Connection, vectors: Mapping[str, NDArray[np.float32]]) -> None:
    """Insert the vectors that are not there yet, by key."""
    rows = [{"key": key, "vector": vector.astype("float32").tobytes()} for key, vector in vectors.items()]
    if rows:
        connection.execute(sa.insert(schema.vectors).prefix_with("OR IGNORE"), rows)


def delete_report(connection: sa.Connection, report: str) -> tuple[int, int]:
    """Delete a report with its pages and chunks; return how many pages and chunks went."""
    chunks = connection.execute(sa.delete(schema.chunks).where(schema.chunks.c.report == report)).rowcount
    pages = connection.execute(sa.delete(schema.pages).where(schema.pages.c.report == report)).rowcount
    connection.execute(sa.delete(schema.reports).where(schema.reports.c.id == report))
    return pages, chunks


def drop_unused_vectors(connection: sa.Connection) -> int:
    """Delete the vectors that no chunk has any more; return how many went."""
    used = sa.exists().where(schema.chunks.c.vector == schema.vectors.c.key)
    return connection.execute(sa.delete(schema.vectors).where(~used)).rowcount


def fact(connection: sa.Connection, name: str) -> str | None:
    """Return a fact about the library, or None where it is not recorded."""
    value: str | None = connection.scalar(_FACT, {"name": name})
    return value


def set_fact(connection: sa.Connection, name: str, value: str) -> None:
    """Record a fact about the library, over the one before."""
    connection.execute(sa.delete(schema.facts).where(schema.facts.c.name == name))
    connection.execute(sa.insert(schema.facts), {"name": name, "value": value})


def report_of(chunk: str) -> str:
    """Return the id of the report that a chunk's id begins with."""
    return chunk.partition("-")[0]


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
