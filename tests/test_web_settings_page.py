"""The settings' page, run as Streamlit runs it: what is in use, and a model tested, used, kept and forgotten."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rag.conversations import Conversations
from rag.embedding import Embedding
from rag.interpreter import python
from rag.library import Library
from rag.settings import load_settings
from rag.web.connections import KEPT, Connection, keep_connection
from rag.web.state import open_desk
from tests.browsing import fill
from tests.providers import KEY, MODEL, WRITTEN, WRONG_KEY, ModelServer, installed, serving_model

Open = Callable[[], AppTest]
CREW = "# Crew\n\nChina is letting in civilian astronauts and companies that are not state-owned.\n"


def _script() -> None:
    """The settings and the chat, as the frame has them."""
    from pathlib import Path

    import streamlit as st

    from rag import load_settings
    from rag.web.page import show_chat_page
    from rag.web.setup import show_settings_page
    from rag.web.state import open_desk

    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    if st.session_state.get("place") == "chat":
        show_chat_page(desk, Path("nowhere"))
    else:
        show_settings_page(desk)


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the settings of one home as a new visitor."""
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    yield lambda: AppTest.from_function(_script, default_timeout=120).run()
    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    desk.close()
    open_desk.clear()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model's server, and a client of it in the place of langchain_openai."""
    with installed(tmp_path / "packages", monkeypatch), serving_model() as found:
        yield found


def facts(page: AppTest) -> dict[str, tuple[str, str]]:
    """What the lists say: value and note by name."""
    assert not page.exception
    given: list[dict[str, Any]] = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return {fact["name"]: (fact["value"], fact["note"]) for one in given for fact in one.get("facts", ())}


def said(texts: Any) -> list[str]:
    return [text.value.replace("\\", "").replace("\u2060", "") for text in texts]


def send_key(page: AppTest, server: ModelServer, key: str = KEY, model: str = MODEL) -> None:
    page.text_input(key="connect-model").set_value(model)
    page.text_input(key="connect-key").set_value(key)
    page.text_input(key="connect-address").set_value(server.address)
    page.button(key="connect-test").click().run()
    assert not page.exception


def ask(page: AppTest, question: str) -> list[str]:
    """The captions below the answer, and the statements drawn."""
    page.session_state["place"] = "chat"
    page.run()
    page.chat_input(key="question").set_value(question).run()
    assert not page.exception
    drawn = [json.loads(one.proto.json) for one in page.get("bidi_component")]
    return [*(one["text"] for one in drawn if "text" in one), *said(page.caption)]


def test_what_is_in_use_is_told_with_what_sets_it(
    visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]
) -> None:
    fill(tmp_path / "home", minilm, write_reports(crew=CREW))
    monkeypatch.setenv("RAG_PASSAGES", "5")
    monkeypatch.setenv("RAG_READ_PAGES", "12")
    found = facts(visit())
    assert found["Home"] == (str(tmp_path / "home"), "set by RAG_HOME")
    assert found["Reports"] == ("1 report, 1 page", "1 chunk")
    assert found["Record"] == ("library.db, SQLite", "schema 1")
    assert found["Embedding model"] == ("all-MiniLM-L6-v2", "by default; RAG_EMBEDDING")
    assert found["The library was made with"] == (minilm.fingerprint, "")
    assert found["State"] == ("not loaded yet: the chat loads it when somebody comes", "")
    assert found["Computed in"] == ("float32", "set by RAG_DTYPE")
    assert found["Reranker"] == ("Footnote's own", "by default; RAG_RERANKER")
    assert found["Passages an answer is written from"] == ("5", "set by RAG_PASSAGES")
    assert found["Refusing below a confidence of"] == ("tuned", "by default; RAG_THRESHOLD")
    assert found["A file may take"] == ("120 s, 2 GiB of memory, 12 pages, 200 MiB", "set by RAG_READ_PAGES")
    assert found["Writes the next answer"] == ("Quotes (no model)", "picked beside the chat")
    assert found["Set for everybody"] == ("quotes", "by default; RAG_MODEL")
    assert found["streamlit"][0].startswith("1.")


def test_a_model_that_is_loaded_or_did_not_load_is_told(
    visit: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = visit()
    settings = load_settings()
    open_desk(settings, settings.model_dump_json()).warm().result(120)
    assert facts(page.run())["State"] == ("loaded", "")
    monkeypatch.setenv("RAG_EMBEDDING", str(tmp_path / "nowhere"))
    page = visit()
    settings = load_settings()
    open_desk(settings, settings.model_dump_json()).warm().exception(120)
    state, _ = facts(page.run())["State"]
    assert state.startswith("It did not load. The embedding model")


def test_without_a_provider_there_is_no_form_and_the_commands_are_told(visit: Open) -> None:
    page = visit()
    assert [importlib.util.find_spec(f"langchain_{name}") for name in ("openai", "anthropic", "ollama")] == [None] * 3
    assert list(page.text_input) == []
    assert [code.value for code in page.code] == [
        "\n".join(f"{python()} -m pip install 'footnote[{name}]'" for name in ("openai", "anthropic", "ollama"))
    ]
    assert said(page.caption) == [
        "No provider of language models is installed yet. Install what you want, and start Footnote again:"
    ]


def test_a_wrong_key_is_said_and_cannot_be_used(visit: Open, server: ModelServer) -> None:
    page = visit()
    send_key(page, server, key=WRONG_KEY)
    assert said(page.error) == [
        f"The key was refused (401). Copy it anew from {server.address}, whole and without spaces."
    ]
    assert "connect-use" not in [button.key for button in page.button]
    assert facts(page)["Also on offer"] == ("nobody", "")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": " "}, "Write the model's name first, as its provider does."),
        (
            {"model": "a"},
            "Write the API key first; a server of your own that needs none wants its address instead.",
        ),
        (
            {"model": "a", "address": "box:8000"},
            "The address has to begin with http:// or https:// and to name a server.",
        ),
        (
            {"model": "a", "address": "http://box:port"},
            "The address has to begin with http:// or https:// and to name a server.",
        ),
        (
            {"model": "a", "address": "http://user:secret@box"},
            "Write the address alone: a key goes into the field for it.",
        ),
        (
            {"model": "a", "key": "two words"},
            "An API key has letters, digits and marks, and no spaces. Copy it anew.",
        ),
    ],
)
def test_what_is_missing_is_said_before_anybody_is_called(
    visit: Open, server: ModelServer, given: dict[str, str], words: str
) -> None:
    page = visit()
    for name, value in given.items():
        page.text_input(key=f"connect-{name}").set_value(value)
    page.button(key="connect-test").click().run()
    assert (said(page.error), server.calls) == ([words], [])


