"""Files -> library -> indexes: what ``rag add`` and the chat's upload both run.

Reading and embedding happen outside the writer's lock; it is held for commit and catch-up, a report at a time. A
report is said to be added only when the library and both indexes have it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.chunking import chunk
from rag.embedding import Embedding, embedded_text, vector_key
from rag.errors import EmptyFile, ReadError, UnreadableFile
from rag.indexes import Indexes
from rag.library import Library, report_id
from rag.originals import receive
from rag.reading import Limits, read
from rag.types import Chunk, Document, Page, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Status = Literal["added", "replaced", "unchanged", "duplicate", "failed"]
# Called with a step ("reading", "embedding", "indexing"), what is done and the whole, in pages or chunks.
Progress = Callable[[str, int, int], None]

_IGNORE_FILE = ".ragignore"
# Chunks embedded between two calls of progress.
_EMBED_AT_ONCE = 128
# Files read ahead of the one being embedded: reading has its own process, so that both cores work.
_READ_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A file to add and the name that it goes by: its path below the folder it came with, or its file name."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. ``report`` is None for "failed" alone; for "duplicate" it is the one of those bytes.

    ``before`` is the version that a "replaced" report took the place of.
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


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files that the paths name, a folder's in order of their names, hidden and ignored ones left out.

    A ``.ragignore`` in an added folder has gitignore's syntax. Raises UnreadableFile for two files of one name
    and for a ``.ragignore`` that cannot be used.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            found.extend(_folder_sources(path))
        else:
            found.append(Source(path, _written(path.name)))
    taken: dict[str, Path] = {}
    for source in found:
        first = taken.setdefault(source.name, source.path)
        # Not Path.resolve, which raises for a link to itself.
        if os.path.realpath(first) != os.path.realpath(source.path):
            raise UnreadableFile(
                f"{first} and {source.path} would both be the report {source.name!r}, and one would replace the other. "
                "Add the folder above both, so that their names differ."
            )
    return list({source.name: source for source in found}.values())


def add(
    sources: Sequence[Source],
    *,
    library: Library,
    indexes: Indexes,
    embedding: Embedding,
    reading: Reading = Reading(),
    progress: Callable[[Source], Progress] | None = None,
) -> Iterator[Outcome]:
    """Add files one after the other, yielding what became of each when it is safe on disk and can be found.

    A file that cannot be read is an outcome, not an error: the others go in. Raises ModelMismatch where the library
    was made with another embedding model.
    """
    library.require_model(embedding.fingerprint)
    watch = progress or (lambda _source: lambda *_step: None)
    with library.receiving() as folder, ThreadPoolExecutor(_READ_AHEAD, thread_name_prefix="reading") as pool:
        waiting: list[tuple[Source, Future[_Read]]] = []
        rest = iter(sources)
        try:
            while True:
                for source in rest:
                    waiting.append((source, pool.submit(_read, source, folder, library, reading, watch(source))))
                    if len(waiting) > _READ_AHEAD:
                        break
                if not waiting:
                    return
                source, future = waiting.pop(0)
                yield _finish(
                    source, future, library=library, indexes=indexes, embedding=embedding, progress=watch(source)
                )
        finally:
            for _, future in waiting:
                future.cancel()


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was copied and read: the hash of its bytes, the copy, and what is in it.

    ``found`` is the report of these bytes where the library has one already.
    """

    sha256: str
    copy: Path
    found: Document | Report


def _folder_sources(folder: Path) -> Iterator[Source]:
    import pathspec

    rules = folder / _IGNORE_FILE
    try:
        lines = rules.read_text(encoding="utf-8").splitlines() if rules.is_file() else []
        ignored = pathspec.PathSpec.from_lines("gitignore", lines)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{rules} cannot be used: {error}. Write gitignore's patterns in it, as UTF-8.") from error
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        # A folder that may not be looked into is yielded, too, so that it is named when it cannot be read.
        closed = path.is_dir() and not os.access(path, os.R_OK | os.X_OK)
        if (path.is_file() or closed) and not hidden and not ignored.match_file(inside.as_posix()):
            yield Source(path, _written(inside.as_posix()))


def _written(name: str) -> str:
    """Return a file's name as text: a byte of it that is no UTF-8 is spelled out, as in "caf\\xe9.md"."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _read(source: Source, folder: Path, library: Library, reading: Reading, progress: Progress) -> _Read:
    """Copy the file into the home and read the copy, so that what is kept is what was read."""
    copy, sha256 = receive(source.path, folder, name=source.name, limit=reading.limits.size)
    try:
        found = library.by_document(sha256) or read(
            copy,
            name=source.name,
            limits=reading.limits,
            password=reading.password,
            ocr=reading.ocr,
            progress=lambda done, whole: progress("reading", done, whole),
        )
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return _Read(sha256, copy, found)


def _finish(
    source: Source,
    future: Future[_Read],
    *,
    library: Library,
    indexes: Indexes,
    embedding: Embedding,
    progress: Progress,
) -> Outcome:
    """Embed and commit one file that was read, and say what became of it."""
    try:
        ready = future.result()
        try:
            if isinstance(ready.found, Report):
                library.restore(ready.found, ready.copy)
                return _known(source, ready.found)
            return _commit(
                source,
                ready.found,
                original=ready.copy,
                sha256=ready.sha256,
                library=library,
                indexes=indexes,
                embedding=embedding,
                progress=progress,
            )
        finally:
            ready.copy.unlink(missing_ok=True)
    except ReadError as error:
        return Outcome(source, "failed", error=error)


def _known(source: Source, report: Report) -> Outcome:
    """The outcome for bytes that the library already has, under this name or another."""
    return Outcome(source, "unchanged" if report.name == source.name else "duplicate", report=report)


def _commit(
    source: Source,
    document: Document,
    *,
    original: Path,
    sha256: str,
    library: Library,
    indexes: Indexes,
    embedding: Embedding,
    progress: Progress,
) -> Outcome:
    """Embed what is new, then record the document and bring the indexes in step, under the writer's lock."""
    chunks = chunk(document, count_tokens=embedding.count_tokens, max_tokens=embedding.max_tokens)
    if not chunks:
        raise EmptyFile(
            f"{source.name} holds no text beyond running headers and footers. There is nothing to ask of it."
        )
    keyed, vectors, embedded = embed_chunks(document.pages, chunks, library, embedding, progress)
    progress("indexing", 0, 1)
    with library.writing():
        known = library.by_document(sha256)
        if known is not None:
            return _known(source, known)
        before = next((report for report in library.reports() if report.id == report_id(source.name)), None)
        library.require_model(embedding.fingerprint)
        report = library.add(
            document,
            name=source.name,
            original=original,
            sha256=sha256,
            chunks=keyed,
            vectors=vectors,
            fingerprint=embedding.fingerprint,
        )
        indexes.catch_up()
    progress("indexing", 1, 1)
    return Outcome(source, "replaced" if before else "added", report=report, embedded=embedded, before=before)


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
