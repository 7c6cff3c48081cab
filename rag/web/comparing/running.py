"""A comparison under way: a thread of the server asks, and the page looks in now and then."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from rag import Cell, Report, compare
from rag.web.connections import Connection, own_connections
from rag.web.state import Desk, in_words

_COMPARISON = "comparison"


@dataclass
class _Work:
    """What the thread and the page share. The thread knows nothing of the Comparison, which may be forgotten."""

    stop: threading.Event = field(default_factory=threading.Event)
    cells: list[Cell] = field(default_factory=list)
    fault: str = ""


class Comparison:
    """Questions asked of reports, in a thread that goes on while other pages are looked at.

    Read its fields at any time; ``cells`` only grow. Once nobody has it any more, since its visitor has gone or asked
    anew, it stops by itself.
    """

    def __init__(self, desk: Desk, writer: str, questions: Sequence[str], reports: Sequence[Report]) -> None:
        """Start asking; the first cell waits for the model where that is still loading."""
        self.questions = tuple(questions)
        self.reports = tuple(reports)
        self.writer = writer
        self._work = _Work()
        weakref.finalize(self, self._work.stop.set)
        ids = [report.id for report in self.reports]
        # Looked up here: what a visitor connected is the visitor's, and the thread is nobody's.
        arguments = (self._work, desk, writer, own_connections().get(writer), self.questions, ids)
        self._thread = threading.Thread(target=_ask, args=arguments, daemon=True, name="comparing")
        self._thread.start()

    @property
    def cells(self) -> Sequence[Cell]:
        """The cells that are there so far, report by report."""
        return tuple(self._work.cells)

    @property
    def fault(self) -> str:
        """Why nothing could be asked, in words; "" where it could."""
        return self._work.fault

    @property
    def expected(self) -> int:
        """How many cells there will be."""
        return len(self.questions) * len(self.reports)

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before the end."""
        return self._work.stop.is_set() and len(self._work.cells) < self.expected

    @property
    def done(self) -> bool:
        """Whether no more cells are to come."""
        return self._work.stop.is_set() or not self._thread.is_alive()

    def stop(self) -> None:
        """Stop asking; the cells that are there stay."""
        self._work.stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until its thread has ended."""
        self._thread.join(seconds)


def comparison() -> Comparison | None:
    """Return this visitor's newest comparison, None before the first one."""
    return cast(Comparison | None, st.session_state.get(_COMPARISON))


def begin(desk: Desk, writer: str, questions: Sequence[str], reports: Sequence[Report]) -> None:
    """Start a comparison in the place of the former one, which stops."""
    former = comparison()
    if former is not None:
        former.stop()
    st.session_state[_COMPARISON] = Comparison(desk, writer, questions, reports)


def _ask(
    work: _Work, desk: Desk, writer: str, own: Connection | None, questions: Sequence[str], reports: Sequence[str]
) -> None:
    try:
        for cell in compare(desk.chain(writer, own), questions, reports=reports, stopped=work.stop):
            work.cells.append(cell)
    except Exception as error:
        work.fault = in_words(error)
