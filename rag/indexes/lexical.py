"""The lexical index: BM25 over chunk text and context in tantivy.

Scores are BM25 with tantivy's k1 1.2 and b 0.75 (Robertson and Zaragoza 2009, doi:10.1561/1500000019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rag.indexes.scope import EVERYTHING, Scope
from rag.language import analyzer, terms
from rag.records import StoredChunk

_ANALYZER = "footnote"
# The least that tantivy takes for one thread; reports come one at a time.
_HEAP = 32_000_000
# A word of the context (title, headings) counts half as much as one of the text.
_CONTEXT_WEIGHT = 0.5


class LexicalIndex:
    """An open tantivy index in ``folder``."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("report", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("document", stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
        builder.add_text_field("context", tokenizer_name=_ANALYZER, index_option="freq")
        self._schema = builder.build()
        self._index: Any = tantivy.Index(self._schema, path=str(folder))
        self._index.register_tokenizer(_ANALYZER, analyzer())
        self._index.config_reader(reload_policy="manual")

    def write(self, *, add: Iterable[StoredChunk] = (), delete: Sequence[str] = ()) -> None:
        """Delete the chunks of the documents in ``delete``, then take in ``add``, in one commit."""
        import tantivy

        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        for document in delete:
            writer.delete_documents_by_term("document", document)
        for chunk in add:
            writer.add_document(
                tantivy.Document(
                    id=chunk.id, report=chunk.report, document=chunk.document, text=chunk.text, context=chunk.context
                )
            )
        writer.commit()
        # Files change until the merges are over; the clean mark must find them at rest.
        writer.wait_merging_threads()
        self._index.reload()

    def beside(self, documents: Sequence[str]) -> frozenset[str]:
        """Return the documents that share a segment with one of these, themselves too.

        A deleted chunk's words stay in its segment, and in the statistics of BM25, until no chunk of it is left.
        """
        from tantivy import Query

        searcher = self._index.searcher()
        every = max(1, searcher.num_docs)
        asked = Query.term_set_query(self._schema, "document", list(documents))
        touched = {address.segment_ord for _, address in searcher.search(asked, every, count=False).hits}
        everything = searcher.search(Query.all_query(), every, count=False).hits
        return frozenset(
            searcher.doc(address)["document"][0] for _, address in everything if address.segment_ord in touched
        )

    def search(self, text: str, limit: int, scope: Scope = EVERYTHING) -> list[tuple[str, float]]:
        """Return at most ``limit`` pairs (chunk id, BM25 score), best first.

        The query is built from the text's terms, so no quote or bracket in it is syntax.
        """
        from tantivy import Occur, Query

        words = list(dict.fromkeys(terms(text)))
        if not words or scope.only == frozenset():
            return []
        wanted = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, word, "freq"), weight))
            for word in words
            for field, weight in (("text", 1.0), ("context", _CONTEXT_WEIGHT))
        ]
        clauses = [(Occur.Must, Query.boolean_query(wanted))]
        if scope.only is not None:
            inside = Query.term_set_query(self._schema, "report", sorted(scope.only))
            clauses.append((Occur.Must, Query.const_score_query(inside, 0.0)))
        if scope.without:
            clauses.append((Occur.MustNot, Query.term_set_query(self._schema, "report", sorted(scope.without))))
        searcher = self._index.searcher()
        hits = searcher.search(Query.boolean_query(clauses), limit, count=False).hits
        found = [(searcher.doc(address)["id"][0], score) for score, address in hits]
        # Equal scores come in the order of segments, which depends on what was added when.
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def chunk_ids(self) -> frozenset[str]:
        """Return the id of every chunk that is held."""
        import tantivy

        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits
        return frozenset(searcher.doc(address)["id"][0] for _, address in hits)

    def document_frequency(self, term: str) -> int:
        """Return in how many chunks' texts the term (a stem, from ``rag.language.terms``) occurs."""
        found: int = self._index.searcher().doc_freq("text", term)
        return found

    def count(self) -> int:
        """Return how many chunks are held."""
        held: int = self._index.searcher().num_docs
        return held
