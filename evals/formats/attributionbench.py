"""AttributionBench (Li et al. 2024, https://arxiv.org/abs/2402.15089): is a claim supported by what it refers to?

Files of JSON lines, such as ``dev_all_subset_balanced.jsonl``: claims of systems that answer with references, which
people found attributable to them or not. They measure the claim checker, and no suite can be asked of them.

- Every claim needs a reference. The answer that a claim is from, and the question, are passed over: the checker sees a
  statement and its sources, too.
- A claim counts as attributable where all of it is: what the checker calls partial is not.
- Tags are the sets that the claims are from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from evals.claims import Claim, Claims
from evals.formats.files import Record, Written, hash_of, listing, read_lines
from evals.suite import SuiteError


class _Entry(Record):
    id: Written
    claim: Written
    references: Annotated[tuple[Written, ...], Field(min_length=1)]
    attribution_label: Literal["attributable", "not attributable"]
    src_dataset: Written


def load_attributionbench(folder: Path) -> Claims:
    """Return the claims in a folder's .jsonl files. Raises SuiteError that names the file, the line and the field."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise SuiteError(f"{folder} holds no .jsonl file. {listing(folder)} Name the folder that holds the set.")
    claims: dict[str, Claim] = {}
    for where, entry in (pair for file in files for pair in read_lines(file, _Entry)):
        if entry.id in claims:
            raise SuiteError(f"{where}: id: {entry.id!r} is taken by an earlier claim. Each needs its own.")
        claims[entry.id] = Claim(
            id=entry.id,
            text=entry.claim,
            references=entry.references,
            attributable=entry.attribution_label == "attributable",
            tags=(entry.src_dataset,),
        )
    if not claims:
        raise SuiteError(f"{files[0]}: there is no claim in it. Take the set anew.")
    return Claims(
        name="attributionbench",
        claims=tuple(claims.values()),
        source="attributionbench",
        sha256=hash_of(files),
        about="AttributionBench: claims, what they refer to, and whether people found them supported by it.",
    )
