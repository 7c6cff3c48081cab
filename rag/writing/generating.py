"""Passages -> drafts, written by any LangChain chat model from the files of ``prompts/``.

What comes back is text to be checked, nothing more: marks of passages that were not given are dropped, and so are
links, images, HTML and Markdown.
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
from rag.language import folded, sentences
from rag.prompts import NOT_SAID, messages
from rag.types import Passage, Question, Usage
from rag.writing import Draft
from rag.writing.keys import keys_of, without_keys

if TYPE_CHECKING:
    from langchain_core.callbacks import Callbacks
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

# [1], [1, 2], [1-3], [1 and 2], [^1], [passage 1], and 【1†source】 as some models have learnt it.
_NUMBERED = r"(?:(?:passages?|sources?)\s*)?#?\d+"
_MARK = re.compile(
    rf"\s*[\[【]\s*\^?({_NUMBERED}(?:\s*(?:[,;&–-]|and)\s*{_NUMBERED})*)\s*(?:†[^\]】]*)?[\]】]", re.IGNORECASE
)
_LEADING_MARKS = re.compile(rf"^(?:{_MARK.pattern})+\W*", re.IGNORECASE)
# What is taken out of a line before it is cut into sentences ...
_LINKED = (
    (re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])"), ""),  # images
    (re.compile(r"^\s*\[[^\]]+\]:\s.*$"), ""),  # where a link goes, on a line of its own
    (re.compile(r"\[(\s*\d+\s*)\]\([^)]*\)"), r"[\1]"),  # marks that link out stay marks
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),  # links keep their words
    (re.compile(r"\[((?!\s*\^?\d)[^\]]*)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"</?[a-z!][^>]*>", re.IGNORECASE), ""),
    (re.compile(r"\b(?:(?:https?|ftp|data|javascript):|www\.)[^\s\[【]*[^\s\[【.,;:!?]", re.IGNORECASE), ""),
)
# ... and out of each sentence, once its marks are read.
_MARKED_UP = (
    (_MARK, ""),
    (re.compile(r"^\s*(?:#{1,6}|[-*•>]|\d+[.)])\s+"), ""),
    (re.compile(r"\*\*|__|~~|`+|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)"), ""),
)
# Lines that begin something of their own, and those of them that end with the line. Any other goes on where the one
# before it broke off, as in Markdown: a model that has read wrapped lines writes them.
_BEGINS = re.compile(r"\s*(?:$|#{1,6}\s|[-*•>]\s|\d{1,2}[.)]\s|!?\[[^\]]+\]:\s)")
_ENDS = re.compile(r"\s*(?:$|#{1,6}\s|!?\[[^\]]+\]:\s)")
# What may yet become a mark, a link or a tag, and the word that is being written.
_UNFINISHED = re.compile(r"(?:!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?|【[^】\n]*|<[a-z/!][^>\n]*|\S+)\Z", re.IGNORECASE)
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
            # What comes next may still change the last sentence: a mark may follow, and "The U.S." may go on.
            ready = _drafts(_UNFINISHED.sub("", written))[:-1]
            yield from (draft for draft in ready[given:] if not _says_no(draft))
            given = max(given, len(ready))
        whole = _drafts(written)
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
        raise ModelError(f"The provider {provider!r} is not installed. Run: pip install 'footnote[{provider}]'")
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


def _drafts(written: str) -> list[Draft]:
    """Return the sentences written so far with what they cite; marks after a full stop belong before it."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in _unwrapped(written):
        line = _without(_LINKED, line)
        for start, end in sentences(line):
            text = line[start:end]
            trailing = _LEADING_MARKS.match(text)
            if trailing and found:
                found[-1] = (found[-1][0], found[-1][1] + _cited(trailing.group()))
                text = text[trailing.end() :]
            prose = _prose(text)
            if prose:
                found.append((prose, _cited(text)))
    return [Draft(text=text, cited=tuple(dict.fromkeys(cited))) for text, cited in found]


def _unwrapped(written: str) -> list[str]:
    """Return the paragraphs, headings and list items, each on one line."""
    lines: list[str] = []
    for line in written.splitlines():
        if lines and not _BEGINS.match(line) and not _ENDS.match(lines[-1]):
            lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
        else:
            lines.append(line)
    return lines


def _cited(text: str) -> tuple[int, ...]:
    """Return the indices (from 0) of the passages marked in the text; a range of more than 20 is no mark."""
    cited: list[int] = []
    for found in _MARK.finditer(text):
        for first, last in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?", found.group(1)):
            span = range(int(first) - 1, int(last or first))
            cited.extend(span if len(span) <= 20 else ())
    return tuple(cited)


def _prose(text: str) -> str:
    """Return the text without marks and Markdown; "" where no word is left."""
    text = folded(re.sub(r"\s+([.,;:!?])", r"\1", _without(_MARKED_UP, text)))
    return text if re.search(r"\w", text) else ""


def _without(patterns: Sequence[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, instead in patterns:
        text = pattern.sub(instead, text)
    return text
