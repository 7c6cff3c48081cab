"""A connection -> whether it works, in words of our own: what a provider says of an error may repeat the key."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from rag import ModelError
from rag.web.connections import Connection, connect
from rag.writing.generating import streamed

# Seconds for one word, of which a model that has to be loaded first may need most.
TRIAL_SECONDS = 20.0
_GREETING = "Reply with the word: ready"
# What the HTTP clients of LangChain's packages call what went wrong, among the classes that their errors descend from.
_SILENT = frozenset({"TimeoutException", "APITimeoutError", "TimeoutError"})
_UNREACHED = frozenset({"TransportError", "APIConnectionError", "OSError"})


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a connection, in words that end with the next step where there is one."""

    works: bool
    words: str


def try_connection(connection: Connection, *, timeout: float = TRIAL_SECONDS) -> Trial:
    """Return what came of one small call, which ends with the first thing that the model writes."""
    try:
        model = connect(connection, timeout=timeout)
    except ModelError as error:
        return Trial(False, str(error).removesuffix(" Correct RAG_MODEL."))
    try:
        from langchain_core.messages import HumanMessage

        parts = streamed(model, [HumanMessage(_GREETING)], timeout, threading.Event())
        with closing(parts):
            next(parts, None)
    except ModelError as error:
        return Trial(False, _why(error, connection, timeout))
    return Trial(True, f"It works: {connection.model} answered.")


def _why(error: ModelError, connection: Connection, timeout: float) -> str:
    """Return in words why the call failed."""
    place, model = _place(connection), connection.model
    causes = list(_causes(error))
    status = next((found for one in causes if (found := _status(one)) is not None), None)
    kinds = {kind.__name__ for one in causes for kind in type(one).__mro__}
    if status is not None:
        return _refused(status, place, model)
    if kinds & _SILENT or not causes:
        return f"{place} did not answer within {timeout:g} s. Try again, or look whether it is at work."
    if kinds & _UNREACHED:
        return f"{place} cannot be reached. Look at the address, whether the server runs, and at the network."
    return f"{place} answered, and not as a chat model does. Look at the address: many end with /v1."


def _refused(status: int, place: str, model: str) -> str:
    """Return what an HTTP status means here."""
    if status == 401:
        return f"The key was refused (401). Copy it anew from {place}, whole and without spaces."
    if status == 403:
        return f"The key may not use {model!r} (403). Look at what it is allowed at {place}."
    if status == 404:
        return f"{place} knows no model {model!r} (404). Look at the name, and at the address if you gave one."
    if status == 429:
        return f"{place} takes no call now (429): too many of them, or no credit is left. Look at your account there."
    if status >= 500:
        return f"{place} has trouble of its own ({status}). Try again later."
    return f"{place} did not take the call ({status}). Look at the model's name: it has to be one that chats."


def _place(connection: Connection) -> str:
    """Return what to call the other side."""
    return connection.server or {"openai": "OpenAI", "anthropic": "Anthropic", "ollama": "Ollama"}.get(
        connection.provider, connection.provider
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what was behind the error, the nearest first."""
    while (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        yield cause
        error = cause


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        found = getattr(holder, "status_code", None)
        if isinstance(found, int):
            return found
    return None
