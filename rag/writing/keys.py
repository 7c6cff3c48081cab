"""API keys kept out of words: what a provider says of an error may repeat the key, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import SecretStr

# Letters in a row that give a key away: providers show the last four, and what cuts a text short leaves a beginning.
_TELLING = 4
_HIDDEN = "…"


def keys_of(model: Any) -> tuple[str, ...]:
    """Return the secrets that a chat model holds, () for none: LangChain keeps them as pydantic's ``SecretStr``."""
    held = getattr(model, "__dict__", {}).values()
    return tuple(one.get_secret_value() for one in held if isinstance(one, SecretStr))


def without_keys(text: str, keys: Iterable[str]) -> str:
    """Return the text with an ellipsis for each run of four or more letters that a key has, too."""
    for key in keys:
        pieces = {key[at : at + _TELLING] for at in range(len(key) - _TELLING + 1)}
        if pieces:
            # Looked ahead for, so that pieces that overlap are all found.
            found = re.finditer(f"(?=({'|'.join(map(re.escape, pieces))}))", text)
            hidden = {place for one in found for place in range(one.start(), one.start() + _TELLING)}
            marked = "".join("\0" if at in hidden else letter for at, letter in enumerate(text))
            text = re.sub("\0+", _HIDDEN, marked)
    return text
