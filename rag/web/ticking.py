"""Tick boxes of reports: a list of them, All and None for what is shown, and the memory of what was unticked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import streamlit as st

from rag import Report
from rag.web.plain import WORD_JOINER, one_line, plain

# More boxes than this are found by their words.
_MOST = 60


@dataclass(frozen=True, slots=True)
class Ticks:
    """A list of boxes; ``scope`` tells a visitor's lists apart. A report is ticked until someone unticks it."""

    scope: str

    def unticked(self) -> set[str]:
        """Return the ids of the reports that this visitor unticked; the set is the memory itself."""
        return cast(set[str], st.session_state.setdefault(f"{self.scope}-unticked", set()))

    def of(self, reports: Sequence[Report]) -> tuple[Report, ...]:
        """Return those of the reports that are ticked."""
        unticked = self.unticked()
        return tuple(report for report in reports if report.id not in unticked)

    def tick_all_but(self, reports: Collection[str]) -> None:
        """Tick every report but those with these ids."""
        self.unticked().clear()
        self.unticked().update(reports)
        self._draw_anew()

    def show_count(self, number: int, of: int, verb: str, shown: Callable[[], Sequence[Report]]) -> None:
        """Draw how many of the reports are, say, "searched", and All and None, which tick what is ``shown`` then: the
        newest words of a search may come with the click."""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_said(number, of, verb), width="stretch")
            for label, ticked in (("All", True), ("None", False)):
                key = f"{self.scope}-{label}"
                st.button(label, key=key, type="tertiary", on_click=self._tick_all, args=(shown, ticked))

    def show_boxes(
        self, reports: Sequence[Report], shown: Sequence[Report], *, height: int | Literal["content"], border: bool
    ) -> None:
        """Draw a box for each report that is ``shown``, of all the ``reports``; ``height`` is in pixels."""
        titles = Counter(one_line(report.title) for report in reports)
        with st.container(height=height, border=border, gap="xsmall"):
            for report in shown[:_MOST]:
                # Drawn as it is, not set through the session: until it took that over, the browser would take it for
                # empty.
                st.checkbox(
                    _label(report, with_name=titles[one_line(report.title)] > 1),
                    value=report.id not in self.unticked(),
                    key=self._key(report.id, self._boxes()),
                    on_change=self._tick,
                    args=(report.id, self._boxes()),
                )
            if not shown:
                st.caption("No report has that in its title, date or kind.")
            elif len(shown) > _MOST:
                st.caption(f"and {len(shown) - _MOST:,} more: find them by their words.")

    def _boxes(self) -> int:
        """Return the number of the boxes that are drawn now; what ticks several at once draws new ones."""
        return cast(int, st.session_state.setdefault(f"{self.scope}-boxes", 0))

    def _draw_anew(self) -> None:
        # Those that were drawn before say how they were ticked then.
        st.session_state[f"{self.scope}-boxes"] = self._boxes() + 1

    def _key(self, report: str, boxes: int) -> str:
        return f"{self.scope}-tick-{boxes}-{report}"

    def _tick(self, report: str, boxes: int) -> None:
        # The browser may tell once more how boxes were that are gone: they say nothing of what was ticked since.
        if boxes == self._boxes():
            ticked = st.session_state[self._key(report, boxes)]
            (self.unticked().discard if ticked else self.unticked().add)(report)

    def _tick_all(self, shown: Callable[[], Sequence[Report]], ticked: bool) -> None:
        ids = {report.id for report in shown()}
        (self.unticked().difference_update if ticked else self.unticked().update)(ids)
        self._draw_anew()


def matches(report: Report, words: str) -> bool:
    """Return whether the report's title, name, date or kind have all of the words, whatever their case."""
    about = f"{report.title} {report.name} {report.date or ''} {report.kind}".casefold()
    return all(word in about for word in words.casefold().split())


def _said(number: int, of: int, verb: str) -> str:
    if not number:
        return f"None is {verb}"
    if number == of:
        return f"It is {verb}" if of == 1 else f"All {of:,} are {verb}"
    return f"{number:,} of {of:,} {'is' if number == 1 else 'are'} {verb}"


def _label(report: Report, *, with_name: bool) -> str:
    """Return a report's title and what is known of it as Markdown; with its name where another has the same title."""
    pages = f"{report.pages:,} page" + ("" if report.pages == 1 else "s")
    about = " · ".join(filter(None, (report.date, pages)))
    # Kept on one line, below the title where there is no room beside it.
    unbroken = plain(about).replace(" ", "\u00a0").replace("-", f"-{WORD_JOINER}")
    name = f"{plain(report.name)} · " if with_name else ""
    return f"{plain(report.title)} :small[:gray[{name}{unbroken}]]"
