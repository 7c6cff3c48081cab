"""Attention a text at a time, against torch's own."""

from __future__ import annotations

import torch
from torch import nn

from rag import Embedding, load_embedding
from rag.attention import NAME, attend
from rag.reranking.bundled import load_bundled


def attended(lengths: list[int] | None, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What ours and torch's own say of random texts, both of shape (texts, length, heads, width)."""
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, longest, 8)
    mask = None if lengths is None else torch.arange(longest)[None] < torch.tensor(lengths)[:, None]
    ours, weights = attend(nn.Identity(), query, key, value, mask, scaling=0.5, dropout=0.0)
    assert weights is None
    wide = None if mask is None else mask[:, None, None, :]
    theirs = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=wide, scale=0.5)
    return ours, theirs.transpose(1, 2)


def test_texts_of_one_length_are_attended_as_torch_does() -> None:
    ours, theirs = attended(None, 7)
    torch.testing.assert_close(ours, theirs)


def test_nothing_is_attended_in_the_padding() -> None:
    ours, theirs = attended([7, 3], 7)
    torch.testing.assert_close(ours[0], theirs[0])
    torch.testing.assert_close(ours[1, :3], theirs[1, :3])
    assert not ours[1, 3:].any()


def test_uniform_scores_give_the_mean_of_the_values() -> None:
    zeros = torch.zeros(1, 1, 2, 1)
    value = torch.tensor([[[[1.0], [3.0]]]])
    found, _ = attend(nn.Identity(), zeros, zeros, value, None, scaling=1.0)
    assert found.flatten().tolist() == [2.0, 2.0]


def test_the_bundled_models_attend_so_and_others_as_they_come(minilm: Embedding) -> None:
    from rag.embedding import bundled_folder

    other = load_embedding(str(bundled_folder()), dtype="float32")
    chosen = [one.embeddings._model._client[0].auto_model.config._attn_implementation for one in (minilm, other)]
    assert chosen == [NAME, "sdpa"]
    assert load_bundled(dtype="float32")._network.encoder.config._attn_implementation == NAME
    texts = ["Tiangong has three modules.", "ESA trained in China with two crews of taikonauts.", ""]
    torch.testing.assert_close(
        torch.from_numpy(minilm.documents(texts)), torch.from_numpy(other.documents(texts)), atol=1e-5, rtol=0
    )
