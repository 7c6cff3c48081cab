"""Measures of citations: are they quotes, do they stand where the answer stands, and is anything left out?

Precision and recall are those of sets: Manning, Raghavan and Schütze 2008, chapter 8,
https://nlp.stanford.edu/IR-book/. They hold citations against the pages that a suite names as evidence, so they need
no model that judges; the precision and recall of ALCE (Gao et al. 2023, https://arxiv.org/abs/2305.14627) are others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from evals.rows import Place
from rag import Citation
from rag.cases import Evidence
from rag.language import folded
from rag.library import report_id

# Characters that a citation and an expected quote have to share, unless the quote is shorter: about two words, since
# a word or a number alone may stand on the page several times.
_SHARED = 12


def citation_integrity(intact: Sequence[bool]) -> float:
    """Return the share of citations with ``page.text[start:end] == quote``, 0 to 1; 1 for none.

    It has to be 1: a quote is a quote, whoever wrote the answer. Where nothing is quoted, nothing is misquoted.
    """
    return sum(intact) / len(intact) if intact else 1.0


def citation_precision(cited: Sequence[Place], evidence: Collection[Place]) -> float:
    """Return the share of citations whose page is evidence, 0 to 1; 0 for no citations.

    Formula: |citations on pages of evidence| / |citations|; two citations of one page count twice.
    """
    return sum(place in evidence for place in cited) / len(cited) if cited else 0.0


def citation_recall(cited: Collection[Place], evidence: Collection[Place]) -> float:
    """Return the share of the evidence's pages that are cited, 0 to 1; 0 for no citations, and for no evidence.

    Formula: |pages of evidence that are cited| / |pages of evidence|.
    """
    pages = set(evidence)
    return len(pages.intersection(cited)) / len(pages) if pages else 0.0


def citation_match(citations: Sequence[Citation], evidence: Sequence[Evidence]) -> float:
    """Return the share of the evidence's quotes that a citation of the same page overlaps, 0 to 1; 0 for none.

    Formula: |quotes that some citation overlaps| / |quotes|; evidence without a quote is passed over.
    """
    expected = [one for one in evidence if one.quote is not None]
    met = sum(any(_meets(citation, one) for citation in citations) for one in expected)
    return met / len(expected) if expected else 0.0


def evidence_pages(evidence: Sequence[Evidence]) -> list[Place]:
    """Return the pages that the evidence names, each once, in order; none for none."""
    return list(dict.fromkeys((report_id(one.report), page) for one in evidence for page in one.pages))


def _meets(citation: Citation, expected: Evidence) -> bool:
    same_page = citation.report == report_id(expected.report) and citation.page in expected.pages
    return same_page and overlap(folded(citation.quote), folded(expected.quote or ""))


def overlap(cited: str, quote: str) -> bool:
    """Whether two pieces of one page's text, white space folded, overlap on the page, as far as their words can tell.

    One holds the other, or one ends as the other begins, and what they share is as long as ``quote`` or 12 characters.
    An empty text overlaps nothing.
    """
    least = min(_SHARED, len(quote))
    shorter, longer = sorted((cited, quote), key=len)
    if len(shorter) < least or not shorter:
        return False
    return shorter in longer or any(
        cited[-size:] == quote[:size] or quote[-size:] == cited[:size] for size in range(least, len(shorter))
    )
