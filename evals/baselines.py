"""Every suite and public set on the defaults, beside the baselines of retrieval: ``python -m evals baselines``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.claim_runs import run_claims
from evals.claims import Claims
from evals.options import load_options
from evals.results import Results
from evals.retrievers import RETRIEVERS
from evals.runner import Plan, run_suite
from evals.sources import open_source
from rag import load_settings

_SUITES = Path(__file__).parent / "suites"


@dataclass(frozen=True, slots=True)
class _Set:
    """What is run: a suite's file or a public set's format and folder; ``limit`` draws that many cases by seed 0.

    ``answers``: the default retriever also answers. ``baselines``: the others rank, too.
    """

    name: str
    source: str
    answers: bool = True
    baselines: bool = True
    limit: int | None = None


# Thousands of questions of one kind say no more than a sample of them, and take an hour.
_SAMPLE = 1000
_SETS = (
    _Set("stations", str(_SUITES / "stations.jsonl")),
    _Set("stations-held", str(_SUITES / "stations-held.jsonl")),
    _Set("financebench", "financebench:{data}/financebench"),
    _Set("mmlongbench", "mmlongbench:{data}/mmlongbench"),
    _Set("scifact", "beir:{data}/scifact", answers=False),
    _Set("squad2", "squad2:{data}/squad2", answers=False, limit=_SAMPLE),
    _Set("squad2-given", "squad2-given:{data}/squad2", baselines=False, limit=_SAMPLE),
    _Set("clapnq", "clapnq:{data}/clapnq", answers=False),
    _Set("clapnq-given", "clapnq-given:{data}/clapnq", baselines=False),
    _Set("multihop-rag", "multihop-rag:{data}/multihop-rag"),
    _Set("mtrag", "mtrag:{data}/mtrag", answers=False),
    _Set("mtrag-rewritten", "mtrag-rewritten:{data}/mtrag", answers=False),
    _Set("attributionbench", "attributionbench:{data}/attributionbench", baselines=False),
)
NAMES = tuple(one.name for one in _SETS)
_RANKING = ("page_hit@1", "page_hit@5", "page_recall@5", "page_mrr", "page_ndcg@10", "report_hit@5")
# An order for reading; a figure that the set has not is left out.
_ORDER = (
    *("facts_covered", "answer_words", "token_f1", "rouge_l", "citation_integrity"),
    *("citation_precision", "citation_recall", "citation_match"),
    *("abstention_accuracy", "refusal_precision", "refusal_recall", "confidence_auroc", "aurc"),
    *("balanced_accuracy", "sensitivity", "specificity", "seconds_p50", "seconds_p95", "failed"),
)


def run_baselines(data: Path, out: Path, *, only: Sequence[str] = (), cache: Path = Path(".evals")) -> str:
    """Run the sets, all of them or those named, and return the table of their figures as Markdown.

    Each run has a folder of its own below ``out``, and is gone on with where a part of it is there. A public set that
    is not below ``data`` is named on stderr and left out.
    """
    tables = []
    for one in _SETS:
        if only and one.name not in only:
            continue
        source = one.source.format(data=data)
        if "{data}" in one.source and not Path(source.partition(":")[2]).is_dir():
            print(f"evals: left out: {source} is not there", file=sys.stderr)
            continue
        tables.append(_table(one, dict(_runs(one, source, out, cache))))
    return "\n\n".join(tables)


def _runs(one: _Set, source: str, out: Path, cache: Path) -> Iterator[tuple[str, Results]]:
    """Yield the set's runs by the name of their retriever, the product's first."""
    suite = open_source(source)
    if isinstance(suite, Claims):
        yield "default", run_claims(suite, load_options(load_settings()), out / one.name, Plan(limit=one.limit))
        return
    for retriever in RETRIEVERS if one.baselines else ("default",):
        options = load_options(load_settings(), [f"retrieval.retriever={retriever}"])
        ranks = retriever != "default" or not one.answers
        plan = Plan(limit=one.limit, retrieval_only=ranks, cache=cache)
        yield retriever, run_suite(suite, options, out / f"{one.name}-{retriever}", plan)


def _table(one: _Set, runs: dict[str, Results]) -> str:
    """Return the figures as Markdown: a row a figure, a column a retriever; the default one with its interval."""
    first = runs["default"].summary["figures"]
    rows = [f"| {one.name}, {runs['default'].run['suite']['cases']} cases | " + " | ".join(runs) + " |"]
    rows.append("|---" * (len(runs) + 1) + "|")
    # Where each question is asked of its own passage, there is nothing to rank.
    for name in (name for name in (*(_RANKING if one.baselines else ()), *_ORDER) if name in first):
        cells = [_cell(results.summary["figures"].get(name), whole=at == 0) for at, results in enumerate(runs.values())]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(figure: dict[str, float] | None, *, whole: bool) -> str:
    if figure is None:
        return ""
    value, low, high = (f"{round(figure[name], 3) + 0:.3f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high}, n={figure['n']})" if whole else value
