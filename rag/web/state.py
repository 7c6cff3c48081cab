"""What the chat remembers: the desk, shared by all visitors of one server, and a visitor's own exchanges."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import streamlit as st

from rag import Answer, AnswerChain, Embedding, Indexes, Library, Question, RagError, Reranker, Settings, Turn
from rag.web.connections import Connection, connect
from rag.web.upload import Upload
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
        self.writers = Writers(settings.model, settings.home)
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


@dataclass
class Exchange:
    """A question and what came of it so far: an answer that may still be growing, or an error in words.

    ``asked`` is the question with its history and its choice of reports. ``stopped`` says that the run that drew the
    answer was broken off; ``remark`` is what was said to a thumb.
    """

    number: int
    question: str
    asked: Question | None = None
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    remark: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing more is to come."""
        return self.stopped or bool(self.error) or (self.answer is not None and self.answer.stage == "done")


def exchanges() -> list[Exchange]:
    """Return this visitor's exchanges, the first one first; the list is the memory itself."""
    return cast(list[Exchange], st.session_state.setdefault("exchanges", []))


def settle() -> None:
    """Mark what an earlier run left unfinished as stopped: runs of one visitor never overlap."""
    for exchange in exchanges():
        exchange.stopped = exchange.stopped or not exchange.done


def uploads() -> list[Upload]:
    """Return this visitor's uploads that were not dismissed; the list is the memory itself."""
    return cast(list[Upload], st.session_state.setdefault("uploads", []))


def turns(earlier: Sequence[Exchange]) -> tuple[Turn, ...]:
    """Return the finished exchanges as the history of the next question."""
    return tuple(Turn(one.question, one.answer.text) for one in earlier if one.answer and one.answer.stage == "done")


def in_words(error: BaseException) -> str:
    """Return what to tell a person of an error; what is not ours is for the terminal."""
    if isinstance(error, RagError):
        return str(error)
    logging.getLogger(__name__).error("an error that is not one of ours", exc_info=error)
    return "Something went wrong in Footnote itself, not in your reports. The terminal says what; then try again."
