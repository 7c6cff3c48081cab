"""What kind of thing a question asks for, and whether a sentence has that kind of thing in it."""

from __future__ import annotations

import re

from rag.language import names

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_YEAR = r"\b(?:1[5-9]|20)\d{2}\b"
_WHEN = re.compile(rf"{_YEAR}|\b{_MONTH}\.? \d{{1,2}}\b|\b\d{{1,2}} {_MONTH}\b|\b\d{{4}}-\d{{2}}", re.IGNORECASE)
_COUNT = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|"
    r"billion|dozen|half|no|none|single|first|second|third|both)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£¥]\s?\d|\b(?:us|a|c)\$|\d[\d.,]*\s*(?:(?:thousand|million|billion|trillion|bn|mn|m|k)\s+)?"
    r"(?:dollars?|euros?|yuan|renminbi|rmb|roubles?|rubles?|pounds?|yen|usd|eur|gbp|cny|francs?)\b|"
    r"\b(?:usd|eur|gbp|cny|rmb)\s?\d",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:because|since|due to|owing to|lead(?:s|ing)? to|led to|result(?:s|ed|ing)?|cause[sd]?|reasons?|so that|"
    r"therefore|thus|consequently|in order to|in response|to (?:improve|avoid|ensure|reduce|help|allow|make|keep)|"
    r"could|would|may|might|allow(?:s|ed|ing)?|enabl\w+|prompt\w*|encourag\w+|driv(?:es?|en|ing)|given that|"
    r"as a (?:result|consequence)|means that|why)\b",
    re.IGNORECASE,
)
_ASKED = {
    "money": r"\b(?:how much|what)\b[^?]*\b(?:costs?|prices?|priced|budget\w*|spen[dt]\w*|paid|pay|worth|funding|"
    r"invest\w*|revenue|sales|income|profit|los[est]\w*|earn\w*|owe[ds]?|donat\w*)\b|\bhow expensive\b",
    "when": r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|month|date|day|decade)\b|\bsince when\b|"
    r"\bhow (?:recently|soon|old)\b",
    "count": r"\bhow (?:many|much|long|far|high|large|big|heavy|tall|often|fast)\b|"
    r"\bwhat (?:number|share|percentage|percent|proportion|mass|altitude|inclination|length)\b",
    "who": r"\b(?:who|whom|whose)\b|\bwhich (?:person|people|company|companies|country|countries|nations?|agency|"
    r"agencies|astronauts?)\b",
    "why": r"\bwhy\b|\bhow come\b|\bwhat (?:is|was|are|were) the (?:reasons?|causes?)\b|"
    r"\bwhat (?:caused|led|drove|prompted)\b|\bfor what reason\b",
}


def kind_of(question: str) -> str:
    """Return what the question asks for: "money", "when", "count", "who", "why", or "" where nothing tells."""
    return next((kind for kind, pattern in _ASKED.items() if re.search(pattern, question, re.IGNORECASE)), "")


def has_kind(kind: str, sentence: str) -> bool:
    """Return whether the sentence holds something of that kind; always True for the kind ""."""
    if kind == "who":
        return bool(names(sentence))
    pattern = {"money": _MONEY, "when": _WHEN, "count": _COUNT, "why": _CAUSE}.get(kind)
    return pattern is None or bool(pattern.search(sentence))
