"""A conversation as a file to keep or to send: Markdown, or a Word document, each with footnotes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag.exporting.document import as_docx
from rag.exporting.markdown import as_markdown
from rag.exporting.script import write_script
from rag.transcripts import Conversation, Exchange

_LONGEST_NAME = 60
_UNNAMED = "conversation"


def to_markdown(
    conversation: Conversation, exchanges: Sequence[Exchange], *, held: Collection[tuple[str, str]] | None = None
) -> str:
    """Return a conversation as Markdown (CommonMark with GitHub's footnotes and tables), numbered over the whole of it.

    ``held`` are the pairs (report, document) that the library holds, ``Library.held``: a footnote to another is marked.
    Nothing of a report's or a model's text renders as an image, a link or HTML.
    """
    return as_markdown(write_script(conversation, exchanges, held=held))


def to_docx(
    conversation: Conversation, exchanges: Sequence[Exchange], *, held: Collection[tuple[str, str]] | None = None
) -> bytes:
    """Return a conversation as the bytes of a Word document with Word's own footnotes; ``held`` as above."""
    return as_docx(write_script(conversation, exchanges, held=held))


def file_name(conversation: Conversation, ending: str) -> str:
    """Return a name for the exported file, made from the title: lower-case words joined by "-", and the ending."""
    words = "-".join(re.findall(r"\w+", conversation.title.casefold()))[:_LONGEST_NAME].strip("-_")
    return f"{words or _UNNAMED}.{ending}"


__all__ = ["file_name", "to_docx", "to_markdown"]
