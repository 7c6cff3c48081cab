"""A follow-up question -> a question that can be searched alone, without a model: its subject is what was talked of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.language import names, terms
from rag.types import Question

# Words that stand for something said before.
_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what about|how about|why not|what else|who else|anything else|any other)\b"
    r"|\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|that|this|these|those|there|then|"
    r"the (?:same|latter|former|other|others|first|second)|(?:which|other|new|last|next) ones?|ones)\b",
    re.IGNORECASE,
)
# "The station that China built", "said that it will", "is there a report", "is it true that": these point at nothing
# before.
_POINTS_NOWHERE = re.compile(
    r"\b(?:(?:the|an?|any|many|all|each|every)\s+(?:\w+\s+)?"
    r"(?!(?:before|after|of|about|for|to|in|by|with|from|did|does|do|was|is|were|are|has|had)\b)\w+|"
    r"sa(?:id|ys?)|claim(?:s|ed)?|thinks?|believe[sd]?|shows?|means?|state[sd]?|report(?:s|ed)?)\s+that\b(?=\s+\w)|"
    r"\b(?:is|are|was|were|will|would)\s+there\b|\bthere\s+(?:is|are|was|were|will|would)\b|"
    r"\b(?:is|was)\s+it\s+(?:\w+\s+)?(?:true|false|correct|likely|possible|known|the\s+case)\s+that\b",
    re.IGNORECASE,
)
# Where a clause ends: a pronoun after it may mean what the clause before it names.
_CLAUSE = re.compile(
    r"[,;:]|\b(?:and|or|but|when|before|after|while|because|since|if|although|though|until)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers)\b", re.IGNORECASE)
# What stands before a quoted row of a table: its column heads, which name nothing.
_COLUMN_HEADS = re.compile(r"[^|:\]]+(?:\|[^|:\]]*)+: ")
# A question of so few content words has left its subject to the one before.
_BARE = 1
_MOST_NAMES = 5
# How much a term of the earlier question weighs beside one of the new.
_EARLIER_WEIGHT = 0.5


def follows_up(question: Question) -> bool:
    """Return whether the question leans on its history; False without one."""
    if not question.history:
        return False
    pointing = _without_own_pronouns(_POINTS_NOWHERE.sub("", question.text))
    return bool(_POINTS_BACK.search(pointing)) or len(terms(question.text)) <= _BARE


def standalone(question: Question) -> str:
    """Return the question as it is to be searched: a follow-up with the questions that it leans on and the names of
    the last answer in brackets, any other question as it is."""
    if not follows_up(question):
        return question.text
    earlier = _earlier(question)
    known = names(" ".join((question.text, *earlier)))
    answer = _COLUMN_HEADS.sub(" ", question.history[-1].answer)
    words = re.findall(r"[^\W_][\w’'&-]*", answer)
    fresh = dict.fromkeys(word for word in words if word.casefold() in names(answer) - known)
    about = [*earlier, ", ".join(list(fresh)[:_MOST_NAMES])]
    return f"{question.text} ({' '.join(part for part in about if part)})"


def term_weights(question: Question, idf: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each term that an answer should cover: its inverse document frequency, less for the terms
    of earlier questions that a follow-up leans on."""
    weights: dict[str, float] = {}
    if follows_up(question):
        earlier = terms(" ".join(_earlier(question)))
        weights.update({term: _EARLIER_WEIGHT * idf.get(term, 0.0) for term in earlier})
    weights.update({term: idf.get(term, 0.0) for term in terms(question.text)})
    return weights


def _without_own_pronouns(text: str) -> str:
    """Return the text without the pronouns of clauses that follow one with a name: the *it* of *What is Gateway and who
    supplies it?* means Gateway."""
    for clause in _CLAUSE.finditer(text):
        if names(text[: clause.start()]):
            return text[: clause.start()] + _PRONOUN.sub("", text[clause.start() :])
    return text


def _earlier(question: Question) -> list[str]:
    """Return the earlier questions that it leans on: back to the last one that stood alone."""
    found: list[str] = []
    for place in range(len(question.history) - 1, -1, -1):
        turn = question.history[place]
        found.insert(0, turn.question)
        if not follows_up(Question(turn.question, history=question.history[:place])):
            break
    return found
