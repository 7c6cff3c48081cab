"""Two reports that give different values for the same thing: found among what an answer cites and what was read."""

from __future__ import annotations

from rag.conflicts.answers import Found, find_conflicts
from rag.conflicts.claims import Claim, read_claims
from rag.conflicts.finding import Disagreement, disagreements
from rag.conflicts.values import Value

# What every surface says above the values.
THEY_DIFFER = "The reports differ"

__all__ = ["THEY_DIFFER", "Claim", "Disagreement", "Found", "Value", "disagreements", "find_conflicts", "read_claims"]
