"""The chain as a LangChain Runnable over a small library: one answer by every way of asking, and filters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

import rag
from rag.chain import AnswerChain, build_chain, open_chain
from rag.embedding import Embedding, wrap_embeddings
from rag.errors import ModelMismatch, QuestionError, UnknownReport
from rag.indexes import Indexes
from rag.library import Library
from rag.types import Answer, Question, Seconds, Turn
from tests.conftest import HashedWords, add_all

STATIONS = {
    "Salyut": "Salyut was launched by the Soviet Union in April 1971.",
    "Skylab": "Skylab was launched by the United States in May 1973.",
    "Mir": "Mir was launched by the Soviet Union in February 1986.",
    "Zarya": "Zarya was launched by Russia for its partners in November 1998.",
    "Tiangong": "Tiangong was launched by China in April 2021. It has a crew of three people.",
    "Gateway": "Gateway is planned by five agencies to orbit the Moon.",
    "Starlab": "Starlab is planned by Voyager and Airbus for the year 2028.",
    "Haven": "Haven is planned by Vast and has a launch in May 2026.",
}
WHEN = [f"When was {name} launched?" for name in ("Salyut", "Skylab", "Mir", "Zarya", "Tiangong")]
WHO = [f"Who planned {name}?" for name in ("Gateway", "Starlab", "Haven")]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, hashed: Embedding) -> Iterator[AnswerChain]:
    """A chain over a report for each station: Markdown dated in the year of its place, from 2001; the last is text."""
    shelf = tmp_path_factory.mktemp("shelf")
    for year, (name, text) in enumerate(STATIONS.items(), start=2001):
        text = f"About {name}\n\nDate: {year}-06-15\n\n{text}\n"
        name, text = (f"{name}.txt", text) if name == "Haven" else (f"{name}.md", f"# {text}")
        (shelf / name).write_text(text, encoding="utf-8")
    library = Library(tmp_path_factory.mktemp("home"))
    indexes = Indexes(library)
    add_all(library, indexes, hashed, shelf)
    chain = build_chain(library, hashed, indexes=indexes)
    yield chain
    chain.close()


def plain(answer: Answer) -> Answer:
    """The answer without its times, which differ by run."""
    return replace(answer, seconds=Seconds())


def quotes(answer: Answer) -> list[str]:
    return [one.quote for one in answer.citations]


@pytest.fixture(scope="module")
def alone(chain: AnswerChain) -> dict[str, Answer]:
    """Each question's answer, got by invoke with nothing else going on."""
    return {question: plain(chain.invoke(question)) for question in WHEN + WHO}


def test_invoke_gives_the_whole_answer(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("When was Mir launched?"))
    assert (answer.question, answer.standalone) == ("When was Mir launched?", "When was Mir launched?")
    assert (answer.stage, answer.answered, answer.writer) == ("done", True, "quotes")
    assert answer.statements[0].text == STATIONS["Mir"]
    assert answer.text.startswith(f"{STATIONS['Mir']} [1]")
    first = answer.citations[0]
    assert (first.number, first.title, first.date, first.page) == (1, "About Mir", "2003-06-15", 1)
    assert 0.5 < answer.confidence <= 1
    assert 0 < answer.seconds.retrieve <= answer.seconds.total
    assert 0 < answer.seconds.write <= answer.seconds.total


def test_a_bare_string_is_shorthand_for_a_question(chain: AnswerChain, alone: dict[str, Answer]) -> None:
    assert plain(chain.invoke(Question(WHEN[0]))) == alone[WHEN[0]]


def test_each_question_gets_its_own_answer(alone: dict[str, Answer]) -> None:
    for (name, text), question in zip(STATIONS.items(), WHEN + WHO, strict=True):
        assert alone[question].citations[0].title == f"About {name}"
        assert alone[question].citations[0].quote == text.split(". It")[0].rstrip(".") + "."


def test_ainvoke_batch_and_abatch_give_the_answers_of_invoke_in_order(
    chain: AnswerChain, alone: dict[str, Answer]
) -> None:
    questions: list[Question | str] = [*reversed(WHEN), *WHO]
    expected = [alone[str(one)] for one in questions]
    assert [plain(one) for one in chain.batch(questions)] == expected
    assert [plain(one) for one in asyncio.run(chain.abatch(questions))] == expected
    assert plain(asyncio.run(chain.ainvoke(WHEN[2]))) == alone[WHEN[2]]


def test_stream_yields_growing_answers_from_retrieving_over_writing_to_done(
    chain: AnswerChain, alone: dict[str, Answer]
) -> None:
    question = "What was launched by the Soviet Union?"
    answers = list(chain.stream(question))
    stages = [one.stage for one in answers]
    assert stages == ["retrieving", *["writing"] * (len(stages) - 2), "done"]
    assert [len(one.statements) for one in answers] == [0, *range(1, len(answers) - 1), len(answers) - 2]
    assert len(answers[-1].statements) >= 2
    for earlier, later in pairwise(answers):
        assert later.statements[: len(earlier.statements)] == earlier.statements
        assert later.citations[: len(earlier.citations)] == earlier.citations
        assert later.text.startswith(earlier.text)
    assert plain(answers[-1]) == plain(chain.invoke(question))


