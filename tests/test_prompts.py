"""The prompts: files with named variables, filled once, whatever braces the values hold."""

import re
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from rag import prompts
from rag.errors import SettingsError
from rag.prompts import NOT_SAID, messages

FILES = sorted((Path(__file__).parent.parent / "prompts").glob("*.md"))
VARIABLES = {
    "answer": {"passages", "question", "refusal"},
    "condense": {"history", "question"},
    "judge-correctness": {"question", "reference", "answer"},
    "judge-faithfulness": {"quotes", "answer"},
    "suggest": {"number", "title", "excerpts"},
}


def test_every_prompt_is_a_system_and_a_user_message_with_its_named_variables() -> None:
    assert {path.stem for path in FILES} == set(VARIABLES)
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        # A brace before a quotation mark opens JSON, which the judges are asked for.
        assert set(re.findall(r"\{([^}\"]*)\}", text)) == VARIABLES[path.stem]
        assert text.count("\n---\n") == 1


def test_the_variables_are_put_in() -> None:
    system, human = messages("answer", question="Why?", passages="P1", refusal=NOT_SAID)
    assert isinstance(system, SystemMessage)
    assert isinstance(human, HumanMessage)
    assert system.text.endswith(f"write exactly this and nothing else: {NOT_SAID}")
    assert human.text == "P1\n\nQuestion: Why?"


def test_braces_in_a_value_stay_as_they_are() -> None:
    _, human = messages("answer", question="{passages} {0} {x!r} {{}} %s", passages='{"a": {question}}', refusal="")
    assert human.text == '{"a": {question}}\n\nQuestion: {passages} {0} {x!r} {{}} %s'


def test_a_divider_inside_a_value_divides_nothing() -> None:
    system, human = messages("condense", history="a\n---\nb", question="c")
    assert "rewrite the last question" in system.text
    assert human.text == "a\n---\nb\n\nLast question: c"


def test_a_variable_that_is_not_given_is_named_with_those_that_are() -> None:
    with pytest.raises(
        SettingsError, match=r"prompts/answer\.md names the variable \{refusal\}; .* passages, question"
    ):
        messages("answer", question="q", passages="p")


def test_a_prompt_that_is_not_there_is_named_with_the_places_looked_in() -> None:
    with pytest.raises(SettingsError, match=r"poem\.md is in none of .*prompts.* Reinstall"):
        messages("poem")


def test_the_refusal_sentence_is_one_for_prompt_writer_and_answer() -> None:
    assert prompts.NOT_SAID == "The reports do not say."
    assert not any(NOT_SAID in path.read_text(encoding="utf-8") for path in FILES)
