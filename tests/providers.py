"""A language model's server on this machine, which speaks OpenAI's chat completions, and a client of it in the place of
LangChain's package, which the tests do not install."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain.chat_models import base

from tests.chat_models import number_of

KEY, WRONG_KEY = "sk-right-41f7c2d9e8", "sk-wrong-0b6a93e1d5"
MODEL = "small"
WRITTEN = "China is letting in civilian astronauts and companies that are not state-owned."
# What it takes of LangChain's own: the name, the arguments, and that errors are those of httpx underneath.
_PACKAGE = """
import json

import httpx
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, SecretStr


class ChatOpenAI(BaseChatModel):
    model: str
    openai_api_key: SecretStr = Field(alias="api_key")
    base_url: str = "https://nowhere.invalid/v1"
    timeout: float = 60.0

    @property
    def _llm_type(self):
        return "openai-chat"

    def _stream(self, messages, stop=None, run_manager=None, **_):
        said = "\\n".join(message.text for message in messages)
        asked = {"model": self.model, "stream": True, "messages": [{"role": "user", "content": said}]}
        headers = {"Authorization": "Bearer " + self.openai_api_key.get_secret_value()}
        address = self.base_url + "/chat/completions"
        with httpx.stream("POST", address, json=asked, headers=headers, timeout=self.timeout) as reply:
            if reply.is_error:
                reply.read()
                raise httpx.HTTPStatusError(reply.text, request=reply.request, response=reply)
            for line in reply.iter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    delta = json.loads(line[6:])["choices"][0]["delta"]
                    yield ChatGenerationChunk(message=AIMessageChunk(content=delta.get("content", "")))

    def _generate(self, messages, stop=None, run_manager=None, **_):
        text = "".join(part.text for part in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])
"""


class ModelServer:
    """A server that knows one key and one model. ``address`` is what a client is given; ``calls`` are the models and
    keys of the calls that it got, and ``key`` may be changed."""

    def __init__(self) -> None:
        self.key = KEY
        self.calls: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


def _handler(server: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Completions(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            server.calls.append((asked["model"], key))
            model, messages = asked["model"], asked["messages"]
            if self.path != "/v1/chat/completions":
                self._refuse(404, "There is nothing here.")
            elif key != server.key:
                # As careless servers do, it repeats the key.
                self._refuse(401, f"Incorrect API key provided: {key}.")
            elif model.isdecimal():
                self._refuse(int(model), "So it is.")
            elif model in (MODEL, "mute", "empty"):
                time.sleep(3 if model == "mute" else 0)
                self._write("" if model == "empty" else _reply(messages[0]["content"]))
            else:
                self._refuse(404, f"The model {model} does not exist.")

        def _write(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for word in text.split():
                delta: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": word + " "}}]}
                self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

        def _refuse(self, status: int, words: str) -> None:
            body = json.dumps({"error": {"message": words}}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return  # the caller had heard enough

        def log_message(self, *_: object) -> None:
            return

    return Completions


def _reply(prompt: str) -> str:
    if prompt.startswith("Reply with the word"):
        return "ready"
    return f"{WRITTEN[:-1]} [{number_of('letting in civilian astronauts', prompt)}]."


@contextmanager
def serving_model() -> Iterator[ModelServer]:
    """A server of a language model, ended at the end."""
    server = ModelServer()
    try:
        yield server
    finally:
        server.close()


def write_package(folder: Path) -> None:
    """Write the client into the folder, where Python finds it as langchain_openai."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "langchain_openai.py").write_text(_PACKAGE)


@contextmanager
def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client is there for this process, and gone at the end."""
    write_package(folder)
    monkeypatch.syspath_prepend(folder)
    try:
        yield
    finally:
        sys.modules.pop("langchain_openai", None)
        base._get_chat_model_creator.cache_clear()
