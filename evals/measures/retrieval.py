"""Measures of a ranking: did what a right answer stands on come first? Computed by ir-measures (trec_eval).

Relevance is 0 or 1. With rel(i) the relevance of what stands at rank i, from 1, and R the number of relevant ones:

- hit@k: 1 where a relevant one is among the first k, else 0 (trec_eval's success).
- recall@k: the share of the R relevant ones among the first k. Manning, Raghavan and Schütze 2008, chapter 8,
  https://nlp.stanford.edu/IR-book/.
- mrr: 1 / rank of the first relevant one, 0 where there is none; its mean is the mean reciprocal rank.
  Voorhees 1999, https://trec.nist.gov/pubs/trec8/papers/qa_report.pdf.
- ndcg@10: sum over i <= 10 of rel(i) / log2(i + 1), divided by what min(R, 10) relevant ones at the top would give.
  Järvelin and Kekäläinen 2002, https://doi.org/10.1145/582415.582418.

All lie between 0 and 1, and an empty ranking gives 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from evals.rows import Place

NAMES = ("hit@1", "hit@5", "hit@10", "recall@5", "recall@10", "mrr", "ndcg@10")


def rank_measures(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]]) -> list[dict[str, float]]:
    """Return the measures of each ranking by name, those of ``NAMES``; no rankings give [].

    ``rankings[i]`` holds what was found, best first, and ``relevant[i]`` what should have been. What comes twice counts
    at its first rank. A ranking that is empty, or for which nothing is relevant, has 0 for all. All rankings are
    measured in one call, since a call costs more than a ranking. Raises ValueError where the lengths differ.
    """
    measured = [dict.fromkeys(NAMES, 0.0) for _ in rankings]
    pairs = {str(at): pair for at, pair in enumerate(zip(rankings, relevant, strict=True)) if all(pair)}
    if not pairs:
        return measured
    import ir_measures as ir

    named = dict(
        zip(
            (ir.Success @ 1, ir.Success @ 5, ir.Success @ 10, ir.R @ 5, ir.R @ 10, ir.RR, ir.nDCG @ 10),
            NAMES,
            strict=True,
        )
    )
    # trec_eval takes scores, and orders equal ones as it likes: they fall by one a rank.
    run = {at: {one: -float(rank) for rank, one in enumerate(dict.fromkeys(found))} for at, (found, _) in pairs.items()}
    wanted = {at: dict.fromkeys(right, 1) for at, (_, right) in pairs.items()}
    for metric in ir.iter_calc(list(named), wanted, run):
        measured[int(metric.query_id)][named[metric.measure]] = float(metric.value)
    return measured


def page_keys(places: Iterable[Place]) -> list[str]:
    """Return a key for each page, in the order given; none for none."""
    return [f"{report} {page}" for report, page in places]


def report_keys(places: Iterable[Place]) -> list[str]:
    """Return the reports of the pages, each once, in the order of their first page; none for none."""
    return list(dict.fromkeys(report for report, _ in places))
