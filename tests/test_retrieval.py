"""Retrieval: both halves fused by reciprocal rank, filtered by report, date and kind, near-duplicates folded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.errors import QuestionError, UnknownReport
from rag.indexes import Indexes
from rag.library import Library
from rag.reranking import Judgement
from rag.retrieval import HybridRetriever, fuse
from rag.types import Question
from tests.conftest import add_all, put

ORBITS = ("leo", "meo", "geo", "heo", "halo", "polar")
ODD = {
    "quotes": "what did \"Mir' say about “Skylab”?",
    "brackets": "mir (1986] {and} text:skylab^2 AND NOT (",
    "stop words alone": "what is the of and to which",
    "gibberish": "asdf qwer zxcv",
    "punctuation alone": '?!... "" \\',
    "emoji": "🚀👩🏽‍🚀",
    "Chinese": "中国空间站",
    "NUL": "mir\0skylab",
    "very long": " ".join(f"word{number}" for number in range(10_000)) + " mir",
    "one very long word": "x" * 100_000,
    "white space": " \n ",
}


@pytest.fixture
def retriever(library: Library, hashed: Embedding) -> Iterator[HybridRetriever]:
    indexes = Indexes(library)
    yield HybridRetriever(library=library, indexes=indexes, embedding=hashed, k=5)
    indexes.close()


def names(retriever: HybridRetriever, question: Question) -> list[str]:
    return [passage.report.name for passage in retriever.passages(question)]


@pytest.mark.parametrize(
    ("rankings", "wanted"),
    [
        ([], []),
        ([["a"], []], [("a", 1 / 61)]),
        # b is second and first, a first, c second.
        ([["a", "b"], ["b", "c"]], [("b", 1 / 62 + 1 / 61), ("a", 1 / 61), ("c", 1 / 62)]),
        # Two third places are worth more than one first: 2/63 > 1/61. Ties keep the order in which they came.
        (
            [["p", "q", "both"], ["r", "s", "both"]],
            [("both", 2 / 63), ("p", 1 / 61), ("r", 1 / 61), ("q", 1 / 62), ("s", 1 / 62)],
        ),
    ],
)
def test_fusion_adds_reciprocal_ranks(rankings: Sequence[Sequence[str]], wanted: list[tuple[str, float]]) -> None:
    assert fuse(rankings) == [(name, pytest.approx(score)) for name, score in wanted]


def test_fusion_takes_another_constant() -> None:
    assert fuse([["a", "b"], ["b"]], constant=0) == [("b", 1.5), ("a", 1.0)]


def test_passages_come_by_fused_score_with_their_similarity(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "one.md", "mir")
    put(library, hashed, "four.md", "mir skylab salyut almaz")
    put(library, hashed, "none.md", "gateway")
    passages = retriever.passages(Question("mir"))
    assert [(passage.report.name, passage.score, passage.similarity) for passage in passages] == [
        ("one.md", pytest.approx(2 / 61), pytest.approx(1.0)),
        ("four.md", pytest.approx(2 / 62), pytest.approx(0.5)),
        # The lexical half does not find it.
        ("none.md", pytest.approx(1 / 63), pytest.approx(0.0, abs=1e-6)),
    ]


def test_what_only_the_lexical_half_found_has_no_similarity(library: Library, hashed: Embedding) -> None:
    put(library, hashed, "dense.md", "mir skylab")
    put(library, hashed, "lexical.md", "skylab zyzzyva zyzzyva zyzzyva")
    retriever = HybridRetriever(library=library, indexes=Indexes(library), embedding=hashed, candidates=1)
    # Dense: 2/sqrt(3 * 2) against (1 + 3)/sqrt(3 * 10). Lexical: the rare word three times.
    found = {passage.report.name: passage.similarity for passage in retriever.passages(Question("mir skylab zyzzyva"))}
    assert found == {"dense.md": pytest.approx(2 / 6**0.5), "lexical.md": None}
    retriever.indexes.close()


def test_at_most_k_passages_come_and_none_from_an_empty_library(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    assert retriever.passages(Question("mir")) == []
    put(library, hashed, "a.md", *[f"mir number {number}" for number in range(7)])
    assert len(retriever.passages(Question("mir"))) == 5


def test_a_passage_is_the_exact_text_of_its_page(
    library: Library, retriever: HybridRetriever, hashed: Embedding, tmp_path: Path
) -> None:
    middle = " ".join(f"w{number}" + "." * (number % 9 == 8) for number in range(540))
    text = f"# Crews\n\nÉté, cafe\u0301 👩🏽‍🚀. {middle} Zyzzyva ends it.\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    [outcome] = add_all(library, retriever.indexes, hashed, tmp_path / "a.md")
    passages = retriever.passages(Question("zyzzyva été w7"))
    stored = {chunk.id: chunk.text for chunk in library.stored_chunks(library.report("a.md").id)}
    assert len(stored) >= 3
    assert [stored[passage.chunk] for passage in passages] == [passage.text for passage in passages]
    for passage in passages:
        assert passage.report == outcome.report
        assert passage.page == library.page(passage.report.id, passage.page.number)
        assert passage.page.text[passage.start : passage.end] == passage.text
    assert any(passage.text.endswith("Zyzzyva ends it.") for passage in passages)
    assert any("cafe\u0301 👩🏽‍🚀" in passage.text for passage in passages)


def test_near_duplicates_are_folded_into_the_best_of_them(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    said = "mir skylab salyut almaz gateway zarya unity destiny quest harmony"
    put(library, hashed, "a.md", f"{said} columbus")
    # 11 of 12 terms in common are 0.92; 9 of 13 are not enough.
    put(library, hashed, "b.md", f"{said} columbus kibo")
    put(library, hashed, "c.md", f"{said.removesuffix('quest harmony')} columbus rassvet nauka leonardo prichal")
    put(library, hashed, "d.md", f"The {said.title()}: Columbus!")
    assert sorted(names(retriever, Question(f"{said} columbus"))) in (["a.md", "c.md"], ["c.md", "d.md"])


def test_two_years_of_one_table_are_no_duplicates(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    row = "Station | Crew | Modules | Mass | Altitude | Operator\nTiangong | 3 | 3 | 69 t | 390 km | CMSA"
    put(library, hashed, "a.md", f"{row} | 2022")
    put(library, hashed, "b.md", f"{row} | 2023")
    put(library, hashed, "c.md", f"{row}  | 2023.")
    found = names(retriever, Question("Tiangong crew"))
    assert sorted(found) in (["a.md", "b.md"], ["a.md", "c.md"])


def test_a_text_and_its_denial_are_no_duplicates(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "ESA has decided to send astronauts to Tiangong.")
    put(library, hashed, "b.md", "ESA has decided not to send astronauts to Tiangong.")
    assert sorted(names(retriever, Question("ESA Tiangong"))) == ["a.md", "b.md"]


def test_only_the_chosen_reports_are_searched(library: Library, retriever: HybridRetriever, hashed: Embedding) -> None:
    one, two, three = (put(library, hashed, f"{name}.md", f"mir {name}{name}") for name in "abc")
    for chosen in ([one], [two, three], [one, two, three]):
        question = Question("mir", reports=tuple(report.id for report in chosen))
        assert sorted(names(retriever, question)) == [report.name for report in chosen]
    assert names(retriever, Question("mir", reports=())) == []
    with pytest.raises(UnknownReport, match=r"^No report has the id 'd\.md'\. See them all with: rag reports$"):
        retriever.passages(Question("mir", reports=(one.id, "d.md")))


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        (None, None, "2022 2023 2023-05 2023-05-29 2024-01 none"),
        ("2023", None, "2023 2023-05 2023-05-29 2024-01"),
        ("2023-05", None, "2023 2023-05 2023-05-29 2024-01"),
        ("2023-06", None, "2023 2024-01"),
        ("2023-05-30", None, "2023 2023-05 2024-01"),
        (None, "2022", "2022"),
        (None, "2023", "2022 2023 2023-05 2023-05-29"),
        (None, "2023-05-28", "2022 2023 2023-05"),
        ("2023-05", "2023-05", "2023 2023-05 2023-05-29"),
        ("2025", "2021", ""),
    ],
)
def test_dates_are_compared_as_far_as_both_are_written(
    library: Library, retriever: HybridRetriever, hashed: Embedding, since: str | None, until: str | None, wanted: str
) -> None:
    retriever.k = 10
    for number, date in enumerate(("2022", "2023", "2023-05", "2023-05-29", "2024-01", None)):
        put(library, hashed, date or "none", f"mir {ORBITS[number]}", date=date)
    assert sorted(names(retriever, Question("mir", since=since, until=until))) == wanted.split()


def test_kinds_are_a_filter_and_all_filters_hold_together(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    for name, kind, date in (("a", "pdf", "2022"), ("b", "pdf", "2024"), ("c", "html", "2024"), ("d", "xlsx", None)):
        put(library, hashed, name, f"mir {ORBITS['abcd'.index(name)]}", kind=kind, date=date)
    assert sorted(names(retriever, Question("mir", kinds=("pdf", "xlsx")))) == ["a", "b", "d"]
    assert names(retriever, Question("mir", kinds=("pdf",), since="2023")) == ["b"]
    chosen = (library.report("a").id, library.report("c").id)
    assert names(retriever, Question("mir", kinds=("pdf",), since="2023", reports=chosen)) == []
    assert names(retriever, Question("mir", kinds=())) == []


@pytest.mark.parametrize("date", ["May 2023", "2023-5", "23", "", "2023-05-29T00:00"])
def test_a_date_that_is_none_is_refused_with_how_to_write_it(retriever: HybridRetriever, date: str) -> None:
    with pytest.raises(QuestionError, match=r"^until is '.*'; write it as YYYY, YYYY-MM or YYYY-MM-DD\.$"):
        retriever.passages(Question("mir", until=date))


def test_a_date_in_digits_that_no_report_has_is_refused_too(retriever: HybridRetriever) -> None:
    with pytest.raises(QuestionError, match="write it as YYYY"):
        retriever.passages(Question("mir", until="２０２３"))


def test_a_question_typed_in_another_encoding_is_searched(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    # What Python makes of a byte of the command line that is no UTF-8.
    put(library, hashed, "a.md", "mir")
    assert names(retriever, Question("mir caf\udce9")) == ["a.md"]


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_no_question_is_too_odd_to_search_with(
    library: Library, retriever: HybridRetriever, hashed: Embedding, text: str
) -> None:
    put(library, hashed, "a.md", "mir and (skylab)")
    put(library, hashed, "b.md", "gateway")
    found = retriever.passages(Question(text))
    # Dense search ranks whatever there is.
    assert sorted(passage.report.name for passage in found) == ["a.md", "b.md"]
    assert all(passage.similarity is not None and -1.001 <= passage.similarity <= 1.001 for passage in found)


def test_the_vector_of_the_caller_is_taken_where_there_is_one(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "mir")
    put(library, hashed, "b.md", "skylab")
    found = retriever.passages(Question("the"), hashed.query("skylab"))
    assert [(passage.report.name, passage.similarity) for passage in found] == [
        ("b.md", pytest.approx(1.0)),
        ("a.md", pytest.approx(0.0, abs=1e-6)),
    ]


def test_langchain_gets_documents_with_where_they_are_from(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    report = put(library, hashed, "a.md", "mir was first", title="Stations", date="2023-05")
    [document] = retriever.invoke("mir")
    assert (document.page_content, document.id) == ("mir was first", next(iter(library.chunk_ids(report.id))))
    assert document.metadata == {
        "report": report.id,
        "document": report.document,
        "title": "Stations",
        "date": "2023-05",
        "page": 1,
        "label": "p. 1",
        "start": 0,
        "end": 13,
        "context": "Stations",
        "score": pytest.approx(2 / 61),
    }
    assert retriever.batch(["mir", "mir"]) == [[document], [document]]
    assert asyncio.run(retriever.ainvoke("mir")) == [document]
    count: Callable[[list[object]], int] = len
    assert (retriever | count).invoke("mir") == 1


class LongestFirst:
    """A reranker that takes the longer text for the better one."""

    name = "longest"

    def judge(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Judgement]:
        return [Judgement(float(len(text)), answers=2.0, pieces=((0, 3, 1.0),)) for _, text in passages]


def test_passages_that_a_reranker_read_say_what_it_found_and_the_others_nothing(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "mir")
    put(library, hashed, "b.md", "mir was first")
    put(library, hashed, "c.md", "skylab and salyut were then")
    reading = retriever.model_copy(update={"reranker": LongestFirst(), "reranked": 2})
    found = reading.passages(Question("mir"))
    assert [(one.report.name, one.relevance, one.pieces) for one in found] == [
        ("b.md", 13.0, ((0, 3, 1.0),)),
        ("a.md", 3.0, ((0, 3, 1.0),)),
        ("c.md", None, ()),
    ]


class Indifferent:
    """A reranker to which all passages are the same, so that the search's order stands."""

    name = "indifferent"

    def judge(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Judgement]:
        return [Judgement(0.0) for _ in passages]


