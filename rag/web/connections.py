"""Language models that people connect in the browser: a visitor's own, and those that are kept in the home.

A visitor's own are in the memory of that visit and nowhere else. What is kept is ``models.json`` in the home, which
its owner alone may read, and is offered to every visitor of that home.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import streamlit as st
from filelock import FileLock

from rag import SettingsError
from rag.errors import why
from rag.originals import sync_folder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

KEPT = "models.json"
_VERSION = 1
_OWNER_ALONE = 0o600
# Providers that ask for no key.
KEYLESS = ("ollama",)


@dataclass(frozen=True, slots=True)
class Connection:
    """How a language model is reached; ``address`` is empty for the provider's own. No ``repr`` shows the key."""

    provider: str
    model: str
    key: str = field(default="", repr=False)
    address: str = ""

    @property
    def writer(self) -> str:
        """The name that it is offered and recorded under."""
        return f"{self.provider}:{self.model}"

    @property
    def server(self) -> str:
        """The address without what could be a secret in it; "" for the provider's own."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if self.address else ""


def connect(connection: Connection, *, timeout: float) -> BaseChatModel:
    """Return the chat model of a connection; nothing is asked of it yet. Raises ModelError."""
    from rag.writing.generating import load_model

    # Without a key of its own, the one in the server's environment would go wherever the address says.
    key = connection.key or ("" if connection.provider in KEYLESS else "-")
    return load_model(connection.writer, timeout=timeout, key=key, address=connection.address)


def own_connections() -> dict[str, Connection]:
    """Return this visitor's own connections by writer; the dict is the memory itself."""
    return cast(dict[str, Connection], st.session_state.setdefault("connections", {}))


def kept_connections(home: Path) -> tuple[Connection, ...]:
    """Return the connections that are kept in the home, () for none. Raises SettingsError where they cannot be read."""
    path = home / KEPT
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["version"] != _VERSION:
            raise ValueError(f"its version is {kept['version']!r}, and this program reads {_VERSION}")
        return tuple(_connection(one) for one in kept["models"])
    except FileNotFoundError:
        return ()
    # The words of an error here name places and fields, and quote no value.
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"The models kept in {path} cannot be read: {why(error)}. Delete that file, or mend it."
        ) from error


def keep_connection(home: Path, connection: Connection) -> None:
    """Keep a connection in the home, in the place of one of the same name. Raises SettingsError."""
    _change(home, lambda kept: [*(one for one in kept if one.writer != connection.writer), connection])


def forget_connection(home: Path, writer: str) -> None:
    """Forget the connection that is kept under that name, key and all. Raises SettingsError."""
    _change(home, lambda kept: [one for one in kept if one.writer != writer])


def _connection(plain: dict[str, str]) -> Connection:
    if not isinstance(plain, dict) or not all(isinstance(value, str) for value in plain.values()):
        raise ValueError("a model is more, or less, than names and texts")
    return Connection(**plain)


def _change(home: Path, changed: Callable[[tuple[Connection, ...]], list[Connection]]) -> None:
    path = home / KEPT
    try:
        with FileLock(home / "models.lock"):
            models = [asdict(one) for one in changed(kept_connections(home))]
            _write(path, json.dumps({"version": _VERSION, "models": models}, indent=2) + "\n")
    except OSError as error:
        raise SettingsError(
            f"The models cannot be kept in {path}: {why(error)}. Make room there, or make it writable."
        ) from error


def _write(path: Path, text: str) -> None:
    """Put the text in the place of the file's. A kill leaves the old one or the new one; nobody else may read it."""
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)
