"""MTRAG's retrieval tasks (Katsis et al. 2025, https://doi.org/10.1162/TACL.a.19): turns of conversations.

``pooled_corpus/<domain>.jsonl.gz`` holds passages, ``pooled_corpus/qrels_covered/<domain>.tsv`` says which of them
belong to a question, and ``retrieval_tasks/<domain>/`` has the questions: ``<domain>_questions.jsonl`` with all turns
of the user so far, each after the mark ``|user|:``, and ``<domain>_rewrite.jsonl`` with the last, written to stand
alone.

- ``mtrag`` asks the last turn with the earlier ones as history, whose answers the files do not have.
  ``mtrag-rewritten`` asks the rewritten question with no history: what it gains is what rewriting can gain at most.
- The pool is a part of three of the four domains, taken from what other systems found: figures are higher than over
  the whole, and compare only with those of other systems on this pool. Passages that it lacks count for nothing, and a
  question of which it has no passage is left out.
- A domain is a report and a passage a page of it: a report for each of the 19,839 source documents would be more than
  any shelf has, most of one page. Each question is asked of its own domain, as in the paper; so figures of reports say
  nothing here, those of pages are the paper's. The report has no title, which would stand before every passage.
- A passage of Wikipedia begins with its article's title, which becomes a heading.
- There are no answers: what is measured is retrieval. Tags are the domain, and whether it is a first turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from evals.formats.beir import Passage, read_qrels
from evals.formats.cases import make_case, make_suite
from evals.formats.documents import document, shelf_of, text_page
from evals.formats.files import Record, Written, listing, read_lines
from evals.suite import Suite, SuiteError
from rag import Case, Document

_TURN = re.compile(r"(?:\A|\n)\s*\|user\|:")


class _Task(Record):
    id: Written = Field(alias="_id")
    text: Written


def load_mtrag(folder: Path, *, rewritten: bool = False) -> Suite:
    """Return the retrieval tasks of the domains that the pool has; ``rewritten`` asks them as rewritten to stand alone.

    Raises SuiteError that names the file, the line and the field.
    """
    pool = folder / "pooled_corpus"
    corpora = sorted(pool.glob("*.jsonl.gz"))
    if not corpora:
        raise SuiteError(
            f"{pool} has to hold passages as DOMAIN.jsonl.gz. {listing(pool if pool.is_dir() else folder)}"
        )
    passages: dict[str, list[Passage]] = {}
    placed: list[tuple[str, Case]] = []
    read = list(corpora)
    for corpus in corpora:
        domain = corpus.name.removesuffix(".jsonl.gz")
        passages[domain] = [passage for _, passage in read_lines(corpus, Passage)]
        tasks = folder / "retrieval_tasks" / domain / f"{domain}_{'rewrite' if rewritten else 'questions'}.jsonl"
        qrels = pool / "qrels_covered" / f"{domain}.tsv"
        placed += _cases(domain, tasks, qrels, passages[domain])
        read += [tasks, qrels]
    return make_suite(
        "mtrag-rewritten" if rewritten else "mtrag",
        placed,
        shelf=shelf_of(partial(_documents, passages)),
        read=read,
        about=f"MTRAG's retrieval tasks, {'rewritten to stand alone' if rewritten else 'with the turns before'}.",
    )


def _cases(domain: str, tasks: Path, qrels: Path, passages: Sequence[Passage]) -> Iterator[tuple[str, Case]]:
    asked = read_lines(tasks, _Task)
    page_of = {passage.id: at for at, passage in enumerate(passages, start=1)}
    relevant = read_qrels(qrels, queries={task.id for _, task in asked}, corpus=set(page_of))
    for where, task in asked:
        if task.id in relevant:
            yield where, _case(where, task, domain, sorted({page_of[one] for one in relevant[task.id]}))


def _case(where: str, task: _Task, domain: str, pages: Sequence[int]) -> Case:
    before, *turns = (turn.strip() for turn in _TURN.split(task.text))
    if before or not all(turns):
        raise SuiteError(f"{where}: text: each turn has to be a line like '|user|: a question'.")
    # The id ends in the number of the turn, which the rewritten questions have no other trace of.
    first = task.id.rpartition("<::>")[2] == "1"
    fields: dict[str, Any] = {
        "question": turns[-1],
        "history": [{"question": turn} for turn in turns[:-1]],
        "evidence": [{"report": domain, "pages": pages}],
    }
    return make_case(
        where, id=task.id, reports=[domain], tags=[domain, "first turn" if first else "follow-up"], **fields
    )


def _documents(passages: dict[str, list[Passage]]) -> Iterator[tuple[str, Document]]:
    for domain, held in passages.items():
        pages = (
            text_page(at, one.id, one.text.removeprefix(f"{one.title}\n"), heading=one.title)
            for at, one in enumerate(held, start=1)
        )
        yield domain, document("", *pages)
