"""Claims -> a folder of results: does the checker agree with the people who judged them?

A claim counts as attributable where its verdict is "verified": "partial" says that something of it lacks support.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from evals.claims import Claim, Claims
from evals.libraries import load_chosen
from evals.options import Options
from evals.progress import progress_bar
from evals.results import Results, read_rows, write_row
from evals.rows import Row
from evals.runner import Plan, about_run, begin, drawn, finish
from rag import Answer, Block, Case, Citation, Embedding, Page, Passage, Report, Statement
from rag.checking import check
from rag.writing import Draft

_PARAGRAPH = re.compile(r"\S.*?(?=\n\s*\n|\Z)", re.DOTALL)


def run_claims(claims: Claims, options: Options, out: Path, plan: Plan = Plan()) -> Results:
    """Check the claims against their references and return the results, which are in the folder ``out`` then.

    Raises SuiteError where the folder holds another run.
    """
    began = time.perf_counter()
    chosen = drawn(claims.claims, plan)
    embedding = load_chosen(options.embedding)
    about = about_run(claims, options, plan, None, cases=len(chosen))
    begin(out, about, fresh=plan.fresh)
    about["machine"]["dtype"] = embedding.dtype
    done = {row.case.id for row in read_rows(out)}
    waiting = [claim for claim in chosen if claim.id not in done]
    with progress_bar(f"checking {claims.name}", len(waiting)) as advance:
        for claim in waiting:
            write_row(out, _checked(claim, embedding))
            advance()
    return finish(out, about, [claim.id for claim in chosen], seconds=time.perf_counter() - began, measured=agreement)


def agreement(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their measures: agreement, 1 where the checker and people say the same, and the same as
    sensitivity of an attributable claim, as specificity of another."""
    return [replace(row, measures=_measures(row)) for row in rows]


def passages_of(claim: Claim) -> list[Passage]:
    """Return the claim's references as passages that a statement may cite, in order."""
    return [_passage(place, text) for place, text in enumerate(claim.references, start=1)]


def _measures(row: Row) -> dict[str, float]:
    agrees = float(row.answer is not None and row.answer.answered == row.case.answerable)
    kind = "sensitivity" if row.case.answerable else "specificity"
    return {"agreement": agrees, kind: agrees, "seconds": row.seconds}


def _checked(claim: Claim, embedding: Embedding) -> Row:
    """Return what the checker says of a claim: an answer of one statement, "answered" where it is verified."""
    case = Case(id=claim.id, question=claim.text, answerable=claim.attributable, tags=claim.tags)
    passages = passages_of(claim)
    began = time.perf_counter()
    try:
        found = check(Draft(claim.text, tuple(range(len(passages)))), passages, embedding)
    except Exception as error:
        return Row(case, error=f"{type(error).__name__}: {error}", seconds=time.perf_counter() - began)
    citations = tuple(Citation(**asdict(source), number=at) for at, source in enumerate(found.sources, start=1))
    answer = Answer(
        question=claim.text,
        standalone=claim.text,
        answered=found.support == "verified",
        text=claim.text,
        statements=(Statement(claim.text, tuple(one.number for one in citations), found.support),),
        citations=citations,
        writer="claim",
    )
    return Row(case, answer, seconds=time.perf_counter() - began)


def _passage(place: int, text: str) -> Passage:
    """Return a reference as a passage: a report of one page, a block a paragraph."""
    name = f"reference {place}"
    blocks = tuple(Block(found.start(), found.end()) for found in _PARAGRAPH.finditer(text))
    page = Page(1, name, text, blocks)
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    report = Report(
        id=sha256[:12],
        document=sha256,
        name=name,
        title="",
        kind="text",
        date=None,
        pages=1,
        chunks=1,
        size=len(text),
        added="",
    )
    return Passage(chunk=name, report=report, page=page, start=0, end=len(text), context="", score=1.0)
