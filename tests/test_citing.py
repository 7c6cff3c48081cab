"""Citing: numbers by first mention, and an answer that only grows."""

from itertools import pairwise

from rag.checking import Checked
from rag.citing import Citing, marked_text
from rag.types import Answer, Source, Statement, Support


def quoted(letter: str) -> Source:
    return Source(f"id-{letter}", f"sha-{letter}", letter, None, 1, "p. 1", letter, 0, 1)


def checked(text: str, support: Support = "verified", *letters: str) -> Checked:
    return Checked(text, support, tuple(quoted(letter) for letter in letters))


def test_citation_numbers_follow_first_mention_and_a_source_keeps_its_number() -> None:
    citing = Citing()
    assert all(map(citing.add, (checked("One.", "verified", "b"), checked("Two.", "partial", "a", "b", "c"))))
    answer = citing.answer(Answer("q", "q"))
    assert [(one.number, one.quote) for one in answer.citations] == [(1, "b"), (2, "a"), (3, "c")]
    assert [one.citations for one in answer.statements] == [(1,), (2, 1, 3)]
    assert answer.text == "One. [1] Two. [2] [1] [3]"
    assert answer.answered


def test_two_places_of_one_page_are_two_citations() -> None:
    one, other = quoted("a"), Source("id-a", "sha-a", "a", None, 1, "p. 1", "a", 5, 6)
    citing = Citing()
    citing.add(Checked("One.", "verified", (one, other)))
    assert [(each.number, each.start) for each in citing.answer(Answer("q", "q")).citations] == [(1, 0), (2, 5)]


def test_unsupported_statements_wait_for_one_that_is_better() -> None:
    citing = Citing()
    assert not citing.add(checked("A guess.", "unsupported"))
    assert not citing.supported
    assert citing.answer(Answer("q", "q")) == Answer("q", "q")
    assert citing.add(checked("A fact.", "verified", "a"))
    assert citing.supported
    answer = citing.answer(Answer("q", "q"))
    assert [(one.text, one.support) for one in answer.statements] == [
        ("A guess.", "unsupported"),
        ("A fact.", "verified"),
    ]
    assert answer.text == "A guess. A fact. [1]"


def test_an_unsupported_statement_after_a_better_one_is_shown_at_once_and_marked() -> None:
    citing = Citing()
    citing.add(checked("A fact.", "partial", "a"))
    assert citing.add(checked("A guess.", "unsupported"))
    assert [one.support for one in citing.answer(Answer("q", "q")).statements] == ["partial", "unsupported"]


def test_each_answer_begins_as_the_one_before() -> None:
    citing, answers = Citing(), []
    for place in range(5):
        citing.add(checked(f"S{place}.", "verified", "abcab"[place], "x"))
        answers.append(citing.answer(Answer("q", "q")))
    for earlier, later in pairwise(answers):
        assert later.statements[: len(earlier.statements)] == earlier.statements
        assert later.citations[: len(earlier.citations)] == earlier.citations
        assert later.text.startswith(earlier.text)


def test_an_answer_that_was_given_out_does_not_change_when_more_comes() -> None:
    citing = Citing()
    citing.add(checked("One.", "verified", "a"))
    first = citing.answer(Answer("q", "q"))
    citing.add(checked("Two.", "verified", "b"))
    assert len(first.statements) == len(first.citations) == 1


def test_marked_text_puts_the_marks_after_each_statement() -> None:
    statements = (Statement("One.", (1, 3), "verified"), Statement("Two.", (), "unsupported"))
    assert marked_text(statements) == "One. [1] [3] Two."
    assert marked_text(()) == ""
