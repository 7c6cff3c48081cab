"""What the reranker learns from: questions, the texts that answer them and those that do not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.language import sentences

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of a set's pool: what stands above it, its text, and the spans of its sentences or rows."""

    context: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Right:
    """Why a text is right: the indices of the spans that answer, None where nobody marked them; and whether it answers
    (True), is only the one to look at (False), or either (None)."""

    gold: frozenset[int] | None = None
    answers: bool | None = True


@dataclass(frozen=True, slots=True)
class Example:
    """A question. ``right`` and ``wrong`` index the pool; ``group`` keeps what shares a source in one fold;
    ``golden`` are the answers' words: a text that has them is no safe negative."""

    question: str
    group: str
    right: Mapping[int, Right]
    wrong: tuple[int, ...] = ()
    golden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A set's examples and the texts that they are about."""

    name: str
    pool: Sequence[Text]
    examples: Sequence[Example]


def fold_of(group: str) -> int:
    """Return the fold (0 to 4) of a group: the SHA-256 of its name, modulo five."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def cut(context: str, text: str) -> Text:
    """Return the text with the spans of its sentences."""
    return Text(context, text, tuple(sentences(text)))


def joined(context: str, parts: Sequence[str], by: str = " ") -> Text:
    """Return a text of the parts, which are its spans."""
    spans, at = [], 0
    for part in parts:
        spans.append((at, at + len(part)))
        at += len(part) + len(by)
    return Text(context, by.join(parts), tuple(spans))


def spans_with(text: Text, words: Sequence[str]) -> frozenset[int]:
    """Return the indices of the spans that hold one of the strings, letter case aside."""
    wanted = [word.casefold() for word in words if word.strip()]
    return frozenset(
        at
        for at, (start, end) in enumerate(text.spans)
        if any(word in text.text[start:end].casefold() for word in wanted)
    )


def spans_over(text: Text, start: int, end: int) -> frozenset[int]:
    """Return the indices of the spans that overlap ``start:end``."""
    return frozenset(at for at, (left, right) in enumerate(text.spans) if left < end and start < right)
