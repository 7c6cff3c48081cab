"""Facts as a list that is read at a glance: a small browser component, which breaks long values where it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rag.web.components import component


@dataclass(frozen=True, slots=True)
class Fact:
    """What something is called, what it is, and in a smaller hand what there is to add."""

    name: str
    value: str
    note: str = ""


def show_facts(facts: Sequence[Fact], *, key: str) -> None:
    """Draw the facts below each other, names beside values where there is room."""
    component("footnote_facts", '<dl class="facts"></dl>', "facts.css", "facts.js")(
        key=key, data={"facts": [asdict(fact) for fact in facts]}
    )
