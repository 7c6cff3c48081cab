"""Passages -> drafts, written by any LangChain chat model from the files of ``prompts/``.

What comes back is text to be checked, nothing more: see ``rag.writing.drafting``.
"""

from __future__ import annotations

import importlib.util
import queue
import re
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError
from rag.interpreter import install
from rag.language import folded
from rag.prompts import NOT_SAID, messages
from rag.types import Passage, Question, Usage
from rag.writing import Draft
from rag.writing.drafting import drafts, finished_drafts
from rag.writing.keys import keys_of, without_keys

if TYPE_CHECKING:
    from langchain_core.callbacks import Callbacks
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_FENCE = re.compile(r"<(?=\s*/?\s*passage)", re.IGNORECASE)
_DONE = object()
# Seconds between two looks at whether a silent model is still waited for.
_LOOK_UP = 0.1
# The providers that are extras of ours.
EXTRAS = ("openai", "anthropic", "ollama")


class Generation:
    """One run of a chat model over a question and its passages; iterate ``drafts``, then read ``usage``."""

    def __init__(
        self,
        model: BaseChatModel,
        question: str,
        passages: Sequence[Passage],
        *,
        timeout: float,
        stopped: threading.Event,
        callbacks: Callbacks = None,
    ) -> None:
        """``timeout`` is how long, in seconds, the model may keep silent; setting ``stopped`` ends it at once;
        ``callbacks`` are LangChain's, which are told of the model's run."""
        self._model = model
        self._prompt = messages("answer", question=question, passages=_numbered(passages), refusal=NOT_SAID)
        self._timeout = timeout
        self._stopped = stopped
        self._callbacks = callbacks
        self.usage: Usage | None = None

    def drafts(self) -> Iterator[Draft]:
        """Yield each sentence when the next one has begun, with the passages that it cites.

        Nothing is yielded where the model says that the passages do not answer. Raises ModelError where it fails, is
        refused, keeps silent for too long or writes nothing, CancelledError where it is stopped.
        """
        written, given = "", 0
        for part in streamed(self._model, self._prompt, self._timeout, self._stopped, self._callbacks):
            written += part.text
            self.usage = add_usage(self.usage, _usage(part))
            ready = finished_drafts(written)
            yield from (draft for draft in ready[given:] if not _says_no(draft))
            given = max(given, len(ready))
        whole = drafts(written)
        if not whole:
            raise ModelError("The model wrote nothing. Try again, or choose another with RAG_MODEL.")
        yield from (draft for draft in whole[given:] if not _says_no(draft))


def condense(
    model: BaseChatModel,
    question: Question,
    *,
    timeout: float,
    stopped: threading.Event,
    callbacks: Callbacks = None,
) -> tuple[str, Usage | None]:
    """Return the follow-up question as the model writes it to stand alone, and what that used.

    Raises ModelError, or CancelledError where it is stopped.
    """
    history = "\n".join(f"Question: {turn.question}\nAnswer: {turn.answer}" for turn in question.history)
    prompt = messages("condense", history=history, question=question.text)
    written, usage = write_whole(model, prompt, timeout=timeout, stopped=stopped, callbacks=callbacks)
    if not written.strip():
        raise ModelError("The model wrote no question. Try again, or choose another with RAG_MODEL.")
    return folded(written), usage


def write_whole(
    model: BaseChatModel,
    prompt: list[BaseMessage],
    *,
    timeout: float,
    stopped: threading.Event,
    callbacks: Callbacks = None,
) -> tuple[str, Usage | None]:
    """Return all that the model writes for a prompt, "" for nothing, and what that used.

    Raises ModelError, or CancelledError where it is stopped.
    """
    written, usage = "", None
    for part in streamed(model, prompt, timeout, stopped, callbacks):
        written += part.text
        usage = add_usage(usage, _usage(part))
    return written, usage


def add_usage(one: Usage | None, other: Usage | None) -> Usage | None:
    """Return what two calls of a model used together; None where neither said."""
    if one is None or other is None:
        return one or other
    return Usage(one.input_tokens + other.input_tokens, one.output_tokens + other.output_tokens)


