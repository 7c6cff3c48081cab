"""SQuAD 2.0, ClapNQ, MultiHop-RAG and AttributionBench: answers that stand in paragraphs, passages and pieces."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.claims import Claim, Claims
from evals.formats import load
from rag.language import folded
from tests.sets import documents, loaded, refused


def qa(name: str, *answers: str, **fields: Any) -> dict[str, Any]:
    """A question of SQuAD's; without answers it is impossible."""
    golden = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": name, "question": f"{name}? ", "answers": golden, "is_impossible": not answers} | fields


def write_squad(folder: Path, *asked: dict[str, Any]) -> Path:
    paragraphs = [
        {"context": "They came from the north.", "qas": []},
        {"context": "Rollo led them.", "qas": list(asked)},
    ]
    articles = [{"title": "Steam_engine", "paragraphs": []}, {"title": "The_Normans", "paragraphs": paragraphs}]
    (folder / "dev-v2.0.json").write_text(json.dumps({"version": "v2.0", "data": articles}), encoding="utf-8")
    return folder


def test_a_paragraph_of_squad_is_a_report_with_the_articles_title(tmp_path: Path) -> None:
    held = documents(loaded(f"squad2:{write_squad(tmp_path, qa('who', 'Rollo'))}"))
    assert {name: (one.title, one.pages[0].label, one.pages[0].text) for name, one in held.items()} == {
        "The_Normans/001.txt": ("The Normans", "paragraph 1", "They came from the north."),
        "The_Normans/002.txt": ("The Normans", "paragraph 2", "Rollo led them."),
    }


def test_the_gold_answers_of_squad_are_alternatives_of_one_fact(tmp_path: Path) -> None:
    (case,) = loaded(f"squad2:{write_squad(tmp_path, qa('who', 'a Norse', 'Rollo', 'Rollo ', 'Norse'))}").cases
    assert case.facts == (("a Norse", "Rollo", "Norse"),)
    # Two of four say Rollo.
    assert (case.reference, case.references) == ("Rollo", ("a Norse", "Norse"))
    assert (case.id, case.question, case.tags) == ("who", "who?", ("The_Normans",))
    assert [(one.report, one.pages, one.quote) for one in case.evidence] == [("The_Normans/002.txt", (1,), None)]


def test_the_first_of_equally_frequent_answers_is_the_reference(tmp_path: Path) -> None:
    (case,) = loaded(f"squad2:{write_squad(tmp_path, qa('who', 'Rollo', 'Norse'))}").cases
    assert case.reference == "Rollo"


def test_squad_is_asked_over_all_paragraphs_or_over_the_one_that_is_given(tmp_path: Path) -> None:
    write_squad(tmp_path, qa("who", "Rollo"), qa("why", plausible_answers=[{"text": "led", "answer_start": 6}]))
    asked, given = loaded(f"squad2:{tmp_path}"), loaded(f"squad2-given:{tmp_path}")
    assert [case.reports for case in asked.cases] == [None, None]
    assert [case.reports for case in given.cases] == [("The_Normans/002.txt",)] * 2
    assert (asked.name, given.name) == ("squad2", "squad2-given")
    assert asked.shelf.key == given.shelf.key
    impossible = asked.cases[1]
    assert (impossible.answerable, impossible.facts, impossible.evidence) == (False, (), ())


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"id": "x", "answers": []}, ": data.1.paragraphs.1.qas.0.question: Field required."),
        (qa("x", " "), ": data.1.paragraphs.1.qas.0.answers.0.text: String should have at least 1 character."),
        (
            qa("x", is_impossible=False),
            ", data.1.paragraphs.1.qas.0: is_impossible is False, and there are 0 answers.",
        ),
        (
            qa("x", "a", is_impossible=True),
            ", data.1.paragraphs.1.qas.0: is_impossible is True, and there are 1 answers.",
        ),
    ],
)
def test_squad_says_file_index_and_field(tmp_path: Path, asked: dict[str, Any], fault: str) -> None:
    assert refused(f"squad2:{write_squad(tmp_path, asked)}") == f"{tmp_path / 'dev-v2.0.json'}{fault}"


def test_a_folder_with_two_files_of_squads_is_refused(tmp_path: Path) -> None:
    (write_squad(tmp_path, qa("who", "Rollo")) / "train-v2.0.json").touch()
    assert refused(f"squad2:{tmp_path}") == (
        f"{tmp_path} has to hold one .json file of SQuAD's. {tmp_path} holds: dev-v2.0.json, train-v2.0.json."
    )


