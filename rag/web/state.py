"""What the pages stand on: the desk, shared by all visitors of one server, and errors in words."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import streamlit as st

from rag import AnswerChain, Conversations, Embedding, Indexes, Library, RagError, Reranker, Settings
from rag.jobs import Jobs
from rag.web.connections import Connection, connect
from rag.web.suggesting import Suggestions
from rag.web.writers import QUOTES, Writers

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Desk:
    """The open library, its indexes, and the embedding model, which loads while the page is there already."""

    def __init__(self, settings: Settings) -> None:
        """Open the library of the settings' home. Raises what Library raises."""
        self.settings = settings
        self.library = Library(settings.home)
        self.indexes = Indexes(self.library)
        self.conversations = Conversations(self.library)
        self.jobs = Jobs(self.library)
        self.jobs.sweep()
        self.writers = Writers(settings.model, settings.home)
        # What is being answered now: the conversation and the number of the exchange.
        self.answering: set[tuple[str, int]] = set()
        self.suggestions = Suggestions(
            self.library, self.chain, lambda: bool(self.answering), settings.suggesting_model
        )
        self._guard = threading.Lock()
        self._embedding: Future[Embedding] | None = None
        self._reranker: Reranker | None = None
        self._fault = ""
        self._chains: dict[str, AnswerChain] = {}

    def warm(self) -> Future[Embedding]:
        """Start loading the model unless that was done, and return where it will be."""
        with self._guard:
            if self._embedding is None:
                self._embedding = self._started()
            return self._embedding

    def loading(self) -> bool:
        """Whether the model is still to come."""
        found = self._embedding
        return found is None or not found.done()

    def fault(self) -> str:
        """Return why no question can be answered since the model did not load, in words; "" where it did or may."""
        return self._fault

    def embedding(self) -> Embedding | None:
        """Return the model once it has loaded; None before that, and where it did not."""
        found = self._embedding
        return found.result() if found and found.done() and found.exception() is None else None

    def chain(self, writer: str, own: Connection | None = None) -> AnswerChain:
        """Return the chain that writes with ``writer``, waiting for the model where it is still loading.

        ``own`` is how the asking visitor reaches the writer, where it is a model that nobody else has. A load that
        failed is tried again. Raises EmbeddingError, ModelMismatch or ModelError.
        """
        with self._guard:
            if self._embedding is None or (self._embedding.done() and self._embedding.exception() is not None):
                self._embedding = self._started()
            found = self._embedding
        embedding = found.result()
        # Another process may have embedded the reports with another model meanwhile.
        self.library.require_model(embedding.fingerprint)
        if connection := own or self.writers.kept().get(writer):
            # Built for each question: a key is held no longer than its visitor, or its file, holds it.
            return self._built(connect(connection, timeout=self.settings.model_timeout), embedding)
        with self._guard:
            if writer not in self._chains:
                self._chains[writer] = self._built(None if writer == QUOTES else writer, embedding)
            return self._chains[writer]

    def close(self) -> None:
        """Wait until nothing is under way, and close what is open."""
        if self._embedding is not None:
            self._embedding.exception()
        self.suggestions.close()
        self.conversations.close()
        self.indexes.close()
        self.library.close()

    def _started(self) -> Future[Embedding]:
        """Begin to load the model; the caller holds the guard."""
        self._fault = ""
        found: Future[Embedding] = Future()
        threading.Thread(target=self._load, args=(found,), daemon=True, name="loading").start()
        return found

    def _load(self, found: Future[Embedding]) -> None:
        """Load the model, and do what the first question would wait for otherwise: imports and opening the indexes."""
        try:
            import rag

            self.library.require_model(self.settings.embedding)
            embedding = rag.load_embedding(
                self.settings.embedding,
                dtype=self.settings.dtype,
                query_prefix=self.settings.embedding_query_prefix,
                document_prefix=self.settings.embedding_document_prefix,
            )
            self._reranker = rag.load_reranker(self.settings.reranker, dtype=self.settings.dtype)
            _ = rag.build_chain
            # Vectors of another model have another length, which the indexes would take for damage.
            self.library.require_model(embedding.fingerprint)
            self.indexes.search(embedding.query("the first one"), "takes longer", limit=1)
        except BaseException as error:
            self._fault = in_words(error)
            found.set_exception(error)
        else:
            found.set_result(embedding)

    def _built(self, model: BaseChatModel | str | None, embedding: Embedding) -> AnswerChain:
        from rag import build_chain

        return build_chain(
            self.library,
            embedding,
            indexes=self.indexes,
            model=model,
            reranker=self._reranker,
            passages=self.settings.passages,
            threshold=self.settings.threshold,
            timeout=self.settings.model_timeout,
        )


@st.cache_resource(show_spinner=False)
def open_desk(_settings: Settings, settings_key: str) -> Desk:
    """Return the one desk of these settings; ``settings_key`` tells them apart."""
    return Desk(_settings)


def in_words(error: BaseException) -> str:
    """Return what to tell a person of an error; what is not ours is for the terminal."""
    if isinstance(error, RagError):
        return str(error)
    logging.getLogger(__name__).error("an error that is not one of ours", exc_info=error)
    return "Something went wrong in Footnote itself, not in your reports. The terminal says what; then try again."
