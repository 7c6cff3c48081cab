"""Bringing a new question into view, with the start of its answer: a small browser component that draws nothing.

Streamlit would follow the end of the page instead, but only for those who are there: who has scrolled up to an earlier
answer would not see the new one, and of an answer taller than the window the end alone is seen. It does so for a chat
input that it places itself, and not for one in ``st.bottom``, where ``page`` puts it.
"""

from __future__ import annotations

from rag.web.components import component


def follow(*, new: bool, key: str) -> None:
    """Mark the top of a question; the page goes there if it is new, and stays while its answer grows."""
    component("footnote_following", '<div class="asked"></div>', "following.js")(key=key, data={"new": new})
