"""How a suite is asked: every setting that can change an answer, by its dotted name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.suite import SuiteError
from rag import QuotingOptions, Settings
from rag.reranking import BUNDLED
from rag.retrieval import RERANKED


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RetrievalSet(_Frozen):
    """``retriever`` names the product's own ("default") or a baseline; ``k`` is the passages that answer. ``reranker``
    is what ``load_reranker`` takes, and reads so many candidates as ``reranked`` says; the baselines have none.
    ``candidates`` are those of each half of search; None is 200 where a reranker reads and 50 where none does."""

    retriever: Literal["default", "dense", "bm25", "fusion"] = "default"
    k: int = Field(8, ge=1, le=50)
    candidates: int | None = Field(None, ge=1)
    reranker: str = BUNDLED
    reranked: int = Field(RERANKED, ge=1)


class QuotingSet(_Frozen):
    """The quoting writer's constants; see ``rag.QuotingOptions``."""

    threshold: float = Field(QuotingOptions().threshold, ge=0, le=1)
    close: float = Field(QuotingOptions().close, ge=0)
    most: int = Field(QuotingOptions().most, ge=1)
    words: int = Field(QuotingOptions().words, ge=1)
    repeated: float = Field(QuotingOptions().repeated, ge=-1, le=1)


class EmbeddingSet(_Frozen):
    """The embedding model; ``dtype`` is what it computes in (``RAG_DTYPE``)."""

    name: str
    dtype: Literal["auto", "float32", "bfloat16", "int8"] = "auto"
    query_prefix: str = ""
    document_prefix: str = ""


class Options(_Frozen):
    """How a suite is asked. ``writer`` is "quotes" or a model as ``provider:model``."""

    retrieval: RetrievalSet
    quoting: QuotingSet
    embedding: EmbeddingSet
    writer: str = "quotes"

    def flat(self) -> dict[str, Any]:
        """Return the settings by dotted name, as ``--set`` takes them."""
        plain = self.model_dump()
        groups = {name: value for name, value in plain.items() if isinstance(value, dict)}
        return {f"{name}.{key}": value for name, group in groups.items() for key, value in group.items()} | {
            name: value for name, value in plain.items() if name not in groups
        }


def load_options(settings: Settings, assignments: Sequence[str] = (), *, writer: str | None = None) -> Options:
    """Return the options: the defaults, what the environment sets, then assignments such as ``retrieval.k=8``.

    Raises SuiteError for a name that there is not, or a value that it cannot have.
    """
    values: dict[str, Any] = {
        "retrieval": {"k": settings.passages, "reranker": settings.reranker},
        "quoting": {} if settings.threshold is None else {"threshold": settings.threshold},
        "embedding": {
            "name": settings.embedding,
            "dtype": settings.dtype,
            "query_prefix": settings.embedding_query_prefix,
            "document_prefix": settings.embedding_document_prefix,
        },
        "writer": writer or settings.model or "quotes",
    }
    for assignment in assignments:
        name, given, value = assignment.partition("=")
        group, _, key = name.strip().rpartition(".")
        if not given or group not in ("retrieval", "quoting", "embedding"):
            raise SuiteError(f"--set {assignment!r} is not NAME=VALUE with one of the names: {_names()}")
        values[group][key] = value.strip()
    try:
        return Options.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise SuiteError(f"{name} is {first['input']!r}: {first['msg']}. The names are: {_names()}") from error


def _names() -> str:
    groups: dict[str, type[BaseModel]] = {"retrieval": RetrievalSet, "quoting": QuotingSet, "embedding": EmbeddingSet}
    return ", ".join(f"{group}.{name}" for group, model in groups.items() for name in model.model_fields)
