"""Counts the library against both indexes, names every difference, and repairs what can be rebuilt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The bytes that a home takes on the disk, by part, and those that are free there."""

    library: int
    originals: int
    indexes: int
    underway: int
    free: int

    @property
    def total(self) -> int:
        """What the home takes in all."""
        return self.library + self.originals + self.indexes + self.underway


def disk_use(library: Library) -> DiskUse:
    """Return what the library's home takes on the disk: ``underway`` are files on their way in."""
    home = library.home
    return DiskUse(
        library=sum(_size(path) for path in home.glob("library.db*")),
        originals=_below(home / "files"),
        indexes=_below(home / "indexes"),
        underway=_below(home / "incoming") + _below(home / "uploads"),
        free=shutil.disk_usage(home).free,
    )


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


def _below(folder: Path) -> int:
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # a file that was moved or deleted meanwhile
