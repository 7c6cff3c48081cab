"""Footnote: ask your reports; every sentence of the answer carries a footnote you can check.

The front door. What is named here is public; names load when they are first used, since importing an embedding model
takes seconds that a reader of files or types need not pay.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.cases import Case, CaseTurn, Header
    from rag.chain import AnswerChain, build_chain, open_chain
    from rag.comparing import Cell, Table, as_csv, as_xlsx, compare, tabulate
    from rag.conversations import Conversations
    from rag.embedding import Embedding, load_embedding, wrap_embeddings
    from rag.errors import (
        EmbeddingError,
        LibraryError,
        ModelError,
        ModelMismatch,
        QuestionError,
        RagError,
        ReadError,
        RerankerError,
        SettingsError,
        UnknownConversation,
        UnknownReport,
    )
    from rag.exporting import to_docx, to_markdown
    from rag.indexes import Indexes
    from rag.ingest import Outcome, Reading, add
    from rag.intake import add_documents
    from rag.library import Library, Receipt
    from rag.reading import Limits
    from rag.reranking import Judgement, Reranker, load_reranker
    from rag.retrieval import HybridRetriever
    from rag.settings import Settings, load_settings
    from rag.sources import find_sources
    from rag.suggesting import Suggestion, suggest
    from rag.transcripts import Conversation, Exchange
    from rag.types import (
        Answer,
        Block,
        Citation,
        Conflict,
        Document,
        Note,
        Page,
        Passage,
        Question,
        Refusal,
        Report,
        Source,
        Statement,
        Turn,
        Usage,
    )
    from rag.writing.quoting import QuotingOptions

_ROOMS = {
    "cases": ("Case", "CaseTurn", "Header"),
    "chain": ("AnswerChain", "build_chain", "open_chain"),
    "conversations": ("Conversations",),
    "comparing": ("Cell", "Table", "as_csv", "as_xlsx", "compare", "tabulate"),
    "embedding": ("Embedding", "load_embedding", "wrap_embeddings"),
    "errors": (
        "EmbeddingError",
        "LibraryError",
        "ModelError",
        "ModelMismatch",
        "QuestionError",
        "RagError",
        "ReadError",
        "RerankerError",
        "SettingsError",
        "UnknownConversation",
        "UnknownReport",
    ),
    "exporting": ("to_docx", "to_markdown"),
    "indexes": ("Indexes",),
    "ingest": ("Outcome", "Reading", "add"),
    "intake": ("add_documents",),
    "library": ("Library", "Receipt"),
    "reading": ("Limits",),
    "reranking": ("Judgement", "Reranker", "load_reranker"),
    "retrieval": ("HybridRetriever",),
    "settings": ("Settings", "load_settings"),
    "sources": ("find_sources",),
    "suggesting": ("Suggestion", "suggest"),
    "transcripts": ("Conversation", "Exchange"),
    "types": (
        "Answer",
        "Block",
        "Citation",
        "Conflict",
        "Document",
        "Note",
        "Page",
        "Passage",
        "Question",
        "Refusal",
        "Report",
        "Source",
        "Statement",
        "Turn",
        "Usage",
    ),
    "writing.quoting": ("QuotingOptions",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

# Written out, since type checkers cannot compute it.
__all__ = [
    "Answer",
    "AnswerChain",
    "Block",
    "Case",
    "CaseTurn",
    "Cell",
    "Citation",
    "Conflict",
    "Conversation",
    "Conversations",
    "Document",
    "Embedding",
    "EmbeddingError",
    "Exchange",
    "Header",
    "HybridRetriever",
    "Indexes",
    "Judgement",
    "Library",
    "LibraryError",
    "Limits",
    "ModelError",
    "ModelMismatch",
    "Note",
    "Outcome",
    "Page",
    "Passage",
    "Question",
    "QuestionError",
    "QuotingOptions",
    "RagError",
    "ReadError",
    "Reading",
    "Receipt",
    "Refusal",
    "Report",
    "Reranker",
    "RerankerError",
    "Settings",
    "SettingsError",
    "Source",
    "Statement",
    "Suggestion",
    "Table",
    "Turn",
    "UnknownConversation",
    "UnknownReport",
    "Usage",
    "add",
    "add_documents",
    "as_csv",
    "as_xlsx",
    "build_chain",
    "compare",
    "find_sources",
    "load_embedding",
    "load_reranker",
    "load_settings",
    "open_chain",
    "suggest",
    "tabulate",
    "to_docx",
    "to_markdown",
    "wrap_embeddings",
]


def __getattr__(name: str) -> Any:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(f"rag.{room}"), name)


def __dir__() -> list[str]:
    return __all__
