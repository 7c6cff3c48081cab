"""The hashes of code: which changes make another library of a suite's reports, and which do not."""

from __future__ import annotations

import pytest

from evals.libraries import _MAKERS
from evals.provenance import code_hash, doing, doing_hash

SOURCE = """
def read(path):
    \"\"\"Return the text.\"\"\"
    if not path:
        # It happens.
        raise ReadError(f"{path} is empty.", 3)
    return path.strip("x")
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Return the text.", "Return all of the text."),
        ("# It happens.", ""),
        ("{path} is empty.", "There is nothing in {path}."),
        ("    return", "\n    return"),
    ],
)
def test_words_for_people_do_nothing(old: str, new: str) -> None:
    assert old in SOURCE
    assert doing(SOURCE.replace(old, new)) == doing(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"), [('strip("x")', 'strip("y")'), ("not path", "path"), ("ReadError", "ScanError"), ("3)", "4)")]
)
def test_all_else_does_something(old: str, new: str) -> None:
    assert old in SOURCE
    assert doing(SOURCE.replace(old, new)) != doing(SOURCE)


def test_a_code_that_is_raised_may_be_acted_upon() -> None:
    assert doing("raise ReadError('scanned')") != doing("raise ReadError('locked')")
    assert doing("raise ReadError('It is scanned.')") == doing("raise ReadError('It is locked.')")


def test_the_makers_of_a_library_are_files_that_are_there() -> None:
    assert len({doing_hash((part,)) for part in _MAKERS}) == len(_MAKERS)
    assert doing_hash(_MAKERS) != code_hash(_MAKERS)
