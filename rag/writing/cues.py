"""What kind of thing a question asks for, and whether a sentence has a thing of that kind that the question lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language import names, terms

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
_YEAR = r"\b(?:1[0-9]|20)\d{2}s?\b"
_WHEN = re.compile(
    rf"\b(?:{_MONTH}\.? \d{{1,2}}(?:,? {_YEAR})?|(?:\d{{1,2}} )?{_MONTH}\.? {_YEAR}|\d{{1,2}} {_MONTH})\b|"
    rf"\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b|{_YEAR}|\b\d{{1,2}}(?:st|nd|rd|th) century\b",
    re.IGNORECASE,
)
_WORDED = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|million|billion|dozens?"
)
# The 4 of "Ax-4" and the 31 of "V-31" count nothing.
_DIGITS = r"(?<![\w-])\d+(?:[.,]\d+)*"
_COUNT = re.compile(rf"{_DIGITS}|\b(?:{_WORDED}|one|half|no|none|single|both)\b", re.IGNORECASE)
_UNIT = (
    r"%|percent|per cent|degrees?|°|[kcmµ]?m\b|[kmµ]?g\b|t\b|lbs?\b|mph\b|[kMG]Wh?\b|[kM]?Pa\b|k?N\b|m?l\b|"
    r"(?:kilo|centi|milli|micro)?(?:metre|meter|gram|litre|liter)s?|"
    r"miles?|feet|foot|inch(?:es)?|yards?|acres?|hectares?|(?:kilo|mega|giga)?watts?|tonnes?|tons?|pounds?|gallons?|"
    r"(?:square|cubic) \w+|seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)"
)
_MEASURE = re.compile(
    rf"(?:{_DIGITS}|\b(?:{_WORDED}|one|a|an|half a|several)\b)(?:[ -](?:to|and) {_DIGITS})?"
    rf"(?:[ -](?:million|billion|thousand|hundred|half))?[ -]?(?:{_UNIT})",
    re.IGNORECASE,
)
# What is asked for by *how heavy* or *what mass* has another unit than what *how high* asks for. *How long* and *how
# far* may ask for a time, too.
_MASS = re.compile(
    r"\d\s?(?:[kmµ]?g|t|lbs?)\b|\b(?:(?:kilo|milli|micro)?gram(?:me)?s?|tonnes?|tons?|pounds?)\b", re.IGNORECASE
)
_HEAVY = re.compile(r"\bhow heavy\b|\bwhat\b(?: [\w'’-]+){0,4} (?:mass|weight)\b", re.IGNORECASE)
# Numbers that point and count nothing: "[54]", "figure 1", "pp. 3-5".
_POINTER = re.compile(
    r"\[\d{1,3}\]|\b(?:figures?|figs?\.|tables?|notes?|pages?|pp?\.|appendix|sections?|chapters?|parts?) "
    r"\d+(?:[-–.]\d+)*\b",
    re.IGNORECASE,
)
# How many words may stand between a number and what it counts: "16 Chinese astronauts", "a crew of three".
_COUNTED_WITHIN = 3
_COUNTED = re.compile(
    r"\bhow (?:many|much)\s+(?:of (?:the|its|their|his|her)\s+)?((?:[\w’'&-]+\s+){0,2}?[\w’'&-]+)\s+"
    r"(?:of|in|on|for|from|at|to|by|with|that|who|which|is|are|was|were|has|have|had|do|does|did|can|could|will|would|"
    r"may|might|must|should)\b",
    re.IGNORECASE,
)
# What somebody is asked for as: *who is the chief executive of ...*.
_ROLE = re.compile(
    r"\bwho\s+(?:is|was|are|were)\s+(?:the|its|their|his|her)\s+((?:[\w’'-]+\s+){0,4}?[\w’'-]+)\s+"
    r"(?:of|at|in|on|for|behind|to)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:orbits?|oceans?|coasts?|islands?|poles?|equator|deserts?|valleys?|mountains?|rivers?|lakes?|"
    r"(?:north|south|east|west)(?:ern)?)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£¥]\s?\d|\b(?:us|a|c)\$|\d[\d.,]*\s*(?:(?:thousand|million|billion|trillion|bn|mn|m|k)\s+)?"
    r"(?:dollars?|euros?|yuan|renminbi|rmb|roubles?|rubles?|pounds?|yen|usd|eur|gbp|cny|francs?)\b|"
    r"\b(?:usd|eur|gbp|cny|rmb)\s?\d|\((?:usd|eur|gbp|cny|rmb|[$€£¥])[^)]*\)",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:because|since|due to|owing to|lead(?:s|ing)? to|led to|result(?:s|ed|ing)?|cause[sd]?|reasons?|so that|"
    r"therefore|thus|consequently|in order to|in response|to (?:improve|avoid|ensure|reduce|help|allow|make|keep)|"
    r"could|would|may|might|allow(?:s|ed|ing)?|enabl\w+|prompt\w*|encourag\w+|driv(?:es?|en|ing)|given that|"
    r"as a (?:result|consequence)|means that|why|(?:want|hope|aim|seek|intend|mean)(?:s|ed|t)? to|sought to)\b",
    re.IGNORECASE,
)
_ASKED = {
    "money": r"\bhow much money\b|\bhow expensive\b|\b(?:how much|what)\b[^?]*\b(?:costs?|prices?|priced|budget\w*|"
    r"spen[dt]\w*|paid|pay|worth|funding|invest\w*|revenue|sales|income|profit|los[est]\w*|earn\w*|owe[ds]?|donat\w*)\b",
    "when": r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|month|date|day|decade|century)\b|\bsince when\b|"
    r"\bhow (?:recently|soon)\b|\b(?:launch|release|start|end|opening|signing|birth|due) date\b|\bdate of\b",
    "count": r"\bhow (?:many|much)\b|\bwhat (?:number|share|percentage|percent|proportion)\b",
    "measure": r"\bhow (?:long|far|high|large|big|heavy|tall|fast|old|deep|wide)\b|"
    r"\bwhat\b(?: [\w'’-]+){0,4} (?:mass|weight|altitude|height|inclination|length|speed|size|width|depth|diameter)\b",
    "who": r"\b(?:who|whom|whose)\b|\bwhich (?:person|people|company|companies|country|countries|nations?|agency|"
    r"agencies|astronauts?)\b",
    "where": r"\bwhere\b|\b(?:what|which|in what|in which) (?:city|town|place|country|state|region|continent|river)\b",
    "why": r"\bwhy\b|\bhow come\b|\bwhat (?:is|was|are|were) the (?:reasons?|causes?)\b|"
    r"\bwhat (?:caused|led|drove|prompted)\b|\bfor what reason\b",
}
# What a refusal says is missing where nothing near the question has that kind of thing.
WANTED = {
    "money": "a sum of money",
    "when": "a date",
    "count": "a number",
    "measure": "a measure",
    "who": "a name",
    "where": "a place",
}
# The words that say what kind is asked for stand in no answer: *how high* is answered by an altitude.
_ASKING = re.compile(
    r"\bhow (?:long|far|high|large|big|heavy|tall|fast|old|deep|wide|recently|soon|come|expensive)\b", re.IGNORECASE
)


def kind_of(question: str) -> str:
    """Return what the question asks for: "money", "when", "count", "measure", "who", "where", "why", or "" where
    nothing tells."""
    return next((kind for kind, pattern in _ASKED.items() if re.search(pattern, question, re.IGNORECASE)), "")


def has_kind(kind: str, sentence: str, question: str = "") -> bool:
    """Return whether the sentence holds something of that kind that the question does not; True for the kind "".

    A year, the day of a date or the number of a figure counts nothing, and where the sentence names what the question
    counts, only a number near that does. Where a role is asked for (*who is the commander of ...*), a name answers only
    beside a word of the role.
    """
    if kind == "who":
        role = _ROLE.search(question)
        played = not role or not set(terms(role.group(1))).isdisjoint(terms(sentence))
        return played and bool(names(sentence) - names(question))
    if kind == "where":
        return bool(names(sentence) - names(question)) or bool(_found(_PLACE, sentence) - _found(_PLACE, question))
    if kind == "when":
        return bool(_found(_WHEN, sentence) - _found(_WHEN, question))
    if kind == "count":
        undated, asked = _WHEN.sub(" ", _POINTER.sub(" ", sentence)), _found(_COUNT, _WHEN.sub(" ", question))
        return _counts(
            [one for one in _COUNT.finditer(undated) if one.group().casefold() not in asked], undated, question
        )
    if kind == "measure":
        pattern = _MASS if _HEAVY.search(question) else _MEASURE
        return bool(_found(pattern, _WHEN.sub(" ", sentence)) - _found(pattern, _WHEN.sub(" ", question)))
    other = {"money": _MONEY, "why": _CAUSE}.get(kind)
    return other is None or bool(other.search(sentence))


def without_asking(question: str) -> str:
    """Return the question without the words that only say what kind of thing it asks for, such as *how high*."""
    return _ASKING.sub(" ", question)


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {found.group().casefold() for found in pattern.finditer(text)}


def _counts(found: Sequence[re.Match[str]], sentence: str, question: str) -> bool:
    """Return whether one of the numbers stands near what the question counts, where the sentence names that."""
    asked = _COUNTED.search(question)
    counted = set(terms(asked.group(1))[-1:]) if asked else set()
    if not counted or counted.isdisjoint(terms(sentence)):
        return bool(found)
    return any(not counted.isdisjoint(terms(_around(sentence, one))) for one in found)


def _around(sentence: str, number: re.Match[str]) -> str:
    """Return the few words before and after a number."""
    before, after = sentence[: number.start()].split(), sentence[number.end() :].split()
    return " ".join((*before[-_COUNTED_WITHIN:], *after[:_COUNTED_WITHIN]))
