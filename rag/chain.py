"""The composition: a Question goes in, an Answer grows and comes out. A LangChain Runnable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, get_callback_manager_for_config, run_in_executor

from rag.answering import Tools, answer_question
from rag.embedding import BUNDLED, Embedding, load_embedding
from rag.errors import QuestionError
from rag.indexes import Indexes
from rag.library import Library
from rag.reranking import BUNDLED as BUNDLED_RERANKER
from rag.reranking import Reranker, load_reranker
from rag.retrieval import HybridRetriever
from rag.types import Answer, Question
from rag.writing.generating import load_model
from rag.writing.quoting import QuotingOptions

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MODEL_TIMEOUT = 60.0


class AnswerChain(Runnable[Question | str, Answer]):
    """Answers questions from the reports of one library. Share it between threads.

    ``stream`` yields growing Answers, each complete enough to draw; ``invoke`` returns the last of them. A bare string
    is shorthand for ``Question(text)``. All raise QuestionError for a question that cannot be asked.
    """

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.retriever = tools.retriever
        self.library = tools.retriever.library

    def invoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Return the whole answer."""
        return list(self.stream(input, config, **kwargs))[-1]

    async def ainvoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """Return the whole answer, without blocking the event loop. Cancelling stops the work."""
        return [answer async for answer in self.astream(input, config, **kwargs)][-1]

    def stream(
        self,
        input: Question | str,
        config: RunnableConfig | None = None,
        *,
        stopped: threading.Event | None = None,
        **kwargs: Any,
    ) -> Generator[Answer, None, None]:
        """Yield the answer as it grows. Closing the iterator stops the work.

        Setting ``stopped`` from another thread does so too: the wait for a model then ends in a CancelledError.
        """
        yield from self._answers(input, config, stopped or threading.Event())

    async def astream(
        self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Answer]:
        """Yield the answer as it grows, without blocking the event loop. Closing or cancelling stops the work."""
        stopped = threading.Event()
        answers = self._answers(input, config, stopped)
        # When the task is cancelled, a thread may still be inside the generator, which only then can be closed.
        turn = threading.Lock()

        def step() -> Answer | None:
            with turn:
                return next(answers, None)

        def end() -> None:
            with turn:
                answers.close()

        try:
            while (answer := await run_in_executor(config, step)) is not None:
                yield answer
        finally:
            stopped.set()
            await asyncio.shield(run_in_executor(config, end))

    def _answers(
        self, input: Question | str, config: RunnableConfig | None, stopped: threading.Event
    ) -> Generator[Answer, None, None]:
        question = _asked(input)
        config = ensure_config(config)
        watch = get_callback_manager_for_config(config).on_chain_start(
            None,
            {"question": question.text},
            name=config.get("run_name") or self.get_name(),
            run_id=config.get("run_id"),
        )
        answer = None
        try:
            for answer in answer_question(question, self.tools, stopped, watch.get_child()):
                yield answer
        except BaseException as error:
            watch.on_chain_error(error)
            raise
        watch.on_chain_end(answer)

    def with_retriever(self, retriever: HybridRetriever) -> AnswerChain:
        """Return a chain with the same writer that searches otherwise, over the same library."""
        return AnswerChain(replace(self.tools, retriever=retriever))

    def close(self) -> None:
        """Close the indexes and the library's database."""
        self.retriever.indexes.close()
        self.library.close()


def build_chain(
    library: Library,
    embedding: Embedding,
    *,
    indexes: Indexes | None = None,
    model: BaseChatModel | str | None = None,
    reranker: Reranker | None = None,
    passages: int = 8,
    threshold: float | None = None,
    quoting: QuotingOptions = QuotingOptions(),
    retriever: HybridRetriever | None = None,
    timeout: float = MODEL_TIMEOUT,
) -> AnswerChain:
    """Return a chain over a library that is open already.

    ``model`` is a LangChain chat model, or the name of one as ``provider:model``; None writes with quotes. ``reranker``
    is what ``load_reranker`` returns. ``threshold`` is the confidence below which quoting refuses, in the place of that
    of ``quoting``. A ``retriever`` of your own, over the same library, takes the place of the default one, of
    ``passages`` and of ``reranker``. Raises ModelMismatch where the library was made with another embedding model,
    ModelError for a model that cannot be used.
    """
    library.require_model(embedding.fingerprint)
    if retriever is None:
        shared = indexes or Indexes(library)
        retriever = HybridRetriever(library=library, indexes=shared, embedding=embedding, k=passages, reranker=reranker)
    name = model if isinstance(model, str) else _model_name(model)
    chosen = load_model(model, timeout=timeout) if isinstance(model, str) else model
    if threshold is not None:
        quoting = replace(quoting, threshold=threshold)
    return AnswerChain(Tools(retriever, quoting=quoting, model=chosen, writer=name, timeout=timeout))


def open_chain(
    home: Path | str = ".rag",
    *,
    model: BaseChatModel | str | None = None,
    embedding: Embedding | str = BUNDLED,
    reranker: Reranker | str = BUNDLED_RERANKER,
    **options: Any,
) -> AnswerChain:
    """Return a chain over the library in ``home``, made where there is none.

    ``embedding`` and ``reranker`` are a model's name or one that is loaded already; ``options`` are those of
    ``build_chain``. Raises what ``Library``, ``load_embedding``, ``load_reranker`` and ``build_chain`` raise.
    """
    library = Library(Path(home))
    if isinstance(embedding, str):
        library.require_model(embedding)
        embedding = load_embedding(embedding)
    reading = load_reranker(reranker, dtype=embedding.dtype) if isinstance(reranker, str) else reranker
    return build_chain(library, embedding, model=model, reranker=reading, **options)


def _asked(given: Question | str) -> Question:
    question = Question(given) if isinstance(given, str) else given
    if not isinstance(question, Question):
        raise QuestionError(f"A question is a rag.Question or a string, not {type(given).__name__}.")
    if not question.text.strip():
        raise QuestionError("The question is empty. Write what you want to know.")
    return question


def _model_name(model: BaseChatModel | None) -> str:
    """Return ``provider:model`` for a model object, as far as it tells."""
    if model is None:
        return "quotes"
    about = model._get_ls_params()
    return f"{about.get('ls_provider') or type(model).__name__}:{about.get('ls_model_name') or 'model'}"
