"""Counts the library against both indexes, names every difference, and repairs what can be rebuilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.chunking import chunk
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.ingest import Progress, embed_chunks
from rag.library import Library
from rag.types import Report


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the library and the indexes hold, and what is wrong, a sentence each.

    ``dense`` and ``lexical`` are numbers of chunks, None where an index is too damaged to be counted.
    """

    reports: int
    pages: int
    chunks: int
    dense: int | None
    lexical: int | None
    embedding: str | None
    faults: tuple[str, ...] = ()


def diagnose(library: Library, indexes: Indexes) -> Diagnosis:
    """Return how the library and its indexes are, changing nothing."""
    examined = indexes.examine()
    reports = library.reports()
    return Diagnosis(
        reports=len(reports),
        pages=sum(report.pages for report in reports),
        chunks=sum(report.chunks for report in reports),
        dense=examined.dense,
        lexical=examined.lexical,
        embedding=library.fingerprint(),
        faults=(*library.faults(), *examined.faults),
    )


def reembed(library: Library, indexes: Indexes, embedding: Embedding, watch: Callable[[Report], Progress]) -> int:
    """Cut and embed every report again with this model and rebuild both indexes; return the number of chunks.

    Until the one commit at the end the library answers with the old model's vectors, and a kill leaves it so.
    """
    with library.writing():
        chunks, vectors = {}, {}
        for report in library.reports():
            document = library.document(report)
            cut = chunk(document, count_tokens=embedding.count_tokens, max_tokens=embedding.max_tokens)
            chunks[report.id], fresh, _ = embed_chunks(document.pages, cut, library, embedding, watch(report))
            vectors.update(fresh)
        indexes.distrust()
        library.replace_chunks(chunks, vectors, embedding.fingerprint)
        indexes.catch_up()
    return sum(len(keyed) for keyed in chunks.values())
