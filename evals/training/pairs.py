"""Examples -> groups of pairs of a question and a text, with what is known of each."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.training.examples import Example, Right, Text, TrainingSet
from evals.training.negatives import changed_question, without_answer
from evals.training.tables import retitled

# Of the answered questions, so many get a text that lost its answer, and so many are asked again with another name.
_LOST = 0.5
_CHANGED = 0.25
# A context is left out of so many texts: not every report has a title that says something.
_BARE = 0.15


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a text. ``answers`` and ``gold`` (the spans that answer) are None where nobody knows."""

    question: str
    text: Text
    answers: bool | None
    gold: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs of one question. Where ``ranked``, the first is the right one and the others are wrong."""

    pairs: tuple[Pair, ...]
    ranked: bool


def groups(
    one: TrainingSet, found: Sequence[Sequence[Sequence[int]]], *, wrong: int, random_: random.Random
) -> Iterator[Group]:
    """Yield a group for each right text of each example (at most two), or one for an unanswerable example."""
    questions = [example.question for example in one.examples]
    for example, searched in zip(one.examples, found, strict=True):
        negatives = _drawn(example, searched, wrong, random_)
        if not example.right:
            own = list(example.wrong[:1]) + negatives[:1]
            yield Group(tuple(_wrong(example.question, one.pool[at]) for at in own), ranked=False)
            continue
        chosen = random_.sample(sorted(example.right), min(len(example.right), 2 if len(example.right) < 4 else 1))
        for at in chosen:
            text, right = one.pool[at], example.right[at]
            pairs = [Pair(example.question, text, right.answers, _gold(right))]
            pairs += [_wrong(example.question, one.pool[place]) for place in negatives]
            lost = without_answer(text, right.gold or frozenset()) if random_.random() < _LOST else None
            if lost is not None:
                pairs.append(_wrong(example.question, lost))
            if one.name == "tatqa" and text.context.partition(" > ")[0].split()[0] in example.question:
                other = one.pool[random_.randrange(len(one.pool))].context
                pairs.append(_wrong(example.question, retitled(text, [other], random_)))
            yield Group(tuple(_bared(pairs, one.name, random_)), ranked=True)
        changed = _changed(example, one, questions, random_)
        if changed is not None:
            yield Group((changed,), ranked=False)


def _drawn(example: Example, searched: Sequence[Sequence[int]], wrong: int, random_: random.Random) -> list[int]:
    """Return negatives: at most two of those that came with the question, the rest by turns from the two searches."""
    own = random_.sample(list(example.wrong), min(len(example.wrong), 2))
    drawn = dict.fromkeys(own if example.right else [])
    turns = 0
    while len(drawn) < wrong and turns < 4 * wrong:
        pool = searched[turns % 2]
        if pool:
            # The square draws the harder ones more often.
            drawn[pool[int(random_.random() ** 2 * len(pool))]] = None
        turns += 1
    return list(drawn)


def _changed(example: Example, one: TrainingSet, questions: Sequence[str], random_: random.Random) -> Pair | None:
    at, right = next(iter(example.right.items()))
    if random_.random() > _CHANGED or not right.answers or right.gold is None:
        return None
    text = one.pool[at]
    near = [questions[random_.randrange(len(questions))] for _ in range(40)]
    question = changed_question(example.question, near, f"{text.context} {text.text}", random_)
    return None if question is None else _wrong(question, text)


def _bared(pairs: Sequence[Pair], name: str, random_: random.Random) -> list[Pair]:
    """Return the pairs, of some groups without their contexts; a made-up title decides and stays."""
    if name == "tatqa" or random_.random() > _BARE:
        return list(pairs)
    return [replace(pair, text=replace(pair.text, context="")) for pair in pairs]


def _gold(right: Right) -> frozenset[int] | None:
    return right.gold if right.answers is not False else None


def _wrong(question: str, text: Text) -> Pair:
    return Pair(question, text, False, frozenset())
