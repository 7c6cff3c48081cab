"""Pages and passages made by hand, a few words each."""

from __future__ import annotations

from rag.types import Block, Page, Passage, Report


def paged(*parts: tuple[str, ...], number: int = 1) -> Page:
    """A page of blocks, each (kind, text) or (kind, text, heads), with an empty line between; "heading2" is a heading
    of level 2."""
    text, blocks = "", []
    for kind, part, *heads in parts:
        text += "\n\n" if text else ""
        level = int(kind[-1]) if kind[-1].isdigit() else 0
        blocks.append(Block(len(text), len(text) + len(part), kind.rstrip("123"), level, *heads))  # type: ignore[arg-type]
        text += part
    return Page(number, f"p. {number}", text, tuple(blocks))


def passage(page: Page | str, *, title: str = "T", date: str | None = None, context: str | None = None) -> Passage:
    """A passage that spans its page; a string is a page of one paragraph."""
    page = paged(("text", page)) if isinstance(page, str) else page
    report = Report(f"id-{title}", f"sha-{title}", f"{title}.md", title, "markdown", date, 1, 1, 9, "2024-01-01T00:00Z")
    return Passage("c", report, page, 0, len(page.text), title if context is None else context, 0.03, 0.5)
