"""Sentences, terms, numbers and names of a text: the little that Footnote knows of language.

Sentence boundaries come from sentencex; tokens, stop words and stems from tantivy's analyzer, so that what is
compared outside the lexical index is cut exactly as inside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_MARKER = re.compile(r"^\W*(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]\s*$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"[^\W\d_][\w’'&-]*(?:\.[^\W\d_]\.?)*")
_LETTER = re.compile(r"[^\W\d_]")
# Notes are marked after the stop: "taxes. [54]", "taxes.54".
_ENDED = re.compile(r"(?:[.!?…。！？][\"'”’)\]]*|(?<!\d)[.!?][\"'”’)\]]*\d{1,3})(?:\s?\[\d{1,3}\])*\s*$")
# Words that point at the sentence before. "It" and "they" point only where they open the sentence; a pronoun
# further in has usually been given its noun by then.
_LEANING = re.compile(
    r"^\W*(?:(?:this|these|those|such|that)\b(?!\s+(?:is\s+to\s+say|who|which|that)\b)"
    # The report speaking of itself.
    r"(?!\s+(?:(?:two|three|last|first)\s+)?(?:report|paper|document|brief|briefing|edition|chapter|section|appendix|"
    r"page|table)s?\b)|both\b(?![^.,;]{1,40}\sand\b)|"
    r"(?:it|they|he|she|its|their|his|her|neither|the\s+(?:latter|former|same))\b|"
    r"(?:but|and|yet|so|or|nor|however|therefore|thus|hence|consequently|moreover|furthermore|instead|nevertheless|"
    r"nonetheless|still|also|in\s+addition|as\s+a\s+result|for\s+this\s+reason|by\s+contrast|in\s+contrast|"
    r"on\s+the\s+other\s+hand|even\s+so|likewise|similarly|meanwhile|otherwise|for\s+(?:example|instance)|in\s+turn|"
    r"that\s+said|then)\b)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:no(?!\. ?\d)|not(?! only)|never|none|neither|without|cannot|nobody|nothing|unable|lack(?:s|ed|ing)?|"
    r"(?:fail(?:s|ed)?|refus(?:es?|ed)|declin(?:es?|ed)) to)\b|n['’]t\b"
)
# Question words and auxiliaries carry no subject; tantivy's own stop list leaves them in.
_STOP = frozenset(
    "what who whom whose which when where why how many much do doe did doing can could may might must shall should "
    "will would be been being am is are was were have has had i me my we our you your he him his she her us them "
    "there here about tell say said s t d ll re ve m also just than so whi mani becaus ani some up make made "
    "pleas explain describ compar".split()
)


def folded(text: str) -> str:
    """Return the text with every run of white space folded to one space and none at either end."""
    return " ".join(text.split())


def encodable(text: str) -> str:
    """Return the text with "?" for each lone surrogate: what Python makes of a typed byte that is no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the spans of the sentences in ``text[start:end]``, as indices into ``text``, without outer white space.

    A list marker such as "1." belongs to the sentence after it. No text, no spans. Boundaries: sentencex (Wikimedia).
    """
    import sentencex

    part = text[start:end]
    spans: list[tuple[int, int]] = []
    held: int | None = None
    for boundary in sentencex.get_sentence_boundaries("en", part):
        left, right = _trimmed(part, boundary["start_index"], boundary["end_index"])
        if left == right:
            continue
        left = left if held is None else held
        held = left if _MARKER.match(part[left:right]) else None
        if held is None:
            spans.append((start + left, start + right))
    if held is not None:
        spans.append((start + held, start + len(part.rstrip())))
    return spans


def terms(text: str) -> list[str]:
    """Return the stems of the text's content words and its numbers, in order, repeats kept; [] for none."""
    return [term for term in analyzer().analyze(encodable(text)) if term not in _STOP]


def numbers(text: str) -> frozenset[str]:
    """Return the numbers that the text writes in digits, without thousands separators or closing zeros: {"8086.5"}."""
    return frozenset(_plain_number(found.group()) for found in _NUMBER.finditer(unicodedata.normalize("NFKC", text)))


def names(text: str) -> frozenset[str]:
    """Return the words, lowercased, that capitals mark as names: any word with a capital that opens no sentence, and
    words with two capitals wherever they stand."""
    opening = {first.start() for left, right in sentences(text) if (first := _LETTER.search(text, left, right))}
    found = set()
    for match in _NAME.finditer(text):
        word = match.group()
        capitals = sum(letter.isupper() for letter in word)
        if capitals >= 2 or (capitals == 1 and word[0].isupper() and len(word) > 1 and match.start() not in opening):
            found.add(_bare(word))
    return frozenset(found)


def negations(text: str) -> int:
    """Return how many words of the text deny: *not*, *never*, *without*, *refused to*."""
    # Python matches small letters twice as fast as letters of either case.
    return len(_NEGATION.findall(text.lower()))


def leans(sentence: str) -> bool:
    """Return whether the sentence opens with a word that points at the one before it (*This change could also ...*)."""
    return bool(_LEANING.match(sentence))


def ends_whole(sentence: str) -> bool:
    """Return whether the text ends as a sentence does, in a full stop or its kin."""
    return bool(_ENDED.search(sentence))


@lru_cache(maxsize=1)
def analyzer() -> Any:
    """Return the one tantivy analyzer: tokens in lower case without accents, English stop words out, Porter stems.

    A number keeps its separators (8,086.5 is one token), an apostrophe splits.
    """
    import tantivy

    tokens = tantivy.Tokenizer.regex(r"\d+(?:[.,]\d+)*|[\p{L}\p{M}\p{N}]+")
    steps = (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stopword("english"),
        tantivy.Filter.stemmer("english"),
    )
    builder = tantivy.TextAnalyzerBuilder(tokens)
    for step in steps:
        builder = builder.filter(step)
    return builder.build()


def _trimmed(text: str, left: int, right: int) -> tuple[int, int]:
    part = text[left:right]
    return left + len(part) - len(part.lstrip()), left + len(part.rstrip()) if part.strip() else left + len(part)


def _plain_number(written: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written):
        written = written.replace(",", "")
    written = written.replace(",", ".") if written.count(",") == 1 and "." not in written else written
    return written.rstrip("0").rstrip(".") if written.count(".") == 1 else written


def _bare(word: str) -> str:
    return re.sub(r"(?:['’]s?)$", "", word).casefold()
