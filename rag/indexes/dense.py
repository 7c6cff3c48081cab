"""The dense index: chunk vectors in a local Chroma collection, in cosine space.

Chroma is derived and never the record: a kill can leave its files unreadable, and an open client does not see what
another process wrote. ``rag.indexes`` opens and closes it around those facts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.indexes.scope import EVERYTHING, Scope
from rag.records import StoredChunk, report_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "chunks"
# As many as retrieval asks for at most: of the first quarter, graph search finds what exhaustive search would.
_SEARCH_BREADTH = 200
# The spellings of folders that clients of this process have open.
_open_paths: set[str] = set()
_open_paths_lock = threading.Lock()


class DenseIndex:
    """An open Chroma collection in ``folder``. Its first query may write: open it under the writer's lock."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        self._path = _own_path(folder)
        self._client: Any = None
        # Asked once: Chroma takes half as long to count as to search.
        self._held = 0
        # The chunks of reports that were searched alone, and their vectors.
        self._of_report: dict[str, tuple[list[str], NDArray[np.float32]]] = {}
        try:
            self._client = chromadb.PersistentClient(self._path, settings=Settings(anonymized_telemetry=False))
            self._collection: Any = self._client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={
                    "hnsw": {"space": "cosine", "ef_search": _SEARCH_BREADTH, "ef_construction": _SEARCH_BREADTH}
                },
            )
        except BaseException:
            self.close()
            raise

    def add(self, chunks: Sequence[StoredChunk]) -> None:
        """Take in the chunks; one that is already there is replaced."""
        most = self._client.get_max_batch_size()
        for start in range(0, len(chunks), most):
            part = chunks[start : start + most]
            self._collection.upsert(
                ids=[chunk.id for chunk in part],
                embeddings=[chunk.vector for chunk in part],
                metadatas=[{"report": chunk.report, "document": chunk.document} for chunk in part],
            )

    def delete(self, document: str) -> None:
        """Delete the chunks of a document."""
        self._collection.delete(where={"document": document})

    def search(self, vector: NDArray[np.float32], limit: int, scope: Scope = EVERYTHING) -> list[tuple[str, float]]:
        """Return at most ``limit`` pairs (chunk id, cosine similarity), best first.

        ``scope.without`` is answered by asking for more and dropping, ``scope.only`` by comparing every vector of the
        reports: a Chroma filter resolves every allowed row, which for a report of 1,848 chunks takes 6 ms.
        """
        if scope.only is not None:
            return self._best(self._inside(scope.only, vector, limit), limit)
        wanted = limit * 2 if scope.without else limit
        while self._held:
            found = self._collection.query(
                query_embeddings=[vector], n_results=min(wanted, self._held), include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            kept = [(chunk, 1.0 - distance) for chunk, distance in pairs if report_of(chunk) not in scope.without]
            if len(kept) >= limit or wanted >= self._held or not scope.without:
                return self._best(kept, limit)
            wanted *= 4
        return []

    @staticmethod
    def _best(found: Iterable[tuple[str, float]], limit: int) -> list[tuple[str, float]]:
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _inside(self, reports: frozenset[str], vector: NDArray[np.float32], limit: int) -> Iterator[tuple[str, float]]:
        """Yield chunks of the reports with their cosine similarity, of each report ``limit`` or more of the best."""
        import numpy as np

        for report in reports:
            if report not in self._of_report:
                found = self._collection.get(where={"report": report}, include=["embeddings"])
                self._of_report[report] = found["ids"], np.asarray(found["embeddings"], dtype=np.float32)
            chunks, vectors = self._of_report[report]
            near = vectors @ vector if chunks else np.zeros(0, dtype=np.float32)
            least = np.partition(near, -limit)[-limit] if len(near) > limit else -np.inf
            yield from ((chunks[place], float(near[place])) for place in np.flatnonzero(near >= least))

    def chunk_ids(self) -> frozenset[str]:
        """Return the id of every chunk that is held."""
        return frozenset(self._collection.get(include=[])["ids"])

    def settle(self) -> None:
        """Make the first query, which replays and purges Chroma's log, so that later ones write nothing.

        The index is searched from here on, and not written to.
        """
        self._held = self._collection.count()
        held = self._collection.peek(1)["embeddings"]
        if len(held):
            self._collection.query(query_embeddings=[held[0]], n_results=1, include=[])

    def close(self) -> None:
        """Close the client and free what it keeps in memory."""
        try:
            if self._client is not None:
                self._client.close()
        finally:
            with _open_paths_lock:
                _open_paths.discard(self._path)


def _own_path(folder: Path) -> str:
    """Return a spelling of the folder's path that no client of this process has open.

    Chroma gives all who open one spelling the same client, which closes when the last of them does. Where two chains of
    a process have one home, neither could then reopen it to see what another process wrote.
    """
    with _open_paths_lock:
        path = str(folder)
        while path in _open_paths:
            path += f"{os.sep}."
        _open_paths.add(path)
    return path
