"""The page of the evals: the runs in the results' folder, one of them whole, or two side by side."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rag import RagError
from rag.interpreter import install, python
from rag.web.facts import Fact, show_facts
from rag.web.looking import look
from rag.web.measuring.cases import show_cases
from rag.web.measuring.comparing import show_comparison
from rag.web.measuring.figures import key_figures, show_figures, show_tags
from rag.web.measuring.runs import Run, find_runs, read_run
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk, in_words

if TYPE_CHECKING:
    from evals.results import Results

# Seconds between looks at a run that is under way, and runs on a page of them.
_EVERY, _SHOWN = 3.0, 20
_MOST = 2
_COMMAND = "-m evals run mine.jsonl"
# What making results wants; reading them wants none of it.
_WANTED = ("ir_measures", "jinja2", "plotly", "rouge_score", "sklearn")


def show_evals_page(desk: Desk, *, chat: st.Page) -> None:
    """Draw the runs, or what is chosen of them; ``chat`` is the page that a case is asked on."""
    st.title("Evals", anchor=False)
    results = desk.settings.results
    runs = find_runs(results)
    if not runs:
        _show_none(results)
        return
    finished = {run.name: run for run in runs if run.state == "finished"}
    names = st.multiselect(
        "Runs",
        list(finished),
        key="runs",
        max_selections=_MOST,
        placeholder="Choose one to look into, or two to compare",
        bind="query-params",
    )
    chosen = [finished[name] for name in names]
    try:
        if len(chosen) == _MOST:
            show_comparison(*sorted(chosen, key=lambda run: run.started))
        elif chosen:
            _show_run(desk, chosen[0], chat)
        else:
            _show_runs(results)
    except RagError as error:
        st.error(plain(in_words(error)), icon=":material/error:")


def lacking_extra() -> bool:
    """Return whether what ``python -m evals run`` needs is not all installed."""
    return any(importlib.util.find_spec(name) is None for name in _WANTED)


def _show_none(results: Path) -> None:
    st.markdown(
        "Are the answers good on your reports, and did a change make them better? Write a suite of questions, run it, "
        "and its figures are here. A thumb in the chat writes a case for you."
    )
    st.markdown(plain(f"There are no runs in {results.absolute()} yet. Make one:"))
    _show_commands()


def _show_commands() -> None:
    first = f"{install('footnote[evals]')}\n" if lacking_extra() else ""
    # In one colour: that of an option is too pale to be read on paper.
    st.code(f"{first}{python()} {_COMMAND}", language=None, wrap_lines=True)


@part
def _show_runs(results: Path) -> None:
    """Alone: while a run is under way the list is drawn again and again, and nothing else is."""
    runs = find_runs(results)
    if any(run.state == "under way" for run in runs):
        look(every=_EVERY, key="look-runs")
    at = 1
    if len(runs) > _SHOWN:
        at = st.pagination(-(-len(runs) // _SHOWN), key="runs-page")
    for run in runs[(at - 1) * _SHOWN : at * _SHOWN]:
        with st.container(border=True, gap="xsmall"):
            _show_entry(run)
    st.caption(plain(f"All runs below {results.absolute()}. To make one:"))
    _show_commands()


def _show_entry(run: Run) -> None:
    """Draw a run as an entry of the list: what it is, and how it came out or how far it is."""
    if run.state == "broken":
        st.markdown(f":red[:material/error:] {plain(run.name)}")
        st.caption(plain(f"{run.fault} Run it again with --fresh, or delete the folder."))
        return
    if run.state == "finished":
        label, key = f"**{plain(run.name)}**", f"open-{run.name}"
        icon = ":material/chevron_right:"
        if st.button(label, key=key, type="tertiary", icon=icon, on_click=_open, args=(run.name,)):
            # The list runs alone: what is opened takes the place of it all.
            st.rerun()
    else:
        st.markdown(f":material/hourglass_top: {plain(run.name)}")
    st.caption(plain(_about(run)))
    if run.figures:
        st.markdown(plain(key_figures(run.figures)))
    if run.state in ("under way", "stopped"):
        far = min(run.done / run.cases, 1.0) if run.cases else 0.0
        st.progress(far, text=plain(f"{run.done:,} of {run.cases:,} asked, {run.state}"))
    if run.state == "stopped":
        st.caption(plain(f"The same command with --out {run.folder} goes on with it."))


def _open(name: str) -> None:
    st.session_state["runs"] = [name]


def _about(run: Run) -> str:
    settings = run.about.get("settings") or {}
    cases = f"{run.cases:,} case{'' if run.cases == 1 else 's'}"
    writer = {"none": "retrieval alone", "quotes": "quotes"}.get(
        run.about.get("writer", ""), str(run.about.get("writer"))
    )
    passages = f"{settings['retrieval.k']} passages" if "retrieval.k" in settings else ""
    return " · ".join(filter(None, (run.suite, run.started, cases, writer, passages)))


def _show_run(desk: Desk, run: Run, chat: st.Page) -> None:
    results = read_run(run)
    st.header(plain(run.name), anchor=False)
    st.caption(plain(_about(run)))
    figures, tags, cases, made = st.tabs(["Figures", "By tag", "Cases", "How it was made"])
    with figures:
        show_figures(results.summary.get("figures", {}), key="figures")
        st.caption("Each with its 95% interval: bootstrap over the cases, 1,000 resamples.")
    with tags:
        if results.summary.get("tags"):
            show_tags(results.summary["tags"], key="tags")
        else:
            st.caption("No case of this suite has a tag.")
    with cases:
        show_cases(desk, results, chat)
    with made:
        show_facts(origin_facts(results), key="origin")
        report = run.folder / "report.html"
        if report.is_file():
            st.download_button(
                "Download the report page",
                report.read_bytes,
                file_name=f"{run.folder.name}.html",
                mime="text/html",
                key="report",
                icon=":material/download:",
                on_click="ignore",
            )


def origin_facts(results: Results) -> list[Fact]:
    """Return how a run was made: its suite, settings, versions and machine."""
    run = results.run
    suite, machine = run.get("suite") or {}, run.get("machine") or {}
    alone: Sequence[tuple[str, object]] = (
        ("Suite", suite.get("source")),
        ("Writer", run.get("writer")),
        ("Judge", (run.get("judge") or {}).get("model")),
        ("Seed", run.get("seed")),
        ("Commit", run.get("commit")),
        ("Processor", machine.get("cpu")),
        ("Computed in", machine.get("dtype")),
        ("Took", f"{run['seconds']:,.0f} s" if isinstance(run.get("seconds"), float) else None),
    )
    rest = [*(run.get("settings") or {}).items(), *(run.get("versions") or {}).items()]
    return [Fact(name, str(value)) for name, value in (*alone, *rest) if value not in (None, "")]
