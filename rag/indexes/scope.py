"""Which reports a search covers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The reports searched, by id: ``only`` these (None: all of them), and none of ``without``.

    Both say the same thing at different cost: name the smaller side.
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()


EVERYTHING = Scope()