def test_a_tested_model_writes_for_its_visitor_and_nobody_else_and_can_be_let_go(
    visit: Open, server: ModelServer, tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]
) -> None:
    fill(tmp_path / "home", minilm, write_reports(crew=CREW))
    page, other = visit(), visit()
    send_key(page, server)
    assert said(page.success) == ["It works: small answered."]
    page.button(key="connect-use").click().run()
    assert said(page.success) == ["openai:small writes the next answer. Another writer can be picked beside the chat."]
    assert [page.text_input(key=f"connect-{name}").value for name in ("model", "key", "address")] == ["", "", ""]
    assert facts(page)["Writes the next answer"][0] == "openai:small"
    assert facts(page)["Also on offer"][0] == "Quotes (no model)"
    assert not (tmp_path / "home" / KEPT).exists()
    whys = ask(page, "Who is China letting in?")
    assert whys[0] == WRITTEN
    assert any(one.startswith("Written by openai:small") for one in whys)
    assert server.calls == [(MODEL, KEY)] * 2

    assert facts(other.run())["Also on offer"] == ("nobody", "")
    assert any(one.startswith("Quoted word for word") for one in ask(other, "Who is China letting in?"))
    assert other.selectbox(key="writer").options == ["Quotes (no model)"]
    assert len(server.calls) == 2

    page.session_state["place"] = "settings"
    page.run()
    page.button(key="disconnect-openai:small").click().run()
    assert "openai:small is gone, and its key with it." in said(page.caption)
    assert facts(page)["Writes the next answer"][0] == "Quotes (no model)"


def test_a_key_that_is_refused_later_leaves_quotes_and_is_not_in_the_note(
    visit: Open, server: ModelServer, tmp_path: Path, minilm: Embedding, write_reports: Callable[..., Path]
) -> None:
    fill(tmp_path / "home", minilm, write_reports(crew=CREW))
    page = visit()
    send_key(page, server)
    page.button(key="connect-use").click().run()
    server.key = "sk-revoked"
    captions = " ".join(ask(page, "Who is China letting in?"))
    assert "Incorrect API key provided: …" in captions
    assert KEY[-4:] not in captions
    library = Library(tmp_path / "home")
    conversations = Conversations(library)
    (begun,) = conversations.all()
    (exchange,) = conversations.exchanges(begun.id)
    library.close()
    assert exchange.answer is not None
    assert KEY[-4:] not in json.dumps(exchange.answer.to_json())


def test_a_model_that_is_kept_is_everybodys_until_it_is_forgotten(
    visit: Open, server: ModelServer, tmp_path: Path
) -> None:
    page, other = visit(), visit()
    send_key(page, server)
    page.checkbox(key="connect-keep").check().run()
    page.button(key="connect-use").click().run()
    assert (tmp_path / "home" / KEPT).is_file()
    assert facts(other.run())["Also on offer"] == ("openai:small", "")
    (row,) = [one for one in said(other.markdown) if one.startswith("openai:small")]
    assert f"{server.address}, with a key, kept in {tmp_path / 'home' / KEPT}, for everybody here" in row
    other.button(key="forget-openai:small").click().run()
    assert facts(page.run())["Writes the next answer"] == ("Quotes (no model)", "picked beside the chat")
    assert KEY not in (tmp_path / "home" / KEPT).read_text()


def test_kept_models_that_cannot_be_read_are_said_and_the_rest_is_there(visit: Open, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    keep_connection(tmp_path / "home", Connection("openai", MODEL, key=KEY))
    (tmp_path / "home" / KEPT).write_text("{")
    page = visit()
    (error,) = said(page.error)
    assert error.startswith(f"The models kept in {tmp_path / 'home' / KEPT} cannot be read:")
    assert facts(page)["Home"][0] == str(tmp_path / "home")


def test_a_home_that_takes_no_file_is_said_and_the_model_stays_to_be_used(
    visit: Open, server: ModelServer, tmp_path: Path
) -> None:
    page = visit()
    send_key(page, server)
    page.checkbox(key="connect-keep").check().run()
    (tmp_path / "home" / KEPT).mkdir()
    page.button(key="connect-use").click().run()
    (error, _) = said(page.error)
    assert "cannot be read" in error
    assert facts(page)["Writes the next answer"][0] == "Quotes (no model)"
