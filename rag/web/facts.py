"""Facts as a list that is read at a glance: a small browser component, which breaks long values where it must."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


@dataclass(frozen=True, slots=True)
class Fact:
    """What something is called, what it is, and in a smaller hand what there is to add."""

    name: str
    value: str
    note: str = ""


def show_facts(facts: Sequence[Fact], *, key: str) -> None:
    """Draw the facts below each other, names beside values where there is room."""
    _component()(key=key, data={"facts": [asdict(fact) for fact in facts]})


@cache
def _component() -> Callable[..., Any]:
    here = Path(__file__)
    return st.components.v2.component(
        "footnote_facts",
        html='<dl class="facts"></dl>',
        css=here.with_suffix(".css").read_text(encoding="utf-8"),
        js=here.with_suffix(".js").read_text(encoding="utf-8"),
    )
