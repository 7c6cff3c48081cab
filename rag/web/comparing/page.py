"""The page that compares: questions and reports above, the table that grows below."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st

from rag import as_csv, as_xlsx, tabulate
from rag.web.comparing.choosing import MOST_QUESTIONS, chosen, show_choice, show_questions, written_questions
from rag.web.comparing.running import Comparison, begin, comparison
from rag.web.comparing.table import show_table
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.sidebar import chosen_writer, show_writers
from rag.web.state import Desk
from rag.web.writers import writer_label

_NO_REPORTS = "There are no reports yet. Add some on the Chat page; then every one of them can be asked here."
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Seconds between two looks at a comparison that is under way: the whole table goes to the browser each time.
_LEAST, _CELLS_A_SECOND = 0.5, 300


def show_compare_page(desk: Desk) -> None:
    """Draw the choice of questions and reports, and this visitor's newest comparison."""
    st.title("Compare", anchor=False)
    st.markdown("Ask every report the same questions, each by itself. Where one does not say, the table says so.")
    if not desk.library.held():
        st.info(_NO_REPORTS, icon=":material/library_add:")
        return
    desk.warm()
    asking, asked = st.columns(2, gap="medium")
    with asking:
        show_questions()
        show_writers(desk)
    with asked:
        show_choice(desk.library)
    # Below both, with what it starts: on a phone the list of reports stands between them otherwise.
    pressed = st.button("Compare", key="compare", type="primary", icon=":material/play_arrow:", width="stretch")
    # A place that is there in every run: the table below would be drawn anew if it moved.
    with st.container():
        if pressed:
            _start(desk)
    found = comparison()
    if found is not None:
        part(_show_comparison, run_every=None if found.done else _pause(found))(desk, found, done=found.done)


def _start(desk: Desk) -> None:
    """Begin a comparison, or say what it lacks."""
    questions, reports = written_questions(), chosen(desk.library)
    if not questions:
        st.warning("Write a question in the box above first.", icon=":material/arrow_upward:")
    elif len(questions) > MOST_QUESTIONS:
        words = f"These are {len(questions)} questions, and a table has room for {MOST_QUESTIONS}. Take some out."
        st.warning(words, icon=":material/arrow_upward:")
    elif not reports:
        st.warning("Tick a report in the list above, or press All there.", icon=":material/arrow_upward:")
    else:
        begin(desk, chosen_writer(desk), questions, reports)


def _pause(found: Comparison) -> float:
    return max(_LEAST, found.expected / _CELLS_A_SECOND)


def _show_comparison(desk: Desk, found: Comparison, *, done: bool) -> None:
    """Draw how far it is, its table and, at the end, the files; ``done`` says whether the page saw its end already."""
    if found.done and not done:
        # The page draws it for the last time, without the clock.
        st.rerun()
    cells = found.cells
    above, table, below = st.container(), st.container(), st.container()
    with above:
        if not found.done:
            _show_progress(desk, found, len(cells))
        elif found.fault:
            st.error(plain(found.fault), icon=":material/error:")
    with table:
        if cells or not found.done:
            show_table(found, held=desk.library.held())
    with below:
        if found.done:
            _show_end(found)


def _show_progress(desk: Desk, found: Comparison, asked: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        waiting = desk.loading() and not asked
        words = "The embedding model is loading" if waiting else f"{asked} of {found.expected} cells"
        st.progress(asked / found.expected, text=words)
        st.button("Stop", key="compare-stop", icon=":material/stop:", on_click=found.stop)


def _show_end(found: Comparison) -> None:
    cells = found.cells
    st.caption("  \n".join(map(plain, _summary(found))))
    if not cells:
        return
    table = tabulate(cells)
    with st.container(horizontal=True):
        # Made when they are asked for.
        for label, name, kind, make in (
            ("XLSX", "comparison.xlsx", _XLSX, as_xlsx),
            ("CSV", "comparison.csv", "text/csv", as_csv),
        ):
            st.download_button(
                f"Download {label}",
                partial(make, table),
                name,
                kind,
                key=f"compare-{label}",
                icon=":material/download:",
                on_click="ignore",
            )


def _summary(found: Comparison) -> list[str]:
    """Return the lines below a table: how far it came, and who wrote it."""
    cells = found.cells
    counts = Counter("stated" if cell.stated else "failed" if cell.error else "not stated" for cell in cells)
    said = ", ".join(f"{counts[one]} {one}" for one in ("stated", "not stated", "failed") if counts[one])
    stopped = f"Stopped after {len(cells)} of {found.expected} cells: " if found.stopped else f"{len(cells)} cells: "
    writer = "Quoted word for word" if found.writer == "quotes" else f"Written by {writer_label(found.writer)}"
    return [f"{stopped}{said or 'nothing is stated'}.", f"{writer}."]
