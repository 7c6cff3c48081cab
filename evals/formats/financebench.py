"""FinanceBench (Islam et al. 2023, https://arxiv.org/abs/2311.11944): questions over companies' filings.

``questions.jsonl``, and the filings as ``pdfs/<doc_name>.pdf``. ``evidence_page_num`` is the index of a page from 0.

- Asked over all filings: the questions name the company and the year, and to find the filing is part of the task (the
  paper's "shared vector store").
- The evidence has no quote: ``evidence_text`` is a whole page or table as another reader of PDFs saw it.
- An answer of at most five words is a fact. Of the longer ones only the reference is held against an answer.
- Tags are the types of question: what has to be calculated is ``metrics-generated``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from evals.formats.cases import make_case, make_suite, short_facts
from evals.formats.files import Record, Written, listing, read_lines
from evals.suite import Shelf, Suite, SuiteError
from rag import Case


class _Evidence(Record):
    doc_name: Written
    evidence_page_num: Annotated[int, Field(ge=0)]


class _Entry(Record):
    financebench_id: Written
    question: Written
    answer: Written
    question_type: Written
    evidence: Annotated[tuple[_Evidence, ...], Field(min_length=1)]


def load_financebench(folder: Path) -> Suite:
    """Return FinanceBench in a folder. Raises SuiteError that names the file, the line and the field."""
    questions, filings = folder / "questions.jsonl", folder / "pdfs"
    entries = read_lines(questions, _Entry)
    for where, entry in entries:
        for one in entry.evidence:
            if not (filings / f"{one.doc_name}.pdf").is_file():
                raise SuiteError(f"{where}: evidence.doc_name: {one.doc_name}.pdf is missing. {listing(filings)}")
    return make_suite(
        "financebench",
        ((where, _case(where, entry)) for where, entry in entries),
        shelf=Shelf(paths=(filings,)),
        read=(questions,),
        about="FinanceBench: questions over companies' filings, asked over all of them.",
    )


def _case(where: str, entry: _Entry) -> Case:
    pages: dict[str, set[int]] = {}
    for one in entry.evidence:
        pages.setdefault(f"{one.doc_name}.pdf", set()).add(one.evidence_page_num + 1)
    return make_case(
        where,
        id=entry.financebench_id,
        question=entry.question,
        reference=entry.answer,
        facts=short_facts(entry.answer),
        evidence=[{"report": name, "pages": sorted(numbers)} for name, numbers in pages.items()],
        tags=[entry.question_type],
    )