def load_model(name: str, *, timeout: float, key: str = "", address: str = "") -> BaseChatModel:
    """Return the chat model that ``provider:model`` names. Raises ModelError that says what to install or set.

    ``key`` is an API key and ``address`` the server's; where they are empty, the provider's own variables count. No
    message has the key, or a part of it.
    """
    from langchain.chat_models import init_chat_model

    provider, _, model_name = name.partition(":")
    if not provider or not model_name:
        raise ModelError(f"RAG_MODEL is {name!r}; write it as provider:model, for example ollama:llama3.2.")
    # Asked first: LangChain looks for some of these in other packages too, and then names what is not there.
    if provider in EXTRAS and not is_installed(provider):
        raise ModelError(f"The provider {provider!r} is not installed. Run: {install(f'footnote[{provider}]')}")
    given: dict[str, Any] = {name: value for name, value in (("api_key", key), ("base_url", address)) if value}
    try:
        model: BaseChatModel = init_chat_model(model_name, model_provider=provider, timeout=timeout, **given)
    except ImportError as error:
        raise ModelError(f"The provider {provider!r} is not installed. {folded(str(error))}") from error
    except Exception as error:
        said = without_keys(folded(str(error)), [key])
        raise ModelError(f"The model {name!r} cannot be used: {said} Correct RAG_MODEL.") from error
    return model


def is_installed(provider: str) -> bool:
    """Return whether the LangChain package of one of EXTRAS is there."""
    return importlib.util.find_spec(f"langchain_{provider}") is not None


def streamed(
    model: BaseChatModel,
    prompt: list[BaseMessage],
    timeout: float,
    stopped: threading.Event,
    callbacks: Callbacks = None,
) -> Generator[Any, None, None]:
    """Yield the model's chunks. Raises ModelError, whose cause is the provider's error, or CancelledError.

    The model runs in a thread of its own, so that silence can be noticed and a closed stream stops the work.
    """
    parts: queue.Queue[Any] = queue.Queue()
    closed = threading.Event()

    def run() -> None:
        try:
            for part in model.stream(prompt, {"callbacks": callbacks}):
                parts.put(part)
                if closed.is_set():
                    return
            parts.put(_DONE)
        except Exception as error:
            parts.put(error)

    threading.Thread(target=run, name="model", daemon=True).start()
    try:
        while (part := _awaited(parts, timeout, stopped)) is not _DONE:
            if isinstance(part, Exception):
                said = without_keys(folded(str(part)), keys_of(model))
                raise ModelError(f"The model failed: {said or type(part).__name__}") from part
            yield part
    finally:
        closed.set()


def _awaited(parts: queue.Queue[Any], timeout: float, stopped: threading.Event) -> Any:
    until = time.monotonic() + timeout
    while not stopped.is_set():
        left = until - time.monotonic()
        try:
            return parts.get(timeout=max(0.0, min(left, _LOOK_UP)))
        except queue.Empty:
            if left <= _LOOK_UP:
                raise ModelError(
                    f"The model kept silent for {timeout:g} s. Raise RAG_MODEL_TIMEOUT or try again."
                ) from None
    raise CancelledError("The answer was stopped.")


def _numbered(passages: Sequence[Passage]) -> str:
    """Return the passages as the prompt shows them, fenced so that their text cannot close the fence."""
    return "\n\n".join(
        f'<passage number="{number}" report="{_attribute(passage.report.title)}" '
        f'date="{passage.report.date or "unknown"}" place="{_attribute(passage.page.label)}">\n'
        f"{_FENCE.sub('‹', passage.text)}\n</passage>"
        for number, passage in enumerate(passages, start=1)
    )


def _attribute(text: str) -> str:
    return folded(text).replace('"', "'").replace("<", "‹").replace(">", "›")


def _usage(part: Any) -> Usage | None:
    found = getattr(part, "usage_metadata", None)
    return Usage(found["input_tokens"], found["output_tokens"]) if found else None


def _says_no(draft: Draft) -> bool:
    return draft.text.strip(" .\"'“”").casefold() == NOT_SAID.strip(".").casefold()
