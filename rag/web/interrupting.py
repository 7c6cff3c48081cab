"""Waiting for an answer so that Stop stops it: Streamlit ends a run where that draws or touches the session, which one
that waits for a language model does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait

import streamlit as st

from rag import Answer

# Seconds between two looks whether the visitor has pressed Stop, or has gone.
_LOOK_EVERY = 0.1


def interruptible(stream: Callable[[threading.Event], Generator[Answer, None, None]]) -> Generator[Answer, None, None]:
    """Yield what ``stream`` yields, which runs in a thread of its own, with an event that is set when the run ends."""
    over = threading.Event()
    answers = stream(over)
    pool = ThreadPoolExecutor(1, "answering")
    try:
        while True:
            coming = pool.submit(next, answers, None)
            while not wait((coming,), _LOOK_EVERY).done:
                # A touch, and no more.
                st.session_state.get("talk")
            answer = coming.result()
            if answer is None:
                return
            yield answer
    finally:
        over.set()
        pool.shutdown()
        answers.close()
