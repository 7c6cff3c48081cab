"""What the command line shows: one line an event, whoever prints, and nothing that steers a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rag import console


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
