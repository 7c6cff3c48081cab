"""The writers that can be picked: quotes, the model of the settings, those kept in the home, and a local Ollama's."""

from __future__ import annotations

import importlib.util
import json
import os
import threading
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from rag import SettingsError
from rag.web.connections import Connection, kept_connections

QUOTES = "quotes"
OLLAMA = "http://localhost:11434"
# Seconds: a local server answers at once or is not there, and may be started at any time.
_PATIENCE = 1.0
_LOOK_AGAIN = 30.0


class Writers:
    """What is on offer; Ollama is asked in the background, so that the page never waits for it."""

    def __init__(self, model: str | None, home: Path | None = None) -> None:
        """``home`` is where models are kept, None for nowhere."""
        self._model = model
        self._home = home
        self._ollama: tuple[str, ...] = ()
        self._looked = float("-inf")
        self._guard = threading.Lock()

    def offered(self) -> tuple[str, ...]:
        """Return the names, quotes first and each once; looks for Ollama again when the last look is a while ago."""
        with self._guard:
            if importlib.util.find_spec("langchain_ollama") and time.monotonic() - self._looked > _LOOK_AGAIN:
                self._looked = time.monotonic()
                threading.Thread(target=self._look, daemon=True, name="ollama").start()
        return tuple(dict.fromkeys((QUOTES, *([self._model] if self._model else []), *self.kept(), *self._ollama)))

    def kept(self) -> dict[str, Connection]:
        """Return the connections that are kept in the home by writer; {} where they cannot be read, which the settings
        say."""
        try:
            return {one.writer: one for one in kept_connections(self._home)} if self._home else {}
        except SettingsError:
            return {}

    def preferred(self) -> str:
        """Return the writer that is picked at first: the model of the settings, or quotes."""
        return self._model or QUOTES

    def _look(self) -> None:
        self._ollama = ollama_models(os.environ.get("OLLAMA_HOST", ""))


def writer_label(writer: str) -> str:
    """Return what the picker shows for a writer."""
    return "Quotes (no model)" if writer == QUOTES else writer


def ollama_models(host: str = "") -> tuple[str, ...]:
    """Return the chat models of the Ollama at ``host`` as ``ollama:NAME``; () where none answers in a second.

    ``host`` has the forms of OLLAMA_HOST: "", "name", "name:port", ":port" or an http address.
    """
    # A proxy is no way to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{ollama_address(host)}/api/tags", timeout=_PATIENCE) as reply:
            listed = json.load(reply)["models"]
        return tuple(f"ollama:{model['name']}" for model in listed if _chats(model))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return ()


def ollama_address(host: str) -> str:
    """Return the address to call for a value of OLLAMA_HOST; an address to listen at becomes this machine."""
    if not host.strip():
        return OLLAMA
    parts = urlsplit(host.strip() if "://" in host else f"http://{host.strip()}")
    name = parts.hostname or "localhost"
    name = "localhost" if name in ("0.0.0.0", "::") else f"[{name}]" if ":" in name else name
    default = {"http": 11434, "https": 443}.get(parts.scheme, 11434)
    return f"{parts.scheme}://{name}:{parts.port or default}{parts.path.rstrip('/')}"


def _chats(model: object) -> bool:
    """Whether an entry of the list is a model that does not make vectors only."""
    if not isinstance(model, dict):
        return False
    details = model.get("details")
    families = details.get("families") if isinstance(details, dict) else None
    return not any("bert" in str(family) for family in families or ())
