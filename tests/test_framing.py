"""Words of a statement that only speak of the passages: they are no part of what it claims."""

from __future__ import annotations

import pytest
from pages import passage

from rag.checking import check
from rag.checking.framing import claimed, says_absent
from rag.embedding import Embedding
from rag.writing import Draft

CALL = "China issued its call for commercial cargo proposals in May 2023."


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The passage states that China issued its call in May.", "China issued its call in May."),
        ("This report also says China issued its call.", "China issued its call."),
        ("According to the passages, China issued its call.", "China issued its call."),
        ("The passage is about how China issued its call.", "China issued its call."),
        ("The answer to this question is: China issued its call.", "China issued its call."),
        ("The passage is about a call for cargo, but it does not mention when.", "A call for cargo"),
        ("China issued its call, but the passage doesn't say when.", "China issued its call"),
    ],
)
def test_words_that_only_speak_of_the_passages_are_left_out(text: str, claim: str) -> None:
    assert claimed(text) == claim


@pytest.mark.parametrize(
    "text",
    [
        "have shown that China issued its call.",
        "The answer is: two.",
        "The answer to this question is:",
        "The report describes what China asked for in May.",
        "The report was written in May by the office.",
        "ESA says that it has no plan to take part.",
        "ESA has a plan, but it does not pay for it.",
    ],
)
def test_a_statement_of_something_else_stays_as_it_is(text: str) -> None:
    assert claimed(text) == text


def test_only_what_the_passages_are_said_to_lack_is_said_absent() -> None:
    assert says_absent("It was in May, but the report does not say where.")
    assert not says_absent("ESA has a plan, but it does not pay for it.")


def test_a_framed_claim_is_verified_as_it_is_without_its_frame_and_shown_as_written(minilm: Embedding) -> None:
    for text in ("The passage states that China issued its call for cargo proposals in May 2023.", CALL):
        found = check(Draft(text, (0,)), [passage(CALL)], minilm)
        assert (found.text, found.support) == (text, "verified")


def test_a_claim_that_something_is_absent_is_at_most_partly_supported(minilm: Embedding) -> None:
    text = f"{CALL[:-1]}, but the report does not say who answered."
    found = check(Draft(text, (0,)), [passage(CALL)], minilm)
    assert (found.text, found.support) == (text, "partial")
