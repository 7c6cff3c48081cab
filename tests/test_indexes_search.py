"""What one search of the indexes returns: exact scores on a few words, and just the reports in scope."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt

import pytest

from rag.embedding import Embedding
from rag.indexes import EVERYTHING, Hits, Indexes, Scope
from rag.indexes.lexical import LexicalIndex
from rag.library import Library
from tests.conftest import put


@pytest.fixture
def indexes(library: Library) -> Iterator[Indexes]:
    indexes = Indexes(library)
    yield indexes
    indexes.close()


def search(indexes: Indexes, embedding: Embedding, text: str, *, limit: int = 10, scope: Scope = EVERYTHING) -> Hits:
    return indexes.search(embedding.query(text), text, limit=limit, scope=scope)


def chunk(library: Library, name: str, place: int = 0) -> str:
    report = library.report(name)
    return f"{report.id}-{report.document[:12]}-{place}"


def test_the_dense_half_gives_cosines_best_first(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "one.md", "mir")
    put(library, hashed, "two.md", "mir skylab")
    put(library, hashed, "four.md", "mir skylab salyut almaz")
    put(library, hashed, "none.md", "gateway")
    hits = search(indexes, hashed, "mir").dense
    assert [found for found, _ in hits] == [chunk(library, f"{name}.md") for name in ("one", "two", "four", "none")]
    # A vector of n different words has 1/sqrt(n) in each of their places.
    assert [score for _, score in hits] == pytest.approx([1, 1 / sqrt(2), 1 / sqrt(4), 0], abs=1e-6)


def test_the_lexical_half_gives_bm25_with_the_context_at_half_weight(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "mir orbits", title="salyut")
    put(library, hashed, "b.md", "skylab orbits", title="almaz")
    # N = 2 chunks, n = 1 with the word: idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2. All fields are of average
    # length, so that the weight of one occurrence is 1 * (1 + 1.2) / (1 + 1.2) = 1.
    assert search(indexes, hashed, "Mir!").lexical == [(chunk(library, "a.md"), pytest.approx(log(2)))]
    assert search(indexes, hashed, "almaz").lexical == [(chunk(library, "b.md"), pytest.approx(0.5 * log(2)))]
    assert search(indexes, hashed, "mir salyut").lexical == [(chunk(library, "a.md"), pytest.approx(1.5 * log(2)))]
    # n = 2 of 2: idf = ln(1 + 0.5 / 2.5). Equal scores come in the order of ids.
    both = sorted([chunk(library, "a.md"), chunk(library, "b.md")])
    assert search(indexes, hashed, "orbits").lexical == [(one, pytest.approx(log(1.2))) for one in both]


def test_what_was_deleted_has_no_part_in_the_scores(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "mir orbits")
    put(library, hashed, "b.md", "skylab orbits")
    before = search(indexes, hashed, "mir")
    for number in range(3):
        put(library, hashed, f"{number}.md", f"mir number {number}, and a good many words more than before")
    indexes.catch_up()
    for number in range(3):
        indexes.remove(f"{number}.md")
    assert search(indexes, hashed, "mir").lexical == before.lexical
    assert search(indexes, hashed, "mir").dense == before.dense


def test_no_word_no_lexical_hit_and_no_more_hits_than_asked_for(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    for number in range(4):
        put(library, hashed, f"{number}.md", f"mir {number}")
    assert search(indexes, hashed, "the of and").lexical == []
    assert search(indexes, hashed, "").lexical == []
    hits = search(indexes, hashed, "mir 2", limit=2)
    assert (len(hits.dense), len(hits.lexical)) == (2, 2)
    assert hits.dense[0][0] == hits.lexical[0][0] == chunk(library, "2.md")


def same(found: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    """The same chunks in the same order; Chroma and numpy add up a cosine in another order."""
    return [one for one, _ in found] == [one for one, _ in other] and [near for _, near in found] == pytest.approx(
        [near for _, near in other], abs=1e-6
    )


def test_a_scope_names_the_reports_inside_or_those_outside(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    reports = [put(library, hashed, f"{name}.md", f"mir {name}", f"mir {name} again") for name in "abc"]
    one, rest = frozenset({reports[0].id}), frozenset(report.id for report in reports[1:])
    inside = search(indexes, hashed, "mir again", scope=Scope(only=one))
    outside = search(indexes, hashed, "mir again", scope=Scope(without=rest))
    assert same(inside.dense, outside.dense)
    assert inside.lexical == outside.lexical
    wanted = [chunk(library, "a.md", place) for place in (1, 0)]
    assert [found for found, _ in inside.dense] == [found for found, _ in inside.lexical] == wanted
    everything = search(indexes, hashed, "mir again", scope=Scope(only=one | rest))
    assert same(everything.dense, search(indexes, hashed, "mir again").dense)
    assert everything.lexical == search(indexes, hashed, "mir again").lexical


def test_an_empty_scope_and_reports_that_are_not_there_give_nothing(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    report = put(library, hashed, "a.md", "mir")
    for scope in (Scope(only=frozenset()), Scope(only=frozenset({"0" * 12})), Scope(without=frozenset({report.id}))):
        hits = search(indexes, hashed, "mir", scope=scope)
        assert (hits.dense, hits.lexical) == ([], [])
    assert len(search(indexes, hashed, "mir", scope=Scope(without=frozenset({"0" * 12}))).dense) == 1


def test_a_big_report_out_of_scope_that_is_nearest_hides_none_of_the_others(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    big = put(library, hashed, "big.md", *[f"mir {number}" for number in range(120)])
    far = put(library, hashed, "far.md", *[f"mir far away and much else besides {number}" for number in range(5)])
    hits = search(indexes, hashed, "mir", limit=3, scope=Scope(without=frozenset({big.id})))
    assert len(hits.dense) == len(hits.lexical) == 3
    assert {found for half in (hits.dense, hits.lexical) for found, _ in half} <= library.chunk_ids(far.id)


def test_document_frequencies_count_chunks_whose_text_has_the_stem(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "Stations orbit. The station orbits!", "A STATION.", title="Gateway")
    put(library, hashed, "b.md", "Modules dock.")
    terms = ["station", "orbit", "dock", "gateway", "mir"]
    counts, chunks = indexes.document_frequencies(terms)
    # A chunk counts once however often the word is in it; titles do not count.
    assert counts == {"station": 2, "orbit": 1, "dock": 1, "gateway": 0, "mir": 0}
    assert chunks == 3


def test_no_word_of_a_query_is_syntax(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "mir AND skylab OR salyut NOT almaz")
    for text in (
        '"mir',
        "(mir",
        "mir)",
        "text:mir",
        "mir^2",
        "[mir TO skylab]",
        "mir~",
        "+mir -skylab",
        "m*r mir",
        "\\mir",
    ):
        assert [found for found, _ in search(indexes, hashed, text).lexical] == [chunk(library, "a.md")], text


def test_a_lexical_index_that_is_open_elsewhere_can_be_read(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "mir", "skylab")
    indexes.catch_up()
    root = library.home / "indexes" / "lexical"
    beside = LexicalIndex(root / (root / "CURRENT").read_text())
    assert beside.chunk_ids() == library.chunk_ids()
    assert beside.count() == 2


def test_of_a_report_with_many_chunks_the_best_come_and_no_more(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    report = put(library, hashed, "a.md", *(f"mir {'orbits ' * place}" for place in range(30)))
    found = search(indexes, hashed, "mir", limit=3, scope=Scope(only=frozenset({report.id}))).dense
    # The fewer other words, the nearer: cosine 1, then 1 / sqrt(2), then 1 / sqrt(5).
    assert [one for one, _ in found] == [chunk(library, "a.md", place) for place in range(3)]
    assert [near for _, near in found] == pytest.approx([1, 2**-0.5, 5**-0.5], abs=1e-6)
