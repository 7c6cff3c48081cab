"""The library's tables."""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = "1"
# What every library has had from its first moment: where one of these is missing, something was lost. A table that
# is not named here came later; opening a library makes it where it is missing, and older programs never look at it.
FIRST = frozenset({"facts", "reports", "pages", "vectors", "chunks"})

metadata = sa.MetaData()

# What is true of the whole library: schema, fingerprint of the embedding model, generation.
facts = sa.Table(
    "facts", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("date", sa.Text),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("added", sa.Text, nullable=False),
    sa.Column("ledger", sa.JSON, nullable=False),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("report", sa.Text, sa.ForeignKey("reports.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("blocks", sa.JSON, nullable=False),
    sa.Column("charmap", sa.JSON, nullable=False),
)

# A vector outlives the chunk it was made for only until the end of the transaction: equal text needs no new one.
vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("report", sa.Text, sa.ForeignKey("reports.id"), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("vector", sa.Text, sa.ForeignKey("vectors.key"), nullable=False),
    sa.Index("chunks_by_report", "report", "page"),
    sa.Index("chunks_by_vector", "vector"),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("changed", sa.Text, nullable=False),
    # The title as a search compares it: SQLite itself folds the case of ASCII letters alone.
    sa.Column("words", sa.Text, nullable=False),
)

exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("conversation", sa.Text, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("question", sa.JSON, nullable=False),
    # An Answer as its JSON, kept as text: one that this program cannot read has to stay as it is.
    sa.Column("answer", sa.Text),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("writer", sa.Text, nullable=False),
    sa.Column("thumb", sa.Integer),
    sa.Column("remark", sa.Text, nullable=False),
    # Who is still at work on the answer (rag.presence), "" for nobody.
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

# Files on their way in. ``pid`` and ``started`` are of the process at work, so that a dead one is told from a living.
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("begun", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("expected", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

# ``status`` is that of an outcome, "" until it is known.
job_files = sa.Table(
    "job_files",
    metadata,
    sa.Column("job", sa.Text, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("whole", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
)

# The questions that were suggested, and are again as long as the reports are the same.
suggestions = sa.Table(
    "suggestions",
    metadata,
    sa.Column("generation", sa.Integer, primary_key=True),
    sa.Column("writer", sa.Text, primary_key=True),
    # What else they depend on, as JSON: which reports they are of, and how these are asked.
    sa.Column("scope", sa.Text, primary_key=True),
    # How many were looked for, and what was found.
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("found", sa.JSON, nullable=False),
)
