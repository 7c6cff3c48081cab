"""Shares of statements by verdict: identity apart from what was checked, and the four add up to 1."""

from __future__ import annotations

import pytest
from measured import cite, say

from evals.measures.support import NAMES, support_shares

QUOTES = (
    cite("a.pdf", 1, "China asked for\n cargo ships.", number=1),
    cite("a.pdf", 1, "Crew", number=2),
    cite("a.pdf", 1, "three", number=3),
)


def test_each_verdict_has_its_share_and_quotes_stand_apart() -> None:
    statements = (
        say("China asked for cargo ships.", 1),
        say("China wanted ships.", 1),
        say("China wanted ten ships.", 1, support="partial"),
        say("Nobody asked.", support="unsupported"),
        say("Nobody at all.", support="unsupported"),
    )
    shares = support_shares(statements, QUOTES)
    assert shares == {
        "support_identity": 1 / 5,
        "support_verified": 1 / 5,
        "support_partial": 1 / 5,
        "support_unsupported": 2 / 5,
    }
    assert sum(shares.values()) == pytest.approx(1.0)
    assert tuple(shares) == NAMES


def identity(text: str, *citations: int, support: str = "verified") -> float:
    return support_shares((say(text, *citations, support=support),), QUOTES)["support_identity"]


def test_a_statement_equals_its_quotes_with_white_space_folded() -> None:
    assert identity(" China  asked for cargo ships. ", 1) == 1.0
    assert identity("china asked for cargo ships.", 1) == 0.0
    assert identity("China asked for cargo ships.", 2) == 0.0  # the quote of another statement
    assert identity("China asked for cargo ships.") == 0.0


def test_a_row_of_a_table_equals_its_parts_with_a_colon_between_them() -> None:
    assert identity("Crew: three", 2, 3) == 1.0
    assert identity("three: Crew", 2, 3) == 0.0


def test_a_statement_may_equal_one_of_several_quotes() -> None:
    assert identity("China asked for cargo ships.", 3, 1) == 1.0


def test_what_is_not_verified_is_not_verified_by_identity() -> None:
    assert identity("China asked for cargo ships.", 1, support="partial") == 0.0


def test_no_statements_have_no_shares() -> None:
    assert support_shares((), QUOTES) == {}
