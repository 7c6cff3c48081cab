"""What a statement claims, without the words that only speak of the passages: *The passage states that ...*

Small models write so again and again; the words stand in no source and make true claims look far from it.
"""

from __future__ import annotations

import re

_TEXT = r"(?:passages?|reports?|texts?|documents?|paragraphs?|articles?|sources?|pages?)"
_SAYS = (
    r"(?:says?|states?|mentions?|notes?|explains?|describes?|discusses|reports?|indicates?|shows?)(?: that)?|"
    r"(?:is|are|talks?|speaks?) about"
)
_FRAME = re.compile(
    rf"^\W*(?:"
    rf"(?:according to|based on|as stated in) (?:the|this|these) (?:given |provided )?{_TEXT}[,:]|"
    rf"(?:the|this|these) (?:given |provided )?{_TEXT} (?:also |then |only |clearly )?(?:{_SAYS})|"
    rf"(?:the|my) answer(?: to (?:this|the|your) question)? is(?: that\b|:)"
    rf")\s+(?:how |why )?(?!(?:what|whether|when|who|whom|whose|where|which)\b)",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    rf"[,;]? (?:but|although|though|however,?) (?:it|they|(?:the|this|these) {_TEXT}) (?:do|does|did)(?: not|n['’]t) "
    r"(?:\w+ly )?(?:mention|provide|specify|state|say|give|include|contain|describe|explain|tell)\b.*$",
    re.IGNORECASE,
)
# Fewer words say nothing without the ones before them: "The answer is: two."
_LEAST_WORDS = 4


def claimed(text: str) -> str:
    """Return the statement without words that name the passages or call it the answer, and without what it says that
    they do not hold; as it is where too few words would be left."""
    rest = _FRAME.sub("", _ABSENCE.sub("", text), count=1)
    if rest == text or len(rest.split()) < _LEAST_WORDS:
        return text
    return rest[:1].upper() + rest[1:]


def says_absent(text: str) -> bool:
    """Return whether the statement adds what the passages do not hold, which no quote can show."""
    return bool(_ABSENCE.search(text))
