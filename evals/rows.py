"""What asking one case gave, before and after measuring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rag import Answer, Case

# A report's id and a page of it, from 1.
Place = tuple[str, int]
# Pages of a ranking that a row has the names of, and that are shown of a case.
RANKED = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A case, what was answered, and what was measured.

    ``answer`` is None where asking failed, or where retrieval alone was run. ``ranking`` holds the distinct pages that
    retrieval found, best first, and ``called`` what people call the first RANKED of them: pairs of a report's title and
    a page's label. ``intact`` says of each citation whether its quote is at its place. ``seconds`` is the
    whole question's wall-clock time. ``measures`` are by name; one that does not apply to the case is not there.
    ``remarks`` are what else a reader should know, such as that a judge gave no grade.
    """

    case: Case
    answer: Answer | None = None
    error: str = ""
    ranking: tuple[Place, ...] = ()
    called: tuple[tuple[str, str], ...] = ()
    intact: tuple[bool, ...] = ()
    seconds: float = 0.0
    measures: dict[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return {
            "case": self.case.model_dump(mode="json", exclude_defaults=True),
            "answer": self.answer.to_json() if self.answer else None,
            "error": self.error,
            "ranking": [list(place) for place in self.ranking],
            "called": [list(names) for names in self.called],
            "intact": list(self.intact),
            "seconds": self.seconds,
            "measures": self.measures,
            "remarks": list(self.remarks),
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Row:
        """Return the row that ``to_json`` wrote. Raises ValueError, KeyError or TypeError where it is none."""
        return cls(
            case=Case.model_validate(plain["case"]),
            answer=None if plain["answer"] is None else Answer.from_json(plain["answer"]),
            error=plain["error"],
            ranking=tuple((report, page) for report, page in plain["ranking"]),
            # Results that were written before lack it.
            called=tuple((title, label) for title, label in plain.get("called", ())),
            intact=tuple(plain["intact"]),
            seconds=plain["seconds"],
            measures=dict(plain["measures"]),
            remarks=tuple(plain["remarks"]),
        )
