"""Cases from somebody else's entries, and a suite from the cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evals.formats.files import hash_of, validated
from evals.suite import Shelf, Suite, SuiteError
from rag import Case

# Words of a gold answer up to which it is a name or a figure that a right answer says as it stands. Longer ones are
# sentences, which a right answer puts in its own words.
_SHORT = 5
# What says no more than "yes" or "no" is no fact: "no" stands in any prose, and a quote says neither.
_VERDICT = re.compile(r"(?:yes|no|true|false|n/?a)\b", re.IGNORECASE)
_ZEROS = re.compile(r"(?<=\d)\.0+(?!\d)")


def make_case(where: str, **fields: Any) -> Case:
    """Return the case with these fields. Raises SuiteError that says where it was read, and names the field."""
    return validated(Case.model_validate, fields, where)


def make_suite(
    name: str, placed: Iterable[tuple[str, Case]], *, shelf: Shelf, read: Sequence[Path], about: str
) -> Suite:
    """Return the suite of the cases, each given with where it stands; ``read`` are the files that they are from.

    Its source is its name until it is known what was asked for.
    Raises SuiteError where two cases have one id, or there is no case.
    """
    taken: dict[str, str] = {}
    cases: list[Case] = []
    for where, case in placed:
        if case.id in taken:
            raise SuiteError(f"{where}: the id {case.id!r} is taken, by {taken[case.id]}. Each needs its own.")
        taken[case.id] = where
        cases.append(case)
    if not cases:
        raise SuiteError(f"{', '.join(map(str, read))}: there is no question in it. Take the set anew.")
    return Suite(name=name, cases=tuple(cases), shelf=shelf, source=name, sha256=hash_of(read), about=about)


def short_facts(answer: str) -> tuple[tuple[str, ...], ...]:
    """Return a gold answer of at most five words as one fact, with what it may be instead; () for others.

    "$12645.00" may be "$12645", too. A verdict, such as what begins with "yes", is no fact.
    """
    said = answer.strip()
    if not said or len(said.split()) > _SHORT or _VERDICT.match(said):
        return ()
    return (tuple(dict.fromkeys((said, _ZEROS.sub("", said)))),)
