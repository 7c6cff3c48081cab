"""Searching one report as if the others competed: what lies far behind the library's best passage is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from rag.retrieval import HybridRetriever
from rag.types import Passage, Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# In the reranker's logits. Of 1 to 4, chosen on evals/suites/stations.jsonl with every question asked of each of the 14
# sample reports: of what is stated, 0.72 is in a report that the suite names as evidence, before 0.59; of what the
# named reports say 0.61 is stated, before 0.64.
BEHIND = 3.0


class CompetingRetriever(HybridRetriever):
    """Finds in the reports of a question only what comes near to the best passage of the whole library.

    A search of one report always finds something, and next to nothing it looks like an answer. What the reranker thinks
    of the library's best passage says how near an answer can come; without a reranker nothing is left out. It does not
    matter which other reports are asked: a report says the same whatever it is compared with.
    """

    inner: Any
    behind: float = BEHIND
    # The relevance of the library's best passage, by question.
    _leads: dict[str, float] = PrivateAttr(default_factory=dict)

    @classmethod
    def over(cls, inner: HybridRetriever) -> CompetingRetriever:
        """Return a retriever that passes on what ``inner`` finds, as far as it comes near enough."""
        return cls(**{name: getattr(inner, name) for name in HybridRetriever.model_fields}, inner=inner)

    def passages(self, question: Question, vector: NDArray[np.float32] | None = None) -> list[Passage]:
        """Return the passages that are near enough to the library's best, best first; [] for none."""
        lead = self._lead(question.text, vector)
        found: list[Passage] = self.inner.passages(question, vector)
        return [one for one in found if one.relevance is None or one.relevance >= lead - self.behind]

    def idf(self, text: str) -> dict[str, float]:
        """Return what ``inner`` says of how rare the text's terms are."""
        rare: dict[str, float] = self.inner.idf(text)
        return rare

    def _lead(self, text: str, vector: NDArray[np.float32] | None) -> float:
        if text not in self._leads:
            best = self.inner.passages(Question(text), vector)
            self._leads[text] = max((one.relevance for one in best if one.relevance is not None), default=0.0)
        return self._leads[text]
