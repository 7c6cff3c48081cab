"""What conversations quote of a report: counted when it is removed, and blanked where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from rag import schema
from rag.transcripts import words_of

# Stand in the place of a statement that cites the report, and of the report's value in a conflict.
STATEMENT_GONE = "(Removed with its report.)"
VALUE_GONE = "(removed)"


def count_quoting(connection: sa.Connection, report: str) -> int:
    """Return how many conversations quote the report with that id, of whatever version of it."""
    return len({row.conversation for row, _ in _quoting(connection, report)})


def blank_quotes(connection: sa.Connection, report: str) -> int:
    """Blank every quote of the report in every conversation, and what answers say by it; return how many conversations
    had one.

    A quote becomes empty, also among the nearest places of a refusal. A statement that cites the report repeats what
    stood there, in the same words or in others: its text goes, and so does the report's value in a conflict. Who was
    cited, and where, stays.
    """
    said = schema.exchanges
    touched = set()
    for row, plain in list(_quoting(connection, report)):
        written = json.dumps(blanked(plain, report))
        same = (said.c.conversation == row.conversation) & (said.c.number == row.number)
        words = words_of(row.question["text"], written)
        connection.execute(sa.update(said).where(same).values(answer=written, words=words))
        touched.add(row.conversation)
    return len(touched)


def blanked(plain: dict[str, Any], report: str) -> dict[str, Any]:
    """Return an answer's JSON without what it has of the report. Of an answer of a newer version, what it has in the
    places that this program knows, and every quote."""
    plain = json.loads(json.dumps(plain))
    for source in _sources(plain, report):
        source["quote"] = ""
    gone = {one.get("number") for one in _items(plain, "citations") if one.get("report") == report}
    said = [one for one in _items(plain, "statements") if gone.intersection(one.get("citations") or ())]
    # The longest first: another may be a part of it.
    for text in sorted({str(one.get("text")) for one in said}, key=len, reverse=True):
        plain["text"] = str(plain.get("text", "")).replace(text, STATEMENT_GONE)
    for statement in said:
        statement["text"] = STATEMENT_GONE
    for value in (value for conflict in _items(plain, "conflicts") for value in _items(conflict, "values")):
        if value.get("citation") in gone:
            value["value"] = VALUE_GONE
    return dict(plain)


def _quoting(connection: sa.Connection, report: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the exchanges whose answers quote the report, with the answers' JSON."""
    said = schema.exchanges
    columns = (said.c.conversation, said.c.number, said.c.question, said.c.answer)
    for row in connection.execute(sa.select(*columns).where(sa.func.instr(said.c.answer, report) > 0)).all():
        try:
            plain = json.loads(row.answer)
        except ValueError:
            continue  # no answer, and none that anybody could read
        if any(source["quote"] for source in _sources(plain, report)):
            yield row, plain


def _sources(plain: Any, report: str) -> Iterator[dict[str, Any]]:
    """Yield the sources of the report wherever they stand in an answer's JSON."""
    if isinstance(plain, dict):
        if plain.get("report") == report and isinstance(plain.get("quote"), str):
            yield plain
        plain = list(plain.values())
    if isinstance(plain, list):
        for one in plain:
            yield from _sources(one, report)


def _items(plain: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of a list in the JSON; [] where there is no such list."""
    found = plain.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
