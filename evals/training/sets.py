"""The sets of prose that the reranker learns from, read as published."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.training.examples import Example, Right, Text, TrainingSet, cut, joined, spans_over, spans_with

# Words of a piece of a long article.
_PIECE = 150
# Passages drawn of each of MTRAG's domains beside those that answer.
_DRAWN = 3000
_SPACED = (
    (re.compile(r"\s+([.,;:!?%)\]]|'s\b|n't\b)"), r"\1"),
    (re.compile(r"([(\[])\s+"), r"\1"),
    (re.compile(r"``\s*|\s*''"), '"'),
)


def squad(folder: Path) -> TrainingSet:
    """Return SQuAD 2.0; an unanswerable question has its own paragraph as a wrong text."""
    pool: list[Text] = []
    examples = []
    (file,) = folder.glob("*.json")
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = cut(article["title"].replace("_", " "), paragraph["context"])
            for asked in paragraph["qas"]:
                golden = tuple(dict.fromkeys(answer["text"] for answer in asked["answers"]))
                starts = [(answer["answer_start"], answer["text"]) for answer in asked["answers"]]
                gold = frozenset().union(*(spans_over(text, at, at + len(words)) for at, words in starts))
                right = {len(pool): Right(gold)} if golden else {}
                wrong = () if golden else (len(pool),)
                examples.append(Example(asked["question"], article["title"], right, wrong, golden))
            pool.append(text)
    return TrainingSet("squad2", pool, examples)


def clapnq(folder: Path) -> TrainingSet:
    """Return ClapNQ's development questions with their passages; the fold is by question."""
    pool: list[Text] = []
    examples = []
    for file in ("clapnq_dev_answerable.jsonl", "clapnq_dev_unanswerable.jsonl"):
        for record in _lines(folder / file):
            chosen = {_unspaced(one) for output in record["output"] for one in output["selected_sentences"]}
            right, wrong = {}, []
            for passage in record["passages"]:
                parts = [_unspaced(one) for one in passage["sentences"]]
                gold = frozenset(at for at, part in enumerate(parts) if part in chosen)
                if gold:
                    right[len(pool)] = Right(gold)
                else:
                    wrong.append(len(pool))
                pool.append(joined(passage["title"], parts))
            examples.append(Example(record["input"], record["id"], right, tuple(wrong)))
    return TrainingSet("clapnq", pool, examples)


def mtrag(folder: Path) -> Iterator[TrainingSet]:
    """Yield the three pooled domains of MTRAG with people's rewrites; the fold is by conversation."""
    for domain in ("clapnq", "cloud", "fiqa"):
        asked = {
            one["_id"]: re.sub(r"^\|user\|:\s*", "", one["text"]).strip()
            for one in _lines(folder / "retrieval_tasks" / domain / f"{domain}_rewrite.jsonl")
        }
        found: dict[str, list[str]] = {}
        with (folder / "pooled_corpus" / "qrels_covered" / f"{domain}.tsv").open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                found.setdefault(row["query-id"], []).append(row["corpus-id"])
        with gzip.open(folder / "pooled_corpus" / f"{domain}.jsonl.gz", "rt", encoding="utf-8") as lines:
            corpus = {one["_id"]: one for one in map(json.loads, lines)}
        kept = {passage for passages in found.values() for passage in passages}
        kept |= set(random.Random(0).sample(sorted(corpus), min(_DRAWN, len(corpus))))
        order = sorted(kept & set(corpus))
        place = {name: at for at, name in enumerate(order)}
        pool = [cut(corpus[name]["title"], corpus[name]["text"].strip()) for name in order]
        examples = [
            Example(asked[name], name.partition("<")[0], {place[one]: Right() for one in passages if one in place})
            for name, passages in found.items()
            if name in asked
        ]
        yield TrainingSet(f"mtrag-{domain}", pool, examples)


def scifact(folder: Path) -> TrainingSet:
    """Return SciFact's training claims over its abstracts; an abstract that decides nothing is only the one to look
    at."""
    corpus = _lines(folder / "corpus.jsonl")
    place = {record["_id"]: at for at, record in enumerate(corpus)}
    claims: dict[str, dict[int, Right]] = {}
    for record in _lines(folder / "claims_train.jsonl"):
        right = claims.setdefault(record["claim"], {})
        for name in record["cited_doc_ids"]:
            if name in place:
                right.setdefault(place[name], Right(answers=False))
        if record["doc_id"] in place:
            right[place[record["doc_id"]]] = Right()
    return TrainingSet(
        "scifact",
        [cut(record["title"], record["text"]) for record in corpus],
        [Example(claim, claim, right) for claim, right in claims.items()],
    )


