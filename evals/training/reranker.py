"""Train the reranker.

One network learns three things at once: to rank the right passage above wrong ones (softmax over a group), to say
whether a passage answers (a logit a pair), and which sentence or row does (a logit a span, the mean over its pieces).
"""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoTokenizer

from evals.training.batches import Batch, batch, planned
from evals.training.pairs import Group
from rag.embedding import bundled_folder
from rag.reranking.bundled import unpacked
from rag.reranking.network import CrossEncoder, Heads, bundled_encoder

_LOSSES = ("ranking", "answering", "spans")
# How much of a running mean is kept at a step, and how often it is said.
_KEPT, _SAID = 0.98, 25


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    ``rate`` is the peak of a warm-up and a linear fall, ``head_rate`` that of the heads; ``pieces`` the word pieces of
    a pair, ``pairs`` the pairs of a batch; ``focus`` how much less a pair counts in whether it answers the surer the
    network is, since most wrong passages are easily told; ``averaged`` the decay of the weights' running mean, which is
    what is kept.
    """

    rate: float = 1e-4
    head_rate: float = 5e-4
    pieces: int = 192
    pairs: int = 48
    warm_up: float = 0.06
    answers_weight: float = 2.0
    focus: float = 2.0
    spans_weight: float = 1.0
    averaged: float = 0.998
    seed: int = 0


def train(
    passes: Sequence[Callable[[], Sequence[Group]]],
    recipe: Recipe,
    *,
    start: Path | None = None,
    say: Callable[[str], None] = lambda _said: None,
    minutes: float = math.inf,
    device: str = "cpu",
) -> CrossEncoder:
    """Return the network, trained on each pass's groups in turn, its weights averaged.

    The rate falls with the steps, or with the time where ``minutes`` would run out first. ``start`` is a file of
    weights to go on from, in the place of the bundled encoder and new heads. ``say`` is told the losses now and then.
    """
    torch.manual_seed(recipe.seed)
    # Without dropout: on so few steps it costs more than it regularises.
    network = CrossEncoder(bundled_encoder(bundled_folder(), eager=device == "cpu")).eval()
    if start is not None:
        network.load_state_dict(unpacked(start), strict=False)
    network.to(device)
    mean = copy.deepcopy(network)
    optimizer = _optimizer(network, recipe)
    tokenizer = AutoTokenizer.from_pretrained(str(bundled_folder()))
    watch = _Watch(say)
    for index, gather in enumerate(passes):
        parts = planned(gather(), pairs=recipe.pairs, random_=random.Random(index))
        for at, part in enumerate(parts):
            share = max((index + at / len(parts)) / len(passes), watch.minutes() / minutes)
            if share >= 1:
                return mean.to("cpu")
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * min(share / recipe.warm_up, (1 - share) / (1 - recipe.warm_up))
            one = batch(part, tokenizer, pieces=recipe.pieces).to(device)
            watch.saw(share, _step(network, one, optimizer, recipe))
            _average(mean, network, min(recipe.averaged, watch.steps / (watch.steps + 10)))
    return mean.to("cpu")


def losses(heads: Heads, one: Batch, focus: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three losses of a batch: ranking, answering, spans; 0 where it has none of a kind.

    Answering is the focal loss, cross-entropy times (1 - p) ** focus of the right answer's chance p (Lin and others
    2017, arXiv:1708.02002).
    """
    zero = heads.relevance.sum() * 0
    ranking = zero
    if len(one.first):
        logits = heads.relevance.float()
        whole = torch.stack([torch.logsumexp(logits[one.groups == one.groups[at]], 0) for at in one.first])
        ranking = (whole - logits[one.first]).mean()
    known = one.answers >= 0
    answering = zero
    if known.any():
        surprise = functional.binary_cross_entropy_with_logits(
            heads.answers.float()[known], one.answers[known], reduction="none"
        )
        answering = (surprise * (1 - torch.exp(-surprise)) ** focus).mean()
    if not len(one.gold):
        return ranking, answering, zero
    spans = functional.binary_cross_entropy_with_logits(span_logits(heads.pieces, one), one.gold)
    return ranking, answering, spans


def span_logits(pieces: Tensor, one: Batch) -> Tensor:
    """Return the mean logit of each span's word pieces, shape (spans,)."""
    inside = one.span_of >= 0
    places = one.span_of[inside]
    total = torch.zeros(len(one.gold), device=pieces.device).index_add(0, places, pieces.float()[inside])
    return total / torch.bincount(places, minlength=len(one.gold)).clamp(min=1)


class _Watch:
    """The running means of the losses, and the time."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.steps = 0
        self._say = say
        self._began = time.monotonic()
        self._means = [0.0] * len(_LOSSES)

    def minutes(self) -> float:
        return (time.monotonic() - self._began) / 60

    def saw(self, share: float, values: Sequence[float]) -> None:
        self.steps += 1
        self._means = [_KEPT * mean + (1 - _KEPT) * value for mean, value in zip(self._means, values, strict=True)]
        if self.steps % _SAID == 0:
            fair = [mean / (1 - _KEPT**self.steps) for mean in self._means]
            shown = ", ".join(f"{name} {mean:.3f}" for name, mean in zip(_LOSSES, fair, strict=True))
            self._say(f"{share:6.1%} after {self.minutes():.1f} min, {self.steps} steps: {shown}")


def _step(network: CrossEncoder, one: Batch, optimizer: torch.optim.Optimizer, recipe: Recipe) -> list[float]:
    with torch.autocast(one.answers.device.type, dtype=torch.bfloat16):
        heads = network(**one.inputs)
    ranking, answering, spans = losses(heads, one, recipe.focus)
    loss = ranking + recipe.answers_weight * answering + recipe.spans_weight * spans
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return [ranking.item(), answering.item(), spans.item()]


def _optimizer(network: CrossEncoder, recipe: Recipe) -> torch.optim.AdamW:
    inside = [weight for weight in network.encoder.parameters() if weight.requires_grad]
    heads = [weight for name, weight in network.named_parameters() if not name.startswith("encoder.")]
    parts: list[dict[str, Any]] = [
        {"params": inside, "peak": recipe.rate, "lr": 0.0},
        {"params": heads, "peak": recipe.head_rate, "lr": 0.0},
    ]
    return torch.optim.AdamW(parts, weight_decay=0.01, fused=True)


@torch.no_grad()
def _average(mean: CrossEncoder, network: CrossEncoder, decay: float) -> None:
    for kept, new in zip(mean.parameters(), network.parameters(), strict=True):
        if new.requires_grad:
            kept.lerp_(new, 1 - decay)
