"""All sets that the reranker learns from, without the folds that it is measured on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evals.training import sets
from evals.training.examples import TrainingSet, fold_of
from evals.training.negatives import mined
from evals.training.pairs import Group, groups
from evals.training.tables import tatqa
from rag import Embedding

# Sets that are measured on, too, so that some folds of them are held out.
MEASURED = ("squad2", "clapnq", "mtrag")
# Fold 3 sets the constants of the confidence, fold 4 is only reported.
HELD = (3, 4)


def training_sets(data: Path) -> Iterator[TrainingSet]:
    """Yield every set below ``data`` whose licence lets weights be shipped."""
    yield sets.squad(data / "squad2")
    yield sets.clapnq(data / "clapnq")
    yield from sets.mtrag(data / "mtrag")
    yield sets.scifact(data / "scifact")
    yield sets.covid(data / "training" / "covid-qa")
    yield sets.pubmed(data / "training" / "pubmedqa")
    yield from sets.multihop(data / "training" / "multihop")
    yield tatqa(data / "training" / "tatqa")


def without_held(one: TrainingSet, held: Sequence[int] = HELD) -> TrainingSet:
    """Return the set without the examples of the held folds, where it is measured on."""
    if one.name.partition("-")[0] not in MEASURED:
        return one
    return replace(one, examples=[example for example in one.examples if fold_of(example.group) not in held])


def searched(data: Path, embedding: Embedding, held: Sequence[int] = HELD) -> list[tuple[TrainingSet, Searched]]:
    """Return each set with what searches find for its examples."""
    kept = (without_held(one, held) for one in training_sets(data))
    return [(one, mined(one, embedding)) for one in kept]


def one_pass(found: Sequence[tuple[TrainingSet, Searched]], *, wrong: int, seed: int) -> list[Group]:
    """Return the groups of one pass over all sets, with negatives of its own."""
    random_ = random.Random(seed)
    return [group for one, lists in found for group in groups(one, lists, wrong=wrong, random_=random_)]


Searched = list[list[list[int]]]
