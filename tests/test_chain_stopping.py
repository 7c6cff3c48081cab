"""A stream that is closed, broken off or cancelled stops the work: the model's generator is closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from asking import CALL, REPORTS, WHEN, chains
from chat_models import Part, Scripted, number_of
from langchain_core.callbacks import BaseCallbackHandler

from rag.chain import AnswerChain
from rag.embedding import Embedding
from rag.types import Answer


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory, hashed: Embedding) -> Iterator[Callable[..., AnswerChain]]:
    with chains(tmp_path_factory.mktemp("stopping"), hashed, **REPORTS) as build:
        yield build


def endless() -> Scripted:
    """A model that writes the call, with its mark, then a word every 20 ms for 20 seconds."""
    return Scripted(writes=lambda prompt: [_call(prompt), *[0.02, "more "] * 1000])


def silent() -> Scripted:
    """A model that writes the call, with its mark, is silent for a second and then writes on as ``endless`` does."""
    return Scripted(writes=lambda prompt: [_call(prompt), 1.0, *[0.02, "more "] * 1000])


def _call(prompt: str) -> Part:
    return f"{CALL} [{number_of('cargo proposals', prompt)}] And then "


def assert_ended(model: Scripted) -> None:
    assert model.ended.wait(timeout=2)
    count = len(model.written)
    assert count < 500
    time.sleep(0.06)
    assert len(model.written) == count


def test_closing_a_stream_stops_the_model(build: Callable[..., AnswerChain]) -> None:
    model = endless()
    answers: Any = build(model=model).stream(WHEN)
    grown = next(answer for answer in answers if answer.statements)
    assert [one.text for one in grown.statements] == [CALL]
    assert not model.ended.is_set()
    answers.close()
    assert_ended(model)


def test_dropping_a_stream_stops_the_model(build: Callable[..., AnswerChain]) -> None:
    model = endless()
    for answer in build(model=model).stream(WHEN):
        if answer.statements:
            break
    del answer
    assert_ended(model)


def test_a_stream_closed_before_the_model_is_asked_never_asks_it(build: Callable[..., AnswerChain]) -> None:
    model = endless()
    answers: Any = build(model=model).stream(WHEN)
    assert next(answers).stage == "retrieving"
    answers.close()
    time.sleep(0.05)
    assert model.prompts == []


def test_leaving_an_astream_stops_the_model(build: Callable[..., AnswerChain]) -> None:
    model = endless()

    async def leave() -> Answer:
        answers: Any = build(model=model).astream(WHEN)
        async for answer in answers:
            if answer.statements:
                await answers.aclose()
                return answer  # type: ignore[no-any-return]
        raise AssertionError("the stream ended")

    assert [one.text for one in asyncio.run(leave()).statements] == [CALL]
    assert_ended(model)


@pytest.mark.parametrize("model", [endless(), silent()], ids=["writing", "silent"])
@pytest.mark.parametrize("way", ["astream", "ainvoke"])
def test_cancelling_a_task_that_waits_for_the_model_stops_it(
    way: str, model: Scripted, build: Callable[..., AnswerChain]
) -> None:
    model = model.model_copy(update={"written": [], "ended": Event()})
    chain = build(model=model)

    async def read() -> None:
        async for _ in chain.astream(WHEN):
            pass

    async def cancel() -> float:
        task = asyncio.create_task(read() if way == "astream" else chain.ainvoke(WHEN))
        while not model.written:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(cancel()) < 0.5
    assert_ended(model)


def test_an_event_loop_is_free_while_the_model_writes(build: Callable[..., AnswerChain]) -> None:
    model = Scripted(writes=lambda prompt: [0.3, f"{CALL} [{number_of('cargo proposals', prompt)}]."])

    async def ticks() -> int:
        task = asyncio.create_task(build(model=model).ainvoke(WHEN))
        count = 0
        while not task.done():
            await asyncio.sleep(0.01)
            count += 1
        assert (await task).text == f"{CALL} [1]"
        return count

    assert asyncio.run(ticks()) >= 10


class Watch(BaseCallbackHandler):
    """Keeps the errors that it hears of."""

    def __init__(self) -> None:
        self.errors: list[type[BaseException]] = []

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self.errors.append(type(error))


def test_callbacks_hear_that_a_stream_was_closed(build: Callable[..., AnswerChain]) -> None:
    watch = Watch()
    answers: Any = build(model=endless()).stream(WHEN, config={"callbacks": [watch]})
    next(answers)
    answers.close()
    assert watch.errors == [GeneratorExit]
