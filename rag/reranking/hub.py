"""Any other cross-encoder, by sentence-transformers: it ranks, and says nothing of answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from rag.embedding import embedded_text
from rag.language import encodable
from rag.reranking import Judgement


class OtherReranker:
    """Ranks with a sentence-transformers CrossEncoder of one score a pair."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model

    def judge(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Judgement]:
        """Return the relevance of each passage, given as its context and its text; [] for none."""
        if not passages:
            return []
        pairs = [(encodable(question), embedded_text(context, text)) for context, text in passages]
        scores = self._model.predict(pairs, show_progress_bar=False)
        return [Judgement(float(score)) for score in scores]


def load_other(name: str, *, local: bool) -> OtherReranker:
    """Return the cross-encoder in the folder or of the hub's id. Raises what loading raises, ValueError for a model of
    several labels."""
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(name)
    labels = getattr(model, "num_labels", 1)
    if labels != 1:
        raise ValueError(f"it gives {labels} scores a pair, and a reranker gives one")
    return OtherReranker(name, model)
