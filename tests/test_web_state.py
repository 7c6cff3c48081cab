"""What the pages stand on: errors in words, and the desk with its model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.errors import EmbeddingError, LibraryError, ModelError, ModelMismatch
from rag.settings import Settings
from rag.web.state import Desk, in_words
from rag.web.writers import QUOTES
from tests.conftest import add_all, put


@contextmanager
def opened(home: Path, **settings: object) -> Iterator[Desk]:
    """A desk over this home, closed at the end."""
    desk = Desk(Settings(home=home, **settings))  # type: ignore[arg-type]
    try:
        yield desk
    finally:
        desk.close()


def test_an_error_of_ours_is_said_in_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    assert in_words(LibraryError("The home is full. Make room.")) == "The home is full. Make room."
    assert caplog.records == []


def test_another_error_is_for_the_terminal_and_tells_the_visitor_nothing_of_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = in_words(KeyError("secret"))
    assert said.startswith("Something went wrong in Footnote itself, not in your reports.")
    assert "secret" not in said
    assert [(record.levelno, repr(record.exc_info and record.exc_info[1])) for record in caplog.records] == [
        (logging.ERROR, "KeyError('secret')")
    ]


def test_the_desk_loads_its_model_once_and_keeps_a_chain_a_writer(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as desk:
        assert desk.loading()
        first = desk.warm()
        assert desk.warm() is first
        first.result(60)
        assert not desk.loading()
        assert desk.chain(QUOTES) is desk.chain(QUOTES)
        assert desk.chain(QUOTES).library is desk.library


def test_a_failed_load_is_said_and_tried_again_when_something_is_asked(tmp_path: Path) -> None:
    with opened(tmp_path / "home", embedding=str(tmp_path / "nowhere")) as desk:
        first = desk.warm()
        assert isinstance(first.exception(60), EmbeddingError)
        assert (desk.loading(), desk.fault()) == (False, str(first.exception()))
        assert desk.warm() is first
        with pytest.raises(EmbeddingError, match="nowhere"):
            desk.chain(QUOTES)
        assert desk.warm() is not first


def test_a_library_of_another_model_is_said_with_the_command_that_helps(
    tmp_path: Path, hashed: Embedding, write_reports: Callable[..., Path]
) -> None:
    with opened(tmp_path / "home") as desk:
        add_all(desk.library, desk.indexes, hashed, write_reports(crew="# Crew\n\nThree live there.\n"))
        with pytest.raises(ModelMismatch, match="rag doctor --reembed"):
            desk.chain(QUOTES)


def test_a_library_that_changes_its_model_while_the_chat_is_open_is_said(
    tmp_path: Path, hashed: Embedding, write_reports: Callable[..., Path]
) -> None:
    with opened(tmp_path / "home") as desk:
        desk.chain(QUOTES)
        add_all(desk.library, desk.indexes, hashed, write_reports(crew="# Crew\n\nThree live there.\n"))
        with pytest.raises(ModelMismatch, match="hashed-words@1"):
            desk.chain(QUOTES)


def test_a_writer_that_cannot_be_used_leaves_quotes_usable(tmp_path: Path) -> None:
    with opened(tmp_path / "home") as desk:
        with pytest.raises(ModelError):
            desk.chain("nobody:nothing")
        assert desk.chain(QUOTES).invoke("Who?").refusal is not None


def test_where_the_proposing_model_fails_questions_come_from_the_reports_alone(
    tmp_path: Path, minilm: Embedding, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "home", suggesting_model="nobody:nothing") as desk:
        put(desk.library, minilm, "skylab.md", "# Skylab\n\nFor years, Skylab was up. Skylab was launched in May 1973.")
        desk.suggestions.found()
        deadline = time.monotonic() + 60
        while desk.suggestions.searching() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert desk.suggestions.found() == ("When was Skylab launched?",)
    assert ["nobody:nothing proposes no questions" in record.getMessage() for record in caplog.records] == [True]
