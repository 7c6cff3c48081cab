"""Looking for questions that the reports answer, in a thread of the server, while the page is used."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from rag import AnswerChain, Library, ModelError, suggest
from rag.web.writers import QUOTES

_MOST = 6
# Seconds between two looks whether a visitor's question, which comes first, is still being answered.
_PAUSE = 0.2


class Suggestions:
    """The questions that were found for the reports as they are now; all visitors see the same."""

    def __init__(
        self, library: Library, chain: Callable[[str], AnswerChain], busy: Callable[[], bool], proposer: str | None
    ) -> None:
        """``chain`` gives the chain of a writer, waiting for its model; ``busy`` says to let others go first.

        ``proposer`` is the model that proposes some, None for none. Quotes answer them all: that costs nothing.
        """
        self._library = library
        self._chain = chain
        self._busy = busy
        self._proposer = proposer
        self._guard = threading.Lock()
        self._generation = -1
        self._found: tuple[str, ...] = ()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def found(self) -> tuple[str, ...]:
        """Return the questions so far; a search begins where the reports have changed since the last one."""
        with self._guard:
            generation = self._library.generation()
            if generation != self._generation:
                self._stopped.set()
                self._stopped = threading.Event()
                self._generation, self._found = generation, ()
                arguments = (generation, self._stopped)
                self._thread = threading.Thread(target=self._search, args=arguments, daemon=True, name="suggesting")
                self._thread.start()
            return self._found

    def searching(self) -> bool:
        """Whether more may come."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Stop the search and wait for its end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _search(self, generation: int, stopped: threading.Event) -> None:
        for proposer in dict.fromkeys((self._proposer, None)):
            try:
                self._collect(proposer, generation, stopped)
                return
            except ModelError as error:
                logging.getLogger(__name__).warning("%s proposes no questions: %s", proposer, error)
            except Exception:
                # No question to begin with is no fault to show: whoever asks is told what is wrong.
                logging.getLogger(__name__).info("no more questions are suggested", exc_info=True)
                return

    def _collect(self, proposer: str | None, generation: int, stopped: threading.Event) -> None:
        quotes = self._chain(QUOTES)
        found = suggest(
            quotes,
            self._library,
            proposer=self._chain(proposer) if proposer else None,
            limit=_MOST,
            stopped=stopped,
            wait=lambda: self._let_others_go_first(stopped),
        )
        for suggestion in found:
            with self._guard:
                if generation != self._generation:
                    return
                self._found = tuple(dict.fromkeys((*self._found, suggestion.question)))[:_MOST]

    def _let_others_go_first(self, stopped: threading.Event) -> None:
        while self._busy() and not stopped.is_set():
            time.sleep(_PAUSE)
