"""SQuAD 2.0 (Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822): questions over paragraphs of Wikipedia.

One JSON file, such as ``dev-v2.0.json``: articles, their paragraphs, and the questions of each.

- A paragraph is a report of one page, such as ``Normans/003.txt``, with the article's title as its title.
- ``squad2`` asks over all paragraphs, which is what Footnote is for. ``squad2-given`` asks each question of its own
  paragraph, which is SQuAD as published. An unanswerable question was written against its own paragraph: that others do
  not answer it either is likely, and nobody has looked.
- The gold answers are the alternatives of one fact. The reference is the one that most annotators gave, the first of
  equals, and the others are further references: token F1 and exact match take the best of all, as SQuAD's own do.
- Tags are the articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evals.formats.cases import make_case, make_suite
from evals.formats.documents import document, shelf_of, text_page
from evals.formats.files import Record, Written, listing, read_json
from evals.suite import Suite, SuiteError
from rag import Case, Document


class _Answer(Record):
    text: Written


class _Asked(Record):
    id: Written
    question: Written
    answers: tuple[_Answer, ...]
    is_impossible: bool = False


class _Paragraph(Record):
    context: Written
    qas: tuple[_Asked, ...]


class _Article(Record):
    title: Written
    paragraphs: tuple[_Paragraph, ...]


class _File(Record):
    data: tuple[_Article, ...]


def load_squad(folder: Path, *, given: bool = False) -> Suite:
    """Return SQuAD 2.0 from the folder's one JSON file; ``given`` asks each question of its own paragraph.

    Raises SuiteError that names the file and the field by its path, with indices from 0.
    """
    files = sorted(folder.glob("*.json"))
    if len(files) != 1:
        raise SuiteError(f"{folder} has to hold one .json file of SQuAD's. {listing(folder)}")
    articles = read_json(files[0], _File).data
    return make_suite(
        "squad2-given" if given else "squad2",
        _cases(files[0], articles, given),
        shelf=shelf_of(partial(_documents, articles)),
        read=files,
        about=f"SQuAD 2.0, asked over {'the paragraph of each question' if given else 'all paragraphs'}.",
    )


def _name(article: _Article, at: int) -> str:
    return f"{article.title}/{at + 1:03}.txt"


def _cases(file: Path, articles: Sequence[_Article], given: bool) -> Iterator[tuple[str, Case]]:
    for first, article in enumerate(articles):
        for second, paragraph in enumerate(article.paragraphs):
            for third, asked in enumerate(paragraph.qas):
                where = f"{file}, data.{first}.paragraphs.{second}.qas.{third}"
                yield where, _case(where, asked, article.title, _name(article, second), given)


def _case(where: str, asked: _Asked, title: str, report: str, given: bool) -> Case:
    golden = [one.text for one in asked.answers]
    if bool(golden) == asked.is_impossible:
        raise SuiteError(f"{where}: is_impossible is {asked.is_impossible}, and there are {len(golden)} answers.")
    expected: dict[str, Any] = {"answerable": False}
    if golden:
        reference = Counter(golden).most_common(1)[0][0]
        distinct = list(dict.fromkeys(golden))
        expected = {
            "reference": reference,
            "references": [one for one in distinct if one != reference],
            "facts": [distinct],
            "evidence": [{"report": report, "pages": [1]}],
        }
    reports = [report] if given else None
    return make_case(where, id=asked.id, question=asked.question, reports=reports, tags=[title], **expected)


def _documents(articles: Sequence[_Article]) -> Iterator[tuple[str, Document]]:
    for article in articles:
        for at, paragraph in enumerate(article.paragraphs):
            page = text_page(1, f"paragraph {at + 1}", paragraph.context)
            yield _name(article, at), document(article.title.replace("_", " "), page)
