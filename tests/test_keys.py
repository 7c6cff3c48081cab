"""Keys stay out of words, whole or in part, whatever a provider says of an error."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from rag.writing.generating import Generation
from rag.writing.keys import keys_of, without_keys
from tests.chat_models import Scripted

KEY = "sk-q8Zr71xLpW"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The key sk-q8Zr71xLpW is wrong.", "The key … is wrong."),
        ("sk-q8Zr71xLpWsk-q8Zr71xLpW", "…"),
        ("Incorrect API key provided: sk-q8***1xLpW.", "Incorrect API key provided: …***…."),
        ("cut short: 'sk-q8Z", "cut short: '…"),
        ("three letters xLp tell nothing", "three letters xLp tell nothing"),
        ("", ""),
    ],
)
def test_each_run_of_four_letters_of_a_key_is_hidden(said: str, shown: str) -> None:
    assert without_keys(said, [KEY]) == shown


def test_no_key_and_one_that_is_too_short_hide_nothing() -> None:
    assert without_keys("a-b-c", ["", "-", "abc"]) == "a-b-c"


class WithKey(Scripted):
    """A model that holds a key, as LangChain's do."""

    api_key: SecretStr


def test_the_secrets_of_a_model_are_found_and_others_have_none() -> None:
    assert keys_of(WithKey(writes=lambda _: [], api_key=SecretStr(KEY))) == (KEY,)
    assert keys_of(Scripted(writes=lambda _: [])) == ()
    assert keys_of(None) == ()


def test_what_a_model_says_of_its_failure_reaches_nobody_with_its_key() -> None:
    import threading

    from rag.errors import ModelError

    model = WithKey(writes=lambda _: [ValueError(f"Incorrect API key provided: {KEY}")], api_key=SecretStr(KEY))
    generation = Generation(model, "Who?", [], timeout=5, stopped=threading.Event())
    with pytest.raises(ModelError) as failed:
        list(generation.drafts())
    assert str(failed.value) == "The model failed: Incorrect API key provided: …"
