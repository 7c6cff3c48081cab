"""Text of reports and models -> Markdown that shows it as it stands.

Labels, alerts and captions of Streamlit are Markdown. A backslash before every ASCII punctuation mark (CommonMark 0.31,
2.4) takes care of what the parser sees: images, links, HTML, LaTeX, colour directives. Streamlit also replaces pieces
of text after parsing, where backslashes are gone: icon and emoji shortcodes, bare addresses, arrows. An invisible word
joiner (U+2060) breaks those.
"""

from __future__ import annotations

import re
import unicodedata

WORD_JOINER = "\u2060"

_MARK = r"[!-/:-@\[-`{-~]"
# After a colon (:material/x:, :tada:, http:), an at sign (addresses of mail), between two marks (->, --, ://), and
# before the dot of www.
_TRIGGERS = re.compile(rf"(?<=[:@])(?=\S)|(?<={_MARK})(?={_MARK})|(?<=www)(?=\.)", re.IGNORECASE)
_MARKS = re.compile(rf"({_MARK})")
# Marks that turn the direction of the text around them: a title must not rearrange the line that it stands in.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Return Markdown that shows the text, on one line and without control characters; "" for no text."""
    return _MARKS.sub(r"\\\1", _TRIGGERS.sub(WORD_JOINER, one_line(text)))


def one_line(text: str) -> str:
    """Return the text with its white space folded and its control characters dropped."""
    folded = " ".join(text.split())
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cc" and letter not in _DIRECTIONS)
