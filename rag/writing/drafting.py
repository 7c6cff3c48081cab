"""What a chat model wrote -> drafts: its sentences, with the passages that they cite.

Links, images, HTML and Markdown are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language import folded, sentences
from rag.writing import Draft

# [1], [1, 2], [1-3], [1 and 2], [^1], [passage 1], and 【1†source】 as some models have learnt it.
_NUMBERED = r"(?:(?:passages?|sources?)\s*)?#?\d+"
_MARK = re.compile(
    rf"\s*[\[【]\s*\^?({_NUMBERED}(?:\s*(?:[,;&–-]|and)\s*{_NUMBERED})*)\s*(?:†[^\]】]*)?[\]】]", re.IGNORECASE
)
_LEADING_MARKS = re.compile(rf"^(?:{_MARK.pattern})+\W*", re.IGNORECASE)
# What is taken out of a line before it is cut into sentences ...
_LINKED = (
    (re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])"), ""),  # images
    (re.compile(r"^\s*\[[^\]]+\]:\s.*$"), ""),  # where a link goes, on a line of its own
    (re.compile(r"\[(\s*\d+\s*)\]\([^)]*\)"), r"[\1]"),  # marks that link out stay marks
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),  # links keep their words
    (re.compile(r"\[((?!\s*\^?\d)[^\]]*)\]\[[^\]]*\]"), r"\1"),
    (re.compile(r"</?[a-z!][^>]*>", re.IGNORECASE), ""),
    (re.compile(r"\b(?:(?:https?|ftp|data|javascript):|www\.)[^\s\[【]*[^\s\[【.,;:!?]", re.IGNORECASE), ""),
)
# ... and out of each sentence, once its marks are read.
_MARKED_UP = (
    (_MARK, ""),
    (re.compile(r"^\s*(?:#{1,6}|[-*•>]|\d+[.)])\s+"), ""),
    (re.compile(r"\*\*|__|~~|`+|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)"), ""),
)
# Lines that begin something of their own, and those of them that end with the line. Any other goes on where the one
# before it broke off, as in Markdown: a model that has read wrapped lines writes them.
_BEGINS = re.compile(r"\s*(?:$|#{1,6}\s|[-*•>]\s|\d{1,2}[.)]\s|!?\[[^\]]+\]:\s)")
_ENDS = re.compile(r"\s*(?:$|#{1,6}\s|!?\[[^\]]+\]:\s)")
# What may yet become a mark, a link or a tag, and the word that is being written.
_UNFINISHED = re.compile(r"(?:!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?|【[^】\n]*|<[a-z/!][^>\n]*|\S+)\Z", re.IGNORECASE)


def finished_drafts(written: str) -> list[Draft]:
    """Return the sentences that what comes next can no longer change: all but the last, to which a mark may still
    belong, or which may go on after "The U.S."."""
    return drafts(_UNFINISHED.sub("", written))[:-1]


def drafts(written: str) -> list[Draft]:
    """Return the sentences written so far with what they cite; marks after a full stop belong before it."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in _unwrapped(written):
        line = _without(_LINKED, line)
        for start, end in sentences(line):
            text = line[start:end]
            trailing = _LEADING_MARKS.match(text)
            if trailing and found:
                found[-1] = (found[-1][0], found[-1][1] + _cited(trailing.group()))
                text = text[trailing.end() :]
            prose = _prose(text)
            if prose:
                found.append((prose, _cited(text)))
    return [Draft(text=text, cited=tuple(dict.fromkeys(cited))) for text, cited in found]


def _unwrapped(written: str) -> list[str]:
    """Return the paragraphs, headings and list items, each on one line."""
    lines: list[str] = []
    for line in written.splitlines():
        if lines and not _BEGINS.match(line) and not _ENDS.match(lines[-1]):
            lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
        else:
            lines.append(line)
    return lines


def _cited(text: str) -> tuple[int, ...]:
    """Return the indices (from 0) of the passages marked in the text; a range of more than 20 is no mark."""
    cited: list[int] = []
    for found in _MARK.finditer(text):
        for first, last in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?", found.group(1)):
            span = range(int(first) - 1, int(last or first))
            cited.extend(span if len(span) <= 20 else ())
    return tuple(cited)


def _prose(text: str) -> str:
    """Return the text without marks and Markdown; "" where no word is left."""
    text = folded(re.sub(r"\s+([.,;:!?])", r"\1", _without(_MARKED_UP, text)))
    return text if re.search(r"\w", text) else ""


def _without(patterns: Sequence[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, instead in patterns:
        text = pattern.sub(instead, text)
    return text
