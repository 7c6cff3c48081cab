"""What the command line shows: one line an event, whoever prints, and nothing that steers a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag import console
from rag.types import Answer, Citation, Conflict, ConflictValue, Statement


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as can be."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_events_of_many_threads_are_a_line_each(capfd: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: console.print_event("progress", name="é" * 50, done=number), range(2000)))
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert sorted(event["done"] for event in events) == list(range(2000))


def test_values_that_differ_are_said_between_the_statements_and_the_footnotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def cited(number: int, title: str, date: str | None) -> Citation:
        return Citation("r", "d", title, date, 1, "p. 1", "Quoted.", 0, 7, number)

    values = (ConflictValue("53 countries", "2025-02-17", 2), ConflictValue("29 countries", None, 1))
    console.print_answer(
        [
            Answer(
                "How many?",
                "How many?",
                answered=True,
                statements=(Statement("29 signed.", (1,), "verified"), Statement("53 signed.", (2,), "verified")),
                citations=(cited(1, "Accords", None), cited(2, "Artemis", "2025-02-17")),
                conflicts=(Conflict((0, 1), values),),
            )
        ]
    )
    assert capsys.readouterr().out.splitlines() == [
        "29 signed. [1]",
        "53 signed. [2]",
        "The reports differ: 53 countries (2025-02-17) [2]; 29 countries (no date) [1]",
        "",
        "[1] Accords, p. 1: “Quoted.”",
        "[2] Artemis (2025-02-17), p. 1: “Quoted.”",
    ]
