"""A fixture of pytest's: ``assert_suite`` asks a suite and holds its figures to bounds, in a team's own tests.

Footnote registers it as a plugin of pytest's, so that a test takes it by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from evals.results import Results

AssertSuite = Callable[..., "Results"]
# Measures of pages go by their bare names, too.
_SHORT = {"hit": "page_hit", "recall": "page_recall", "mrr": "page_mrr", "ndcg": "page_ndcg"}


@pytest.fixture
def assert_suite(request: pytest.FixtureRequest, tmp_path: Path) -> AssertSuite:
    """Return a function that asks a suite and fails the test where a figure is not as good as its bound.

    ``assert_suite("smoke.jsonl", hit_at_5=0.9, facts_covered=0.8)``: the path is relative to the test's file; a bound
    is a least value, and a most value for figures of which less is better (``seconds_p95=2.0``, ``failed=0``).
    ``settings`` are as for ``--set``, ``limit``, ``home`` and ``writer`` as for ``python -m evals run``. It returns
    the results.
    """
    cache = request.config.cache
    kept = Path(str(cache.mkdir("footnote"))) if cache is not None else tmp_path / "cache"

    def ask(suite: str | Path, *, settings: tuple[str, ...] = (), **bounds: Any) -> Results:
        __tracebackhide__ = True
        from evals.options import load_options
        from evals.runner import Plan, run_suite
        from evals.sources import open_source
        from evals.suite import Suite
        from rag import load_settings

        run = {name: bounds.pop(name) for name in ("limit", "home", "seed") if name in bounds}
        chosen = load_options(load_settings(), settings, writer=bounds.pop("writer", None))
        found = open_source(str(request.path.parent / suite) if Path(suite).suffix == ".jsonl" else str(suite))
        assert isinstance(found, Suite), f"{suite} holds claims and no questions"
        results = run_suite(found, chosen, tmp_path / f"results-{found.name}", Plan(cache=kept, **run))
        missed = missed_bounds(bounds, results.summary["figures"])
        if missed:
            pytest.fail("\n".join([*missed, f"See {results.folder / 'report.html'}"]), pytrace=False)
        return results

    return ask


def figure_name(name: str) -> str:
    """Return the figure that an argument's name stands for: ``hit_at_5`` is ``page_hit@5``."""
    stem, _, k = name.partition("_at_")
    stem = _SHORT.get(stem, stem)
    return f"{stem}@{k}" if k else stem


def missed_bounds(bounds: dict[str, float], figures: dict[str, dict[str, float]]) -> list[str]:
    """Return in words which bounds the figures miss. Raises SuiteError for a figure that the run has not."""
    from evals.gates import check_gates, parse_gate
    from evals.glossary import term

    terms = [(figure_name(name), bound) for name, bound in bounds.items()]
    gates = [parse_gate(f"{name}{'<=' if term(name).less else '>='}{bound}") for name, bound in terms]
    return check_gates(gates, figures)
