"""Copies of one embedding model, each in a thread of its own with its share of the cores, as LangChain's Embeddings.

Two threads of one core each embed a third more than one model on two cores. And they never wait for one another: a
model that spreads over all cores stalls for tenths of a second wherever another program holds one of them.
"""

from __future__ import annotations

import copy
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from langchain_core.embeddings import Embeddings

# A few texts of like length at a time: on a CPU larger batches gain nothing and pad more (`python -m evals speed`).
BATCH = 8
# Each copy takes the memory of its weights.
_MOST = 4


def divided() -> tuple[int, int]:
    """Return between how many threads the work of a model is divided on a CPU, and how many cores each has."""
    cores = os.cpu_count() or 1
    threads = min(_MOST, cores)
    return threads, cores // threads


class Copies(Embeddings):
    """Embeds with copies of a model that are made when they are first wanted. Share it between threads.

    On a CPU there is a copy a core, four at most; ``single`` keeps to the one model, for a GPU.
    """

    def __init__(self, model: Embeddings, *, single: bool) -> None:
        self._model = model
        self._count, self._cores = (1, os.cpu_count() or 1) if single else divided()
        self._guard = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._own = threading.local()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of the texts, in their order."""
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        vectors: list[list[float]] = [[]] * len(texts)
        for part, found in zip(parts, self._in_turn([[texts[place] for place in part] for part in parts]), strict=True):
            for place, vector in zip(part, found, strict=True):
                vectors[place] = vector
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self._workers().submit(self._query, text).result()

    def _in_turn(self, batches: Sequence[list[str]]) -> Iterator[list[list[float]]]:
        """Yield the vectors of each batch. No more are handed in than keep all copies busy, so that a question asked
        meanwhile waits for a batch and not for all of them."""
        running: deque[Future[list[list[float]]]] = deque()
        for batch in batches:
            running.append(self._workers().submit(self._documents, batch))
            if len(running) > self._count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _documents(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = self._own.model.embed_documents(texts)
        return found

    def _query(self, text: str) -> list[float]:
        found: list[float] = self._own.model.embed_query(text)
        return found

    def _workers(self) -> ThreadPoolExecutor:
        with self._guard:
            if self._pool is None:
                # Copied, not loaded: loading sets torch's default type for all threads while it lasts.
                models = [self._model, *(copy.deepcopy(self._model) for _ in range(self._count - 1))]
                # The threads end with the pool, and the pool with this object: they must not hold on to it.
                self._pool = ThreadPoolExecutor(
                    self._count, "embedding", initializer=_prepare, initargs=(self._own, models, self._cores)
                )
            return self._pool


def _prepare(own: threading.local, models: list[Embeddings], threads: int) -> None:
    """Give the calling thread a model of its own, and its share of the cores."""
    import torch

    # OpenMP keeps this for the calling thread: other threads of the program compute as before.
    torch.set_num_threads(threads)
    own.model = models.pop()


class OneAtATime(Embeddings):
    """Any Embeddings behind a lock: fast tokenizers raise "Already borrowed" when two threads use one at once."""

    def __init__(self, model: Embeddings) -> None:
        self._model = model
        self._lock = threading.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of the texts, in their order."""
        with self._lock:
            return self._model.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        with self._lock:
            return self._model.embed_query(text)
