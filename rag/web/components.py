"""Browser components of ours: each is some of the scripts and styles in this folder, after what all of them share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_SHARED = "making.js"


@cache
def component(name: str, html: str, *files: str) -> Callable[..., Any]:
    """Return what mounts the component of that name, which is its own, in ``html``.

    ``files`` are paths in this folder, each ".js" or ".css", in the order in which they are to stand.
    """
    return st.components.v2.component(
        name, html=html or None, css=_joined(files, ".css") or None, js=_joined((_SHARED, *files), ".js")
    )


def _joined(files: tuple[str, ...], kind: str) -> str:
    folder = Path(__file__).parent
    return "\n".join((folder / file).read_text(encoding="utf-8") for file in files if file.endswith(kind))
