"""Questions that a language model proposes, for the same check as all others."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.evidence import page_evidence
from rag.language import folded
from rag.orders import gives_orders
from rag.prompts import messages
from rag.suggesting.candidates import Candidate
from rag.types import Page, Report
from rag.writing.generating import write_whole

if TYPE_CHECKING:
    from rag.answering import Tools

_NUMBER = 4
# Characters of a report that the model sees, a few sentences each from pages that lie evenly apart.
_EXCERPTS = 4000
_PAGES = 5
_LONGEST = 25
_BULLET = re.compile(r"^\s*(?:[-*•>]|\(?\d{1,2}[.)])\s*")


def propose(tools: Tools, report: Report, pages: Sequence[Page], stopped: threading.Event) -> Iterator[Candidate]:
    """Yield the questions that the writer's model proposes for a report; none where it writes none.

    Raises ModelError, CancelledError where it is stopped.
    """
    if tools.model is None or not pages:
        return
    prompt = messages("suggest", number=str(_NUMBER), title=folded(report.title), excerpts=_excerpts(pages))
    written, _ = write_whole(tools.model, prompt, timeout=tools.timeout, stopped=stopped)
    for line in written.splitlines()[: 2 * _NUMBER]:
        question = _BULLET.sub("", folded(line)).strip('"“”*_ ')
        if question.endswith("?") and len(question.split()) <= _LONGEST and not gives_orders(question):
            yield Candidate(question, "proposed", report.id)


def _excerpts(pages: Sequence[Page]) -> str:
    """Return sentences from the begin of a few pages, without what gives orders to the assistant."""
    chosen = pages[:: max(1, len(pages) // _PAGES)][:_PAGES]
    texts = (" ".join(folded(one.quote) for one in page_evidence(page, 0)) for page in chosen)
    return "\n\n".join(text[: _EXCERPTS // _PAGES] for text in texts)
