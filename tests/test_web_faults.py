"""What goes wrong while something is drawn is said in words in its place, and the page goes on by itself."""

from __future__ import annotations

import logging

import pytest
from streamlit.testing.v1 import AppTest


def parts() -> None:
    import streamlit as st

    from rag.errors import LibraryBusy
    from rag.web.parts import part

    @part
    def show_first() -> None:
        st.button("Look again", key="first")
        if st.session_state.get("busy"):
            raise LibraryBusy("Another program writes to `home`. Wait for it.")
        st.caption("The first is drawn.")

    @part
    def show_second(number: int) -> None:
        if st.session_state.get("broken"):
            raise ZeroDivisionError(number)
        st.caption(f"The second is drawn: {number}.")

    show_first()
    for number in range(2):
        show_second(number)


def captions(page: AppTest) -> list[str]:
    assert not page.exception
    return [caption.value for caption in page.caption]


def test_what_goes_wrong_in_a_part_is_said_there_and_the_rest_is_drawn() -> None:
    page = AppTest.from_function(parts)
    page.session_state["busy"] = True
    page.run()
    assert captions(page) == ["The second is drawn: 0.", "The second is drawn: 1."]
    assert [error.value for error in page.error] == ["Another program writes to \\`home\\`\u2060\\. Wait for it\\."]
    # What another program may mend is tried again by itself.
    assert len(page.get("bidi_component")) == 1
    page.session_state["busy"] = False
    page.run()
    assert captions(page) == ["The first is drawn.", "The second is drawn: 0.", "The second is drawn: 1."]
    assert (list(page.error), len(page.get("bidi_component"))) == ([], 0)


def test_a_part_that_runs_alone_says_what_went_wrong_too() -> None:
    page = AppTest.from_function(parts).run()
    page.session_state["busy"] = True
    page.button(key="first").click().run()
    assert not page.exception
    assert [error.value for error in page.error] == ["Another program writes to \\`home\\`\u2060\\. Wait for it\\."]
    page.session_state["busy"] = False
    next(button for button in page.button if button.label == "Try again").click().run()
    assert captions(page)[0] == "The first is drawn."
    assert list(page.error) == []


def test_a_fault_of_ours_is_said_for_each_part_and_waits_for_a_press(caplog: pytest.LogCaptureFixture) -> None:
    page = AppTest.from_function(parts)
    page.session_state["broken"] = True
    with caplog.at_level(logging.ERROR):
        page.run()
    assert captions(page) == ["The first is drawn."]
    assert [error.value for error in page.error] == [
        "Something went wrong in Footnote itself\\, not in your reports\\. The terminal says what\\; then try again\\."
    ] * 2
    assert len(page.get("bidi_component")) == 0
    assert [button.label for button in page.button] == ["Look again", "Try again", "Try again"]
    assert [record.exc_info is not None for record in caplog.records if record.name == "rag.web.state"] == [True, True]


def test_what_nothing_caught_is_said_in_words() -> None:
    def app() -> None:
        from rag import UnknownReport
        from rag.web.faults import say_uncaught

        say_uncaught(UnknownReport("It is gone."))

    page = AppTest.from_function(app).run()
    assert not page.exception
    assert [error.value for error in page.error] == ["It is gone\\."]
    assert [button.label for button in page.button] == ["Try again"]
