"""What SmolLM2 writes about the sample reports, frozen: ``python -m tests.freezing_smollm OUT``.

Asks the first 40 questions of ``stations.jsonl`` that follow no other, in the order of the SHA-256 of their ids, each
three times: with the 8 passages that retrieval finds by default, with the first 2 and with the first alone, which
is about what so small a model can read. Writes JSON lines: the pages that the passages lie on, then the questions with
their passages and the raw text. Ten minutes on two cores; the labels are written by hand after it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

from langchain_core.outputs import ChatGenerationChunk

from evals.suite import load_suite
from rag.cases import Case
from rag.embedding import load_embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.retrieval import HybridRetriever
from rag.types import Passage, Question
from rag.writing.generating import Generation
from tests.conftest import ROOT, add_all
from tests.smollm import SmolLM

QUESTIONS = 40
GIVEN = (8, 2, 1)


class Recorded(SmolLM):
    """Keeps what it streams."""

    said: str = ""

    def _stream(self, *given: Any, **options: Any) -> Iterator[ChatGenerationChunk]:
        for part in super()._stream(*given, **options):
            self.said += part.text
            yield part


def main(out: Path) -> None:
    """Ask, and write the file anew."""
    cases = [case for case in load_suite(ROOT / "evals/suites/stations.jsonl").cases if not case.history]
    cases.sort(key=lambda case: hashlib.sha256(case.id.encode()).hexdigest())
    with tempfile.TemporaryDirectory() as folder:
        embedding, library = load_embedding(dtype="float32"), Library(Path(folder))
        indexes = Indexes(library)
        add_all(library, indexes, embedding, ROOT / "corpus")
        retriever = HybridRetriever(library=library, indexes=indexes, embedding=embedding)
        found = [(case, retriever.passages(Question(case.question))) for case in cases[:QUESTIONS]]
        pages = {page_name(one): page_line(one) for _, passages in found for one in passages}
        with out.open("w", encoding="utf-8") as file:
            for line in pages.values():
                print(json.dumps(line, ensure_ascii=False), file=file)
            for most in GIVEN:
                for case, passages in found:
                    print(json.dumps(asked(case, passages[:most]), ensure_ascii=False), file=file, flush=True)
        indexes.close()
        library.close()


def asked(case: Case, passages: list[Passage]) -> dict[str, Any]:
    """Return the line of a question: its passages by their places, and what the model wrote."""
    model = Recorded()
    list(Generation(model, case.question, passages, timeout=600, stopped=Event()).drafts())
    places = [{"page": page_name(one), "start": one.start, "end": one.end, "context": one.context} for one in passages]
    return {"id": case.id, "question": case.question, "passages": places, "raw": model.said}


def page_name(passage: Passage) -> str:
    """Return the report's name with the page's number."""
    return f"{passage.report.name}#{passage.page.number}"


def page_line(passage: Passage) -> dict[str, Any]:
    """Return the line of a page: all that the prompt and the check read of it."""
    report, page = passage.report, passage.page
    return {
        "page": page_name(passage),
        "title": report.title,
        "date": report.date,
        "label": page.label,
        "text": page.text,
        "blocks": [[one.start, one.end, one.kind, one.level, one.heads] for one in page.blocks],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