SEASON = {"title": "Forecasting", "text": "Seasonality recurs . It is known . "}
OTHER = {"title": "Forecasting", "text": "A forecast is a guess ."}


def nq(name: str, passage: dict[str, str], *answers: tuple[str, list[str]]) -> dict[str, Any]:
    output = [{"answer": text, "selected_sentences": sentences} for text, sentences in answers]
    return {"id": name, "input": f"what is {name}", "passages": [passage], "output": output}


def write_clapnq(folder: Path, answerable: list[dict[str, Any]], unanswerable: list[dict[str, Any]]) -> Path:
    for kind, entries in (("answerable", answerable), ("unanswerable", unanswerable)):
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        (folder / f"clapnq_dev_{kind}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def clapnq(tmp_path: Path) -> Path:
    answered = nq("a", SEASON, ("", []), ("It recurs.", ["Seasonality recurs .", "It is known ."]), ("Other.", []))
    return write_clapnq(tmp_path, [answered, nq("b", SEASON, ("Known.", []))], [nq("c", OTHER, ("", []))])


def test_a_passage_of_clapnq_is_a_report_once(clapnq: Path) -> None:
    held = documents(loaded(f"clapnq:{clapnq}"))
    assert {name: (one.title, one.pages[0].text) for name, one in held.items()} == {
        "Forecasting/001.txt": ("Forecasting", "Seasonality recurs . It is known ."),
        "Forecasting/002.txt": ("Forecasting", "A forecast is a guess ."),
    }


def test_the_first_long_answer_of_clapnq_is_the_reference_and_its_sentences_are_quotes(clapnq: Path) -> None:
    first, second, third = loaded(f"clapnq:{clapnq}").cases
    assert (first.reference, first.facts) == ("It recurs.", ())
    assert [(one.report, one.pages, one.quote) for one in first.evidence] == [
        ("Forecasting/001.txt", (1,), "Seasonality recurs ."),
        ("Forecasting/001.txt", (1,), "It is known ."),
    ]
    assert [(one.report, one.pages, one.quote) for one in second.evidence] == [("Forecasting/001.txt", (1,), None)]
    assert (third.answerable, third.reference, third.evidence) == (False, "", ())


def test_clapnq_is_asked_over_all_passages_or_over_the_one_that_is_given(clapnq: Path) -> None:
    asked, given = loaded(f"clapnq:{clapnq}"), loaded(f"clapnq-given:{clapnq}")
    assert [case.reports for case in asked.cases] == [None] * 3
    assert [case.reports for case in given.cases] == [
        ("Forecasting/001.txt",),
        ("Forecasting/001.txt",),
        ("Forecasting/002.txt",),
    ]
    assert asked.shelf.key == given.shelf.key


def test_clapnq_says_file_line_and_field(tmp_path: Path) -> None:
    write_clapnq(tmp_path, [nq("a", SEASON, ("Yes.", [])), nq("b", {"title": "T"}, ("Yes.", []))], [])
    at = tmp_path / "clapnq_dev_answerable.jsonl"
    assert refused(f"clapnq:{tmp_path}").startswith(f"{at}, line 2: passages.0.text: Field required")


def test_an_answer_in_clapnqs_wrong_file_is_named(tmp_path: Path) -> None:
    write_clapnq(tmp_path, [nq("a", SEASON, ("Yes.", []))], [nq("b", OTHER, ("Yes.", []))])
    assert refused(f"clapnq:{tmp_path}") == (
        f"{tmp_path / 'clapnq_dev_unanswerable.jsonl'}, line 1: output.answer: the question has 1 answers, and stands "
        "in the wrong file."
    )


def write_multihop(folder: Path, queries: list[dict[str, Any]], truths: dict[str, Any], pieces: list[str]) -> Path:
    for name, value in (
        ("sample500_queries", {"queries": queries}),
        ("sample500_ground_truth", truths),
        ("psirag_retrieved_chunks", pieces),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


def query(name: str, kind: str) -> dict[str, str]:
    return {"id": name, "question": f"{name}?", "question_type": kind}


def truth(answer: str, *facts: str) -> dict[str, Any]:
    return {"answer": answer, "evidence_list": [{"fact": fact, "title": "t"} for fact in facts]}


PIECES = [" Sam, who led FTX  He was tried", "The U S  dollar rose to $1 5 billion on Monday", "Nothing here"]


def test_a_fact_of_multihop_rag_is_found_in_a_piece_by_its_words(tmp_path: Path) -> None:
    truths = {"0": truth("Sam Bankman-Fried", "Sam who led FTX.", "the U.S. dollar rose to $1.5 billion.")}
    suite = loaded(f"multihop-rag:{write_multihop(tmp_path, [query('0', 'inference_query')], truths, PIECES)}")
    (case,) = suite.cases
    assert [(one.report, one.pages, one.quote) for one in case.evidence] == [
        ("news", (1,), "Sam, who led FTX"),
        ("news", (2,), "The U S  dollar rose to $1 5 billion"),
    ]
    assert (case.reference, case.facts) == ("Sam Bankman-Fried", (("Sam Bankman-Fried",),))
    assert case.tags == ("inference_query", "all evidence")
    pages = documents(suite)["news"].pages
    assert [page.label for page in pages] == ["piece 1", "piece 2", "piece 3"]
    assert all(folded(one.quote or "") in folded(pages[one.pages[0] - 1].text) for one in case.evidence)


def test_a_fact_of_multihop_rag_has_to_stand_as_whole_words(tmp_path: Path) -> None:
    truths = {"0": truth("Yes", "am who led FT"), "1": truth("Yes", "He was tried", "He was freed")}
    queries = [query("0", "comparison_query"), query("1", "temporal_query")]
    none, some = loaded(f"multihop-rag:{write_multihop(tmp_path, queries, truths, PIECES)}").cases
    assert (none.evidence, none.tags) == ((), ("comparison_query", "no evidence"))
    assert (len(some.evidence), some.tags) == (1, ("temporal_query", "some evidence"))


def test_a_verdict_of_multihop_rag_is_no_fact(tmp_path: Path) -> None:
    truths = {"0": truth("Consistent"), "1": truth("Yes")}
    queries = [query("0", "temporal_query"), query("1", "inference_query")]
    suite = loaded(f"multihop-rag:{write_multihop(tmp_path, queries, truths, PIECES)}")
    assert [(case.reference, case.facts) for case in suite.cases] == [("Consistent", ()), ("Yes", ())]


def test_insufficient_information_is_no_answer(tmp_path: Path) -> None:
    truths = {"0": truth("Insufficient information.")}
    (case,) = loaded(f"multihop-rag:{write_multihop(tmp_path, [query('0', 'null_query')], truths, PIECES)}").cases
    assert (case.answerable, case.reference, case.facts, case.tags) == (False, "", (), ("null_query",))


def test_multihop_rag_says_file_index_and_field(tmp_path: Path) -> None:
    write_multihop(tmp_path, [query("0", "null_query"), {"id": "1", "question": "?"}], {"0": truth("x")}, PIECES)
    at = tmp_path / "sample500_queries.json"
    assert refused(f"multihop-rag:{tmp_path}") == f"{at}: queries.1.question_type: Field required."
    write_multihop(tmp_path, [query("7", "null_query")], {"0": truth("x")}, PIECES)
    assert refused(f"multihop-rag:{tmp_path}").startswith(
        f"{at}, queries.0: id: sample500_ground_truth.json has no answer to '7'."
    )


CLAIM: dict[str, Any] = {
    "id": "c1",
    "question": "who sings it",
    "claim": "Milira sings it.",
    "references": ["A song by Milira."],
    "attribution_label": "attributable",
    "src_dataset": "AttributedQA",
}


def write_claims(folder: Path, *entries: dict[str, Any]) -> Path:
    (folder / "dev.jsonl").write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    return folder


def test_attributionbench_is_claims_and_no_suite(tmp_path: Path) -> None:
    second = CLAIM | {"id": "c2", "attribution_label": "not attributable", "references": ["One.", "Two."]}
    claims = load(f"attributionbench:{write_claims(tmp_path, CLAIM, second)}")
    assert isinstance(claims, Claims)
    assert (claims.name, claims.source) == ("attributionbench", f"attributionbench:{tmp_path}")
    assert claims.claims == (
        Claim("c1", "Milira sings it.", ("A song by Milira.",), True, ("AttributedQA",)),
        Claim("c2", "Milira sings it.", ("One.", "Two."), False, ("AttributedQA",)),
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"attribution_label": "yes"}, "attribution_label: Input should be 'attributable' or 'not attributable'."),
        ({"references": []}, "references: Tuple should have at least 1 item after validation, not 0."),
        ({"claim": "  "}, "claim: String should have at least 1 character."),
        ({"id": "c1"}, "id: 'c1' is taken by an earlier claim. Each needs its own."),
    ],
)
def test_attributionbench_says_file_line_and_field(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    write_claims(tmp_path, CLAIM, CLAIM | {"id": "c2"} | change)
    assert refused(f"attributionbench:{tmp_path}") == f"{tmp_path / 'dev.jsonl'}, line 2: {fault}"
