"""Linear layers in 8-bit integers, and the models that compute in them."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from rag import Embedding, load_embedding
from rag.embedding import chosen_dtype
from rag.quantizing import quantize
from rag.reranking import load_reranker

SENTENCES = [
    "Tiangong has three modules and a crew of three.",
    "The call for cargo proposals closed in the summer of 2023.",
    "Goodwill is tested for impairment once a year.",
    "",
]


def test_each_output_keeps_a_scale_of_its_own() -> None:
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0.5], [0.002, -0.001]]))
        layer.bias.copy_(torch.tensor([0.0, 1.0]))
    network = nn.Sequential(layer)
    quantize(network)
    # 1.0 x 1 + 0.5 x -1 = 0.5 and 0.002 x 1 + -0.001 x -1 + 1 = 1.003; of inputs from -1 to 1 a step of 7 bits is 1/64.
    first, second = network(torch.tensor([[1.0, -1.0]]))[0].tolist()
    assert first == pytest.approx(0.5, abs=0.03)
    # With one scale for both outputs, a step of the weights would be 1/127: the second would round to 1.
    assert second == pytest.approx(1.003, abs=0.0003)


def test_a_layer_without_a_bias_and_one_of_zeros_are_computed_too() -> None:
    network = nn.Sequential(nn.Linear(3, 2, bias=False))
    nn.init.zeros_(network[0].weight)
    quantize(network)
    assert network(torch.ones(4, 3)).tolist() == [[0.0, 0.0]] * 4


def test_only_linear_layers_change_however_deep_they_stand() -> None:
    network = nn.Sequential(nn.LayerNorm(4), nn.Sequential(nn.GELU(), nn.Linear(4, 4)))
    quantize(network)
    assert isinstance(network[0], nn.LayerNorm)
    assert not isinstance(network[1][1], nn.Linear)
    assert list(network.state_dict()) == ["0.weight", "0.bias"]


@pytest.fixture(scope="module")
def small() -> Embedding:
    return load_embedding(dtype="int8")


def test_vectors_in_8_bits_are_those_of_float32_but_for_a_little(small: Embedding, minilm: Embedding) -> None:
    alike = (small.documents(SENTENCES) * minilm.documents(SENTENCES)).sum(axis=1)
    assert 0.95 < alike.min() < 0.99999
    assert small.dtype == "int8"
    # What a library records tells the model, not what it was computed in.
    assert small.fingerprint == minilm.fingerprint


def test_a_question_in_8_bits_is_nearest_to_what_answers_it(small: Embedding) -> None:
    nearest = small.documents(SENTENCES) @ small.query("How many modules does Tiangong have?")
    assert int(np.argmax(nearest)) == 0


def test_a_copy_of_an_8_bit_network_computes_the_same() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(8, 4))
    quantize(network)
    inputs = torch.randn(3, 8)
    assert torch.equal(copy.deepcopy(network)(inputs), network(inputs))


def test_the_reranker_computes_in_8_bits_too_and_ranks_alike() -> None:
    passages = [("", one) for one in SENTENCES[:3]]
    judged = {
        dtype: [one.relevance for one in load_reranker(dtype=dtype).judge("What is tested for impairment?", passages)]
        for dtype in ("float32", "int8")
    }
    assert judged["int8"] != judged["float32"]
    assert np.argsort(judged["int8"]).tolist() == np.argsort(judged["float32"]).tolist()
    assert int(np.argmax(judged["int8"])) == 2


@pytest.mark.parametrize(
    ("bfloat16", "vnni", "chosen"), [(True, True, "bfloat16"), (False, True, "int8"), (False, False, "float32")]
)
def test_auto_takes_the_first_type_that_the_processor_multiplies_in(
    bfloat16: bool, vnni: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: bfloat16)
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: vnni)
    assert chosen_dtype("auto") == chosen
    assert chosen_dtype("float32") == "float32"
