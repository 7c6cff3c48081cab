"""Groups -> tensors, of like lengths together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from evals.training.pairs import Group, Pair
from rag.embedding import embedded_text
from rag.reranking.network import MOST_QUESTION_PIECES


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokenized pairs; ``groups`` gives each pair's group, ``first`` the right one of each ranked group.

    ``answers`` is 1, 0 or -1 (unknown) a pair; ``span_of`` gives each word piece's span over the whole batch, -1
    outside, and ``gold`` is 1 or 0 a span.
    """

    inputs: dict[str, Tensor]
    groups: Tensor
    first: Tensor
    answers: Tensor
    span_of: Tensor
    gold: Tensor

    def to(self, device: str) -> Batch:
        """Return the batch with all its tensors there."""
        moved = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "inputs"}
        inputs = {name: value.to(device) for name, value in self.inputs.items()}
        return Batch(inputs=inputs, **{name: value.to(device) for name, value in moved.items()})


def planned(groups: Sequence[Group], *, pairs: int, random_: random.Random) -> list[list[Group]]:
    """Return the groups in parts of about so many pairs, like lengths together, the parts in random order."""
    order = sorted(range(len(groups)), key=lambda at: _length(groups[at]) * random_.uniform(0.85, 1.15))
    parts: list[list[Group]] = [[]]
    for at in order:
        if parts[-1] and sum(len(group.pairs) for group in parts[-1]) + len(groups[at].pairs) > pairs:
            parts.append([])
        parts[-1].append(groups[at])
    random_.shuffle(parts)
    return parts


def _length(group: Group) -> int:
    return max(len(pair.text.text) + len(pair.text.context) for pair in group.pairs)


def batch(part: Sequence[Group], tokenizer: Any, *, pieces: int) -> Batch:
    """Return the groups' pairs as tensors, each pair cut to so many word pieces."""
    pairs = [pair for group in part for pair in group.pairs]
    encoded = tokenizer(
        [shortened(pair.question, tokenizer) for pair in pairs],
        [embedded_text(pair.text.context, pair.text.text) for pair in pairs],
        truncation="only_second",
        max_length=pieces,
        padding=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoded.pop("offset_mapping").tolist()
    span_of = []
    gold: list[float] = []
    for row, pair in enumerate(pairs):
        span_of.append(_marked(offsets[row], encoded.sequence_ids(row), pair, gold))
    starts = torch.tensor([0] + [len(group.pairs) for group in part]).cumsum(0)
    return Batch(
        inputs=dict(encoded),
        groups=torch.repeat_interleave(torch.arange(len(part)), torch.tensor([len(group.pairs) for group in part])),
        first=torch.tensor([int(starts[at]) for at, group in enumerate(part) if group.ranked], dtype=torch.long),
        answers=torch.tensor([-1.0 if pair.answers is None else float(pair.answers) for pair in pairs]),
        span_of=torch.tensor(span_of),
        gold=torch.tensor(gold),
    )


def shortened(question: str, tokenizer: Any) -> str:
    """Return the question, cut at the most word pieces that a pair may spend on it."""
    offsets = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(offsets) <= MOST_QUESTION_PIECES else question[: offsets[MOST_QUESTION_PIECES - 1][1]]


def _marked(
    offsets: Sequence[Sequence[int]], sequence: Sequence[int | None], pair: Pair, gold: list[float]
) -> list[int]:
    """Return the span of each piece of the pair's text, -1 for none, and add the spans that are seen to ``gold``."""
    found = [-1] * len(offsets)
    if pair.gold is None:
        return found
    ahead = len(embedded_text(pair.text.context, "")) if pair.text.context else 0
    at, known = 0, -1
    for place, part in enumerate(sequence):
        start = offsets[place][0] - ahead
        if part != 1 or start < 0:
            continue
        while at < len(pair.text.spans) and pair.text.spans[at][1] <= start:
            at += 1
        if at == len(pair.text.spans):
            break
        if pair.text.spans[at][0] <= start:
            if known != at:
                gold.append(float(at in pair.gold))
                known = at
            found[place] = len(gold) - 1
    return found
