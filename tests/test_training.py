"""Training: what the sets give, which texts are wrong ones, the losses by hand, and weights that pack and load."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
import torch

from evals.training import sets
from evals.training.batches import Batch, batch, planned
from evals.training.everything import without_held
from evals.training.examples import Example, Right, Text, TrainingSet, cut, fold_of, joined, spans_over, spans_with
from evals.training.negatives import changed_question, mined, without_answer
from evals.training.packing import pack
from evals.training.pairs import Group, Pair, groups
from evals.training.reranker import Recipe, losses, span_logits, train
from evals.training.tables import retitled, tatqa
from rag import Embedding
from rag.embedding import bundled_folder
from rag.reranking.bundled import unpacked
from rag.reranking.network import CrossEncoder, Heads, bundled_encoder

CREW = cut("Stations", "Tiangong has a crew of three. It was launched in 2021. China runs it.")
MIR = cut("Stations", "Mir was launched in 1986. Russia ran it.")


def write(path: Path, *records: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


def test_spans_are_the_sentences_and_those_that_hold_or_overlap_are_found() -> None:
    assert [CREW.text[start:end] for start, end in CREW.spans] == [
        "Tiangong has a crew of three.",
        "It was launched in 2021.",
        "China runs it.",
    ]
    assert spans_with(CREW, ["CHINA", "", "2021"]) == {1, 2}
    assert spans_over(CREW, CREW.text.index("three"), CREW.text.index("was")) == {0, 1}
    assert joined("", ["a | b", "c | d"], by="\n") == Text("", "a | b\nc | d", ((0, 5), (6, 11)))


def test_a_group_has_one_fold_of_five_and_held_ones_are_left_out_of_sets_that_are_measured() -> None:
    assert {fold_of(str(number)) for number in range(50)} == {0, 1, 2, 3, 4}
    examples = [Example("?", str(number), {}) for number in range(50)]
    kept = without_held(TrainingSet("squad2", (), examples), [3, 4]).examples
    assert [one.group for one in kept] == [str(number) for number in range(50) if fold_of(str(number)) < 3]
    assert without_held(TrainingSet("covid-qa", (), examples), [3, 4]).examples == examples


def test_squad_marks_the_sentences_of_its_answers_and_keeps_the_paragraph_of_what_has_none(tmp_path: Path) -> None:
    start = CREW.text.index("2021")
    asked = [
        {"question": "When?", "answers": [{"text": "2021", "answer_start": start}]},
        {"question": "Why?", "answers": [], "is_impossible": True},
    ]
    write(tmp_path / "dev.json", {"data": [{"title": "A_B", "paragraphs": [{"context": CREW.text, "qas": asked}]}]})
    found = sets.squad(tmp_path)
    assert found.pool == [Text("A B", CREW.text, CREW.spans)]
    when, why = found.examples
    assert when == Example("When?", "A_B", {0: Right(frozenset({1}))}, (), ("2021",))
    assert why == Example("Why?", "A_B", {}, (0,), ())


def test_tables_come_in_made_up_reports_with_their_heads_as_context(tmp_path: Path) -> None:
    rows = [["", "2019", "2018"], ["Sales", "$1,496.5", "$1,202.9"], ["Costs", "700.1", "650.2"]]
    asked = {
        "question": "What were sales in 2019?",
        "answer": ["$1,496.5"],
        "answer_type": "span",
        "answer_from": "table",
        "rel_paragraphs": [],
        "derivation": "",
    }
    record = {
        "table": {"uid": "u", "table": rows},
        "paragraphs": [{"order": 1, "text": "Sales rose."}],
        "questions": [asked],
    }
    (tmp_path / "dev.json").write_text(json.dumps([record]), encoding="utf-8")
    found = tatqa(tmp_path)
    table, paragraph = found.pool
    assert table.context.endswith(" >  | 2019 | 2018") and "2019" in table.context.partition(" > ")[0]
    assert table.text == " | 2019 | 2018\nSales | $1,496.5 | $1,202.9\nCosts | 700.1 | 650.2"
    assert paragraph.context == table.context.partition(" > ")[0]
    (example,) = found.examples
    assert (example.right, example.wrong) == ({0: Right(frozenset({1}))}, (1,))
    other = retitled(table, ["Blue Foods 2011 > x"], random.Random(1))
    assert other.text == table.text and other.context != table.context
    assert other.context.endswith(" >  | 2019 | 2018")


def test_mined_texts_are_neither_right_nor_do_they_have_the_answers_words(hashed: Embedding) -> None:
    pool = [CREW, MIR, cut("", "Launched in 2021 was another."), cut("", "Bread is baked."), cut("", "Mir fell.")]
    example = Example("When was Tiangong launched?", "g", {0: Right()}, (4,), ("2021",))
    ((dense, lexical),) = mined(TrainingSet("x", pool, [example]), hashed)
    assert sorted(dense) == sorted(lexical) == [1, 3]
    assert (dense[0], lexical[0]) == (1, 1)


def test_a_text_that_lost_its_answer_keeps_the_rest(hashed: Embedding) -> None:
    lost = without_answer(CREW, frozenset({1}))
    assert lost is not None
    assert [lost.text[start:end] for start, end in lost.spans] == ["Tiangong has a crew of three.", "China runs it."]
    assert without_answer(MIR, frozenset({1})) is None
    assert without_answer(CREW, frozenset()) is None


def test_a_changed_question_has_another_year_or_name_that_the_text_lacks() -> None:
    random_ = random.Random(0)
    changed = changed_question("Who flew in 2021?", [], "They flew in 2021.", random_)
    assert changed is not None and changed.startswith("Who flew in ") and "2021" not in changed
    found = {
        changed_question("When did Mir fall?", ["Who ran Skylab?", "Is Mir old?"], MIR.text, random_) for _ in "xxxx"
    }
    assert found == {"When did Skylab fall?"}
    assert changed_question("when did it fall?", ["Who ran Skylab?"], MIR.text, random_) is None


def test_a_group_has_the_right_pair_first_and_one_without_answer_is_not_ranked() -> None:
    pool = [CREW, MIR, cut("", "Bread is baked.")]
    asked = Example("when was it launched?", "g", {0: Right(frozenset({1}))})
    none = Example("why was it launched?", "g", {}, (0,))
    found = [[[1], [2]], [[1], [2]]]
    made = list(groups(TrainingSet("x", pool, [asked, none]), found, wrong=2, random_=random.Random(3)))
    ranked, unranked = made[0], made[-1]
    assert ranked.ranked and ranked.pairs[0].answers and ranked.pairs[0].gold == {1}
    assert {pair.text.text for pair in ranked.pairs[1:3]} == {MIR.text, "Bread is baked."}
    assert all(pair.answers is False and pair.gold == frozenset() for pair in ranked.pairs[1:])
    assert not unranked.ranked and unranked.pairs[0].text.text == CREW.text


def test_a_batch_says_which_piece_is_of_which_span() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(bundled_folder()))
    right = Pair("When?", CREW, True, frozenset({1}))
    unknown = Pair("When?", MIR, None, None)
    one = batch([Group((right, unknown), ranked=True)], tokenizer, pieces=64)
    assert one.gold.tolist() == [0.0, 1.0, 0.0]
    assert one.answers.tolist() == [1.0, -1.0]
    assert (one.first.tolist(), one.groups.tolist()) == ([0], [0, 0])
    words = tokenizer.convert_ids_to_tokens(one.inputs["input_ids"][0].tolist())
    spans = [[word for word, at in zip(words, one.span_of[0].tolist(), strict=True) if at == span] for span in range(3)]
    assert spans[1] == ["it", "was", "launched", "in", "2021", "."]
    assert spans[2] == ["china", "runs", "it", "."]
    assert set(one.span_of[1].tolist()) == {-1}
    cut_off = batch([Group((right,), ranked=True)], tokenizer, pieces=20)
    assert cut_off.inputs["input_ids"].shape == (1, 20)
    assert len(cut_off.gold) < 3


def test_groups_of_like_length_share_a_batch_and_none_is_lost() -> None:
    made = [
        Group((Pair(str(at), cut("", "word " * (1 + 50 * (at % 2))), True, None),) * 3, ranked=True) for at in range(8)
    ]
    parts = planned(made, pairs=6, random_=random.Random(0))
    assert sorted(group.pairs[0].question for part in parts for group in part) == [str(at) for at in range(8)]
    assert [len(part) for part in parts] == [2, 2, 2, 2]
    assert all(len({len(group.pairs[0].text.text) for group in part}) == 1 for part in parts)


def test_the_losses_are_softmax_over_the_group_and_cross_entropy_by_pair_and_span() -> None:
    heads = Heads(
        torch.tensor([2.0, 0.0, 0.0]),
        torch.tensor([0.0, 3.0, -1.0]),
        torch.tensor([[1.0, 3.0], [5.0, 9.0], [0.0, -2.0]]),
    )
    one = Batch(
        inputs={},
        groups=torch.tensor([0, 0, 1]),
        first=torch.tensor([0]),
        answers=torch.tensor([1.0, -1.0, 0.0]),
        span_of=torch.tensor([[0, 0], [-1, -1], [1, 2]]),
        gold=torch.tensor([1.0, 0.0, 0.0]),
    )
    assert span_logits(heads.pieces, one).tolist() == [2.0, 0.0, -2.0]
    ranking, answering, spans = (float(value) for value in losses(heads, one))
    assert ranking == pytest.approx(math.log(1 + math.exp(-2)))
    assert answering == pytest.approx((math.log(2) + math.log(1 + math.exp(-1))) / 2)
    assert spans == pytest.approx((math.log(1 + math.exp(-2)) + math.log(2) + math.log(1 + math.exp(-2))) / 3)
    # The first pair's chance of what is right is a half; the third's is 1 / (1 + exp(-1)).
    focal = (math.log(2) * 0.5**2 + math.log(1 + math.exp(-1)) * (1 - 1 / (1 + math.exp(-1))) ** 2) / 2
    assert float(losses(heads, one, focus=2.0)[1]) == pytest.approx(focal)


def test_training_learns_what_is_right_and_the_packed_weights_are_those(tmp_path: Path) -> None:
    right, wrong = (
        Pair("When was Tiangong launched?", CREW, True, frozenset({1})),
        Pair("When was Tiangong launched?", MIR, False, frozenset()),
    )
    said: list[str] = []
    network = train([lambda: [Group((right, wrong), ranked=True)] * 30], Recipe(pairs=2), say=said.append)
    assert len(said) == 1 and "25 steps: ranking" in said[0]
    start = CrossEncoder(bundled_encoder(bundled_folder()))
    words = "encoder.embeddings.word_embeddings.weight"
    assert torch.equal(network.state_dict()[words], start.state_dict()[words])
    pack(network, tmp_path / "weights.safetensors")
    weights = unpacked(tmp_path / "weights.safetensors")
    assert set(weights) == {name for name, _ in network.named_parameters()} - {words}
    for name, kept in weights.items():
        whole = network.state_dict()[name]
        # Half a step of 127, of the largest weight of the row.
        assert float((kept - whole).abs().max()) <= float(whole.abs().max()) / 127 / 2 + 1e-6
    from transformers import AutoTokenizer

    one = batch([Group((right, wrong), ranked=True)], AutoTokenizer.from_pretrained(str(bundled_folder())), pieces=64)
    with torch.no_grad():
        before, after = start(**one.inputs), network(**one.inputs)
    assert float(losses(after, one)[0]) < 0.5 * float(losses(before, one)[0])
    assert float(after.answers[0]) > float(after.answers[1])
    group = Group((right, wrong), ranked=True)
    gone_on = train([lambda: [group]], Recipe(pairs=2), start=tmp_path / "weights.safetensors", minutes=1e-9)
    for name, kept in weights.items():
        assert torch.equal(gone_on.state_dict()[name], kept)
