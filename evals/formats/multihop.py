"""MultiHop-RAG (Tang and Yang 2024, https://arxiv.org/abs/2401.15391): news questions that need several articles.

``sample500_queries.json`` has the questions, ``sample500_ground_truth.json`` their answers with the facts that they
stand on, by the question's id, and ``psirag_retrieved_chunks.json`` a pool of pieces of the articles, as strings.

- The pool is one report and a piece a page of it: the pieces come in the order of the alphabet, without their article's
  title or address, so that nothing tells which belong together. Figures of reports say nothing here.
- Most of the pool's full stops are gone, so that sentences run into each other; they are left as they are.
- A fact is evidence where its words stand in a piece, with those words of the piece as the quote. The pool has the
  words of 315 of the 438 facts. A question is tagged "all evidence", "some evidence" or "no evidence": one without all
  of its evidence may be right to be refused, and recall is over what the pool has.
- "Insufficient information." says that a question is unanswerable.
- What an inference question asks for is a name, which is a fact. What the other questions ask for is a verdict ("yes",
  "consistent"), which no quote says: it is the reference alone.
- Tags are the type of question, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evals.formats.cases import make_case, make_suite, short_facts
from evals.formats.documents import document, shelf_of, text_page
from evals.formats.files import Record, Written, read_json
from evals.suite import Suite, SuiteError
from rag import Case, Document

_REFUSED = "Insufficient information."
_INFERENCE = "inference_query"
_POOL = "news"
_WORD = re.compile(r"\w+")


class _Query(Record):
    id: Written
    question: Written
    question_type: Written


class _Queries(Record):
    queries: tuple[_Query, ...]


class _Fact(Record):
    fact: Written


class _Truth(Record):
    answer: Written
    evidence_list: tuple[_Fact, ...]


def load_multihop(folder: Path) -> Suite:
    """Return the sample of MultiHop-RAG in a folder. Raises SuiteError with the file, index from 0 and field."""
    files = [
        folder / f"{name}.json" for name in ("sample500_queries", "sample500_ground_truth", "psirag_retrieved_chunks")
    ]
    queries = read_json(files[0], _Queries).queries
    truths = read_json(files[1], dict[str, _Truth])
    pieces = read_json(files[2], list[Written])
    quotes = _quotes(pieces, {one.fact for truth in truths.values() for one in truth.evidence_list})
    return make_suite(
        "multihop-rag",
        _cases(files, queries, truths, quotes),
        shelf=shelf_of(partial(_documents, pieces)),
        read=files,
        about="MultiHop-RAG, a sample: news questions that need several articles, over a pool of their pieces.",
    )


def _cases(
    files: Sequence[Path], queries: Sequence[_Query], truths: dict[str, _Truth], quotes: dict[str, tuple[int, str]]
) -> Iterator[tuple[str, Case]]:
    for at, query in enumerate(queries):
        where = f"{files[0]}, queries.{at}"
        if query.id not in truths:
            raise SuiteError(f"{where}: id: {files[1].name} has no answer to {query.id!r}. Take both files anew.")
        yield where, _case(where, query, truths[query.id], quotes)


def _case(where: str, query: _Query, truth: _Truth, quotes: dict[str, tuple[int, str]]) -> Case:
    asked: dict[str, Any] = {"id": query.id, "question": query.question}
    if truth.answer == _REFUSED:
        return make_case(where, answerable=False, tags=[query.question_type], **asked)
    found = [quotes[one.fact] for one in truth.evidence_list if one.fact in quotes]
    share = "no" if not found else "all" if len(found) == len(truth.evidence_list) else "some"
    return make_case(
        where,
        reference=truth.answer,
        facts=short_facts(truth.answer) if query.question_type == _INFERENCE else (),
        evidence=[{"report": _POOL, "pages": [page], "quote": quote} for page, quote in dict.fromkeys(found)],
        tags=[query.question_type, f"{share} evidence"],
        **asked,
    )


def _quotes(pieces: Sequence[str], facts: set[str]) -> dict[str, tuple[int, str]]:
    """Return by fact the page of the first piece that has its words in a row, and the piece's own text of them."""
    worded = [_worded(piece) for piece in pieces]
    found: dict[str, tuple[int, str]] = {}
    for fact in facts:
        words = _worded(fact)
        page = next((at for at, piece in enumerate(worded, start=1) if words.strip() and words in piece), 0)
        if page:
            apart = r"\W+".join(map(re.escape, _WORD.findall(fact)))
            match = re.search(rf"\b{apart}\b", pieces[page - 1], re.IGNORECASE)
            if match:
                found[fact] = (page, match[0])
    return found


def _worded(text: str) -> str:
    """Return the text's words in lower case with one space around each, so that words are found whole."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _documents(pieces: Sequence[str]) -> Iterator[tuple[str, Document]]:
    yield _POOL, document("", *(text_page(at, f"piece {at}", piece) for at, piece in enumerate(pieces, start=1)))
