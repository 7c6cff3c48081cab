"""Passages in better order: a small cross-encoder reads the question and a passage together.

The one that Footnote ships also says whether a passage answers, and which of its words do; any other cross-encoder of
the Hugging Face hub, or in a folder, ranks alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rag.errors import RerankerError

BUNDLED = "footnote"
NONE = "none"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a cross-encoder says of one passage, as logits.

    ``relevance`` ranks passages of one question. ``answers`` is whether the passage answers it, and ``pieces`` how far
    each piece of its text does, as (start, end, logit); None and () where the cross-encoder does not say.
    """

    relevance: float
    answers: float | None = None
    pieces: tuple[tuple[int, int, float], ...] = ()


class Reranker(Protocol):
    """What reads pairs of a question and a passage."""

    name: str

    def judge(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Judgement]:
        """Return a judgement for each passage, given as its context and its text; [] for none."""
        ...


def load_reranker(name: str = BUNDLED, *, dtype: str = "auto") -> Reranker | None:
    """Return the reranker of that name: the bundled one, a folder, or an id on the hub; None for "none".

    Raises RerankerError where it does not load, or the bundled weights are not the ones expected.
    """
    if name == NONE:
        return None
    if name == BUNDLED:
        from rag.reranking.bundled import load_bundled

        return load_bundled(dtype=dtype)
    from rag.reranking.hub import load_other

    try:
        return load_other(name, local=Path(name).is_dir())
    except Exception as error:
        raise RerankerError(
            f"The reranker {name!r} does not load: {error}. Name a cross-encoder's folder or hub id in RAG_RERANKER, "
            f"unset it for the bundled one, or set it to {NONE}."
        ) from error
