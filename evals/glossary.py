"""What every figure is called in a report, what it says in plain words, and which way it is better."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "seconds", "dollars", "number", "count"]

GROUPS = ("Answer", "Citation", "Retrieval", "Support", "Refusing", "Checking claims", "Time and cost", "Other")

# What a run is summed up by where it has them, in this order.
HEADLINE = (
    "facts_covered",
    "correctness",
    "faithfulness",
    "citation_precision",
    "citation_recall",
    "page_hit@5",
    "page_ndcg@10",
    "report_hit@5",
    "abstention_accuracy",
    "confidence_auroc",
    "balanced_accuracy",
    "sensitivity",
    "specificity",
)


@dataclass(frozen=True, slots=True)
class Term:
    """A figure's label, a sentence on it, its group and unit; ``less`` where a smaller value is the better one."""

    label: str
    words: str
    group: str
    unit: Unit = "share"
    less: bool = False


_TERMS = {
    "facts_covered": Term(
        "Facts covered", "Share of the expected facts that the answer states; 0 if refused.", "Answer"
    ),
    "correctness": Term("Correctness", "The judge model's grade of the answer against the reference.", "Answer"),
    "faithfulness": Term("Faithfulness", "The judge model's grade of the answer against its own quotes.", "Answer"),
    "ungraded": Term(
        "Not graded", "Share of the judge model's grades that it did not give as asked.", "Answer", less=True
    ),
    "token_f1": Term("Token F1", "Overlap of the answer's words with the reference's, both ways.", "Answer"),
    "exact_match": Term("Exact match", "Share of answers that are the reference, word for word.", "Answer"),
    "rouge_l": Term("ROUGE-L", "Overlap of the answer's words with the reference's, in their order.", "Answer"),
    "answer_words": Term(
        "Words an answer", "Length of the answers: long ones cover more facts.", "Answer", "number", True
    ),
    "citation_precision": Term("Citation precision", "Share of cited pages that are pages of evidence.", "Citation"),
    "citation_recall": Term(
        "Citation recall", "Share of the pages of evidence that are cited; 0 if refused.", "Citation"
    ),
    "citation_match": Term("Citation match", "Share of the expected quotes that a citation overlaps.", "Citation"),
    "citation_integrity": Term(
        "Citation integrity", "Share of quotes that stand on their page; must be 1.", "Citation"
    ),
    "support_identity": Term(
        "Verified, as quoted", "Share of statements that are their quote, word for word.", "Support"
    ),
    "support_verified": Term("Verified, as checked", "Share of other statements that their quotes support.", "Support"),
    "support_partial": Term("Partly supported", "Share of statements that lack support in part.", "Support", less=True),
    "support_unsupported": Term(
        "Unsupported", "Share of statements that their quotes do not support.", "Support", less=True
    ),
    "abstention_accuracy": Term(
        "Abstention accuracy", "Share of questions that were rightly answered or rightly refused.", "Refusing"
    ),
    "refused": Term("Refused", "Share of all questions that were refused.", "Refusing", less=True),
    "refusal_precision": Term(
        "Refusal precision", "Share of the refusals where there is no answer to find.", "Refusing"
    ),
    "refusal_recall": Term("Refusal recall", "Share of the questions without an answer that were refused.", "Refusing"),
    "confidence_auroc": Term(
        "Confidence AUROC", "How often an answerable question gets more confidence than one that is not.", "Refusing"
    ),
    "aurc": Term("Area under risk-coverage", "Mean error when the surest are answered first.", "Refusing", less=True),
    "balanced_accuracy": Term("Balanced accuracy", "The mean of sensitivity and specificity.", "Checking claims"),
    "agreement": Term("Agreement", "Share of claims of which checker and people say the same.", "Checking claims"),
    "sensitivity": Term("Sensitivity", "Share of the supported claims that the checker verifies.", "Checking claims"),
    "specificity": Term("Specificity", "Share of the other claims that it does not verify.", "Checking claims"),
    "seconds": Term("Time, mean", "Wall-clock time of a case.", "Time and cost", "seconds", True),
    "seconds_p50": Term("Time, median", "Half of the cases took no longer.", "Time and cost", "seconds", True),
    "seconds_p95": Term("Time, 95th percentile", "19 of 20 cases took no longer.", "Time and cost", "seconds", True),
    "input_tokens": Term("Tokens read", "What a language model read, per question.", "Time and cost", "number", True),
    "output_tokens": Term(
        "Tokens written", "What a language model wrote, per question.", "Time and cost", "number", True
    ),
    "cost": Term("Cost", "US dollars, per question.", "Time and cost", "dollars", True),
    "failed": Term("Failed", "Cases that raised an error; they score 0 everywhere.", "Time and cost", "count", True),
}

_RANKED = {
    "hit": ("hit", "Share of questions with {a} of evidence among the first {ranks}."),
    "recall": ("recall", "Share of the {one}s of evidence that are among the first {ranks}."),
    "mrr": ("MRR", "1 divided by the rank of the first {one} of evidence."),
    "ndcg": ("nDCG", "The first {ranks}, those of evidence counting more the higher they stand."),
}


def term(name: str) -> Term:
    """Return the term of a figure; a name that is not known is its own label."""
    if name in _TERMS:
        return _TERMS[name]
    level, _, rest = name.partition("_")
    measure, _, cutoff = rest.partition("@")
    if level in ("page", "report") and measure in _RANKED:
        label, words = _RANKED[measure]
        if measure == "hit" and cutoff == "1":
            words = "Share of questions whose first {one} is one of evidence."
        said = words.format(a=f"a {level}", one=level, ranks=f"{cutoff} {level}s")
        return Term(f"{level.title()} {label}{'@' if cutoff else ''}{cutoff}", said, "Retrieval")
    return Term(name.replace("_", " "), "", "Other")


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names in the order that they are shown in: by group, and those of retrieval by level and cutoff."""
    known = {name: at for at, name in enumerate(_TERMS)}
    ranked = {name: at for at, name in enumerate(_RANKED)}

    def place(name: str) -> tuple[int, int, str, int, int, str]:
        level, _, rest = name.partition("_")
        measure, _, cutoff = rest.partition("@")
        at = known.get(name, len(known))
        return GROUPS.index(term(name).group), at, level, ranked.get(measure, 0), int(cutoff or 0), name

    return sorted(names, key=place)


def shown(name: str, value: float | None, *, signed: bool = False) -> str:
    """Return the value as a person reads it, "–" for none; ``signed`` puts a plus before what is above zero."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    written = {"share": f"{size:.3f}", "seconds": _seconds(size), "dollars": f"${size:.4f}", "count": f"{size:,.0f}"}
    text = written.get(term(name).unit) or (f"{size:,.0f}" if size >= 100 else f"{size:,.1f}")
    # What is nothing once it is rounded has no sign.
    if not any(digit in text for digit in "123456789"):
        return text
    return f"−{text}" if value < 0 else f"+{text}" if signed else text


def better(name: str, difference: float) -> bool:
    """Return whether a figure that moved by ``difference`` is better than it was; not for 0."""
    return difference < 0 if term(name).less else difference > 0


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.1f} s"
