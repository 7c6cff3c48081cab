"""The library's database: how it is opened, its transactions, and its errors in our words."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rag import records, schema
from rag.errors import LibraryBusy, LibraryDamaged, LibraryError

# How long a connection waits for another process's write, in seconds.
_BUSY_SECONDS = 30
_LOOK_AGAIN = 0.05
# What SQLite says of a place that it cannot write to, and of a file that is not a library any more.
_UNWRITABLE = ("is full", "readonly", "disk I/O", "unable to open")
_DAMAGED = ("malformed", "not a database", "no such table", "no such column", "decode to UTF-8")


class Database:
    """One SQLite file with the library's tables. Share it between threads; other processes may have it open too."""

    def __init__(self, path: Path, *, belongings: Callable[[], int] = lambda: 0) -> None:
        """Open the file, making it where there is none. Raises what the transactions raise.

        ``belongings`` counts what a library that was here before has left: where there is any, a file that is missing
        or empty is a loss and LibraryDamaged, and no new library.
        """
        self.path = path
        self._engine = _open_engine(path)
        with self._explained():
            self._make(belongings)
            self._complete()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the library. Raises LibraryBusy, LibraryDamaged or LibraryError."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """A transaction that raises the generation, or leaves no trace. Raises as ``reading`` does."""
        with self._explained(), self._immediate() as connection:
            yield connection
            now = records.fact(connection, "generation")
            records.set_fact(connection, "generation", str(int(now or 0) + 1))

    @contextmanager
    def noting(self) -> Iterator[sa.Connection]:
        """A transaction that changes no report: the generation stays. Raises as ``reading`` does."""
        with self._explained(), self._immediate() as connection:
            yield connection

    def fact(self, name: str) -> str | None:
        """Return a fact about the library, or None where it is not recorded."""
        with self.reading() as connection:
            return records.fact(connection, name)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _make(self, belongings: Callable[[], int]) -> None:
        """Make the tables where there is no library yet, and refuse one that another version made."""
        if not sa.inspect(self._engine).has_table(schema.facts.name):
            with self._immediate() as connection:
                # Another process may have been first: what is there by now stays.
                if not sa.inspect(connection).has_table(schema.facts.name):
                    if left := belongings():
                        raise _lost(self.path, left)
                    schema.metadata.create_all(connection)
                    records.set_fact(connection, "schema", schema.SCHEMA_VERSION)
        found = self.fact("schema")
        if found != schema.SCHEMA_VERSION:
            raise LibraryError(
                f"The library {self.path} has schema {found}, this program reads {schema.SCHEMA_VERSION}. "
                "Use the version of Footnote that made it, or name another folder with --home."
            )

    def _complete(self) -> None:
        """Make the tables that came after the library was made."""
        there = set(sa.inspect(self._engine).get_table_names())
        later = [table for name, table in schema.metadata.tables.items() if name not in schema.FIRST]
        if not there.issuperset(table.name for table in later):
            with self._immediate() as connection:
                # It looks again, now that no other process can be at the same.
                schema.metadata.create_all(connection, tables=later)

    @contextmanager
    def _immediate(self) -> Iterator[sa.Connection]:
        with self._engine.execution_options(immediate=True).begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DatabaseError as error:
            meant = _meaning(self.path, str(error.orig))
            if meant is None:
                raise  # a mistake of ours, not of the disk
            raise meant from error
        except json.JSONDecodeError as error:
            raise _damaged(self.path, f"a column holds no JSON: {error}") from error


def _meaning(path: Path, said: str) -> LibraryError | None:
    """Return the error that what SQLite said amounts to, None for what should not happen."""
    if "locked" in said:
        return LibraryBusy(
            f"Another program has been writing to {path} for over {_BUSY_SECONDS} s. "
            "Wait for it to finish, or end it, and try again."
        )
    if any(sign in said for sign in _UNWRITABLE):
        return LibraryError(
            f"The library {path} cannot be written to: {said}. Make room there, or make it writable, and try again."
        )
    if any(sign in said for sign in _DAMAGED):
        return _damaged(path, said)
    return None


def _damaged(path: Path, said: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"The library {path} cannot be read: {said}. Restore it from a backup, or move {path.parent} aside and "
        "add the reports again."
    )


def _lost(path: Path, originals: int) -> LibraryDamaged:
    return LibraryDamaged(
        f"The library {path} is gone or empty, and {originals} originals of its reports are kept in "
        f"{path.parent / 'files'}. Restore it from a backup, or move {path.parent} aside and add the originals again."
    )


def _open_engine(path: Path) -> sa.Engine:
    """Return an engine on the SQLite file: WAL, a busy timeout, and BEGIN IMMEDIATE where ``immediate`` is set.

    SQLite's own deferred BEGIN lets two writers both start and one of them fail half way; pysqlite's begins late.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        _write_ahead(cursor)
        # A report that was said to be added must survive a power cut, too.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _write_ahead(cursor: Any) -> None:
    """Put the file into WAL mode. SQLite's busy timeout does not cover this, and another process may be at its first
    write."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_LOOK_AGAIN)
        else:
            return
