"""Checked statements -> an answer that grows: citations numbered by first mention, and nothing shown ever changes."""

from __future__ import annotations

from dataclasses import asdict, replace

from rag.checking import Checked
from rag.types import Answer, Citation, Source, Statement


class Citing:
    """Collects the checked statements of one answer.

    Unsupported statements wait until a supported one follows: if none does, the answer is a refusal, and a refusal
    shows no statement.
    """

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}
        self._statements: list[Statement] = []
        self._waiting: list[Checked] = []

    @property
    def supported(self) -> bool:
        """Whether a statement that is better than unsupported has come."""
        return bool(self._statements)

    @property
    def waiting(self) -> bool:
        """Whether there are unsupported statements that no supported one has followed."""
        return bool(self._waiting)

    def add(self, checked: Checked) -> bool:
        """Take the statement in and return whether the answer grew by it; it did not where it has to wait."""
        self._waiting.append(checked)
        if checked.support == "unsupported" and not self.supported:
            return False
        self._statements.extend(self._statement(one) for one in self._waiting)
        self._waiting.clear()
        return True

    def answer(self, answer: Answer) -> Answer:
        """Return the answer with the statements so far, their citations and their text."""
        statements = tuple(self._statements)
        return replace(
            answer,
            answered=bool(statements),
            statements=statements,
            citations=tuple(Citation(**asdict(source), number=number) for source, number in self._numbers.items()),
            text=marked_text(statements),
        )

    def _statement(self, checked: Checked) -> Statement:
        numbers = tuple(self._numbers.setdefault(source, len(self._numbers) + 1) for source in checked.sources)
        return Statement(checked.text, numbers, checked.support)


def marked_text(statements: tuple[Statement, ...]) -> str:
    """Return the statements joined by spaces, each followed by its citation marks such as ``[1]``; "" for none."""
    return " ".join(one.text + "".join(f" [{number}]" for number in one.citations) for one in statements)
