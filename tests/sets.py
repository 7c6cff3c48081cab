"""Public sets in tests: what a source loads as, and what it is refused with."""

from __future__ import annotations

import pytest

from evals.formats import load
from evals.suite import Suite, SuiteError
from rag import Document


def loaded(source: str) -> Suite:
    """The suite that a source loads as."""
    suite = load(source)
    assert isinstance(suite, Suite)
    return suite


def documents(suite: Suite) -> dict[str, Document]:
    """The documents of its shelf by name."""
    assert suite.shelf.documents is not None
    return dict(suite.shelf.documents())


def refused(source: str) -> str:
    """What is said of a source that does not load."""
    with pytest.raises(SuiteError) as caught:
        load(source)
    return str(caught.value)
