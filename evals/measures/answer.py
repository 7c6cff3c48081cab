"""Measures of an answer's words against what was expected: the facts it has to hold, and a reference.

The text of an answer is that of its statements, without citation marks. Lexical measures see words, not meaning: a
right answer in other words scores low, which is why the facts of a case list alternatives.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from rag import Statement

_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
# Between the parts of "low-Earth" and of "2020–2022" a word ends, too.
_JOINED = re.compile(r"[-‐‑‒–—/]")
# SQuAD's normalising makes "chinas" of "China's".
_ENDING = r"(?:[’]?s|es)?"


def answer_text(statements: Sequence[Statement]) -> str:
    """Return the text of the statements, joined by spaces, without citation marks; "" for none."""
    return " ".join(one.text for one in statements)


def answer_words(text: str) -> int:
    """Return how many words the text has, parted by white space; 0 for "".

    It stands beside ``facts_covered``, which rises with mere length.
    """
    return len(text.split())


def normalised(text: str) -> str:
    """Return the text as SQuAD compares it: lower case, no ASCII punctuation, no article, white space folded.

    Source: the official evaluation of SQuAD 2.0, Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822.
    """
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def facts_covered(facts: Sequence[Sequence[str]], text: str) -> float:
    """Return the share of the facts that the text covers, 0 to 1; 0 for the empty text, and for no facts.

    Formula: |facts of which ``fact_covered``| / |facts|. It is recall over pieces of the answer, as nuggets are in
    Voorhees 2003, https://trec.nist.gov/pubs/trec12/papers/QA.OVERVIEW.pdf.
    """
    return sum(fact_covered(alternatives, text) for alternatives in facts) / len(facts) if facts else 0.0


def fact_covered(alternatives: Sequence[str], text: str) -> bool:
    """Whether one of the alternatives occurs in the text, both normalised as SQuAD does.

    It has to occur as whole words, so that "3" is not found in "2023"; the endings of a plural and of a possessive may
    follow. A hyphen or a dash may join words or part them. An alternative of which normalising leaves nothing occurs
    nowhere.
    """
    texts = (normalised(text), normalised(_parted(text)))
    return any(
        _occurs(sought, within)
        for one in alternatives
        for sought, within in zip((normalised(one), normalised(_parted(one))), texts, strict=True)
    )


def exact_match(reference: str, text: str) -> float:
    """Return 1 where text and reference are the same once normalised, else 0; two empty ones are the same.

    Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250.
    """
    return float(normalised(text) == normalised(reference))


def token_f1(reference: str, text: str) -> float:
    """Return the harmonic mean of precision and recall of the text's words against the reference's, 0 to 1.

    Formula: 2PR / (P + R), P = shared words / words of the text, R = shared words / words of the reference, both
    normalised and each word counted as often as both have it. Where one is empty: 1 if both are, else 0. Source:
    Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250.
    """
    said, expected = normalised(text).split(), normalised(reference).split()
    if not said or not expected:
        return float(said == expected)
    shared = (Counter(said) & Counter(expected)).total()
    # The same as 2PR / (P + R), and no division by 0 where nothing is shared.
    return 2 * shared / (len(said) + len(expected))


def rouge_l(reference: str, text: str) -> float:
    """Return ROUGE-L as F-measure, 0 to 1, with Porter's stemming; 0 where either has no word.

    Formula: 2PR / (P + R), P = L / words of the text, R = L / words of the reference, L the length of the longest
    common subsequence. Words are runs of ASCII letters and digits. Source: Lin 2004, https://aclanthology.org/W04-1013.
    """
    return float(_scorer().score(reference, text)["rougeL"].fmeasure)


@cache
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


def _parted(text: str) -> str:
    return _JOINED.sub(" ", text)


def _occurs(sought: str, within: str) -> bool:
    # The plain search first: it is quick, and says no to most.
    return bool(sought) and sought in within and bool(re.search(rf"(?<!\w){re.escape(sought)}{_ENDING}(?!\w)", within))
