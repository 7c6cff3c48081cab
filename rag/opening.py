"""What the settings name, opened for a command: the library, the embedding model, and the chain over both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import LibraryError
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.chain import AnswerChain
    from rag.embedding import Embedding
    from rag.library import Library


def open_chain_of(library: Library, settings: Settings, *, writer: str | None) -> AnswerChain:
    """Return the chain of the settings; ``writer`` is "quotes" or a model, None for that of the settings."""
    from rag.chain import build_chain
    from rag.reranking import load_reranker

    model = writer or settings.model
    return build_chain(
        library,
        open_embedding(settings, library),
        model=None if model == "quotes" else model,
        reranker=load_reranker(settings.reranker, dtype=settings.dtype),
        passages=settings.passages,
        threshold=settings.threshold,
        timeout=settings.model_timeout,
    )


def open_library(settings: Settings) -> Library:
    """Open the library of a command that adds nothing. Raises LibraryError where there is none: a home that is mistyped
    must not become one."""
    from rag.library import Library

    if not is_home(settings.home):
        raise LibraryError(
            f"There is no library in {settings.home}. Name its folder with --home, or add reports first."
        )
    return Library(settings.home)


def named_reports(library: Library, names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the ids of the reports with these ids, names or titles, None for None. Raises UnknownReport."""
    return tuple(library.report(name).id for name in names) if names else None


def is_home(home: Path) -> bool:
    """Whether there is a library, or what is left of one; what is no folder is for opening to name."""
    return home.is_file() or any((home / name).exists() for name in ("library.db", "files"))


def open_embedding(settings: Settings, library: Library | None = None) -> Embedding:
    """Load the embedding model; with a library, only where it may be the one that the library was made with."""
    from rag.embedding import load_embedding

    if library is not None:
        library.require_model(settings.embedding)
    return load_embedding(
        settings.embedding,
        dtype=settings.dtype,
        query_prefix=settings.embedding_query_prefix,
        document_prefix=settings.embedding_document_prefix,
    )
