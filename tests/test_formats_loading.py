"""What all formats share: how a set is named, how its files are read, and errors that say where."""

import gzip
import json
import re
from pathlib import Path

import pytest

from evals.formats import FORMATS, load
from evals.formats.cases import short_facts
from evals.formats.documents import document, shelf_of, text_page
from evals.suite import Suite, SuiteError
from rag import Block


def write_beir(
    folder: Path, *, corpus: str | None = None, queries: str | None = None, qrels: str | None = None
) -> Path:
    """A set of two documents and one query; a text given stands for that file."""
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    plain_corpus = (
        '{"_id": "a", "title": "Aspirin", "text": "It thins blood."}\n{"_id": "b", "title": "", "text": "Tea."}\n'
    )
    (folder / "corpus.jsonl").write_text(corpus or plain_corpus, encoding="utf-8")
    (folder / "queries.jsonl").write_text(
        queries or '{"_id": "1", "text": "Does aspirin thin blood?"}\n', encoding="utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text(qrels or "query-id\tcorpus-id\tscore\n1\ta\t1\n", encoding="utf-8")
    return folder


def refused(folder: Path, form: str = "beir") -> str:
    with pytest.raises(SuiteError) as caught:
        load(f"{form}:{folder}")
    assert caught.value.code == "suite"
    return str(caught.value)


def test_a_set_is_named_by_its_format_and_its_folder(tmp_path: Path) -> None:
    suite = load(f"beir:{write_beir(tmp_path / 'tiny')}")
    assert isinstance(suite, Suite)
    assert suite.source == f"beir:{tmp_path / 'tiny'}"
    assert suite.name == "tiny"
    assert len(suite.sha256) == 64


@pytest.mark.parametrize("source", ["trec:folder", "beir", "beir:", "suites/smoke.jsonl", ""])
def test_what_names_no_format_is_told_which_there_are(source: str) -> None:
    with pytest.raises(SuiteError, match=re.escape(", ".join(FORMATS))):
        load(source)


def test_a_folder_that_is_not_there_is_told_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "scifact").mkdir()
    (tmp_path / "README.md").touch()
    assert f"there is no folder {tmp_path / 'scifcat'}. {tmp_path} holds: README.md, scifact/." in refused(
        tmp_path / "scifcat"
    )
    assert f"There is no folder {tmp_path / 'none'} either." in refused(tmp_path / "none" / "scifact")


def test_a_file_that_is_not_there_is_told_what_the_folder_holds(tmp_path: Path) -> None:
    write_beir(tmp_path)
    (tmp_path / "corpus.jsonl").unlink()
    assert refused(tmp_path).startswith(
        f"{tmp_path / 'corpus.jsonl'} is not there. {tmp_path} holds: qrels/, queries.jsonl."
    )


def test_every_format_refuses_an_empty_folder_with_a_sentence(tmp_path: Path) -> None:
    for form in FORMATS:
        assert f"{tmp_path} is empty." in refused(tmp_path, form), form


def test_a_line_that_is_no_json_is_named_with_its_column(tmp_path: Path) -> None:
    message = refused(write_beir(tmp_path, corpus='{"_id": "a", "text": "x"}\n\n{"_id": "b", "text" "y"}\n'))
    assert message.startswith(f"{tmp_path / 'corpus.jsonl'}, line 3, column 21: Expecting ':' delimiter.")


