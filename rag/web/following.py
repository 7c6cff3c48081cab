"""Bringing a new question into view, with the start of its answer, and the last question of a conversation that is
opened: a small browser component that draws nothing.

Streamlit would follow the end of the page instead, but only for those who are there: who has scrolled up to an earlier
answer would not see the new one, and of an answer taller than the window the end alone is seen. It does so for a chat
input that it places itself, and not for one in ``st.bottom``, where ``page`` puts it.
"""

from __future__ import annotations

from rag.web.components import component


def follow(*, new: bool, last: bool, talk: str, key: str) -> None:
    """Mark the top of a question of the conversation ``talk``; the page goes there if it is new, and stays while its
    answer grows. If it is the last one, the page goes there once when the conversation is opened."""
    component("footnote_following", '<div class="asked"></div>', "following.js")(
        key=key, data={"new": new, "last": last, "talk": talk}
    )
