"""Conversations as rows and back: what the library does with them inside one transaction."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from rag import schema
from rag.language import encodable, folded
from rag.types import Answer, Question

LONGEST_TITLE = 80
UNTITLED = "Untitled"
_MORE = "…"
_UNREAD = "The answer is kept, and this program cannot read it: {}. Use the version of Footnote that wrote it."

_COUNT = (
    sa.select(sa.func.count())
    .where(schema.exchanges.c.conversation == schema.conversations.c.id)
    .scalar_subquery()
    .label("count")
)
_WITH_COUNT = sa.select(schema.conversations, _COUNT)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that is kept: ``created`` and ``changed`` are UTC timestamps (ISO 8601), ``exchanges`` is how
    many questions were asked in it."""

    id: str
    title: str
    created: str
    changed: str
    exchanges: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what came of it so far: an answer that may still be growing, or an error in words.

    ``question`` has its choice of reports and no history: that is the exchanges before it. ``stopped`` says that the
    answer was broken off. ``writer`` is who was asked to write it, ``thumb`` 1 for up and 0 for down, ``remark`` what
    was said to a thumb. ``unread`` is the JSON of a stored answer that this program cannot read; then ``error`` says
    so, and saving the exchange keeps that JSON.
    """

    number: int
    question: Question
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    writer: str = ""
    thumb: int | None = None
    remark: str = ""
    unread: str = field(default="", repr=False)

    @property
    def done(self) -> bool:
        """Whether nothing more is to come."""
        return self.stopped or bool(self.error) or (self.answer is not None and self.answer.stage == "done")


def as_title(text: str) -> str:
    """Return the text as a title: one line without control characters, at most 80 characters, cut at a word's end."""
    line = folded("".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in encodable(text)))
    if len(line) <= LONGEST_TITLE:
        return line or UNTITLED
    start = line[: LONGEST_TITLE - len(_MORE) + 1]
    whole = start.rpartition(" ")[0] or start[:-1]
    return whole.rstrip(" ,;:.-") + _MORE


def compared(text: str) -> str:
    """Return the text as a search compares it: letters without case, white space folded, compatible forms as one."""
    return folded(unicodedata.normalize("NFKC", encodable(text).replace("\0", " ")).casefold())


def as_conversation(row: Mapping[Any, Any]) -> Conversation:
    """Return the conversation of a row of ``conversations`` with its count."""
    return Conversation(row["id"], row["title"], row["created"], row["changed"], row["count"])


def as_exchange(row: Mapping[Any, Any], *, at_work: bool) -> Exchange:
    """Return the exchange of a row of ``exchanges``; what is not done and that nobody is at work on was stopped."""
    plain = row["question"]
    question = Question(
        text=plain["text"],
        since=plain.get("since"),
        until=plain.get("until"),
        reports=_tuple(plain.get("reports")),
        kinds=_tuple(plain.get("kinds")),
    )
    answer, why = _read(row["answer"])
    exchange = Exchange(
        number=row["number"],
        question=question,
        answer=answer,
        error=_UNREAD.format(why) if why else row["error"],
        stopped=row["stopped"],
        writer=row["writer"],
        thumb=row["thumb"],
        remark=row["remark"],
        unread=row["answer"] if why else "",
    )
    return exchange if exchange.done or at_work else replace(exchange, stopped=True)


def exchange_row(conversation: str, exchange: Exchange, *, worker: str) -> dict[str, Any]:
    """Return the row of ``exchanges`` that keeps the exchange."""
    question = exchange.question
    answer = exchange.unread or (json.dumps(exchange.answer.to_json()) if exchange.answer else None)
    return {
        "conversation": conversation,
        "number": exchange.number,
        "question": {
            "text": question.text,
            "reports": question.reports,
            "since": question.since,
            "until": question.until,
            "kinds": question.kinds,
        },
        "answer": answer,
        "error": "" if exchange.unread else encodable(exchange.error),
        "stopped": exchange.stopped,
        "writer": exchange.writer,
        "thumb": exchange.thumb,
        "remark": encodable(exchange.remark),
        "worker": "" if exchange.done else worker,
        "words": words_of(question.text, answer),
    }


def words_of(question: str, answer: str | None) -> str:
    """Return what a search finds an exchange by: its question, and the text of the stored answer, also of one that this
    program cannot read otherwise."""
    try:
        plain = json.loads(answer or "{}")
    except ValueError:
        plain = {}
    return compared(f"{question} {plain.get('text', '') if isinstance(plain, dict) else ''}")


def _read(written: str | None) -> tuple[Answer | None, str]:
    """Return the stored answer, or why it cannot be read."""
    if written is None:
        return None, ""
    try:
        plain = json.loads(written)
        return Answer.from_json(plain if isinstance(plain, dict) else {}), ""
    except ValueError as error:
        return None, str(error)


def select_conversations(connection: sa.Connection, search: str = "") -> list[Conversation]:
    """Return the conversations that hold every word of ``search`` somewhere, the one changed last first."""
    kept, said = schema.conversations, schema.exchanges
    query = _WITH_COUNT.order_by(kept.c.changed.desc(), kept.c.created.desc(), kept.c.id)
    for word in compared(search).split():
        spoken = sa.exists().where(said.c.conversation == kept.c.id, sa.func.instr(said.c.words, word) > 0)
        query = query.where((sa.func.instr(kept.c.words, word) > 0) | spoken)
    return [as_conversation(row) for row in connection.execute(query).mappings()]


def select_conversation(connection: sa.Connection, conversation: str) -> Conversation | None:
    """Return the conversation with that id, None where there is none."""
    row = connection.execute(_WITH_COUNT.where(schema.conversations.c.id == conversation)).mappings().first()
    return as_conversation(row) if row else None


def select_exchanges(connection: sa.Connection, conversation: str) -> list[Mapping[Any, Any]]:
    """Return the rows of a conversation's exchanges, the first one first."""
    said = schema.exchanges
    query = sa.select(said).where(said.c.conversation == conversation).order_by(said.c.number)
    return [dict(row) for row in connection.execute(query).mappings()]


def _tuple(plain: list[str] | None) -> tuple[str, ...] | None:
    return None if plain is None else tuple(plain)
