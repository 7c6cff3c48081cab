"""The planted pairs of reports: read, asked, and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.conflicts import disagreements, read_claims
from rag.embedding import Embedding
from rag.writing.cues import kind_of

PLANTED = Path(__file__).parent / "planted" / "conflicts.jsonl"


def planted(half: str) -> list[dict[str, Any]]:
    """The pairs of a half, "tune" or "held"."""
    rows = [json.loads(line) for line in PLANTED.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["half"] == half]


def values_found(pair: dict[str, Any], embedding: Embedding) -> list[str] | None:
    """The values that are said to differ, newest first; None where nothing is."""
    both = [pair["newer"], pair["older"]]
    found = [
        claim
        for index, one in enumerate(both)
        for claim in read_claims(index, one["text"], report=str(index), written=one["date"], around=one["title"])
    ]
    texts = [f"{one['title']}. {one['text']}" for one in both]
    differ = disagreements(found, [0], kind=kind_of(pair["question"]), texts=texts, embedding=embedding)
    return [value.text for _, value in differ[0].members] if differ else None
