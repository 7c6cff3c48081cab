"""The frame of every page: the ways between them, the desk that they share, and errors in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from rag import load_settings
from rag.web.comparing.page import show_compare_page
from rag.web.faults import guarded
from rag.web.measuring import show_evals_page
from rag.web.mending import mend
from rag.web.page import show_chat_page
from rag.web.setup import show_settings_page
from rag.web.shelf import show_library_page
from rag.web.state import Desk, open_desk
from rag.web.viewer import show_viewer

# A file of ours: icons by name would come from the network.
ICON = str(Path(__file__).with_name("icon.svg"))


def show(samples: Path) -> None:
    """Draw the page that is chosen; ``samples`` is the folder of sample reports, which may be absent."""
    page = st.navigation(_pages(samples), position="top")
    # Told apart in a row of tabs, and by who hears the page.
    st.set_page_config(page_title=f"{page.title} · Footnote")
    # Without a gap: neither has a height.
    with st.container(gap=None):
        mend()
        show_viewer()
    page.run()


def _pages(samples: Path) -> list[st.Page]:
    chat = _page(
        partial(show_chat_page, samples=samples),
        "Chat",
        icon="forum",
        path="",
        help="Ask your reports; every sentence has its footnotes.",
    )
    return [
        chat,
        _page(
            partial(show_library_page, samples=samples),
            "Library",
            icon="library_books",
            path="library",
            help="What is on the shelf, and its upkeep.",
        ),
        _page(
            show_compare_page,
            "Compare",
            icon="table_chart",
            path="compare",
            help="Ask every report the same questions, each by itself; the answers make a table.",
        ),
        _page(
            partial(show_evals_page, chat=chat),
            "Evals",
            icon="monitoring",
            path="evals",
            help="How good the answers are: past runs, side by side, down to a case.",
        ),
        _page(
            show_settings_page,
            "Settings",
            icon="settings",
            path="settings",
            help="What is in use, and connecting a language model.",
        ),
    ]


def _page(draw: Callable[[Desk], None], title: str, *, icon: str, path: str, help: str) -> st.Page:
    return st.Page(
        partial(_guarded, draw), title=title, icon=f":material/{icon}:", url_path=path, default=not path, help=help
    )


def _guarded(draw: Callable[[Desk], None]) -> None:
    """Draw a page at the desk of the settings; what goes wrong is said in words."""
    with guarded("page"):
        settings = load_settings()
        draw(open_desk(settings, settings.model_dump_json()))
