"""Two runs of the same cases beside each other: what moved, whether that may be chance, and which cases moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from rag.interpreter import python
from rag.web.facts import Fact, show_facts
from rag.web.measuring.figures import show_changes
from rag.web.measuring.runs import Run, compare_runs
from rag.web.plain import plain

if TYPE_CHECKING:
    from evals.compare import Change, Flip

# Cases that are listed of each kind.
_LISTED = 20
_SAME = "Both were made with the same settings, versions and code."


def show_comparison(before: Run, after: Run) -> None:
    """Draw what changed from one run to the other. Raises SuiteError where they share no case."""
    found = compare_runs(before, after)
    st.header(plain(f"{before.name} → {after.name}"), anchor=False)
    st.markdown(plain(f"{found.shared:,} cases that both asked alike. {verdict_words(found.changes)}"))
    for note in found.notes:
        st.caption(plain(note))
    figures, cases, settings = st.tabs(["Figures", "Cases that moved", "What differs"])
    with figures:
        show_changes(found.changes, key="changes")
        st.caption(
            "After minus before, over the same cases, with its 95% interval: paired bootstrap, 1,000 resamples. "
            "The line in the middle of a bar is no change."
        )
    with cases:
        _show_flips(found.won, found.lost)
    with settings:
        differing = differing_facts(before.about, after.about)
        if differing:
            show_facts(differing, key="differing")
        else:
            st.caption(_SAME)


def verdict_words(changes: Sequence[Change]) -> str:
    """Return which differences exclude zero, as a sentence."""
    from evals.glossary import shown, term

    sure = [one for one in changes if one.verdict]
    if not sure:
        return "No difference excludes zero: what moved may be chance."
    said = [f"{term(one.name).label} ({one.verdict}, {shown(one.name, one.difference, signed=True)})" for one in sure]
    verb = "difference excludes" if len(sure) == 1 else "differences exclude"
    return f"{len(sure)} of {len(changes)} {verb} zero: {', '.join(said)}."


def differing_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Fact]:
    """Return what differs in how two runs were made, "before → after", by name; [] where nothing does."""
    old, new = (_flat(one) for one in (before, after))
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    return [Fact(name, f"{_said(old.get(name))} → {_said(new.get(name))}") for name in names]


def _flat(about: Mapping[str, Any]) -> dict[str, Any]:
    groups = [about.get("settings") or {}, about.get("versions") or {}, about.get("machine") or {}]
    alone = {name: about.get(name) for name in ("writer", "seed", "code", "commit")}
    judge = {"judge": (about.get("judge") or {}).get("model")}
    prompts = {f"prompt {name}": value for name, value in (about.get("prompts") or {}).items()}
    return {**alone, **judge, **{name: value for group in groups for name, value in group.items()}, **prompts}


def _said(value: Any) -> str:
    # A hash is told by its beginning.
    text = "none" if value is None else str(value)
    return f"{text[:12]}…" if len(text) >= 40 and " " not in text else text


def _show_flips(won: Mapping[str, Sequence[Flip]], lost: Mapping[str, Sequence[Flip]]) -> None:
    from evals.compare import NAMED
    from evals.glossary import term

    if not won and not lost:
        st.caption("No case moved in what is looked at here.")
    for name in NAMED:
        for kind, flips in (("rose", won.get(name, ())), ("fell", lost.get(name, ()))):
            if flips:
                st.markdown(plain(f"{term(name).label} {kind} in {len(flips):,}"))
                listed = [
                    Fact(f"{one.before:.2f} → {one.after:.2f}", one.question, one.case) for one in flips[:_LISTED]
                ]
                show_facts(listed, key=f"flips-{name}-{kind}")
            if len(flips) > _LISTED:
                st.caption(plain(f"and {len(flips) - _LISTED:,} more: {python()} -m evals compare --json names them"))
