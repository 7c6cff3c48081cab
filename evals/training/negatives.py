"""Wrong texts that look right: what searches find, what lost its answer, and what a changed question no longer fits."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from evals.training.examples import Example, Text, TrainingSet
from rag import Embedding
from rag.embedding import embedded_text
from rag.language import terms

# BM25's usual constants (Robertson and Zaragoza 2009).
_K1, _B = 1.2, 0.75
# A negative is drawn from so many of the best of each search.
DEEP = 24
_NAME = re.compile(r"(?<=\s)[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")


def mined(one: TrainingSet, embedding: Embedding) -> list[list[list[int]]]:
    """Return for each example two lists of pool indices, the best first: what dense search and what BM25 find beside
    what is right and what has the answer's words."""
    questions = [example.question for example in one.examples]
    vectors = embedding.documents([embedded_text(text.context, text.text) for text in one.pool])
    asked = embedding.documents(questions)
    matrix, vocabulary = _bm25(one.pool)
    found = []
    for example, vector in zip(one.examples, asked, strict=True):
        known = [vocabulary[term] for term in set(terms(example.question)) if term in vocabulary]
        lexical = np.asarray(matrix[:, known].sum(axis=1)).ravel() if known else np.zeros(len(one.pool))
        found.append([_best(scores, example, one.pool) for scores in (vectors @ vector, lexical)])
    return found


def without_answer(text: Text, gold: frozenset[int]) -> Text | None:
    """Return the text without the spans that answer; None where too little is left."""
    kept = [at for at in range(len(text.spans)) if at not in gold]
    if not gold or len(kept) < 2:
        return None
    parts, spans, at = [], [], 0
    for index in kept:
        start, end = text.spans[index]
        parts.append(text.text[start:end])
        spans.append((at, at + end - start))
        at += end - start + 1
    by = "\n" if " | " in text.text else " "
    return Text(text.context, by.join(parts), tuple(spans))


def changed_question(question: str, others: Sequence[str], text: str, random_: random.Random) -> str | None:
    """Return the question with one of its years or names exchanged for one of another question that the text lacks;
    None where it has none."""
    years = list(_YEAR.finditer(question))
    if years:
        chosen = random_.choice(years)
        new = str(int(chosen.group()) + random_.choice([-7, -3, -2, -1, 1, 2, 3, 5, 10]))
        return None if new in text else question[: chosen.start()] + new + question[chosen.end() :]
    names = list(_NAME.finditer(question))
    for _ in range(8 if names else 0):
        chosen = random_.choice(names)
        found = [name.group() for name in _NAME.finditer(random_.choice(others))]
        new = random_.choice(found) if found else ""
        if new and new.casefold() not in f"{text} {question}".casefold():
            return question[: chosen.start()] + new + question[chosen.end() :]
    return None


def _best(scores: np.ndarray, example: Example, pool: Sequence[Text]) -> list[int]:
    golden = [words.casefold() for words in example.golden if len(words) > 2]
    kept: list[int] = []
    for at in np.argsort(-scores)[: 3 * DEEP]:
        at = int(at)
        if at in example.right or at in example.wrong:
            continue
        if any(words in pool[at].text.casefold() for words in golden):
            continue
        kept.append(at)
    return kept[:DEEP]


def _bm25(pool: Sequence[Text]) -> tuple[sparse.csc_matrix, dict[str, int]]:
    """Return BM25's weight of each term in each text, shape (texts, terms), and the terms' columns."""
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    lengths: list[int] = []
    for at, text in enumerate(pool):
        found = terms(embedded_text(text.context, text.text))
        lengths.append(len(found))
        tally: dict[int, int] = {}
        for term in found:
            column = vocabulary.setdefault(term, len(vocabulary))
            tally[column] = tally.get(column, 0) + 1
        rows += [at] * len(tally)
        columns += tally.keys()
        counts += tally.values()
    length = np.asarray(lengths, dtype=np.float32)
    matrix = sparse.csc_matrix((np.asarray(counts, dtype=np.float32), (rows, columns)), (len(pool), len(vocabulary)))
    frequency = np.diff(matrix.indptr)
    idf = np.log(1 + (len(pool) - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    norm = _K1 * (1 - _B + _B * length / max(float(length.mean()), 1.0))
    matrix.data = matrix.data * (_K1 + 1) / (matrix.data + norm[matrix.indices])
    return sparse.csc_matrix(matrix.multiply(idf)), vocabulary
