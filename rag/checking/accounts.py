"""Every number and name of a statement has to be in what it cites: what is left open?

Written otherwise is not open: *two* is 2, *1 million* is 1,000,000, *African* goes with *Africa*, *FEC* with *Federal
Election Commission*.
"""

from __future__ import annotations

import re

from rag.language import names, numbers, sentences, terms

_CITED = re.compile(r"\s*(?:\[\d+\])+")
_MARKER = re.compile(r"^\s*(?:\d{1,2}|[a-z])[.)]\s+", re.MULTILINE)
# Counts in words, as the digits they stand for; those without digits stand for themselves. "One" is a pronoun too.
_COUNTS = {
    word: str(place)
    for place, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
} | {word: word for word in "first second third half hundred thousand million billion trillion".split()}
_TIMES = {"twice": "2", "double": "2", "both": "2", "once": "1", "one": "1"}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALED = re.compile(r"(\d+(?:[.,]\d+)*)\s*(thousand|million|billion|trillion)")

_WRITTEN = re.compile(r"[^\W\d_][\w’'&.-]*")
_RUN = re.compile(r"[A-Z][\w’'-]+(?:\s+(?:(?:of|the|and)\s+)*[A-Z][\w’'-]+)+")
_AFTER_COLON = re.compile(r"(:\s+)([A-Z])(?=[a-z])")
_PEOPLE = ("ean", "ian", "ese", "ish", "an", "es", "n", "s")
# What may open a sentence with a capital and is no name, beside the stop words.
_OPENER = re.compile(
    r"(?:(?!italy|sicily)\w+ly|\w{3,}ing|according|during|after|before|since|while|although|though|because|despite|"
    r"given|once|today|overall|under|until|within|without|between|among|through|throughout|unlike|like|besides|"
    r"following|based|one|however|furthermore|moreover|therefore|thus|hence|nevertheless|nonetheless|other|others|"
    r"another|even|upon|yes|instead|whether|several|each|both|most|many|select)$",
    re.IGNORECASE,
)


def open_amounts(text: str, found: str) -> frozenset[str]:
    """Return the statement's numbers, in digits or in words, that ``found`` does not give."""
    return frozenset(amounts(text) - _given(found))


def amounts(text: str) -> set[str]:
    """Return the text's numbers, those written as words included, without marks of citations and lists."""
    text = _plain(text)
    words = re.findall(r"[a-z]+", text.casefold())
    counted = {_COUNTS[word] for word in words if word in _COUNTS} | ({"2"} if "twice" in words else set())
    return set(numbers(text)) | counted


def open_names(text: str, found: str) -> frozenset[str]:
    """Return the statement's names, in small letters, of which ``found`` has no form."""
    # "Simulation: Run tests" opens anew after its colon.
    text = _AFTER_COLON.sub(lambda match: match[1] + match[2].lower(), _plain(text))
    written = {_bare(match.group()): match.group() for match in reversed(list(_WRITTEN.finditer(text)))}
    known = _Known(found)
    runs = [words[at:] for match in _RUN.finditer(text) if (words := match.group().split()) for at in (0, 1)]
    short = {word.casefold() for words in runs if _letters(words) in known.bare for word in words}
    return frozenset(
        name for name in names(text) if name not in short and not known.has(name, written.get(_bare(name), name))
    )


def swapped(text: str, opened: frozenset[str], sentence: str) -> bool:
    """Return whether an open name of the statement stands where the sentence has a name that the statement lacks.

    It does so where the two names have a word before or after them in common.
    """
    mine = {word.casefold() for word in re.findall(r"[^\W_]+", text)}
    lost = {bare for name in names(sentence) if (bare := _bare(name)) not in mine}
    return bool(_beside(text, {_bare(name) for name in opened}) & _beside(sentence, lost))


def open_openings(text: str, found: str) -> frozenset[str]:
    """Return the words that open the statement's sentences, may be names, and have no form in ``found``."""
    text, known = _plain(text), _Known(found)
    opening = (text[start:end].split()[0].strip(",:;") for start, end in sentences(text))
    return frozenset(
        word.casefold()
        for word in opening
        if word[:1].isupper() and terms(word) and not _OPENER.match(word) and not known.has(word.casefold(), word)
    )


class _Known:
    """The names and words of a text, in the forms that a statement may give them."""

    def __init__(self, text: str) -> None:
        self.names = names(text)
        self.bare = {_bare(name) for name in self.names}
        self.stems = frozenset(terms(text))
        self.words = {word.casefold() for word in re.findall(r"[^\W_]+", text)}
        self.forms = {form for word in self.words for form in _forms(word)}
        self.text = text

    def has(self, name: str, written: str) -> bool:
        """Return whether the text has the name, which the statement writes as ``written``."""
        stems, bare = terms(name), _bare(name)
        if name in self.names or (stems and self.stems.issuperset(stems)):
            return True
        if not stems:
            # A stop word with a capital is a title's ("All Creatures"), unless it means another word ("US", "May").
            return not (bare == "may" or (written.isupper() and len(written) > 1))
        parts = [part for part in re.split(r"[\W_]+", bare) if part]
        if all(part in self.words or _forms(part) & self.forms for part in parts):
            return True
        return written.replace(".", "").rstrip("s").isupper() and bare.rstrip("s") in _initials(self.text)


def _given(text: str) -> set[str]:
    """Return every number that the text gives, in all the ways that a statement may write it."""
    low = text.casefold()
    found = amounts(text) | {_TIMES[word] for word in re.findall(r"[a-z]+", low) if word in _TIMES}
    for value, scale in _SCALED.findall(low):
        whole = value.replace(",", "")
        if whole.count(".") <= 1:
            found.add(str(round(float(whole) * _SCALES[scale])))
    for value in [one for one in found if one.isdigit()]:
        for word, scale in _SCALES.items():
            if int(value) >= scale and int(value) % scale == 0:
                found |= {str(int(value) // scale), word}
    return found


def _plain(text: str) -> str:
    return _MARKER.sub("", _CITED.sub("", text))


def _bare(name: str) -> str:
    return name.replace(".", "").replace("’", "'").casefold().removesuffix("'s").rstrip("'-")


def _beside(text: str, wanted: set[str]) -> set[str]:
    """Return the words that stand right before or after the wanted ones."""
    words = [_bare(found.group()) for found in _WRITTEN.finditer(text)]
    places = [at for at, word in enumerate(words) if word in wanted]
    return {words[beside] for at in places for beside in (at - 1, at + 1) if 0 <= beside < len(words)}


def _forms(word: str) -> set[str]:
    """Return the word, and what is left of it without the ending that makes a people of a place."""
    cut = {word[: -len(end)] for end in _PEOPLE if word.endswith(end) and len(word) - len(end) >= 3}
    return {word} | {form for one in cut | {word} if len(form := one.rstrip("aeiouy")) >= 3} | cut


def _letters(words: list[str]) -> str:
    return "".join(word[0] for word in words if word[0].isupper()).casefold()


def _initials(text: str) -> set[str]:
    """Return the first letters of every two to six words in a row, with and without the small words between."""
    words = re.findall(r"[^\W\d_]+", text)
    rows = (words, [word for word in words if word.lower() not in ("of", "the", "and", "for", "in", "on")])
    return {
        "".join(word[0] for word in row[at : at + size]).casefold()
        for row in rows
        for size in range(2, 7)
        for at in range(len(row) - size + 1)
    }
