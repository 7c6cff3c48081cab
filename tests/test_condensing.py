"""Follow-ups without a model: what leans on the history, what is searched for it, and how its terms weigh."""

import pytest

from rag.condensing import follows_up, standalone, term_weights
from rag.types import Question, Turn

CALL = Turn("When did CMSEO issue the call for cargo?", "CMSEO issued its call in May 2023. [1]")


def after(text: str, *history: Turn) -> Question:
    return Question(text, history=history or (CALL,))


@pytest.mark.parametrize(
    "text",
    [
        "And when was that?",
        "who issued it?",
        "Why?",
        "What about ESA?",
        "What did they ask for?",
        "How many answered this?",
        "Which one won?",
        "Is there any other?",
        "What did that change?",
        "Why did this happen?",
        "How was that received?",
        "When did he say so?",
        "What happened then?",
        "Who said that?",
        "Who answered that call?",
        "What caused that?",
        "What came of the call after that?",
        "Does the new one have a crew?",
        "And what did NASA say when it failed?",
        "What did they say, and when?",
        "What does ESA pay for it?",
    ],
)
def test_a_question_that_points_back_or_has_no_subject_follows_up(text: str) -> None:
    assert follows_up(after(text))
    assert not follows_up(Question(text))


@pytest.mark.parametrize(
    "text",
    [
        "Why might ESA reconsider Tiangong?",
        "Is there a report on the Wolf amendment?",
        "Which companies said that Tiangong was too costly?",
        "How many modules has the station that China built?",
        "Does any one country own the station?",
        "What is Gateway and who supplies it?",
        "When did Axiom fly a crew, and what did they pay?",
        "Why did NASA leave Mir before it fell?",
        "Is it true that the Wolf amendment binds ESA?",
        "Was it ever likely that Gateway would fly in 2028?",
    ],
)
def test_a_question_with_a_subject_of_its_own_does_not(text: str) -> None:
    assert not follows_up(after(text))


def test_a_follow_up_is_searched_with_the_question_before_and_the_names_of_its_answer() -> None:
    turn = Turn("Who spoke in Paris?", "Josef Aschbacher of ESA spoke there. [1]")
    assert standalone(after("And when was that?", turn)) == "And when was that? (Who spoke in Paris? Aschbacher, ESA)"


def test_a_question_that_stands_alone_is_searched_as_it_is() -> None:
    question = after("Why might ESA reconsider Tiangong?")
    assert standalone(question) == question.text
    assert standalone(Question("And when was that?")) == "And when was that?"


def test_a_chain_of_follow_ups_reaches_back_to_the_last_question_that_stood_alone() -> None:
    history = (Turn("Who commands Mir now?"), Turn("What is the Wolf amendment?"), Turn("Why was it passed?"))
    assert standalone(after("And when?", *history)) == "And when? (What is the Wolf amendment? Why was it passed?)"


def test_a_refusal_before_adds_no_name() -> None:
    turn = Turn("What did the station cost?", "The reports do not say.")
    assert standalone(after("And in euros, what was that?", turn)) == (
        "And in euros, what was that? (What did the station cost?)"
    )


def test_at_most_five_names_of_the_answer_are_added() -> None:
    turn = Turn("Who flew to the station?", "They were Ada, Bob, Cyd, Dee, Eve, Fay and Gus.")
    assert standalone(after("What did they do?", turn)).endswith("Ada, Bob, Cyd, Dee, Eve)")


def test_the_terms_of_the_question_weigh_in_full_and_those_it_leans_on_by_half() -> None:
    turn = Turn("When did the cargo call come?")
    idf = {"cargo": 4.0, "call": 2.0, "come": 1.0, "answer": 3.0}
    assert term_weights(after("Who answered that call?", turn), idf) == {
        "cargo": 2.0,
        "call": 2.0,
        "come": 0.5,
        "answer": 3.0,
    }
    assert term_weights(Question("Who answered that call?"), idf) == {"answer": 3.0, "call": 2.0}


def test_a_term_that_no_chunk_has_weighs_nothing() -> None:
    assert term_weights(Question("xyzzy crews"), {"crew": 2.0}) == {"xyzzi": 0.0, "crew": 2.0}
