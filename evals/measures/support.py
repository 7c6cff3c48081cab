"""Shares of an answer's statements by their verdict, quotes by identity apart from those that had to be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag import Citation, Statement
from rag.language import folded

NAMES = ("support_identity", "support_verified", "support_partial", "support_unsupported")


def support_shares(statements: Sequence[Statement], citations: Sequence[Citation]) -> dict[str, float]:
    """Return the share of the statements with each verdict, by the names in ``NAMES``; the four add up to 1.

    Formula: |statements with the verdict| / |statements|. ``support_identity`` is of those that are verified since they
    equal what they quote, ``support_verified`` of the other verified ones. No statements give {}.
    """
    quotes = {one.number: folded(one.quote) for one in citations}
    kinds = Counter("identity" if identical(one, quotes) else one.support for one in statements)
    return {name: kinds[name.removeprefix("support_")] / len(statements) for name in NAMES} if statements else {}


def identical(statement: Statement, quotes: dict[int, str]) -> bool:
    """Whether a verified statement equals its quotes, or one of them; ``quotes`` are by number, white space folded."""
    own = [quotes[number] for number in statement.citations if number in quotes]
    # A row of a table is quoted as its parts, and written with a colon between them.
    return statement.support == "verified" and folded(statement.text) in {": ".join(own), *own}