def test_a_number_that_no_integer_holds_is_no_json_either(tmp_path: Path) -> None:
    message = refused(write_beir(tmp_path, corpus='{"_id": "a", "text": ' + "9" * 5000 + "}\n"))
    assert message.startswith(f"{tmp_path / 'corpus.jsonl'}, line 1: ")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"_id": "a"}', "text: Field required"),
        ('{"text": "x"}', "_id: Field required"),
        ('{"_id": " ", "text": "x"}', "_id: String should have at least 1 character"),
        ('{"_id": 7, "text": "x"}', "_id: Input should be a valid string"),
        ("[]", "Input should be a valid dictionary"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_line(tmp_path: Path, line: str, fault: str) -> None:
    message = refused(write_beir(tmp_path, corpus='{"_id": "z", "text": "x"}\n' + line + "\n"))
    assert message.startswith(f"{tmp_path / 'corpus.jsonl'}, line 2: {fault}")


def test_what_is_not_utf8_is_named(tmp_path: Path) -> None:
    write_beir(tmp_path)
    (tmp_path / "queries.jsonl").write_bytes(b'{"_id": "1", "text": "caf\xe9"}\n')
    assert refused(tmp_path).startswith(f"{tmp_path / 'queries.jsonl'} cannot be read: 'utf-8' codec can't decode")


@pytest.mark.parametrize("cut", ["half", "not gzip"])
def test_a_gzipped_file_that_is_damaged_is_named(tmp_path: Path, cut: str) -> None:
    pool = tmp_path / "pooled_corpus"
    pool.mkdir()
    whole = gzip.compress(b'{"_id": "a", "text": "x"}\n' * 50)
    (pool / "wiki.jsonl.gz").write_bytes(whole[: len(whole) // 2] if cut == "half" else b"plain")
    assert refused(tmp_path, "mtrag").startswith(f"{pool / 'wiki.jsonl.gz'} cannot be read: ")


def test_a_line_separator_inside_a_string_is_no_end_of_a_line(tmp_path: Path) -> None:
    corpus = json.dumps({"_id": "a", "text": "one\u2028two"}, ensure_ascii=False)
    suite = load(f"beir:{write_beir(tmp_path, corpus=corpus)}")
    assert isinstance(suite, Suite)
    assert suite.shelf.documents is not None
    assert [one.pages[0].text for _, one in suite.shelf.documents()] == ["one\u2028two"]


def test_two_cases_of_one_id_are_named_with_both_lines(tmp_path: Path) -> None:
    twice = '{"_id": "1", "text": "Does aspirin thin blood?"}\n{"_id": "1", "text": "Does tea?"}\n'
    at = tmp_path / "queries.jsonl"
    assert refused(write_beir(tmp_path, queries=twice)) == (
        f"{at}, line 2: the id '1' is taken, by {at}, line 1. Each needs its own."
    )


def test_a_set_without_a_question_is_refused(tmp_path: Path) -> None:
    assert "there is no question in it" in refused(write_beir(tmp_path, qrels="query-id\tcorpus-id\tscore\n1\ta\t0\n"))


def test_the_hash_changes_with_the_files_and_the_key_with_the_documents(tmp_path: Path) -> None:
    before = load(f"beir:{write_beir(tmp_path)}")
    again = load(f"beir:{write_beir(tmp_path)}")
    other = load(f"beir:{write_beir(tmp_path, queries=json.dumps({'_id': '1', 'text': 'Is it so?'}))}")
    assert isinstance(before, Suite) and isinstance(again, Suite) and isinstance(other, Suite)
    assert again.sha256 == before.sha256 and again.shelf.key == before.shelf.key
    assert other.sha256 != before.sha256
    # Other questions over the same documents are asked of the same library.
    assert other.shelf.key == before.shelf.key
    moved = load(f"beir:{write_beir(tmp_path, corpus=json.dumps({'_id': 'a', 'text': 'Else.'}))}")
    assert isinstance(moved, Suite)
    assert moved.shelf.key != before.shelf.key


def test_a_page_has_its_heading_and_its_text_as_blocks() -> None:
    page = text_page(2, "abstract", " It thins\r\nblood. ", heading="Aspirin\n")
    assert page.text == "Aspirin\n\nIt thins\nblood."
    assert page.blocks == (Block(0, 7, "heading", level=1), Block(9, 24, "text"))
    assert (page.number, page.label) == (2, "abstract")


def test_a_page_without_text_has_no_block() -> None:
    assert text_page(1, "p", " \n").blocks == ()
    assert text_page(1, "p", "", heading="Aspirin").blocks == (Block(0, 7, "heading", level=1),)


def test_what_utf8_cannot_write_becomes_a_question_mark() -> None:
    page = text_page(1, "p", "a \ud800 b")
    assert page.text == "a ? b"
    assert shelf_of(lambda: iter([("a", document("\ud800", page))])).key


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        ("24.26", (("24.26",),)),
        (" 12.35", (("12.35",),)),
        ("$12645.00", (("$12645.00", "$12645"),)),
        ("1.050", (("1.050",),)),
        ("Developed Rest of the World", (("Developed Rest of the World",),)),
        ("United States, EMEA, APAC, and LACC", ()),
        ("Yes, it's spinning off Upjohn.", ()),
        ("no", ()),
        ("N/A", ()),
        ("Nokia", (("Nokia",),)),
        ("", ()),
    ],
)
def test_a_short_answer_is_a_fact_and_a_verdict_is_none(answer: str, facts: tuple[tuple[str, ...], ...]) -> None:
    assert short_facts(answer) == facts
