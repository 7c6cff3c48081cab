"""Files -> library -> indexes: what ``rag add`` and the chat's upload both run.

Reading and embedding happen outside the writer's lock; it is held for commit and catch-up, a report at a time, while
the next one is embedded. A report is said to be added only when the library and both indexes have it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.chunking import chunk
from rag.embedding import Embedding, embedded_text, vector_key
from rag.errors import EmptyFile, ReadError
from rag.indexes import Indexes
from rag.library import Library, report_id
from rag.originals import receive
from rag.reading import Limits, read
from rag.sources import Source
from rag.types import Chunk, Document, Page, Report
from rag.unpacking import unpack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Status = Literal["added", "replaced", "renewed", "unchanged", "duplicate", "failed"]
# Called with a step ("unpacking", "reading", "embedding", "indexing"), what is done and the whole, in files, pages or
# chunks.
Progress = Callable[[str, int, int], None]

# Chunks embedded between two calls of progress.
_EMBED_AT_ONCE = 128
# Files that are read, or embedded, ahead of the one being committed: reading has its own process, and committing takes
# a fifth of the time of embedding on one core (`python -m evals speed`).
_READ_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. ``report`` is None for "failed" alone; for "duplicate" it is the one of those bytes.

    ``before`` is the version that a "replaced" report took the place of. "renewed" is a report whose bytes were read
    again.
    """

    source: Source
    status: Status
    report: Report | None = None
    error: ReadError | None = None
    embedded: int = 0
    before: Report | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: limits, the password for encrypted ones, and whether scanned pages go through OCR."""

    limits: Limits = Limits()
    password: str | None = None
    ocr: bool = True


def add(
    sources: Sequence[Source],
    *,
    library: Library,
    indexes: Indexes,
    embedding: Embedding,
    reading: Reading = Reading(),
    progress: Callable[[Source], Progress] | None = None,
    again: bool = False,
) -> Iterator[Outcome]:
    """Add files one after the other, yielding what became of each when it is safe on disk and can be found.

    A zip is added as the files in it. A file that cannot be read is an outcome, not an error: the others go in. With
    ``again``, a file that the library has is read and indexed again, and takes its own place when that is done. Raises
    ModelMismatch where the library was made with another embedding model.
    """
    library.require_model(embedding.fingerprint)
    watch = progress or (lambda _source: lambda *_step: None)
    with library.receiving() as folder:
        found = unpack(sources, folder, limits=reading.limits, watch=watch)
        yield from (Outcome(source, "failed", error=error) for source, error in found.refused)
        yield from _Line(library, indexes, embedding, reading, folder, again).run(found.sources, watch)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was copied and read: the hash of its bytes, the copy, what is in it, and its chunks.

    ``found`` is the report of these bytes, without chunks, where the library has one already.
    """

    sha256: str
    copy: Path
    found: Document | Report
    chunks: Sequence[Chunk]


@dataclass(frozen=True, slots=True)
class _Embedded:
    """A file that was read, its chunks with the keys of their vectors, the vectors, and how many were made now."""

    read: _Read
    keyed: list[tuple[Chunk, str]]
    vectors: dict[str, NDArray[np.float32]]
    count: int


