"""The retrievers that a run can take: the product's own, and the three baselines that it is measured against.

The baselines search the same chunks with the same contexts; each keeps what the product may refine.
"""

from __future__ import annotations

from rag import HybridRetriever
from rag.indexes import Hits
from rag.retrieval import fuse


class DenseRetriever(HybridRetriever):
    """Cosine similarity of the vectors alone."""

    folding: bool = False

    def rank(self, hits: Hits) -> list[tuple[str, float]]:
        """Return the dense half as it is."""
        return hits.dense


class LexicalRetriever(HybridRetriever):
    """BM25 alone (Robertson and Zaragoza 2009, doi:10.1561/1500000019)."""

    folding: bool = False

    def rank(self, hits: Hits) -> list[tuple[str, float]]:
        """Return the lexical half as it is."""
        return hits.lexical


class FusionRetriever(HybridRetriever):
    """Plain reciprocal rank fusion of both (Cormack, Clarke and Buettcher 2009, doi:10.1145/1571941.1572114)."""

    folding: bool = False

    def rank(self, hits: Hits) -> list[tuple[str, float]]:
        """Return both halves fused, each rank counting the same."""
        return fuse([[chunk for chunk, _ in hits.dense], [chunk for chunk, _ in hits.lexical]])


RETRIEVERS: dict[str, type[HybridRetriever]] = {
    "default": HybridRetriever,
    "dense": DenseRetriever,
    "bm25": LexicalRetriever,
    "fusion": FusionRetriever,
}
