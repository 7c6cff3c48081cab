"""The cross-encoder's network: the bundled encoder with two heads, one over the whole pair, one over each word piece.

Imports torch: imported only where the weights are loaded or trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

# The longest pair in word pieces, special tokens included; of a question at most so many.
MOST_PIECES = 288
MOST_QUESTION_PIECES = 72


@dataclass(frozen=True, slots=True)
class Heads:
    """What the network says of a batch of pairs: logits of ``relevance`` and ``answers``, shape (pairs,), and of each
    word piece being part of an answer, ``pieces``, shape (pairs, length)."""

    relevance: Tensor
    answers: Tensor
    pieces: Tensor


class CrossEncoder(nn.Module):
    """An encoder read with a question and a passage as its two segments."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.pair = nn.Linear(width, width)
        self.pair_out = nn.Linear(width, 2)
        self.piece = nn.Linear(width, width)
        self.piece_out = nn.Linear(width, 1)

    def forward(self, **inputs: Tensor) -> Heads:
        """Return the heads' logits for tokenized pairs (``input_ids``, ``attention_mask``, ``token_type_ids``)."""
        hidden = self.encoder(**inputs).last_hidden_state
        pair = self.pair_out(torch.tanh(self.pair(hidden[:, 0])))
        pieces = self.piece_out(nn.functional.gelu(self.piece(hidden))).squeeze(-1)
        return Heads(pair[:, 0], pair[:, 1], pieces)


def bundled_encoder(folder: Path, *, eager: bool = False) -> Any:
    """Return the encoder of the bundled embedding model in float32, whose word embeddings stay as they are."""
    from safetensors.torch import load_file
    from transformers import AutoConfig, AutoModel

    # Not by from_pretrained, which reports on stderr that nobody wants the pooler.
    options = {"attn_implementation": "eager"} if eager else {}
    config = AutoConfig.from_pretrained(str(folder))
    encoder = AutoModel.from_config(config, add_pooling_layer=False, **options)  # type: ignore[no-untyped-call]
    weights = load_file(folder / "model.safetensors")
    encoder.load_state_dict({name: weights[name] for name, _ in encoder.named_parameters()}, strict=False)
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return encoder
