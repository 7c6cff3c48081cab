"""Passages -> drafts, written by any LangChain chat model from the files of ``prompts/``.

What comes back is text to be checked, nothing more: marks of passages that were not given are dropped, and so are
links, images, HTML and Markdown.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import ModelError
from rag.language import folded, sentences
from rag.prompts import NOT_SAID, messages
from rag.types import Passage, Question, Usage
from rag.writing import Draft

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_MARK = re.compile(r"\s*[\[【]\s*(?:(?:passages?|sources?)\s*)?(\d+(?:\s*[,;–-]\s*\d+)*)\s*[\]】]", re.IGNORECASE)
_LEADING_MARKS = re.compile(rf"^(?:{_MARK.pattern})+\W*", re.IGNORECASE)
_NOT_PROSE = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),  # images
    (re.compile(r"\[\s*\d+\s*\]\([^)]*\)"), ""),  # marks that link out
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),  # links keep their words
    (_MARK, ""),
    (re.compile(r"\[([^\]]*)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"<[^>]*>"), ""),
    (re.compile(r"\b(?:https?|ftp|data|javascript):\S+|\bwww\.\S+", re.IGNORECASE), ""),
    (re.compile(r"^\s*(?:#{1,6}|[-*•>]|\d+[.)])\s+"), ""),
    (re.compile(r"(\*\*|__|`+)"), ""),
)
_FENCE = re.compile(r"<(?=/?passage)", re.IGNORECASE)
_DONE = object()


class Generation:
    """One run of a chat model over a question and its passages; iterate ``drafts``, then read ``usage``."""

    def __init__(self, model: BaseChatModel, question: str, passages: Sequence[Passage], *, timeout: float) -> None:
        """``timeout`` is how long, in seconds, the model may keep silent."""
        self._model = model
        self._prompt = messages("answer", question=question, passages=_numbered(passages), refusal=NOT_SAID)
        self._timeout = timeout
        self.usage: Usage | None = None
        self.said_no = False

    def drafts(self) -> Iterator[Draft]:
        """Yield each sentence when the next one has begun, with the passages that it cites.

        ``said_no`` is set where the model says that the passages do not answer. Raises ModelError where it fails, is
        refused, keeps silent for too long or writes nothing.
        """
        written, given = "", 0
        for part in _streamed(self._model, self._prompt, self._timeout):
            written += part.text
            self._count(part)
            ready = _drafts(written)[:-1]
            yield from ready[given:]
            given = max(given, len(ready))
        if not written.strip():
            raise ModelError("The model wrote nothing. Try again, or choose another with RAG_MODEL.")
        self.said_no = folded(written).strip(" .\"'").casefold() == NOT_SAID.strip(".").casefold()
        if not self.said_no:
            yield from _drafts(written)[given:]

    def _count(self, part: Any) -> None:
        found = getattr(part, "usage_metadata", None)
        if found:
            before = self.usage or Usage(0, 0)
            self.usage = Usage(
                before.input_tokens + found["input_tokens"], before.output_tokens + found["output_tokens"]
            )


def condense(model: BaseChatModel, question: Question, *, timeout: float) -> str:
    """Return the follow-up question as one that stands alone, written by the model. Raises ModelError."""
    history = "\n".join(f"Question: {turn.question}\nAnswer: {turn.answer}" for turn in question.history)
    prompt = messages("condense", history=history, question=question.text)
    written = folded("".join(part.text for part in _streamed(model, prompt, timeout)))
    if not written:
        raise ModelError("The model wrote no question. Try again, or choose another with RAG_MODEL.")
    return written


def load_model(name: str, *, timeout: float) -> BaseChatModel:
    """Return the chat model that ``provider:model`` names. Raises ModelError that says what to install or set."""
    from langchain.chat_models import init_chat_model

    provider, colon, _ = name.partition(":")
    if not colon:
        raise ModelError(f"RAG_MODEL is {name!r}; write it as provider:model, for example ollama:llama3.2.")
    try:
        model: BaseChatModel = init_chat_model(name, timeout=timeout)
    except ImportError as error:
        raise ModelError(
            f"The provider {provider!r} is not installed. Run: pip install 'footnote[{provider}]' ({error})"
        ) from error
    except Exception as error:
        raise ModelError(f"The model {name!r} cannot be used: {error}") from error
    return model


def _streamed(model: BaseChatModel, prompt: list[BaseMessage], timeout: float) -> Iterator[Any]:
    """Yield the model's chunks. The model runs in a thread of its own, so that silence can be noticed and a closed
    stream stops the work."""
    parts: queue.Queue[Any] = queue.Queue()
    stop = threading.Event()

    def run() -> None:
        try:
            for part in model.stream(prompt):
                parts.put(part)
                if stop.is_set():
                    return
            parts.put(_DONE)
        except Exception as error:
            parts.put(error)

    threading.Thread(target=run, name="model", daemon=True).start()
    try:
        while (part := parts.get(timeout=timeout)) is not _DONE:
            if isinstance(part, Exception):
                raise ModelError(f"The model failed: {folded(str(part)) or type(part).__name__}") from part
            yield part
    except queue.Empty as error:
        raise ModelError(f"The model kept silent for {timeout:.0f} s. Raise RAG_MODEL_TIMEOUT or try again.") from error
    finally:
        stop.set()


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


def _drafts(written: str) -> list[Draft]:
    """Return the sentences written so far with what they cite; marks after a full stop belong before it."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in written.splitlines():
        for start, end in sentences(line):
            text = line[start:end]
            leading = _LEADING_MARKS.match(text)
            if leading and found:
                found[-1] = (found[-1][0], found[-1][1] + _cited(leading.group()))
                text = text[leading.end() :]
            prose = _prose(text)
            if prose:
                found.append((prose, _cited(text)))
    return [Draft(text=text, cited=tuple(dict.fromkeys(cited))) for text, cited in found]


def _cited(text: str) -> tuple[int, ...]:
    """Return the indices (from 0) of the passages marked in the text."""
    cited: list[int] = []
    for found in _MARK.finditer(text):
        for part in re.split(r"[,;]", found.group(1)):
            first, _, last = re.sub(r"\s*[–-]\s*", "-", part.strip()).partition("-")
            cited.extend(range(int(first) - 1, int(last or first)) if int(last or first) - int(first) < 20 else ())
    return tuple(cited)


def _prose(text: str) -> str:
    """Return the text without marks, links, HTML and Markdown; "" where no word is left."""
    for pattern, instead in _NOT_PROSE:
        text = pattern.sub(instead, text)
    text = folded(re.sub(r"\s+([.,;:!?])", r"\1", text))
    return text if re.search(r"\w", text) else ""