def covid(folder: Path) -> TrainingSet:
    """Return COVID-QA: questions over articles, which are cut into pieces of some 150 words."""
    pool: list[Text] = []
    examples = []
    for article in json.loads((folder / "200423_covidQA.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            title = text.strip().partition("\n")[0]
            places = {}
            for start, end in _pieces(cut("", text)):
                places[len(pool)] = (start, end)
                pool.append(cut(title, text[start:end]))
            for asked in paragraph["qas"]:
                right = {}
                for answer in asked["answers"]:
                    at, to = answer["answer_start"], answer["answer_start"] + len(answer["text"].rstrip())
                    for one, (start, end) in places.items():
                        if start < to and at < end:
                            right[one] = Right(spans_over(pool[one], at - start, to - start))
                golden = tuple(answer["text"].strip() for answer in asked["answers"])
                examples.append(Example(asked["question"], title, right, golden=golden))
    return TrainingSet("covid-qa", pool, examples)


def pubmed(folder: Path) -> TrainingSet:
    """Return PubMedQA's labelled questions, each with the abstract that it was asked of."""
    records = json.loads((folder / "ori_pqal.json").read_text(encoding="utf-8"))
    pool = [cut("", " ".join(record["CONTEXTS"])) for record in records.values()]
    examples = [Example(record["QUESTION"], name, {at: Right()}) for at, (name, record) in enumerate(records.items())]
    return TrainingSet("pubmedqa", pool, examples)


def multihop(folder: Path) -> Iterator[TrainingSet]:
    """Yield HotpotQA, 2WikiMultihopQA and MuSiQue, 200 questions each: all that supports is right, the distractors that
    came with a question are wrong. Only a text with the answer's words is said to answer."""
    for name in ("hotpot", "wikihop"):
        pool: list[Text] = []
        examples = []
        for record in _lines(folder / f"migres_{name}_200.jsonl"):
            if "context" not in record:
                continue
            facts: dict[str, set[int]] = {}
            for title, at in record["supporting_facts"]:
                facts.setdefault(title, set()).add(at)
            begun = len(pool)
            pool += [joined(title, [part.strip() for part in parts]) for title, parts in record["context"]]
            right = {
                begun + at: Right(frozenset(facts[title]), _maybe(pool[begun + at], record["answer"]))
                for at, (title, _) in enumerate(record["context"])
                if title in facts
            }
            wrong = tuple(at for at in range(begun, len(pool)) if at not in right)
            examples.append(Example(record["question"], record["_id"], right, wrong, (record["answer"],)))
        yield TrainingSet(name, pool, examples)
    yield _musique(folder / "migres_musique_200.jsonl")


def _musique(file: Path) -> TrainingSet:
    pool: list[Text] = []
    examples = []
    for record in _lines(file):
        begun = len(pool)
        pool += [cut(one["title"], one["paragraph_text"]) for one in record["paragraphs"]]
        golden = (record["answer"], *record["answer_aliases"])
        right = {}
        for at, one in enumerate(record["paragraphs"], begun):
            if one["is_supporting"]:
                gold = spans_with(pool[at], golden)
                right[at] = Right(gold or None, True if gold else None)
        wrong = tuple(at for at in range(begun, len(pool)) if at not in right)
        examples.append(Example(record["question"], record["id"], right, wrong, golden))
    return TrainingSet("musique", pool, examples)


def _maybe(text: Text, answer: str) -> bool | None:
    """Return True where the text has the answer's words, else None: one of several that are needed."""
    return True if answer.casefold() in text.text.casefold() else None


def _pieces(text: Text) -> Iterator[tuple[int, int]]:
    """Yield spans of whole sentences of some 150 words."""
    start = words = 0
    for left, right in text.spans:
        if words == 0:
            start = left
        words += len(text.text[left:right].split())
        if words >= _PIECE or right == text.spans[-1][1]:
            yield start, right
            words = 0


def _unspaced(words: str) -> str:
    """Return the sentence without the spaces that a tokenizer left around its marks."""
    for pattern, by in _SPACED:
        words = pattern.sub(by, words)
    return words.strip()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
