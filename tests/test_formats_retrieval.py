"""BEIR and MTRAG: questions, and the documents or passages that are relevant to them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from evals.formats import load
from evals.suite import SuiteError
from tests.sets import documents, loaded
from tests.test_formats_loading import refused, write_beir


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def qrels(*rows: tuple[str, str, str]) -> str:
    return "".join("\t".join(row) + "\n" for row in (("query-id", "corpus-id", "score"), *rows))


def test_a_document_of_beir_is_a_report_of_one_page_with_its_title(tmp_path: Path) -> None:
    held = documents(loaded(f"beir:{write_beir(tmp_path)}"))
    assert list(held) == ["a", "b"]
    assert (held["a"].title, held["a"].kind, held["a"].pages[0].text) == (
        "Aspirin",
        "text",
        "Aspirin\n\nIt thins blood.",
    )
    assert [block.kind for block in held["a"].pages[0].blocks] == ["heading", "text"]
    assert (held["b"].title, held["b"].pages[0].text) == ("", "Tea.")


def test_documents_of_beir_can_be_asked_for_again(tmp_path: Path) -> None:
    suite = loaded(f"beir:{write_beir(tmp_path)}")
    assert documents(suite) == documents(suite)


def test_a_document_of_beir_without_text_is_left_out(tmp_path: Path) -> None:
    corpus = lines({"_id": "a", "text": "It thins blood."}, {"_id": "empty", "title": " ", "text": "\n"})
    assert list(documents(loaded(f"beir:{write_beir(tmp_path, corpus=corpus)}"))) == ["a"]


def test_queries_of_beir_with_a_relevant_document_are_cases(tmp_path: Path) -> None:
    queries = lines({"_id": "1", "text": "One?"}, {"_id": "2", "text": "Two?"}, {"_id": "3", "text": "Three?"})
    judged = qrels(("3", "b", "2"), ("1", "b", "1"), ("1", "a", "1"), ("2", "a", "0"), ("1", "b", "1"))
    suite = loaded(f"beir:{write_beir(tmp_path, queries=queries, qrels=judged)}")
    assert [(case.id, [one.report for one in case.evidence]) for case in suite.cases] == [
        ("1", ["b", "a"]),
        ("3", ["b"]),
    ]
    assert {page for case in suite.cases for one in case.evidence for page in one.pages} == {1}
    assert all(case.answerable and not case.facts and not case.reference for case in suite.cases)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("9\ta\t1", "line 2: query-id: there is no '9'."),
        ("1\tz\t1", "line 2: corpus-id: there is no 'z'."),
        ("1\ta\thigh", "line 2: score: 'high' is no number."),
        ("1\ta", "line 2: 2 values for 3 columns"),
    ],
)
def test_a_row_of_qrels_that_fits_nothing_is_named(tmp_path: Path, row: str, fault: str) -> None:
    message = refused(write_beir(tmp_path, qrels=f"query-id\tcorpus-id\tscore\n{row}\n"))
    assert message.startswith(f"{tmp_path / 'qrels' / 'test.tsv'}, {fault}")


def test_qrels_without_a_header_are_refused(tmp_path: Path) -> None:
    message = refused(write_beir(tmp_path, qrels="1\ta\t1\n"))
    assert message == (
        f"{tmp_path / 'qrels' / 'test.tsv'}, line 1: there is no column 'query-id'. The first line has: 1, a, 1."
    )


MTRAG = {
    "pooled_corpus/wiki.jsonl.gz": lines(
        {"_id": "w1", "title": "Cardinals", "text": "Cardinals\nThey play in Glendale."},
        {"_id": "w2", "title": "Cardinals", "text": "Cardinals\nThey moved in 1988."},
    ),
    "pooled_corpus/cloud.jsonl.gz": lines(
        {"_id": "c1", "title": "", "text": "\nUse IAM."}, {"_id": "c2", "text": "\n"}
    ),
    "pooled_corpus/qrels_covered/wiki.tsv": qrels(("x<::>2", "w2", "1"), ("x<::>2", "w1", "1")),
    "pooled_corpus/qrels_covered/cloud.tsv": qrels(("y<::>1", "c1", "1")),
    "retrieval_tasks/wiki/wiki_questions.jsonl": lines(
        {"_id": "x<::>1", "text": "|user|: who are they"},
        {"_id": "x<::>2", "text": "|user|: who are they\n|user|:  Where do they play?"},
    ),
    "retrieval_tasks/wiki/wiki_rewrite.jsonl": lines(
        {"_id": "x<::>1", "text": "|user|: who are they"},
        {"_id": "x<::>2", "text": "|user|: Where do the Cardinals play?"},
    ),
    "retrieval_tasks/cloud/cloud_questions.jsonl": lines({"_id": "y<::>1", "text": "|user|: What is IAM?"}),
    "retrieval_tasks/cloud/cloud_rewrite.jsonl": lines({"_id": "y<::>1", "text": "|user|: What is IAM?"}),
}


def write_mtrag(folder: Path, changed: dict[str, str] | None = None) -> Path:
    """Two domains; ``changed`` gives other texts by the file's name in the folder."""
    for name, text in (MTRAG | (changed or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return folder


def test_a_domain_of_mtrag_is_a_report_and_a_passage_a_page(tmp_path: Path) -> None:
    held = documents(loaded(f"mtrag:{write_mtrag(tmp_path)}"))
    assert {name: one.title for name, one in held.items()} == {"cloud": "", "wiki": ""}
    assert [(page.number, page.label, page.text) for page in held["wiki"].pages] == [
        (1, "w1", "Cardinals\n\nThey play in Glendale."),
        (2, "w2", "Cardinals\n\nThey moved in 1988."),
    ]
    assert [block.kind for block in held["wiki"].pages[0].blocks] == ["heading", "text"]
    # A passage without text keeps its place, so that page numbers are those of the file.
    assert [(page.label, page.text, len(page.blocks)) for page in held["cloud"].pages] == [
        ("c1", "Use IAM.", 1),
        ("c2", "", 0),
    ]


def test_mtrag_asks_the_last_turn_after_the_earlier_ones(tmp_path: Path) -> None:
    suite = loaded(f"mtrag:{write_mtrag(tmp_path)}")
    assert suite.name == "mtrag"
    first, second = suite.cases
    assert (first.id, first.question, first.history, first.tags) == (
        "y<::>1",
        "What is IAM?",
        (),
        ("cloud", "first turn"),
    )
    assert (second.id, second.question, second.tags) == ("x<::>2", "Where do they play?", ("wiki", "follow-up"))
    assert [(turn.question, turn.answer) for turn in second.history] == [("who are they", "")]
    assert (second.reports, [(one.report, one.pages) for one in second.evidence]) == (("wiki",), [("wiki", (1, 2))])


def test_mtrag_leaves_out_questions_that_the_pool_has_no_passage_of(tmp_path: Path) -> None:
    assert "x<::>1" not in [case.id for case in loaded(f"mtrag:{write_mtrag(tmp_path)}").cases]


def test_mtrag_rewritten_asks_the_same_cases_with_no_history_of_the_same_documents(tmp_path: Path) -> None:
    asked = loaded(f"mtrag:{write_mtrag(tmp_path)}")
    rewritten = loaded(f"mtrag-rewritten:{tmp_path}")
    assert [case.id for case in rewritten.cases] == [case.id for case in asked.cases]
    assert [case.tags for case in rewritten.cases] == [case.tags for case in asked.cases]
    assert [case.question for case in rewritten.cases] == ["What is IAM?", "Where do the Cardinals play?"]
    assert {case.history for case in rewritten.cases} == {()}
    assert rewritten.shelf.key == asked.shelf.key


@pytest.mark.parametrize("text", ["What is IAM?", "|user|: \n|user|: What?", "Hello\n|user|: What?"])
def test_a_turn_of_mtrag_without_its_mark_is_named(tmp_path: Path, text: str) -> None:
    write_mtrag(tmp_path, {"retrieval_tasks/cloud/cloud_questions.jsonl": lines({"_id": "y<::>1", "text": text})})
    with pytest.raises(SuiteError) as caught:
        load(f"mtrag:{tmp_path}")
    at = tmp_path / "retrieval_tasks" / "cloud" / "cloud_questions.jsonl"
    assert str(caught.value) == f"{at}, line 1: text: each turn has to be a line like '|user|: a question'."


def test_a_passage_that_mtrags_pool_lacks_is_named(tmp_path: Path) -> None:
    write_mtrag(tmp_path, {"pooled_corpus/qrels_covered/wiki.tsv": qrels(("x<::>2", "w9", "1"))})
    with pytest.raises(SuiteError, match=r"wiki\.tsv, line 2: corpus-id: there is no 'w9'"):
        load(f"mtrag:{tmp_path}")


def test_a_domain_of_mtrag_without_questions_is_told_where_they_should_be(tmp_path: Path) -> None:
    write_mtrag(tmp_path)
    (tmp_path / "retrieval_tasks" / "wiki" / "wiki_rewrite.jsonl").unlink()
    with pytest.raises(SuiteError, match=r"wiki_rewrite\.jsonl is not there\. .* holds: wiki_questions\.jsonl\."):
        load(f"mtrag-rewritten:{tmp_path}")
