"""ClapNQ (Rosenthal et al. 2025, https://doi.org/10.1162/tacl_a_00729): long answers from a passage of Wikipedia.

``clapnq_dev_answerable.jsonl`` and ``clapnq_dev_unanswerable.jsonl``: each question with the passage that answers
it, or with one that does not.

- A passage is a report of one page, such as ``Forecasting/001.txt``, with the article's title as its title; the same
  passage under two questions is one report.
- ``clapnq`` asks over all passages, ``clapnq-given`` each question of its own. The questions are from a
  search engine's log: one that its own passage does not answer may be answered by another.
- The reference is the first annotator's answer, and the evidence has that annotator's sentences as quotes. There are no
  facts: a long answer is no list of names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from evals.formats.cases import make_case, make_suite
from evals.formats.documents import document, shelf_of, text_page
from evals.formats.files import Record, Written, read_lines
from evals.suite import Suite, SuiteError
from rag import Case, Document


class _Passage(Record):
    title: Written
    text: Written


class _Output(Record):
    answer: str
    selected_sentences: tuple[Written, ...] = ()


class _Entry(Record):
    id: Written
    input: Written
    passages: Annotated[tuple[_Passage, ...], Field(min_length=1)]
    output: tuple[_Output, ...]


def load_clapnq(folder: Path, *, given: bool = False) -> Suite:
    """Return ClapNQ's dev set in a folder; ``given`` asks each question of its own passages.

    Raises SuiteError that names the file, the line and the field.
    """
    files = [folder / f"clapnq_dev_{kind}.jsonl" for kind in ("answerable", "unanswerable")]
    answerable, unanswerable = (read_lines(file, _Entry) for file in files)
    names = _names([passage for _, entry in answerable + unanswerable for passage in entry.passages])
    placed = [(where, entry, True) for where, entry in answerable] + [
        (where, one, False) for where, one in unanswerable
    ]
    return make_suite(
        "clapnq-given" if given else "clapnq",
        ((where, _case(where, entry, names, answerable=known, given=given)) for where, entry, known in placed),
        shelf=shelf_of(partial(_documents, names)),
        read=files,
        about=f"ClapNQ's dev set, asked over {'the passage of each question' if given else 'all passages'}.",
    )


def _names(passages: Sequence[_Passage]) -> dict[_Passage, str]:
    """Return each distinct passage with a report's name: its title, and its number among those of that title."""
    of_title: dict[str, dict[_Passage, int]] = {}
    for one in passages:
        numbers = of_title.setdefault(one.title, {})
        numbers.setdefault(one, len(numbers) + 1)
    return {one: f"{title}/{at:03}.txt" for title, numbers in of_title.items() for one, at in numbers.items()}


def _case(where: str, entry: _Entry, names: dict[_Passage, str], *, answerable: bool, given: bool) -> Case:
    own = [names[passage] for passage in entry.passages]
    asked: dict[str, Any] = {"id": entry.id, "question": entry.input, "reports": own if given else None}
    answered = [one for one in entry.output if one.answer.strip()]
    if bool(answered) != answerable:
        raise SuiteError(
            f"{where}: output.answer: the question has {len(answered)} answers, and stands in the wrong file."
        )
    if not answered:
        return make_case(where, answerable=False, **asked)
    quoted = [
        {"report": names[passage], "pages": [1], "quote": sentence}
        for sentence in dict.fromkeys(answered[0].selected_sentences)
        for passage in entry.passages
        if sentence in passage.text
    ]
    whole = [{"report": name, "pages": [1]} for name in own]
    return make_case(where, reference=answered[0].answer.strip(), evidence=quoted or whole, **asked)


def _documents(names: dict[_Passage, str]) -> Iterator[tuple[str, Document]]:
    for passage, name in names.items():
        yield name, document(passage.title, text_page(1, "passage", passage.text))