def test_a_passage_with_the_year_asked_about_comes_before_a_likelier_one_without_it(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "later.md", "the crew of mir in orbit was three", title="Stations, 1987")
    put(library, hashed, "asked.md", "mir had two", title="Stations, 1986")
    asked = Question("the crew of mir in orbit, in 1986")
    assert names(retriever, asked) == ["later.md", "asked.md"]
    found = retriever.model_copy(update={"reranker": Indifferent()}).passages(asked)
    # The second place of both, and half as much again for the year, before the first: 0.193 > 0.141.
    assert [(one.report.name, one.score) for one in found] == [
        ("asked.md", pytest.approx((1 / 12 + 0.5 / 11) * 1.5)),
        ("later.md", pytest.approx(1 / 11 + 0.5 / 10)),
    ]


def test_for_a_question_of_more_than_25_words_the_search_counts_as_much_as_the_reranker(
    library: Library, retriever: HybridRetriever, hashed: Embedding
) -> None:
    put(library, hashed, "near.md", "mir mir")
    put(library, hashed, "long.md", "mir with skylab and salyut")
    reading = retriever.model_copy(update={"reranker": LongestFirst()})
    # Search has near.md first, the reranker long.md: 1/11 + 0.5/11 > 1/12 + 0.5/10, but 1/11 + 1/11 < 1/12 + 1/10.
    assert names(reading, Question("mir " * 25)) == ["long.md", "near.md"]
    assert names(reading, Question("mir " * 26)) == ["near.md", "long.md"]


def test_a_reranker_chooses_among_more_candidates_unless_told_how_many(
    library: Library, retriever: HybridRetriever, hashed: Embedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, hashed, "a.md", "mir")
    asked: list[int] = []
    search = Indexes.search
    monkeypatch.setattr(
        Indexes,
        "search",
        lambda self, *given, limit, scope: asked.append(limit) or search(self, *given, limit=limit, scope=scope),
    )
    for update in ({}, {"reranker": Indifferent()}, {"reranker": Indifferent(), "candidates": 70}):
        retriever.model_copy(update=update).passages(Question("mir"))
    assert asked == [50, 200, 70]
