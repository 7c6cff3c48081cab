"""Connected models: what is kept in the home, who may read it, and trying a connection on a real server."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import ModelError, SettingsError
from rag.interpreter import python
from rag.web.connections import (
    KEPT,
    Connection,
    connect,
    forget_connection,
    keep_connection,
    kept_connections,
)
from rag.web.setup.trying import Trial, try_connection
from rag.web.writers import QUOTES, Writers
from tests.providers import KEY, MODEL, WRONG_KEY, ModelServer, installed, serving_model

FIRST = Connection("openai", "small", key=KEY, address="http://box/v1")
SECOND = Connection("ollama", "llama3.2:3b")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model's server, and a client of it in the place of langchain_openai."""
    with installed(tmp_path / "packages", monkeypatch), serving_model() as found:
        yield found


def test_what_is_kept_is_read_again_and_forgotten(tmp_path: Path) -> None:
    assert kept_connections(tmp_path) == ()
    keep_connection(tmp_path, FIRST)
    keep_connection(tmp_path, SECOND)
    assert kept_connections(tmp_path) == (FIRST, SECOND)
    assert json.loads((tmp_path / KEPT).read_text()) == {
        "version": 1,
        "models": [
            {"provider": "openai", "model": "small", "key": KEY, "address": "http://box/v1"},
            {"provider": "ollama", "model": "llama3.2:3b", "key": "", "address": ""},
        ],
    }
    forget_connection(tmp_path, "openai:small")
    assert kept_connections(tmp_path) == (SECOND,)
    assert KEY not in (tmp_path / KEPT).read_text()


def test_one_of_the_same_name_takes_the_place_of_the_former(tmp_path: Path) -> None:
    keep_connection(tmp_path, FIRST)
    newer = Connection("openai", "small", key="sk-another")
    keep_connection(tmp_path, newer)
    assert kept_connections(tmp_path) == (newer,)


def test_only_its_owner_may_read_what_is_kept_whatever_the_mask(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        keep_connection(tmp_path, FIRST)
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / KEPT).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEPT, "models.lock"]


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{",
        '{"version": 2, "models": []}',
        '{"version": 1}',
        '{"version": 1, "models": [{"model": "a"}]}',
        '{"version": 1, "models": [{"provider": "openai", "model": "a", "key": 5}]}',
        '{"version": 1, "models": ["sk-right"]}',
    ],
)
def test_a_file_that_is_something_else_is_said_and_offers_nothing(tmp_path: Path, kept: str) -> None:
    (tmp_path / KEPT).write_text(kept)
    with pytest.raises(SettingsError, match=r"cannot be read: .* Delete that file, or mend it") as failed:
        kept_connections(tmp_path)
    assert "sk-right" not in str(failed.value)
    assert Writers(None, tmp_path).offered() == (QUOTES,)


def test_what_is_kept_is_offered_after_the_model_of_the_settings(tmp_path: Path) -> None:
    keep_connection(tmp_path, FIRST)
    writers = Writers("anthropic:big", tmp_path)
    assert writers.offered() == (QUOTES, "anthropic:big", "openai:small")
    assert writers.preferred() == "anthropic:big"
    assert writers.kept() == {"openai:small": FIRST}


def test_no_word_of_a_connection_shows_its_key() -> None:
    hidden = Connection("openai", "small", key=KEY, address=f"https://user:{KEY}@box:8/v1?key={KEY}")
    assert KEY not in repr(Connection("openai", "small", key=KEY))
    assert hidden.server == "https://box:8/v1"
    assert Connection("openai", "small").server == ""


def test_a_right_key_works_and_one_small_call_is_made(server: ModelServer) -> None:
    trial = try_connection(Connection("openai", MODEL, key=KEY, address=server.address))
    assert trial == Trial(True, "It works: small answered.")
    assert server.calls == [(MODEL, KEY)]


@pytest.mark.parametrize(
    ("model", "key", "words"),
    [
        (MODEL, WRONG_KEY, "The key was refused (401). Copy it anew from ADDRESS, whole and without spaces."),
        ("large", KEY, "ADDRESS knows no model 'large' (404). Look at the name, and at the address if you gave one."),
        ("403", KEY, "The key may not use '403' (403). Look at what it is allowed at ADDRESS."),
        (
            "429",
            KEY,
            "ADDRESS takes no call now (429): too many of them, or no credit is left. Look at your account there.",
        ),
        ("503", KEY, "ADDRESS has trouble of its own (503). Try again later."),
        ("400", KEY, "ADDRESS did not take the call (400). Look at the model's name: it has to be one that chats."),
        ("empty", KEY, "ADDRESS answered, and not as a chat model does. Look at the address: many end with /v1."),
        ("mute", KEY, "ADDRESS did not answer within 1 s. Try again, or look whether it is at work."),
    ],
)
def test_what_does_not_work_is_said_in_words_with_the_next_step(
    server: ModelServer, model: str, key: str, words: str
) -> None:
    trial = try_connection(Connection("openai", model, key=key, address=server.address), timeout=1)
    assert trial == Trial(False, words.replace("ADDRESS", server.address))


def test_a_server_that_is_not_there_is_said(server: ModelServer) -> None:
    server.close()
    trial = try_connection(Connection("openai", MODEL, key=KEY, address=server.address))
    assert trial == Trial(
        False,
        f"{server.address} cannot be reached. Look at the address, whether the server runs, and at the network.",
    )


def test_the_errors_of_openais_own_client_are_told_apart_by_their_classes(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {name: type(name, (Exception,), {}) for name in ("APIConnectionError", "Strange")}
    kinds["APITimeoutError"] = type("APITimeoutError", (kinds["APIConnectionError"],), {})
    told = {}
    for name, kind in kinds.items():

        def broken(self: object, *_: object, raised: type[Exception] = kind, **__: object) -> None:
            raise raised(f"with {KEY}")

        import langchain_openai  # type: ignore[import-not-found]

        monkeypatch.setattr(langchain_openai.ChatOpenAI, "_stream", broken)
        told[name] = try_connection(Connection("openai", MODEL, key=KEY)).words
    assert told == {
        "APIConnectionError": (
            "OpenAI cannot be reached. Look at the address, whether the server runs, and at the network."
        ),
        "APITimeoutError": "OpenAI did not answer within 20 s. Try again, or look whether it is at work.",
        "Strange": "OpenAI answered, and not as a chat model does. Look at the address: many end with /v1.",
    }


def test_without_a_key_of_its_own_a_server_is_not_given_that_of_the_environment(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.key = "-"
    assert try_connection(Connection("openai", MODEL, address=server.address)).works
    assert server.calls == [(MODEL, "-")]


def test_a_provider_that_is_not_installed_is_said_with_the_command() -> None:
    assert try_connection(Connection("anthropic", "some", key=KEY)) == Trial(
        False, f"The provider 'anthropic' is not installed. Run: {python()} -m pip install 'footnote[anthropic]'"
    )


def test_a_model_that_cannot_be_made_is_said_without_its_key(server: ModelServer) -> None:
    with pytest.raises(ModelError) as failed:
        connect(Connection("openai", MODEL, key=KEY, address=server.address), timeout="never")  # type: ignore[arg-type]
    assert "cannot be used" in str(failed.value)
    assert KEY[:6] not in str(failed.value)
