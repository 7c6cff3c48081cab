"""BERT's layers over texts without padding, against transformers' own."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

from rag import Embedding, load_embedding
from rag.packing import PackedEncoder, attend
from rag.quantizing import quantize
from rag.reranking.bundled import load_bundled


def bert(dtype: torch.dtype = torch.float32) -> BertModel:
    """A small BERT of random weights."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50,
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=40,
        max_position_embeddings=16,
    )
    return BertModel(config).eval().to(dtype)


def batch() -> dict[str, torch.Tensor]:
    """Three texts of seven, three and no pieces but one, each with two segments."""
    kept = torch.arange(7)[None] < torch.tensor([7, 3, 1])[:, None]
    ids = torch.randint(50, (3, 7), generator=torch.Generator().manual_seed(1)) * kept
    return {"input_ids": ids, "attention_mask": kept.long(), "token_type_ids": (torch.arange(7) > 1).long() * kept}


@torch.inference_mode()
def test_the_layers_say_what_transformers_own_say_and_nothing_in_the_padding() -> None:
    inputs, model = batch(), bert()
    ours, theirs = PackedEncoder(model)(**inputs).last_hidden_state, model(**inputs).last_hidden_state
    kept = inputs["attention_mask"].bool()
    torch.testing.assert_close(ours[kept], theirs[kept], atol=1e-5, rtol=1e-5)
    assert not ours[~kept].any()


@torch.inference_mode()
def test_without_a_mask_every_piece_counts_and_without_segments_all_are_the_first() -> None:
    ids = batch()["input_ids"]
    model = bert()
    torch.testing.assert_close(
        PackedEncoder(model)(input_ids=ids).last_hidden_state,
        model(input_ids=ids).last_hidden_state,
        atol=1e-5,
        rtol=1e-5,
    )


@torch.inference_mode()
def test_a_text_has_the_same_vectors_whatever_stands_beside_it() -> None:
    inputs, encoder = batch(), PackedEncoder(bert())
    alone = {name: one[1:2, :3] for name, one in inputs.items()}
    torch.testing.assert_close(
        encoder(**alone).last_hidden_state[0], encoder(**inputs).last_hidden_state[1, :3], atol=1e-6, rtol=1e-6
    )


@torch.inference_mode()
def test_bfloat16_differs_by_its_rounding() -> None:
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this processor does not multiply in bfloat16")
    inputs = batch()
    exact = bert()(**inputs).last_hidden_state
    rounded = PackedEncoder(bert(torch.bfloat16))(**inputs).last_hidden_state
    kept = inputs["attention_mask"].bool()
    assert rounded.dtype == torch.bfloat16
    # 8 bits of mantissa: 2^-8 of values up to 4, through three layers.
    torch.testing.assert_close(rounded[kept].float(), exact[kept], atol=0.06, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("library", [True, False])
def test_layers_of_8_bits_and_machines_without_onednn_are_served_too(
    library: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, inputs = bert(), batch()
    exact = model(**inputs).last_hidden_state
    if library:
        quantize(model)
    else:
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    kept = inputs["attention_mask"].bool()
    found = PackedEncoder(model)(**inputs).last_hidden_state[kept]
    torch.testing.assert_close(found, exact[kept], atol=0.05 if library else 1e-5, rtol=0)


def test_attention_is_torchs_own_however_large_the_scores() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 9, 4, 8)
    for scale in (1.0, 6.0):
        theirs = [
            nn.functional.scaled_dot_product_attention(
                *(one[text].transpose(0, 1) * factor for one, factor in ((query, scale), (key, 1), (value, 1)))
            )
            for text in (slice(0, 2), slice(2, 9))
        ]
        together = torch.cat([one.transpose(0, 1).flatten(1) for one in theirs])
        torch.testing.assert_close(attend(query * scale, key, value, [2, 7]), together, atol=1e-5, rtol=1e-5)


def test_scores_beyond_what_a_float_holds_give_a_mean_and_no_nan() -> None:
    far = torch.full((2, 1, 1), 1e6)
    value = torch.tensor([1.0, 3.0])[:, None, None]
    assert attend(far, far, value, [2]).flatten().tolist() == [2.0, 2.0]
    assert attend(far, -far, value, [2]).flatten().tolist() == [2.0, 2.0]


def test_a_copy_shares_the_weights() -> None:
    encoder = PackedEncoder(bert())
    assert copy.deepcopy(encoder) is encoder


def test_the_bundled_models_are_packed_and_others_are_as_they_come(minilm: Embedding) -> None:
    from rag.embedding import bundled_folder

    other = load_embedding(str(bundled_folder()), dtype="float32")
    packed = [isinstance(one.embeddings._model._client[0].auto_model, PackedEncoder) for one in (minilm, other)]
    assert packed == [True, False]
    assert isinstance(load_bundled(dtype="float32")._network.encoder, PackedEncoder)
    texts = ["Tiangong has three modules.", "ESA trained in China with two crews of taikonauts.", ""]
    torch.testing.assert_close(
        torch.from_numpy(minilm.documents(texts)), torch.from_numpy(other.documents(texts)), atol=1e-5, rtol=0
    )