@dataclass(frozen=True, slots=True)
class _Line:
    """The three steps of adding a file, which run side by side, each on another file."""

    library: Library
    indexes: Indexes
    embedding: Embedding
    reading: Reading
    folder: Path
    again: bool

    def run(self, sources: Sequence[Source], watch: Callable[[Source], Progress]) -> Iterator[Outcome]:
        """Take the files through the steps, yielding what became of each in their order."""
        stopped = threading.Event()
        waiting: list[tuple[Source, Future[_Embedded]]] = []
        rest = iter(sources)
        with (
            ThreadPoolExecutor(_READ_AHEAD, thread_name_prefix="reading") as reader,
            ThreadPoolExecutor(1, thread_name_prefix="embedding-reports") as embedder,
        ):
            try:
                while True:
                    for source in rest:
                        told = _until(stopped, watch(source))
                        found = reader.submit(self.read, source, told)
                        waiting.append((source, embedder.submit(self.embed, found, told)))
                        if len(waiting) > _READ_AHEAD:
                            break
                    if not waiting:
                        return
                    source, future = waiting.pop(0)
                    yield self.finish(source, future, watch(source))
            finally:
                stopped.set()
                for _, future in waiting:
                    future.cancel()

    def read(self, source: Source, progress: Progress) -> _Read:
        """Copy the file into the home and read the copy, so that what is kept is what was read."""
        copy, sha256 = receive(source.path, self.folder, name=source.name, limit=self.reading.limits.size)
        try:
            known = self.library.by_document(sha256)
            if known is not None and not self._is_renewed(source, known):
                return _Read(sha256, copy, known, [])
            found = read(
                copy,
                name=source.name,
                limits=self.reading.limits,
                password=self.reading.password,
                ocr=self.reading.ocr,
                progress=lambda done, whole: progress("reading", done, whole),
            )
            chunks = chunk(found, count_tokens=self.embedding.count_tokens, max_tokens=self.embedding.max_tokens)
            if not chunks:
                raise EmptyFile(
                    f"{source.name} holds no text beyond running headers and footers. There is nothing to ask of it."
                )
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
        return _Read(sha256, copy, found, chunks)

    def embed(self, future: Future[_Read], progress: Progress) -> _Embedded:
        """Embed what is new of a file that was read."""
        one = future.result()
        if isinstance(one.found, Report):
            return _Embedded(one, [], {}, 0)
        return _Embedded(one, *embed_chunks(one.found.pages, one.chunks, self.library, self.embedding, progress))

    def finish(self, source: Source, future: Future[_Embedded], progress: Progress) -> Outcome:
        """Record one file that was read and embedded, and say what became of it."""
        try:
            one = future.result()
            try:
                if isinstance(one.read.found, Report):
                    self.library.restore(one.read.found, one.read.copy)
                    return _known(source, one.read.found)
                progress("indexing", 0, 1)
                outcome = self._commit(source, one.read.found, one)
                progress("indexing", 1, 1)
                return outcome
            finally:
                one.read.copy.unlink(missing_ok=True)
        except ReadError as error:
            return Outcome(source, "failed", error=error)

    def _commit(self, source: Source, document: Document, one: _Embedded) -> Outcome:
        """Record the document and bring the indexes in step, under the writer's lock."""
        with self.library.writing():
            known = self.library.by_document(one.read.sha256)
            if known is not None and not self._is_renewed(source, known):
                return _known(source, known)
            before = next((report for report in self.library.reports() if report.id == report_id(source.name)), None)
            self.library.require_model(self.embedding.fingerprint)
            with self.indexes.renewing(one.read.sha256) if known else nullcontext():
                report = self.library.add(
                    document,
                    name=source.name,
                    original=one.read.copy,
                    sha256=one.read.sha256,
                    chunks=one.keyed,
                    vectors=one.vectors,
                    fingerprint=self.embedding.fingerprint,
                )
            self.indexes.catch_up()
        status: Status = "renewed" if known else "replaced" if before else "added"
        return Outcome(source, status, report=report, embedded=one.count, before=None if known else before)

    def _is_renewed(self, source: Source, known: Report) -> bool:
        """Whether a file whose bytes the library has is to be read again, as the report that it is."""
        return self.again and known.name == source.name


def _known(source: Source, report: Report) -> Outcome:
    """The outcome for bytes that the library already has, under this name or another."""
    return Outcome(source, "unchanged" if report.name == source.name else "duplicate", report=report)


def _until(stopped: threading.Event, progress: Progress) -> Progress:
    """Return the progress callback, which ends the work that calls it once ``stopped`` is set."""

    def told(step: str, done: int, whole: int) -> None:
        if stopped.is_set():
            raise CancelledError
        progress(step, done, whole)

    return told


def embed_chunks(
    pages: Sequence[Page], chunks: Sequence[Chunk], library: Library, embedding: Embedding, progress: Progress
) -> tuple[list[tuple[Chunk, str]], dict[str, NDArray[np.float32]], int]:
    """Return the chunks with the keys of their vectors, the vectors by key, and how many were embedded now."""
    keyed, texts = key_chunks(pages, chunks, embedding)
    vectors, embedded = embed_texts(texts, library, embedding, progress)
    return keyed, vectors, embedded


def key_chunks(
    pages: Sequence[Page], chunks: Sequence[Chunk], embedding: Embedding
) -> tuple[list[tuple[Chunk, str]], dict[str, str]]:
    """Return the chunks with the keys of their vectors, and by key what is to be embedded."""
    text_of = {page.number: page.text for page in pages}
    texts = {}
    keyed = []
    for one in chunks:
        text = text_of[one.page][one.start : one.end]
        key = vector_key(embedding.fingerprint, one.context, text)
        texts[key] = embedded_text(one.context, text)
        keyed.append((one, key))
    return keyed, texts


def embed_texts(
    texts: dict[str, str], library: Library, embedding: Embedding, progress: Progress
) -> tuple[dict[str, NDArray[np.float32]], int]:
    """Return the vectors of the texts by key, and how many were embedded now.

    A vector that the library has under the same key (model, prefixes, context, text) is not made again.
    """
    vectors = library.cached_vectors(list(texts))
    # Texts of like length in one batch waste the least on padding.
    missing = sorted((key for key in texts if key not in vectors), key=lambda key: len(texts[key]))
    for start in range(0, len(missing), _EMBED_AT_ONCE):
        progress("embedding", start, len(missing))
        part = missing[start : start + _EMBED_AT_ONCE]
        vectors.update(zip(part, embedding.documents([texts[key] for key in part]), strict=True))
    return vectors, len(missing)
