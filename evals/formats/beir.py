"""BEIR (Thakur et al. 2021, https://arxiv.org/abs/2104.08663), such as SciFact: queries and what is relevant to them.

``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv`` with the columns query-id, corpus-id and score.

- A document is a report of one page, with its title as the title and as the page's heading, as a reader gives a
  Markdown file. So its chunks carry the title, and a title counts as BEIR has it: with the text. The report's name is
  the document's id. A document without title and text is left out, since nothing can find it.
- Queries are the cases, those with a judged document, as BEIR counts them. A score above 0 is relevant; how far above
  is passed over. There are no answers: what is measured is retrieval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pydantic import Field

from evals.formats.cases import make_case, make_suite
from evals.formats.documents import document, shelf_of, text_page
from evals.formats.files import Record, Written, read_lines, read_table
from evals.suite import Suite, SuiteError
from rag import Case, Document


class Passage(Record):
    """A document, or a passage of one."""

    id: Written = Field(alias="_id")
    title: str = ""
    text: str


class _Query(Record):
    id: Written = Field(alias="_id")
    text: Written


def load_beir(folder: Path) -> Suite:
    """Return a set in BEIR's layout, named after its folder. Raises SuiteError with the file, line and field."""
    corpus, queries, qrels = folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels" / "test.tsv"
    passages = [passage for _, passage in read_lines(corpus, Passage)]
    asked = read_lines(queries, _Query)
    relevant = read_qrels(qrels, queries={query.id for _, query in asked}, corpus={one.id for one in passages})
    return make_suite(
        folder.resolve().name,
        ((where, _case(where, query, relevant[query.id])) for where, query in asked if query.id in relevant),
        shelf=shelf_of(partial(_documents, passages)),
        read=(corpus, queries, qrels),
        about="Retrieval in BEIR's layout: a query, the documents that are relevant to it, and no answer.",
    )


def read_qrels(path: Path, *, queries: set[str], corpus: set[str]) -> dict[str, list[str]]:
    """Return by query's id the ids of what is relevant to it, in the file's order.

    Raises SuiteError where a row has an id that is in neither ``queries`` nor ``corpus``, or a score that is no number.
    """
    relevant: dict[str, list[str]] = {}
    for where, row in read_table(path, ("query-id", "corpus-id", "score")):
        for column, ids in (("query-id", queries), ("corpus-id", corpus)):
            if row[column] not in ids:
                raise SuiteError(
                    f"{where}: {column}: there is no {row[column]!r}. The set's files must be of one kind."
                )
        try:
            judged = float(row["score"])
        except ValueError as error:
            raise SuiteError(f"{where}: score: {row['score']!r} is no number.") from error
        if judged > 0:
            relevant.setdefault(row["query-id"], []).append(row["corpus-id"])
    return relevant


def _case(where: str, query: _Query, relevant: Sequence[str]) -> Case:
    evidence = [{"report": one, "pages": [1]} for one in dict.fromkeys(relevant)]
    return make_case(where, id=query.id, question=query.text, evidence=evidence)


def _documents(passages: Sequence[Passage]) -> Iterator[tuple[str, Document]]:
    for one in passages:
        page = text_page(1, "abstract", one.text, heading=one.title)
        if page.text:
            yield one.id, document(one.title, page)
