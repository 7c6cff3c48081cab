"""The reranker that Footnote ships: the bundled encoder with trained layers and heads of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor

from rag.copies import divided
from rag.embedding import bundled_folder, chosen_dtype, embedded_text
from rag.errors import RerankerError
from rag.language import encodable
from rag.packing import PackedEncoder
from rag.quantizing import quantize
from rag.reranking import BUNDLED, Judgement
from rag.reranking.network import MOST_PIECES, MOST_QUESTION_PIECES, CrossEncoder, bundled_encoder

WEIGHTS = Path(str(resources.files("rag.reranking") / "weights.safetensors"))
WEIGHTS_SHA256 = "f94eaa88c848ec8875ab526c2ce17b23ffdc89b2c2f1d64a5fa3f64bf75ebf84"


class BundledReranker:
    """Reads pairs with the shipped weights. Share it between threads."""

    name = BUNDLED

    def __init__(self, network: CrossEncoder, tokenizer: Tokenizer) -> None:
        self._network = network
        self._questions = tokenizer
        self._pairs = Tokenizer.from_str(tokenizer.to_str())
        self._questions.no_truncation()
        self._questions.no_padding()
        self._pairs.no_padding()
        self._pairs.enable_truncation(MOST_PIECES, strategy="only_second")
        # Each part in a thread of its own: see rag.copies. With one core held by another program, 40 passages take
        # 0.5 s, and 1.3 s where all cores share each product.
        self._parts, cores = divided()
        self._pool = ThreadPoolExecutor(self._parts, "reranking", torch.set_num_threads, (cores,))

    def judge(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Judgement]:
        """Return a judgement for each passage, given as its context and its text; [] for none."""
        asked = self._shortened(encodable(question))
        texts = [encodable(embedded_text(context, text)) for context, text in passages]
        encoded = self._pairs.encode_batch([(asked, text) for text in texts])
        pairs = [(one, len(embedded_text(context, ""))) for one, (context, _) in zip(encoded, passages, strict=True)]
        # Dealt out by length, so that the parts are about as long as one another.
        order = sorted(range(len(pairs)), key=lambda at: -len(pairs[at][0].ids))
        parts = [order[first :: self._parts] for first in range(min(self._parts, len(order)))]
        judged = self._pool.map(self._judged, [[pairs[at] for at in part] for part in parts])
        found = {at: one for part, ones in zip(parts, judged, strict=True) for at, one in zip(part, ones, strict=True)}
        return [found[at] for at in range(len(passages))]

    def _shortened(self, question: str) -> str:
        offsets = self._questions.encode(question, add_special_tokens=False).offsets
        return question if len(offsets) <= MOST_QUESTION_PIECES else question[: offsets[MOST_QUESTION_PIECES - 1][1]]

    def _judged(self, part: Sequence[tuple[Any, int]]) -> list[Judgement]:
        """Return a judgement for each encoded pair, given with the length of what stands before the passage's text."""
        with torch.inference_mode():
            heads = self._network(
                input_ids=_padded([one.ids for one, _ in part]),
                attention_mask=_padded([one.attention_mask for one, _ in part]),
                token_type_ids=_padded([one.type_ids for one, _ in part]),
            )
        relevance, answers, pieces = (one.float().tolist() for one in (heads.relevance, heads.answers, heads.pieces))
        return [
            Judgement(relevance[row], answers[row], tuple(_spans(one, ahead, pieces[row])))
            for row, (one, ahead) in enumerate(part)
        ]


def _spans(encoded: Any, ahead: int, logits: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yield the word pieces of the passage's text, which begins ``ahead`` characters into the pair's second part."""
    for (start, end), sequence, logit in zip(encoded.offsets, encoded.sequence_ids, logits, strict=False):
        if sequence == 1 and start >= ahead:
            yield start - ahead, end - ahead, logit


def load_bundled(*, dtype: str = "auto") -> BundledReranker:
    """Return the shipped reranker. Raises RerankerError where its weights are missing or have another hash."""
    remedy = "Install Footnote anew, or set RAG_RERANKER=none."
    if not WEIGHTS.is_file():
        raise RerankerError(f"The reranker's weights {WEIGHTS} are missing. {remedy}")
    found = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise RerankerError(
            f"The reranker's weights {WEIGHTS} have SHA-256 {found[:12]}..., not {WEIGHTS_SHA256[:12]}... {remedy}"
        )
    folder = bundled_folder()
    network = CrossEncoder(bundled_encoder(folder)).eval()
    # What the file lacks, the word embeddings, is the bundled encoder's.
    network.load_state_dict(unpacked(WEIGHTS), strict=False)
    chosen = chosen_dtype(dtype)
    if chosen == "int8":
        quantize(network)
    else:
        network.to(getattr(torch, chosen))
    network.encoder = PackedEncoder(network.encoder)
    return BundledReranker(network, Tokenizer.from_file(str(folder / "tokenizer.json")))


def unpacked(path: Path) -> dict[str, Tensor]:
    """Return the weights in float32: those kept in 8 bits are times the scale of their row."""
    with safe_open(path, framework="pt") as file:
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    scales = {name: kept.pop(name) for name in list(kept) if name.endswith(".scale")}
    return {
        name: value.float() * scales[f"{name}.scale"].float()[:, None] if f"{name}.scale" in scales else value.float()
        for name, value in kept.items()
    }


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
