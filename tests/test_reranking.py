"""The reranker: its weights are the right ones, it tells answers from what only sounds alike, and it says where."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from rag.embedding import bundled_folder
from rag.errors import RerankerError
from rag.reranking import BUNDLED, Judgement, Reranker, load_reranker
from rag.reranking.bundled import WEIGHTS_SHA256, load_bundled, unpacked

ASKED = "When was the first module of Tiangong launched?"
CONTEXT = "Stations > Tiangong"
RIGHT = "Tianhe, the first module of Tiangong, was launched on 29 April 2021. It holds a crew of three."
WRONG = (
    "Tiangong has three modules. Its crew of three is relieved every six months.",
    "The first module of Mir was launched in February 1986.",
    "Gateway will orbit the Moon.",
)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    loaded = load_reranker(dtype="float32")
    assert loaded is not None
    return loaded


def judged(reranker: Reranker, *texts: str, question: str = ASKED, context: str = CONTEXT) -> list[Judgement]:
    return reranker.judge(question, [(context, text) for text in texts])


def mean(said: Judgement, start: int, end: int) -> float:
    """How far ``start:end`` of the text answers: the mean logit of its pieces."""
    inside = [logit for left, right, logit in said.pieces if left < end and start < right]
    return sum(inside) / len(inside)


def test_the_passage_that_answers_comes_before_those_that_sound_alike(reranker: Reranker) -> None:
    right, *wrong = judged(reranker, RIGHT, *WRONG)
    assert right.relevance > max(one.relevance for one in wrong) + 1
    assert right.answers is not None
    assert right.answers > max(one.answers or 0.0 for one in wrong) + 0.2


def test_the_sentence_that_answers_stands_out_in_its_passage(reranker: Reranker) -> None:
    (said,) = judged(reranker, RIGHT)
    cut = RIGHT.index(" It holds")
    assert mean(said, 0, cut) > mean(said, cut + 1, len(RIGHT)) + 1


def test_the_pieces_are_those_of_the_text_without_its_context(reranker: Reranker) -> None:
    for context in (CONTEXT, ""):
        (said,) = judged(reranker, RIGHT, context=context)
        words = [RIGHT[start:end] for start, end, _ in said.pieces]
        assert "".join(words) == RIGHT.replace(" ", "")
        assert words[:4] == ["Tian", "he", ",", "the"]


def test_no_passage_has_no_judgement_and_an_empty_one_has(reranker: Reranker) -> None:
    assert reranker.judge(ASKED, []) == []
    (said,) = judged(reranker, "", context="")
    assert said.pieces == ()


def test_passages_are_judged_the_same_alone_in_any_company_and_from_threads(reranker: Reranker) -> None:
    texts = [RIGHT, *WRONG, *(f"{text} " * 12 for text in WRONG)]
    alone = [judged(reranker, text)[0].relevance for text in texts]
    together = [one.relevance for one in judged(reranker, *texts)]
    assert together == pytest.approx(alone, abs=1e-3)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: judged(reranker, text)[0].relevance, texts * 3))
    assert found == pytest.approx(alone * 3, abs=1e-3)


def test_of_a_long_question_the_beginning_counts_and_the_passage_is_still_read(reranker: Reranker) -> None:
    (said,) = judged(reranker, RIGHT, question=f"{ASKED} {'and so on ' * 300}")
    assert "".join(RIGHT[start:end] for start, end, _ in said.pieces) == RIGHT.replace(" ", "")


def test_odd_texts_are_judged_and_break_nothing(reranker: Reranker) -> None:
    odd = ["\ud800 lone", "\x00", "🛰️ 天宫", "a" * 5000, "| | |"]
    assert len(judged(reranker, *odd, question="\udcff?")) == len(odd)


def test_none_is_no_reranker_and_a_name_that_is_nothing_is_an_error(tmp_path: Path) -> None:
    assert load_reranker("none") is None
    with pytest.raises(RerankerError, match=r"does not load: .*RAG_RERANKER.*set it to none"):
        load_reranker(str(tmp_path))


def test_weights_that_are_missing_or_changed_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.reranking import bundled

    monkeypatch.setattr(bundled, "WEIGHTS", tmp_path / "weights.safetensors")
    with pytest.raises(RerankerError, match=r"are missing\. Install Footnote anew, or set RAG_RERANKER=none"):
        load_reranker(BUNDLED)
    (tmp_path / "weights.safetensors").write_bytes(b"x")
    with pytest.raises(RerankerError, match=rf"have SHA-256 2d711642b726\.\.\., not {WEIGHTS_SHA256[:12]}"):
        load_bundled()


def test_the_weights_are_under_thirty_megabytes_and_leave_the_word_embeddings_to_the_encoder() -> None:
    from rag.reranking.bundled import WEIGHTS

    assert WEIGHTS.stat().st_size < 30_000_000
    weights = unpacked(WEIGHTS)
    assert not any("word_embeddings" in name or name.endswith(".scale") for name in weights)
    assert all(weight.dtype == torch.float32 for weight in weights.values())


def test_any_cross_encoder_of_one_score_takes_its_place_and_ranks(tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    for labels in (1, 3):
        config = BertConfig(
            hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=labels
        )
        BertForSequenceClassification(config).save_pretrained(tmp_path / f"of-{labels}")
        for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
            if (bundled_folder() / name).is_file():
                shutil.copy(bundled_folder() / name, tmp_path / f"of-{labels}" / name)
    other = load_reranker(str(tmp_path / "of-1"))
    assert other is not None and other.name == str(tmp_path / "of-1")
    pairs = [(ASKED, f"{CONTEXT}\n{text}") for text in WRONG]
    expected = [float(score) for score in CrossEncoder(str(tmp_path / "of-1")).predict(pairs)]
    found = judged(other, *WRONG)
    assert [one.relevance for one in found] == pytest.approx(expected, abs=1e-4)
    assert [(one.answers, one.pieces) for one in found] == [(None, ())] * 3
    assert other.judge(ASKED, []) == []
    with pytest.raises(RerankerError, match="gives 3 scores a pair"):
        load_reranker(str(tmp_path / "of-3"))
