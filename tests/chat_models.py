"""Chat models made of a list of parts, the one thing that tests fake."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

# A string is written, an exception raised, a number is a pause in seconds.
Part = str | float | Exception


class Scripted(BaseChatModel):
    """Streams the parts that ``writes`` gives for a prompt.

    ``prompts`` are those that it got, ``written`` the parts that it gave out, and ``ended`` is set when its generator
    is done, closed or broken. ``tokens`` are input and output tokens, said with the last part.
    """

    writes: Callable[[str], list[Part]]
    tokens: tuple[int, int] | None = None
    prompts: list[str] = Field(default_factory=list)
    written: list[str] = Field(default_factory=list)
    ended: Any = Field(default_factory=threading.Event)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        prompt = "\n".join(message.text for message in messages)
        self.prompts.append(prompt)
        try:
            for part in self.writes(prompt):
                if isinstance(part, Exception):
                    raise part
                if isinstance(part, float):
                    time.sleep(part)
                    continue
                self.written.append(part)
                yield ChatGenerationChunk(message=AIMessageChunk(content=part))
            if self.tokens:
                used = UsageMetadata(
                    input_tokens=self.tokens[0], output_tokens=self.tokens[1], total_tokens=sum(self.tokens)
                )
                yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=used))
        finally:
            self.ended.set()

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        text = "".join(part.text for part in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


def writing(*parts: Part, tokens: tuple[int, int] | None = None) -> Scripted:
    """A model that streams these parts, whatever it is asked."""
    return Scripted(writes=lambda _: list(parts), tokens=tokens)


def letters(text: str) -> Scripted:
    """A model that streams the text letter by letter."""
    return writing(*text)


def number_of(words: str, prompt: str) -> int:
    """The number of the passage of the prompt that holds the words."""
    passages = re.findall(r'<passage number="(\d+)".*?>\n(.*?)\n</passage>', prompt, re.DOTALL)
    return next(int(number) for number, text in passages if words in " ".join(text.split()))
