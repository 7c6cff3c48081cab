"""A sentence -> its subject, verb and the rest: as much grammar as turning a plain sentence into a question takes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag.language import folded

# The past forms that reports use most, by their bases; a rule could not tell them from participles and adjectives.
PAST = {
    "adopted": "adopt", "agreed": "agree", "announced": "announce", "approved": "approve", "arrived": "arrive",
    "asked": "ask", "awarded": "award", "began": "begin", "bought": "buy", "built": "build", "called": "call",
    "carried": "carry", "chose": "choose", "closed": "close", "completed": "complete", "cost": "cost",
    "created": "create", "cut": "cut", "decided": "decide", "deployed": "deploy", "died": "die", "docked": "dock",
    "employed": "employ", "ended": "end", "entered": "enter", "established": "establish", "expanded": "expand",
    "fell": "fall", "flew": "fly", "found": "find", "founded": "found", "funded": "fund", "gave": "give",
    "grew": "grow", "held": "hold", "increased": "increase", "introduced": "introduce", "invested": "invest",
    "invited": "invite", "issued": "issue", "joined": "join", "kept": "keep", "landed": "land",
    "launched": "launch", "left": "leave", "lost": "lose", "made": "make", "met": "meet", "opened": "open",
    "ordered": "order", "paid": "pay", "passed": "pass", "placed": "place", "produced": "produce",
    "promised": "promise", "provided": "provide", "published": "publish", "raised": "raise", "reached": "reach",
    "received": "receive", "recommended": "recommend", "reduced": "reduce", "released": "release",
    "replaced": "replace", "reported": "report", "returned": "return", "reviewed": "review", "saved": "save",
    "selected": "select", "showed": "show", "signed": "sign", "sold": "sell", "spent": "spend", "started": "start",
    "stayed": "stay", "stopped": "stop", "surveyed": "survey", "tested": "test", "took": "take", "used": "use",
    "visited": "visit", "withdrew": "withdraw", "won": "win", "worked": "work",
}  # fmt: skip
BE = frozenset({"is", "are", "was", "were"})
AUXILIARIES = BE | {"will", "would", "could", "can", "may", "might", "should", "must", "cannot"}
HAVE = frozenset({"has", "have", "had"})
SAYING = frozenset({"said", "told", "stated", "argued", "warned"})
# What a law or a plan does, by its base.
RULING = {
    "requires": "require", "require": "require", "prohibits": "prohibit", "forbids": "forbid", "bars": "bar",
    "allows": "allow", "includes": "include", "offers": "offer",
}  # fmt: skip

_WORD = r"[^\W_][\w’'&./-]*"
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
YEAR = r"(?:1[6-9]|20)\d\d"
DATE = (
    rf"(?:early |late |mid-)?(?:(?:\d{{1,2}} )?{MONTH}(?: \d{{1,2}},?)? {YEAR}|{YEAR}|\d{{1,2}} {MONTH}|"
    rf"{MONTH} \d{{1,2}}(?!\d))"
)
_LEAD = rf"(?:(?P<lead>(?:In|On) {DATE}|(?:In|On|During|By|From|Since|Between|At) [^,;:()]{{2,40}}(?=,)),? )?"
_ACRONYM = re.compile(r"\s\([A-Z][\w.&-]*\)")
_VERBS = "|".join(sorted({*PAST, *AUXILIARIES, *HAVE, *SAYING, *RULING}, key=len, reverse=True))
_CLAUSE = re.compile(
    rf"^{_LEAD}(?P<subject>{_WORD}(?: {_WORD}){{0,7}}?)(?:, (?P<aside>[^,;:()]{{3,70}}),)? "
    rf"(?P<verb>{_VERBS}) (?P<rest>.+?)\.?$"
)
# What no subject of a question begins with, or has in it: it would point at another sentence, or be a clause itself.
_NO_START = frozenset(
    "it they he she we you i this that these those there here who which what when where why how if as while although "
    "though because since after before until unless for of to by with without from at in on under over among between "
    "and but or so yet not no such its their his her our your my both each some many most all any other another one "
    "such according based given despite during once only even also more less than table figure note source".split()
)
_NO_PART = frozenset(
    "that which who whose whom when where because if while or but this these those its their his her it them to".split()
)
# Stand before the verb without being of the subject.
_ADVERBS = frozenset("also then later first now still already currently initially subsequently recently".split())
_DETERMINERS = frozenset("the a an".split())
# Behind a sentence: "[54]", a footnote's number after the stop.
_MARKED = re.compile(r"(?:\s?\[\d{1,3}\])+$|(?<=[.”\"])\d{1,3}$")
_WORDS = re.compile(r"[A-Z][\w-]*")
_THE = re.compile(r"\b[Tt]he ([A-Z][\w-]*)")
_CAPITAL = re.compile(r"(?<=[a-z,;:’'\")] )[A-Z][\w’'&-]*")
# Words without a capital, but for those of addresses such as www.gao.gov.
_SMALL = re.compile(r"(?<![\w.@/-])[a-z][a-z’'-]*(?![\w@/]|\.\w)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence taken apart: *In May 2023, the agency issued a call* has the lead *In May 2023*, the subject *the
    agency*, the verb *issued* and the rest *a call*; ``aside`` is what stands between commas behind the subject."""

    lead: str
    subject: str
    aside: str
    verb: str
    rest: str


