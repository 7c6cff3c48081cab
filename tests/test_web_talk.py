"""The conversation that a visitor is in: its history for the next question, and where the page's address leads."""

from __future__ import annotations

from rag.conversations import Exchange
from rag.types import Answer, Question, Turn
from rag.web.talk import turns

DONE = Answer("Who?", "Who?", text="Three. [1]")
GROWING = Answer("Who?", "Who?", stage="writing", text="Three. [1]")


def test_the_history_of_the_next_question_is_what_was_answered_to_the_end() -> None:
    earlier = [
        Exchange(0, Question("Who?"), answer=DONE),
        Exchange(1, Question("When?"), answer=GROWING, stopped=True),
        Exchange(2, Question("Where?"), error="The model failed."),
        Exchange(3, Question("Why?"), answer=Answer("Why?", "Why?", text="The reports do not say.")),
        Exchange(4, Question("How?")),
    ]
    assert turns(earlier) == (Turn("Who?", "Three. [1]"), Turn("Why?", "The reports do not say."))
    assert turns([]) == ()
