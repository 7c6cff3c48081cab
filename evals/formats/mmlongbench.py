"""MMLongBench-Doc (Ma et al. 2024, https://arxiv.org/abs/2407.01523): questions over long PDFs with tables and figures.

``questions.json``, a list, and the PDFs in ``documents/``. Lists stand in it as strings, as Python writes them.
``evidence_pages`` counts from 1.

- ``mmlongbench`` asks over all PDFs together, as people ask their shelf; ``mmlongbench-given`` asks each question of
  its own, as in the paper. "What year is the report for?" means nothing over several.
- ``Not answerable`` is an answer; two such entries name pages all the same, which are left out, and one answerable
  entry names none, so that its retrieval is not measured.
- Each item of a list is a fact, and so is another answer of at most five words. Bare digits are facts as well: read the
  share of covered facts beside the number of words, since a long answer meets a "3" by accident.
- Tags are the type of the PDF, and what the answer stands in, such as ``Table`` or ``Figure``: nothing reads a figure's
  picture here.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from evals.formats.cases import make_case, make_suite, short_facts
from evals.formats.files import Record, Written, listing, read_json
from evals.suite import Shelf, Suite, SuiteError
from rag import Case

_REFUSED = "Not answerable"


def _listed(value: Any) -> Any:
    """Return the list that a string holds. Raises ValueError where it holds none."""
    try:
        found = ast.literal_eval(value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{value!r} is no list as Python writes one") from error
    if not isinstance(found, list):
        raise ValueError(f"{value!r} is no list as Python writes one")
    return found


class _Entry(Record):
    doc_id: Written
    doc_type: Written
    question: Written
    answer: Written
    answer_format: Literal["Str", "Int", "Float", "List", "None"]
    evidence_pages: Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_listed)]
    evidence_sources: Annotated[tuple[Written, ...], BeforeValidator(_listed)] = ()


def load_mmlongbench(folder: Path, *, given: bool = False) -> Suite:
    """Return MMLongBench-Doc in a folder; ``given`` asks each question of its own PDF.

    Raises SuiteError that names the file, the index from 0 and the field.
    """
    questions, documents = folder / "questions.json", folder / "documents"
    placed = [(f"{questions}, index {at}", entry) for at, entry in enumerate(read_json(questions, list[_Entry]))]
    for where, entry in placed:
        if not (documents / entry.doc_id).is_file():
            raise SuiteError(f"{where}: doc_id: {entry.doc_id} is missing. {listing(documents)}")
    return make_suite(
        "mmlongbench-given" if given else "mmlongbench",
        ((where, _case(where, f"mmlongbench-{at:04}", entry, given=given)) for at, (where, entry) in enumerate(placed)),
        shelf=Shelf(paths=(documents,)),
        read=(questions,),
        about=f"MMLongBench-Doc: questions over long PDFs, asked {'each of its own' if given else 'of all'}.",
    )


def _case(where: str, name: str, entry: _Entry, *, given: bool) -> Case:
    asked: dict[str, Any] = {
        "id": name,
        "question": entry.question,
        "reports": [entry.doc_id] if given else None,
        "tags": list(dict.fromkeys([entry.doc_type, *entry.evidence_sources])),
    }
    if entry.answer == _REFUSED:
        return make_case(where, answerable=False, **asked)
    pages = list(dict.fromkeys(entry.evidence_pages))
    reference, facts = _expected(where, entry)
    evidence = [{"report": entry.doc_id, "pages": pages}] if pages else []
    return make_case(where, reference=reference, facts=facts, evidence=evidence, **asked)


def _expected(where: str, entry: _Entry) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return the reference and the facts."""
    if entry.answer_format != "List":
        return entry.answer, short_facts(entry.answer)
    try:
        items = [said for item in _listed(entry.answer) if (said := str(item).strip())]
    except ValueError as error:
        raise SuiteError(f"{where}: answer: {error}, and its answer_format is List.") from error
    return ", ".join(items), tuple((item,) for item in dict.fromkeys(items))
