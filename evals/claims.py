"""Claims with the texts they refer to, and whether people found that the texts support them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence or more, what it refers to, and whether all of it can be attributed to that."""

    id: str
    text: str
    references: tuple[str, ...]
    attributable: bool
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """What the claim checker is measured on. ``sha256`` is the hash of what was read."""

    name: str
    claims: tuple[Claim, ...]
    source: str
    sha256: str
    about: str = ""
