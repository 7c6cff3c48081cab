"""A few reports of a line or two, and a way to ask a chat model about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from rag.chain import AnswerChain, build_chain
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.library import Library
from rag.types import Answer, Question, Turn
from tests.conftest import add_all

CALL = "China issued its call for commercial cargo proposals in May 2023."
CREW = "Tiangong has a permanent crew of three astronauts."
ESA = "Josef Aschbacher said that ESA had neither the budget nor the intention to take part in Tiangong."
REPORTS = {"Cargo": CALL, "Crews": CREW, "Europe": ESA}
# Answered by the report "Cargo".
WHEN = "When did China call for cargo proposals?"

Ask = Callable[..., Answer]


@contextmanager
def chains(folder: Path, embedding: Embedding, **reports: str) -> Iterator[Callable[..., AnswerChain]]:
    """A way to build chains over Markdown reports, each given as title=text; its options are build_chain's."""
    shelf = folder / "reports"
    shelf.mkdir()
    for title, text in reports.items():
        (shelf / f"{title}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    library = Library(folder / "home")
    indexes = Indexes(library)
    assert {one.status for one in add_all(library, indexes, embedding, shelf)} == {"added"}
    yield lambda **options: build_chain(library, embedding, indexes=indexes, **{"timeout": 20, **options})
    indexes.close()
    library.close()


def asking(build: Callable[..., AnswerChain]) -> Ask:
    """A way to ask a model a question, with its history."""

    def ask(model: BaseChatModel | None, text: str = WHEN, *history: Turn, **options: Any) -> Answer:
        return build(model=model, **options).invoke(Question(text, history=history))

    return ask
