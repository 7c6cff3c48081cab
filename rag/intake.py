"""Documents from memory -> library -> indexes: reports that are no files, such as rows of a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rag.chunking import chunk
from rag.embedding import Embedding
from rag.errors import EmptyFile
from rag.indexes import Indexes
from rag.ingest import embed_texts, key_chunks
from rag.library import Library, report_id
from rag.types import Chunk, Document, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Documents embedded and committed together: most are short, and the model likes full batches.
_AT_ONCE = 200


def add_documents(
    documents: Iterable[tuple[str, Document]], *, library: Library, indexes: Indexes, embedding: Embedding
) -> Iterator[Report]:
    """Add documents, pairs of a report's name and what it holds, yielding each report when it can be found.

    A document that the library has under that name already is left as it is, another one is replaced. What is kept as
    the original is the document as JSON. Raises EmptyFile for a document without text, and then adds none of those
    that were taken in with it; ModelMismatch where the library was made with another embedding model.
    """
    library.require_model(embedding.fingerprint)
    rest = iter(documents)
    while group := list(islice(rest, _AT_ONCE)):
        yield from _add_together(group, library, indexes, embedding)


def came_as_file(report: Report, original: Path) -> bool:
    """Return whether the report's original is a file that was added, and not a document from memory."""
    try:
        with original.open("rb") as kept:
            start = _opening(report.name)
            return kept.read(len(start)) != start
    except FileNotFoundError:
        return True


def _opening(name: str) -> bytes:
    """Return how the original of a document from memory begins."""
    return json.dumps({"name": name}, ensure_ascii=False).encode("utf-8", "surrogatepass").removesuffix(b"}")


@dataclass(frozen=True, slots=True)
class _Ready:
    """A document that is new, with what is kept as its original, and its chunks with the keys of their vectors."""

    name: str
    document: Document
    original: bytes
    chunks: list[tuple[Chunk, str]]


def _add_together(
    group: Sequence[tuple[str, Document]], library: Library, indexes: Indexes, embedding: Embedding
) -> list[Report]:
    held = dict(library.held())
    texts: dict[str, str] = {}
    new: list[_Ready] = []
    for name, document in group:
        original = json.dumps({"name": name, **asdict(document)}, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if held.get(report_id(name)) == hashlib.sha256(original).hexdigest():
            continue
        chunks = chunk(document, count_tokens=embedding.count_tokens, max_tokens=embedding.max_tokens)
        if not chunks:
            raise EmptyFile(f"The document {name!r} holds no text. Leave it out.")
        keyed, wanted = key_chunks(document.pages, chunks, embedding)
        texts |= wanted
        new.append(_Ready(name, document, original, keyed))
    vectors, _ = embed_texts(texts, library, embedding, lambda *_step: None)
    with library.receiving() as folder, library.writing():
        library.require_model(embedding.fingerprint)
        for one in new:
            _record(one, vectors, folder / "document", library, embedding)
        indexes.catch_up()
    reports = {report.id: report for report in library.reports()}
    return [reports[report_id(name)] for name, _ in group]


def _record(
    one: _Ready, vectors: dict[str, NDArray[np.float32]], copy: Path, library: Library, embedding: Embedding
) -> None:
    copy.write_bytes(one.original)
    library.add(
        one.document,
        name=one.name,
        original=copy,
        sha256=hashlib.sha256(one.original).hexdigest(),
        chunks=one.chunks,
        vectors={key: vectors[key] for _, key in one.chunks},
        fingerprint=embedding.fingerprint,
    )
