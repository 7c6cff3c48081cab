"""What SmolLM2 wrote over the sample reports, as it was frozen, and the checker's verdict on each of its statements."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

from chat_models import writing
from langchain_core.embeddings import Embeddings

from rag.checking import check
from rag.embedding import Embedding
from rag.types import Block, Page, Passage, Report
from rag.writing import Draft
from rag.writing.generating import Generation

FROZEN = Path(__file__).parent / "planted" / "smollm2.jsonl"


@dataclass(frozen=True)
class Written:
    """One answer: the passages that the model was given, the text that it wrote, and its distinct statements in order
    as (text, label, fault)."""

    id: str
    question: str
    passages: tuple[Passage, ...]
    raw: str
    labelled: tuple[tuple[str, str, str], ...]

    @property
    def half(self) -> str:
        """ "tune" or "held": all answers to one question are in one half."""
        return "held" if int(hashlib.sha256(self.id.encode()).hexdigest(), 16) % 2 else "tune"


@cache
def frozen() -> tuple[Written, ...]:
    """Every answer, in the file's order."""
    lines = [json.loads(line) for line in FROZEN.read_text(encoding="utf-8").splitlines()]
    pages = {line["page"]: line for line in lines if "page" in line}
    return tuple(_written(line, pages) for line in lines if "raw" in line)


def drafts(one: Written) -> list[Draft]:
    """The answer's distinct statements as the product cuts them; what it says again is the same statement."""
    generation = Generation(writing(one.raw), one.question, one.passages, timeout=20, stopped=Event())
    return list({draft.text: draft for draft in generation.drafts()}.values())


def verdicts(one: Written, embedding: Embedding) -> list[tuple[str, str]]:
    """The label and the verdict of each distinct statement; one without a mark is held against all passages given."""
    every = tuple(range(len(one.passages)))
    judged = [check(Draft(draft.text, draft.cited or every), one.passages, embedding) for draft in drafts(one)]
    return [(label, found.support) for (_, label, _), found in zip(one.labelled, judged, strict=True)]


def counts(half: str, embedding: Embedding) -> Counter[tuple[str, str]]:
    """How many statements of the half have each pair of label and verdict."""
    once = replace(embedding, embeddings=_Remembered(embedding.embeddings))
    return Counter(pair for one in frozen() if one.half == half for pair in verdicts(one, once))


class _Remembered(Embeddings):
    """Embeds each text once: most answers were given some of the same passages."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._known: dict[str, list[float]] = {}

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embeddings.embed_documents(new) if new else [], strict=True))
        return [self._known[text] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._embeddings.embed_query(text)


def _written(line: dict[str, Any], pages: dict[str, dict[str, Any]]) -> Written:
    passages = tuple(_passage(place, pages[place["page"]]) for place in line["passages"])
    labelled = tuple((one["text"], one["label"], one["fault"]) for one in line["statements"])
    return Written(line["id"], line["question"], passages, line["raw"], labelled)


def _passage(place: dict[str, Any], line: dict[str, Any]) -> Passage:
    name, number = line["page"].split("#")
    blocks = tuple(Block(*block) for block in line["blocks"])
    page = Page(int(number), line["label"], line["text"], blocks)
    key = hashlib.sha256(name.encode()).hexdigest()
    report = Report(key[:12], key, name, line["title"], "text", line["date"], 1, 1, len(page.text), "")
    return Passage(
        f"{line['page']}:{place['start']}", report, page, place["start"], place["end"], place["context"], 1.0
    )
