"""Rows to nouns and back: what the library does inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from rag import schema
from rag.types import Block, Chunk, Page, PageNote, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def as_report(row: Mapping[Any, Any]) -> Report:
    """Return the report of a row of ``reports``."""
    return Report(**{**row, "ledger": tuple(PageNote(**note) for note in row["ledger"])})


def as_page(row: Mapping[Any, Any]) -> Page:
    """Return the page of a row of ``pages``."""
    blocks = tuple(Block(*block) for block in row["blocks"])
    charmap = tuple((text, pdf, length) for text, pdf, length in row["charmap"])
    return Page(row["number"], row["label"], row["text"], blocks, charmap)


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
    value: str | None = connection.scalar(sa.select(schema.facts.c.value).where(schema.facts.c.name == name))
    return value


def set_fact(connection: sa.Connection, name: str, value: str) -> None:
    """Record a fact about the library, over the one before."""
    connection.execute(sa.delete(schema.facts).where(schema.facts.c.name == name))
    connection.execute(sa.insert(schema.facts), {"name": name, "value": value})


def batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the items in runs of at most ``size``: SQLite takes at most 32,766 bound values in a statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
