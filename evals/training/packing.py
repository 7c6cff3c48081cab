"""A trained network -> the file that is shipped: 8 bits a weight, with a scale a row."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from rag.reranking.network import CrossEncoder


def pack(network: CrossEncoder, path: Path) -> None:
    """Write the trained weights; the word embeddings are those of the bundled encoder and are left out."""
    kept: dict[str, Tensor] = {}
    for name, weight in network.named_parameters():
        if not weight.requires_grad:
            continue
        value = weight.detach().float()
        if value.dim() < 2:
            kept[name] = value.contiguous()
            continue
        scale = value.abs().amax(dim=1).clamp(min=1e-8) / 127
        kept[name] = torch.round(value / scale[:, None]).to(torch.int8)
        kept[f"{name}.scale"] = scale.contiguous()
    save_file(kept, str(path))