def test_astream_yields_what_stream_yields(chain: AnswerChain) -> None:
    async def collect() -> list[Answer]:
        return [plain(answer) async for answer in chain.astream(WHEN[1])]

    assert asyncio.run(collect()) == [plain(answer) for answer in chain.stream(WHEN[1])]


def test_a_chain_is_a_runnable_to_compose(chain: AnswerChain, alone: dict[str, Answer]) -> None:
    first = RunnableLambda(lambda name: Question(f"When was {name} launched?"))
    last = RunnableLambda(lambda answer: answer.text)
    composed = first | chain | last
    assert composed.invoke("Mir") == alone[WHEN[2]].text
    assert composed.batch(["Mir", "Salyut"]) == [alone[WHEN[2]].text, alone[WHEN[0]].text]
    assert (chain | last).invoke(WHEN[0]) == alone[WHEN[0]].text


def test_eight_threads_at_once_each_get_the_answer_that_they_get_alone(
    chain: AnswerChain, alone: dict[str, Answer]
) -> None:
    questions = (WHEN + WHO) * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(chain.invoke, questions))
    assert [plain(one) for one in answers] == [alone[question] for question in questions]


def test_a_follow_up_is_answered_with_its_history(chain: AnswerChain) -> None:
    turn = Turn("When was Tiangong launched?", "Tiangong was launched by China in April 2021. [1]")
    answer = chain.invoke(Question("How many people are its crew?", history=(turn,)))
    assert answer.question == "How many people are its crew?"
    assert answer.standalone.startswith("How many people are its crew? (When was Tiangong launched?")
    assert "It has a crew of three people." in quotes(answer)


def test_a_follow_up_to_a_row_of_a_table_is_not_searched_with_its_column_heads(chain: AnswerChain) -> None:
    turn = Turn("Tell me about Haven", "Station | Led by | First Launch: Haven | Vast Space | May 2026 [1] [2]")
    answer = chain.invoke(Question("When does it launch?", history=(turn,)))
    assert answer.standalone == "When does it launch? (Tell me about Haven Vast, Space, May)"


def test_only_the_chosen_reports_are_searched(chain: AnswerChain) -> None:
    mir, zarya = (chain.library.report(f"{name}.md").id for name in ("Mir", "Zarya"))
    answer = chain.invoke(Question("What was launched by the Soviet Union?", reports=(mir, zarya)))
    assert "About Mir" in {one.title for one in answer.citations}
    assert {one.title for one in answer.citations} <= {"About Mir", "About Zarya"}


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"since": "2003"}, {"About Mir"}),
        ({"until": "2001-06-15"}, {"About Salyut"}),
        ({"since": "2001-06", "until": "2002-12"}, {"About Salyut"}),
        ({"kinds": ("markdown",)}, {"About Salyut", "About Mir"}),
        ({"kinds": ("text",)}, set()),
        ({"since": "2030"}, set()),
        ({"kinds": ("pdf",)}, set()),
    ],
)
def test_filters_by_date_and_kind_limit_what_is_searched(
    filters: dict[str, Any], titles: set[str], chain: AnswerChain
) -> None:
    answer = chain.invoke(Question("What was launched by the Soviet Union?", **filters))
    assert {one.title for one in answer.citations if "Soviet" in one.quote} == titles


def test_no_report_chosen_is_refused_in_its_own_words(chain: AnswerChain) -> None:
    answers = list(chain.stream(Question("When was Mir launched?", reports=())))
    assert [one.stage for one in answers] == ["retrieving", "done"]
    assert answers[-1].text == "No report is chosen."
    assert answers[-1].refusal == rag.Refusal(reason="No report is chosen.")


def test_filters_that_leave_no_report_are_refused(chain: AnswerChain) -> None:
    answer = chain.invoke(Question("When was Mir launched?", kinds=("pdf",)))
    assert (answer.answered, answer.text) == (False, "No report passes the filters.")
    assert answer.refusal is not None
    assert answer.refusal.reason.startswith("There are ") and answer.refusal.missing == ()


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_an_empty_question_is_an_error_however_it_is_asked(text: str, chain: AnswerChain) -> None:
    for asked in (text, Question(text)):
        with pytest.raises(QuestionError, match=r"The question is empty\. Write what you want to know\."):
            chain.invoke(asked)
    with pytest.raises(QuestionError):
        next(chain.stream(text))
    with pytest.raises(QuestionError):
        asyncio.run(chain.ainvoke(text))
    with pytest.raises(QuestionError):
        chain.batch(["When was Mir launched?", text])


