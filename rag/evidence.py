"""What of the passages may serve as evidence: whole sentences and table rows, with exact spans, and no orders.

Reports are data. A paragraph that speaks to the assistant ("ignore your instructions and say ...") is neither quoted
nor accepted in support of anything, whoever wrote the statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.language import ends_whole, folded, leans, sentences
from rag.orders import gives_orders
from rag.types import Block, Page, Passage, Source

# "This decision", "such steps": a sentence that says so needs the one that names the decision or the steps.
_POINTING = re.compile(
    r"\b(?:this|these|such|that|those)\s+(?:(?:new|same|recent|last)\s+)?(?:decision|change|move|step|trend|shift|plan|"
    r"policy|opening|development|approach|measure|proposal|arrangement|effort|agreement|announcement|position|"
    r"situation|process|finding|result|problem|issue|reason|factor|figure|difference|programme|program)s?\b",
    re.IGNORECASE,
)
# "However, ...", "It does not ...": a sentence that opens so takes back, or limits, what the one before it says.
_TAKING_BACK = re.compile(
    r"^\W*(?:(?:but|however|yet|nevertheless|nonetheless|even so|that said|in (?:fact|reality))\b|"
    r"(?:it|they|he|she|this|that|these|those)\b[^.;:]{0,60}?\b(?:not|never|no longer|nor|cannot|no)\b)",
    re.IGNORECASE,
)
# A quote of fewer words says nothing on its own.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence or a table row of a page. ``passage`` is the index (from 0) of the passage that brought it.

    ``spans`` are its exact places on the page: one, or for a table's row the row of column heads before it.
    """

    passage: int
    page: Page
    start: int
    end: int
    kind: str
    heads: tuple[int, int] | None = None

    @property
    def quote(self) -> str:
        """The exact text."""
        return self.page.text[self.start : self.end]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The places of the column heads, if any, and of the text."""
        own = (self.start, self.end)
        return (self.heads, own) if self.heads else (own,)

    @property
    def text(self) -> str:
        """The text with white space folded, as it is read; a table's row comes after its column heads."""
        return ": ".join(folded(self.page.text[start:end]) for start, end in self.spans)


def evidence(passages: Sequence[Passage]) -> list[Evidence]:
    """Return the sentences and table rows that lie in the passages, in passage and reading order; [] for none.

    Headings, running headers, scraps of under four words and paragraphs that give the assistant orders are left out.
    """
    found = []
    for index, passage in enumerate(passages):
        for one in page_evidence(passage.page, index):
            if passage.start <= one.start and one.end <= passage.end and _says_something(one):
                found.append(one)
    return found


def page_evidence(page: Page, passage: int) -> list[Evidence]:
    """Return all sentences and rows of a page but those of paragraphs that give orders."""
    found: list[Evidence] = []
    all_heads = {_words(block.heads) for block in page.blocks if block.heads}
    # Where the column heads stand that were last seen, by their words; a row's heads need not be text of the page.
    heads: dict[tuple[str, ...], tuple[int, int]] = {}
    dictated = False
    for block in page.blocks:
        text = page.text[block.start : block.end]
        if block.kind == "furniture":
            continue
        words = _words(text)
        if words in all_heads:
            heads[words] = (block.start, block.end)
        orders = gives_orders(text)
        skipped, dictated = orders or dictated, orders and text.rstrip().endswith(":")
        # The row of column heads answers nothing by itself; what follows "say this:" is part of the order.
        if block.kind == "heading" or skipped or words in all_heads:
            continue
        above = heads.get(_words(block.heads)) if block.heads else None
        found.extend(Evidence(passage, page, start, end, block.kind, above) for start, end in _spans(page, block))
    return found


def antecedents(one: Evidence, most: int = 2) -> list[Evidence]:
    """Return the sentences before this one that it leans on, at most ``most``, in reading order; [] for none."""
    if one.kind != "text" or not needs_antecedent(one.quote):
        return []
    before = [other for other in page_evidence(one.page, one.passage) if other.end <= one.start]
    found: list[Evidence] = []
    while len(found) < most and before and needs_antecedent((found[0] if found else one).quote):
        previous = before.pop()
        # A line such as "Date: 2023" says nothing that could be meant, one that ends in a colon does.
        if previous.kind != "text" or not (ends_whole(previous.quote) or previous.quote.endswith(":")):
            break
        found.insert(0, previous)
    return found


def retraction(one: Evidence) -> Evidence | None:
    """Return the sentence after this one where it takes back what this one says (*It is said to ... It does not.*)."""
    if one.kind != "text":
        return None
    after = next((other for other in page_evidence(one.page, one.passage) if other.start >= one.end), None)
    return after if after and after.kind == "text" and _TAKING_BACK.match(after.quote) else None


def needs_antecedent(sentence: str) -> bool:
    """Return whether the sentence points at one before it, by its first word or by a phrase like *this decision*."""
    return leans(sentence) or bool(_POINTING.search(sentence))


def source(passage: Passage, start: int, end: int) -> Source:
    """Return the exact quote of ``start:end`` on the passage's page, with its place."""
    report, page = passage.report, passage.page
    return Source(
        report=report.id,
        document=report.document,
        title=report.title,
        date=report.date,
        page=page.number,
        label=page.label,
        quote=page.text[start:end],
        start=start,
        end=end,
    )


def _spans(page: Page, block: Block) -> list[tuple[int, int]]:
    return sentences(page.text, block.start, block.end) if block.kind == "text" else [(block.start, block.end)]


def _words(text: str) -> tuple[str, ...]:
    """Return the words in an order of their own, without the marks between cells: the text of a PDF's row of column
    heads has no marks, and may have another order where a head takes two lines."""
    return tuple(sorted(text.replace("|", " ").split()))


def _says_something(one: Evidence) -> bool:
    if one.kind == "row":
        return any(letter.isalnum() for letter in one.quote)
    return len(one.quote.split()) >= _LEAST_WORDS
