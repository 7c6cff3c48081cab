"""The picker of writers, with a real server on this machine in Ollama's place."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag.web.writers import QUOTES, Writers, ollama_address, ollama_models, writer_label

LISTED = {
    "models": [
        {"name": "llama3.2:3b", "details": {"families": ["llama"]}},
        {"name": "nomic-embed-text:latest", "details": {"families": ["nomic-bert"]}},
        {"name": "qwen3:4b", "details": {"families": None}},
        {"name": "bare"},
    ]
}

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers /api/tags with these bytes, and returns its ``name:port``."""
    servers: list[ThreadingHTTPServer] = []

    def start(body: bytes) -> str:
        class Tags(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/api/tags" else 404)
                self.end_headers()
                self.wfile.write(body if self.path == "/api/tags" else b"")

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Tags)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_chat_models_of_an_ollama_are_listed_and_its_embedding_models_are_not(serve: Serve) -> None:
    host = serve(json.dumps(LISTED).encode())
    assert ollama_models(host) == ("ollama:llama3.2:3b", "ollama:qwen3:4b", "ollama:bare")


def test_a_proxy_is_not_asked_about_this_machine(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ollama_models(serve(b'{"models": [{"name": "a"}]}')) == ("ollama:a",)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"models": null}', b'{"models": [7]}', b"\xff\xfe{"])
def test_a_server_that_is_something_else_lists_nothing(serve: Serve, body: bytes) -> None:
    assert ollama_models(serve(body)) == ()


def test_a_server_that_is_not_there_lists_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert ollama_models(f"127.0.0.1:{taken.getsockname()[1]}") == ()


def test_a_server_that_never_answers_is_waited_for_a_second() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert ollama_models(f"127.0.0.1:{silent.getsockname()[1]}") == ()
        assert 0.9 < time.monotonic() - began < 5


def test_a_server_that_speaks_another_language_lists_nothing() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def greet() -> None:
            caller, _ = other.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"220 ready\r\n\r\n")

        greeting = threading.Thread(target=greet)
        greeting.start()
        assert ollama_models(f"127.0.0.1:{other.getsockname()[1]}") == ()
        greeting.join()


@pytest.mark.parametrize("host", ["http://[", "name:port", "127.0.0.1:99999", "ftp://", "two words"])
def test_a_host_that_is_no_address_lists_nothing(host: str) -> None:
    assert ollama_models(host) == ()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://localhost:11434"),
        ("  ", "http://localhost:11434"),
        ("box", "http://box:11434"),
        ("box:8080", "http://box:8080"),
        (":8080", "http://localhost:8080"),
        ("0.0.0.0", "http://localhost:11434"),
        ("0.0.0.0:8080", "http://localhost:8080"),
        ("[::]:8080", "http://localhost:8080"),
        ("[::1]", "http://[::1]:11434"),
        ("http://box", "http://box:11434"),
        ("https://box", "https://box:443"),
        ("https://box/ollama/", "https://box:443/ollama"),
    ],
)
def test_the_forms_of_ollama_host_name_these_addresses(host: str, address: str) -> None:
    assert ollama_address(host) == address


def test_quotes_are_offered_first_and_the_settings_model_is_preferred() -> None:
    alone, with_model = Writers(None), Writers("openai:gpt")
    assert (alone.offered(), alone.preferred()) == ((QUOTES,), QUOTES)
    assert (with_model.offered(), with_model.preferred()) == ((QUOTES, "openai:gpt"), "openai:gpt")


def test_what_ollama_lists_is_offered_once_and_quotes_do_not_wait_for_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Only whether the package is there is looked at.
    (tmp_path / "langchain_ollama.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("OLLAMA_HOST", serve(b'{"models": [{"name": "a"}, {"name": "b"}]}'))
    writers = Writers("ollama:b")
    assert writers.offered()[:2] == (QUOTES, "ollama:b")
    deadline = time.monotonic() + 5
    while len(writers.offered()) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert writers.offered() == (QUOTES, "ollama:b", "ollama:a")


def test_the_picker_says_that_quotes_need_no_model() -> None:
    assert (writer_label(QUOTES), writer_label("ollama:a")) == ("Quotes (no model)", "ollama:a")