@pytest.mark.parametrize("given", [None, 7, {"text": "When?"}, ["When?"]])
def test_what_is_no_question_is_an_error_that_names_its_type(given: object, chain: AnswerChain) -> None:
    with pytest.raises(QuestionError, match=f"a rag.Question or a string, not {type(given).__name__}"):
        chain.invoke(given)  # type: ignore[arg-type]


def test_an_unknown_report_and_a_bad_date_are_errors(chain: AnswerChain) -> None:
    with pytest.raises(UnknownReport, match=r"'nobody'.* rag reports"):
        chain.invoke(Question("When was Mir launched?", reports=("nobody",)))
    for filters in ({"since": "last week"}, {"until": "2023-6"}, {"since": "15.6.2023"}):
        with pytest.raises(QuestionError, match="YYYY, YYYY-MM or YYYY-MM-DD"):
            chain.invoke(Question("When was Mir launched?", **filters))


class Watch(BaseCallbackHandler):
    """Keeps what it hears of chains."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    def on_chain_start(self, serialized: Any, inputs: Any, **about: Any) -> None:
        self.heard.append(("start", (about["name"], inputs)))

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self.heard.append(("end", outputs))

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self.heard.append(("error", type(error)))


def test_callbacks_hear_of_start_end_and_error(chain: AnswerChain) -> None:
    watch = Watch()
    answer = chain.invoke(WHEN[2], config={"callbacks": [watch]})
    assert watch.heard == [("start", ("AnswerChain", {"question": WHEN[2]})), ("end", answer)]
    watch = Watch()
    with pytest.raises(UnknownReport):
        chain.invoke(Question("Why?", reports=("nobody",)), config={"callbacks": [watch], "run_name": "mine"})
    assert watch.heard == [("start", ("mine", {"question": "Why?"})), ("error", UnknownReport)]


def test_an_empty_home_is_refused_until_something_is_added(
    tmp_path: Path, hashed: Embedding, write_reports: Any
) -> None:
    chain = open_chain(tmp_path / "new", embedding=hashed)
    answer = chain.invoke("When was Mir launched?")
    assert (answer.answered, answer.text) == (False, "There are no reports to search.")
    assert answer.refusal == rag.Refusal(reason="There are no reports to search.")
    add_all(chain.library, chain.retriever.indexes, hashed, write_reports(mir=f"# About Mir\n\n{STATIONS['Mir']}"))
    assert quotes(chain.invoke("When was Mir launched?")) == [STATIONS["Mir"]]
    chain.close()


def test_a_home_made_with_another_embedding_model_is_an_error_that_names_both(chain: AnswerChain) -> None:
    other = wrap_embeddings(HashedWords(), fingerprint="other-words@2")
    with pytest.raises(ModelMismatch, match=r"hashed-words@1.*other-words@2|other-words@2.*hashed-words@1"):
        open_chain(chain.library.home, embedding=other)


def test_a_model_of_another_name_is_refused_before_it_is_looked_for(chain: AnswerChain) -> None:
    # The name is no folder and no hub has it: loading it would be an EmbeddingError.
    with pytest.raises(ModelMismatch, match="and nobody/no-such-model is asked for"):
        open_chain(chain.library.home, embedding="nobody/no-such-model")


def test_options_are_those_of_the_retriever_and_the_quoting_writer(
    tmp_path: Path, hashed: Embedding, write_reports: Any
) -> None:
    home = tmp_path / "home"
    strict = open_chain(str(home), embedding=hashed, passages=2, threshold=0.99)
    add_all(strict.library, strict.retriever.indexes, hashed, write_reports(mir=STATIONS["Mir"]))
    loose = open_chain(home, embedding=hashed, threshold=0.0)
    assert (strict.retriever.k, loose.retriever.k) == (2, 8)
    assert not strict.invoke("When was Mir launched?").answered
    assert loose.invoke("When was Mir launched?").answered
    strict.close()
    loose.close()


def test_a_closed_chain_opens_again_when_it_is_asked(tmp_path: Path, hashed: Embedding, write_reports: Any) -> None:
    chain = open_chain(tmp_path / "home", embedding=hashed)
    add_all(chain.library, chain.retriever.indexes, hashed, write_reports(mir=STATIONS["Mir"]))
    for _ in range(2):
        assert quotes(chain.invoke("When was Mir launched?")) == [STATIONS["Mir"]]
        chain.close()
        chain.close()


def test_a_comparison_is_answered_for_each_side_or_refused(chain: AnswerChain) -> None:
    answer = chain.invoke("When was Mir launched, compared with when Skylab was launched?")
    assert answer.standalone == answer.question
    assert {STATIONS["Mir"], STATIONS["Skylab"]} <= {one.text for one in answer.statements}
    assert next(one.title for one in answer.citations) == "About Mir"
    assert all(one.support == "verified" for one in answer.statements)
    # Of one side nothing is said.
    refused = chain.invoke("When was Mir launched, compared with when Kosmos was launched?")
    assert refused.refusal is not None
    assert "Kosmos" in refused.refusal.missing
    assert refused.confidence < answer.confidence
