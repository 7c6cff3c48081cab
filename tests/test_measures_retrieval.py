"""Measures of rankings, by hand: where the relevant ones stand, and what is at the edges."""

from __future__ import annotations

from math import log2

import pytest

from evals.measures.retrieval import NAMES, page_keys, rank_measures, report_keys


def measured(ranking: str, relevant: str) -> dict[str, float]:
    (found,) = rank_measures([ranking.split()], [relevant.split()])
    return found


def test_a_relevant_page_at_the_second_rank_and_one_at_the_sixth() -> None:
    found = measured("a B c d e F g", "B F")
    assert found == pytest.approx(
        {
            "hit@1": 0,
            "hit@5": 1,
            "hit@10": 1,
            "recall@5": 1 / 2,
            "recall@10": 2 / 2,
            "mrr": 1 / 2,
            # Gains at ranks 2 and 6, over those of a ranking that has both at the top.
            "ndcg@10": (1 / log2(3) + 1 / log2(7)) / (1 / log2(2) + 1 / log2(3)),
        }
    )


def test_what_is_relevant_and_was_not_found_lowers_recall_and_ndcg() -> None:
    found = measured("A x", "A B C D")
    assert (found["hit@1"], found["mrr"], found["recall@5"]) == (1.0, 1.0, 1 / 4)
    ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4) + 1 / log2(5)
    assert found["ndcg@10"] == pytest.approx(1 / ideal)


def test_the_ideal_of_ndcg_has_no_more_than_ten_ranks() -> None:
    names = " ".join(f"R{place}" for place in range(12))
    assert measured(names, names)["ndcg@10"] == 1.0
    assert measured(names, names)["recall@10"] == pytest.approx(10 / 12)


def test_the_ranking_is_a_list_and_its_names_do_not_matter() -> None:
    # trec_eval would order equal scores by name, and 50 names are not in the order of 1 to 50 as text.
    ranking = [f"p{place}" for place in range(1, 51)]
    for place in (1, 2, 9, 10, 11, 50):
        (found,) = rank_measures([ranking], [[f"p{place}"]])
        assert found["mrr"] == pytest.approx(1 / place)
        assert found["hit@10"] == float(place <= 10)
        (turned,) = rank_measures([ranking[::-1]], [[f"p{place}"]])
        assert turned["mrr"] == pytest.approx(1 / (51 - place))


def test_what_comes_twice_counts_at_its_first_rank() -> None:
    assert measured("A x A", "A")["mrr"] == 1.0
    assert measured("x x x x x A", "A")["hit@5"] == 1.0
    assert measured("A A", "A B")["recall@5"] == 1 / 2


def test_an_empty_ranking_and_one_with_nothing_relevant_have_zero_for_all() -> None:
    nothing = dict.fromkeys(NAMES, 0.0)
    assert measured("", "A") == measured("a b", "") == measured("", "") == measured("a b", "C") == nothing
    assert rank_measures([], []) == []


def test_many_rankings_are_measured_as_each_alone() -> None:
    rankings = [["a", "B"], [], ["B"], ["x"], *[["a"] * 3 + ["C"]] * 20]
    relevant = [["B"], ["B"], ["B"], [], *[["C"]] * 20]
    alone = [rank_measures([one], [right])[0] for one, right in zip(rankings, relevant, strict=True)]
    assert rank_measures(rankings, relevant) == alone
    assert [one["mrr"] for one in alone] == [0.5, 0.0, 1.0, 0.0, *[0.5] * 20]


def test_rankings_and_what_is_relevant_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        rank_measures([["a"], ["b"]], [["a"]])


def test_pages_have_keys_of_their_own_and_reports_come_in_the_order_of_their_first_page() -> None:
    places = [("b", 1), ("a", 11), ("b", 2), ("a", 1)]
    assert page_keys(places) == ["b 1", "a 11", "b 2", "a 1"]
    assert report_keys(places) == ["b", "a"]
    assert page_keys([]) == report_keys([]) == []
