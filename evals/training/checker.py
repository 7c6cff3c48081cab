"""The weights of the claim checker, fitted and measured: ``python -m evals.training.checker FOLDER``.

FOLDER holds AttributionBench's dev claims. Prints balanced accuracy by five folds, each scored with weights of the
other four; how many planted changes are verified then; and the constants of ``rag.checking.weighing``, fitted on all.

Claims of one question share their references, so a fold takes all claims that a chain of questions and references
joins, by the SHA-256 of the first of their ids. A logistic regression is fitted on the claims that no rule turns down:
even odds are then where a claim is as likely from either half of the set, turned down ones included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.claim_runs import passages_of
from evals.claims import Claim
from evals.formats.attributionbench import load_attributionbench
from evals.planted import plant
from rag import Embedding, load_embedding
from rag.checking import Findings, findings
from rag.checking.framing import claimed
from rag.checking.weighing import Nearness, embed
from rag.evidence import evidence

FOLDS = 5
RESAMPLES = 1000
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """What was found of some texts: their nearness, a row each, and which of them a rule turns down."""

    near: Numbers
    changed: Flags


def main() -> None:
    """Fit, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m evals.training.checker", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    embedding = load_embedding()
    claims = load_attributionbench(folder).claims
    groups = groups_of(claims, questions_of(folder))
    folds = np.array([fold_of(group) for group in groups])
    seen = see([(claim, claim.text) for claim in claims], embedding)
    right = np.array([claim.attributable for claim in claims])
    planted = plant(claims)
    seen_planted = see([(one.claim, one.text) for one in planted], embedding)
    place = {claim.id: at for at, claim in enumerate(claims)}
    folds_planted = np.array([folds[place[one.claim.id]] for one in planted])
    verified, passed = np.zeros(len(claims), bool), np.zeros(len(planted), bool)
    for fold in range(FOLDS):
        weights, bias = fit(seen, right, folds != fold)
        verified |= (folds == fold) & judge(seen, weights, bias)
        passed |= (folds_planted == fold) & judge(seen_planted, weights, bias)
    print_figures(right, verified, folds, groups, [claim.tags[0] for claim in claims])
    print_planted([one.kind for one in planted], passed)
    weights, bias = fit(seen, right, np.ones(len(claims), bool))
    values = ", ".join(f"{field.name}={weight:.2f}" for field, weight in zip(fields(Nearness), weights, strict=True))
    print(f"WEIGHTS = Nearness({values})\nBIAS = {bias:.2f}")


def see(asked: Sequence[tuple[Claim, str]], embedding: Embedding) -> Seen:
    """Return what the checker finds of each text in its claim's references."""
    found = [_found(claim, text, embedding) for claim, text in asked]
    nothing = (0.0,) * len(fields(Nearness))
    return Seen(
        near=np.array([astuple(one.near) if one else nothing for one in found]),
        changed=np.array([one is None or one.changed for one in found]),
    )


def fit(seen: Seen, right: Flags, chosen: Flags) -> tuple[Numbers, float]:
    """Return the weights and the bias of a logistic regression on the chosen claims that no rule turns down."""
    from sklearn.linear_model import LogisticRegression

    rows = chosen & ~seen.changed
    middle, spread = seen.near[rows].mean(axis=0), seen.near[rows].std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0).fit((seen.near[rows] - middle) / spread, right[rows])
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - middle @ weights)


def judge(seen: Seen, weights: Numbers, bias: float) -> Flags:
    """Return which of the texts are verified with such weights."""
    verified: Flags = (seen.near @ weights + bias >= 0) & ~seen.changed
    return verified


def balanced(right: Flags, verified: Flags) -> float:
    """Return the balanced accuracy: the mean of sensitivity and specificity."""
    return float((verified[right].mean() + (~verified[~right]).mean()) / 2)


def groups_of(claims: Sequence[Claim], questions: Sequence[str]) -> list[str]:
    """Return each claim's group, named by its first id: claims that share a question or a reference, and so on."""
    above: dict[str, str] = {}

    def top(key: str) -> str:
        while above.setdefault(key, key) != key:
            key = above[key]
        return key

    for claim, question in zip(claims, questions, strict=True):
        for key in (f"question {question}", *(f"reference {text}" for text in claim.references)):
            above[top(key)] = top(f"claim {claim.id}")
    tops = [top(f"claim {claim.id}") for claim in claims]
    first: dict[str, str] = {}
    for claim, one in zip(claims, tops, strict=True):
        first[one] = min(first.get(one, claim.id), claim.id)
    return [first[one] for one in tops]


def fold_of(group: str) -> int:
    """Return the fold of a group: the same wherever it is computed."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def questions_of(folder: Path) -> list[str]:
    """Return the question of each claim, in the order in which the claims are read; claims themselves have none."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").split("\n")]
    return [str(json.loads(line)["question"]) for line in lines if line.strip()]


def print_figures(right: Flags, verified: Flags, folds: NDArray[np.int_], groups: list[str], tags: list[str]) -> None:
    """Print balanced accuracy over all with its 95% interval over groups, by fold and by source."""
    members = [np.flatnonzero(np.array(groups) == group) for group in sorted(set(groups))]
    draw = np.random.default_rng(0)
    drawn = [
        np.concatenate([members[at] for at in draw.integers(0, len(members), len(members))]) for _ in range(RESAMPLES)
    ]
    low, high = np.percentile([balanced(right[rows], verified[rows]) for rows in drawn], (2.5, 97.5))
    print(f"balanced accuracy {balanced(right, verified):.3f} ({low:.3f} to {high:.3f}), {len(members)} groups")
    print(f"sensitivity {verified[right].mean():.3f}, specificity {(~verified[~right]).mean():.3f}")
    for name, parts in (("fold", folds), ("source", np.array(tags))):
        each = (f"{part} {balanced(right[parts == part], verified[parts == part]):.3f}" for part in np.unique(parts))
        print(f"by {name}: {', '.join(each)}")


def print_planted(kinds: list[str], passed: Flags) -> None:
    """Print how many of the planted changes were verified, by kind."""
    named = np.array(kinds)
    for kind in sorted(set(kinds)):
        rows = passed[named == kind]
        print(f"planted {kind}: {rows.sum()} of {len(rows)} verified ({rows.mean():.3f})")
    print(f"planted: {passed.sum()} of {len(passed)} verified ({passed.mean():.3f})")


def _found(claim: Claim, text: str, embedding: Embedding) -> Findings | None:
    passages = passages_of(claim)
    candidates = evidence(passages)
    if not candidates:
        return None
    text = claimed(text)
    return findings(text, passages, candidates, embed(text, candidates, embedding))


if __name__ == "__main__":
    main()
