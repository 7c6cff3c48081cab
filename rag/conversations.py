"""Conversations: the questions that were asked one after another, with their answers whole, kept in the library.

A change of them is no change of reports: it raises no generation and takes no writer's lock.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa

from rag import purging, schema, transcripts
from rag.errors import LibraryError, UnknownConversation, why
from rag.library import Library
from rag.presence import Presence
from rag.transcripts import Conversation, Exchange, as_title

# Bytes: who may see one conversation must not be able to guess at another.
_ID_BYTES = 12
# What a change of makes a conversation the newest; a thumb or a remark does not.
_SAID = ("question", "answer", "error", "stopped", "writer")


class Conversations:
    """The conversations of one library. Share it between threads; other processes may change them too."""

    def __init__(self, library: Library) -> None:
        self._database = library.database
        self._presence = Presence(library.home / "answering")

    def begin(self, title: str) -> Conversation:
        """Return a new conversation without exchanges; its title is made from ``title``, the first question say: one
        line of at most 80 characters."""
        now, named = _now(), as_title(title)
        begun = Conversation(secrets.token_hex(_ID_BYTES), named, now, now)
        row = {"id": begun.id, "title": named, "created": now, "changed": now, "words": transcripts.compared(named)}
        with self._database.noting() as connection:
            connection.execute(sa.insert(schema.conversations), row)
        return begun

    def all(self, search: str = "") -> tuple[Conversation, ...]:
        """Return the conversations, the one changed last first; with ``search``, those that have each of its words in
        their title, questions or answers, whatever the case. () for none."""
        with self._database.reading() as connection:
            return tuple(transcripts.select_conversations(connection, search))

    def get(self, id: str) -> Conversation:
        """Return the conversation with that id. Raises UnknownConversation."""
        with self._database.reading() as connection:
            found = transcripts.select_conversation(connection, id)
        if found is None:
            raise _unknown(id)
        return found

    def rename(self, id: str, title: str) -> None:
        """Give a conversation another title, made as ``begin`` makes it. Raises UnknownConversation."""
        named = as_title(title)
        with self._database.noting() as connection:
            _change(connection, id, title=named, words=transcripts.compared(named))

    def delete(self, id: str) -> None:
        """Delete a conversation with its exchanges. Raises UnknownConversation."""
        kept, said = schema.conversations, schema.exchanges
        with self._database.noting() as connection:
            connection.execute(sa.delete(said).where(said.c.conversation == id))
            if not connection.execute(sa.delete(kept).where(kept.c.id == id)).rowcount:
                raise _unknown(id)

    def exchanges(self, id: str) -> tuple[Exchange, ...]:
        """Return a conversation's exchanges, the first one first. Raises UnknownConversation.

        One that was not done and that no living process is at work on reads as stopped.
        """
        with self._database.reading() as connection:
            if transcripts.select_conversation(connection, id) is None:
                raise _unknown(id)
            rows = transcripts.select_exchanges(connection, id)
        # Looked up once a worker: it means a lock.
        here = {worker: self._presence.is_here(worker) for worker in {row["worker"] for row in rows} if worker}
        return tuple(transcripts.as_exchange(row, at_work=here.get(row["worker"], False)) for row in rows)

    def save(self, id: str, exchange: Exchange, *, last: bool = False) -> None:
        """Keep an exchange, in the place of the one with its number; ``last`` drops those after it.

        One that is not done yet is this object's to finish, until it is closed or its process ends. Raises
        UnknownConversation.
        """
        worker = "" if exchange.done else self._worker()
        row = transcripts.exchange_row(id, exchange, worker=worker)
        said = schema.exchanges
        same = (said.c.conversation == id) & (said.c.number == exchange.number)
        with self._database.noting() as connection:
            before = connection.execute(sa.select(said).where(same)).mappings().first()
            new = before is None or any(_plain(before[name]) != _plain(row[name]) for name in _SAID)
            _change(connection, id, **({"changed": _now()} if new else {}))
            after = (said.c.conversation == id) & (said.c.number > exchange.number)
            connection.execute(sa.delete(said).where(same | after if last else same))
            connection.execute(sa.insert(said), row)

    def blank(self, report: str) -> int:
        """Blank what conversations quote of the report with that id, one that was removed before, say; return how many
        conversations quoted it."""
        with self._database.noting() as connection:
            return purging.blank_quotes(connection, report)

    def close(self) -> None:
        """Be at work on no exchange any longer; what is not done reads as stopped."""
        self._presence.leave()

    def _worker(self) -> str:
        try:
            return self._presence.enter()
        except OSError as error:
            raise LibraryError(
                f"No conversation can be kept beside {self._database.path}: {why(error)}. Make room there."
            ) from error


def _change(connection: sa.Connection, id: str, **values: str) -> None:
    """Set values of a conversation, none to see that it is there. Raises UnknownConversation."""
    kept = schema.conversations
    if transcripts.select_conversation(connection, id) is None:
        raise _unknown(id)
    if values:
        connection.execute(sa.update(kept).where(kept.c.id == id).values(**values))


def _plain(value: object) -> object:
    """Return a column's value as JSON brings it back: lists for tuples."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _unknown(id: str) -> UnknownConversation:
    return UnknownConversation(
        f"No conversation has the id {id!r}; it may have been deleted. See them all with: rag conversations"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