class Wording:
    """What the text of a report tells of its words: which are names, wherever they stand."""

    def __init__(self, text: str) -> None:
        self._names = {word.removesuffix("’s").removesuffix("'s") for word in _CAPITAL.findall(text)}
        self._small = set(_SMALL.findall(text))
        self._whole = Counter(_WORDS.findall(text))
        self._the = Counter(_THE.findall(text))

    def is_name(self, word: str) -> bool:
        """Return whether the word is a name: written with a capital, and never without one."""
        bare = re.sub(r"[’']s?$|[.,]$", "", word)
        capital = bare[:1].isupper() and bare.casefold() not in self._small
        return capital and (bare in self._names or sum(letter.isupper() for letter in bare) > 1)

    def has_name(self, text: str) -> bool:
        """Return whether a word of the text is a name."""
        return any(self.is_name(word.strip("“”\"'(),;:")) for word in text.split())

    def inside(self, text: str) -> str:
        """Return the text as it is written inside a sentence: with a small first letter, unless it opens with a name
        or with two capitals."""
        first, second = (*text.split(), "")[:2]
        named = self.is_name(first) or (first.casefold() not in _DETERMINERS and second[:1].isupper())
        return text if named or not (first[1:].islower() or len(first) == 1) else text[:1].lower() + text[1:]

    def takes_the(self, name: str) -> bool:
        """Return whether the report often writes *the* before the name, as before *ISS*."""
        return 3 * self._the[name] > self._whole[name]

    def is_common(self, word: str) -> bool:
        """Return whether the word is written without a capital somewhere."""
        return word.casefold() in self._small


def parse(sentence: str, wording: Wording) -> Clause | None:
    """Return the sentence taken apart, None where it is not a plain statement about something named."""
    found = _CLAUSE.match(_ACRONYM.sub("", _MARKED.sub("", folded(sentence))))
    if found is None:
        return None
    words = found["subject"].split()
    while len(words) > 1 and words[-1] in _ADVERBS:
        words.pop()
    subject = " ".join(words)
    if not wording.has_name(subject) or not _is_subject(words):
        return None
    return Clause(found["lead"] or "", wording.inside(subject), found["aside"] or "", found["verb"], found["rest"])


def _is_subject(words: list[str]) -> bool:
    small = [word.casefold() for word in words]
    # A past form that is in no list would be taken for a part of the subject.
    verbs = any(word.endswith("ed") and word == small[at] for at, word in enumerate(words))
    return not (verbs or words[0][0].isdigit() or small[0] in _NO_START or _NO_PART.intersection(small))
