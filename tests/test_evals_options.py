"""How a suite is asked: the settings by their dotted names."""

from __future__ import annotations

import pytest

from evals.options import load_options
from evals.suite import SuiteError
from rag import Settings


def settings(**values: object) -> Settings:
    return Settings(**{"dtype": "float32", **values})  # type: ignore[arg-type]


def test_the_defaults_are_those_of_the_product() -> None:
    assert load_options(settings()).flat() == {
        "retrieval.retriever": "default",
        "retrieval.k": 8,
        "retrieval.candidates": None,
        "retrieval.reranker": "footnote",
        "retrieval.reranked": 40,
        "quoting.threshold": 0.5,
        "quoting.close": 2.0,
        "quoting.most": 6,
        "quoting.words": 110,
        "quoting.repeated": 0.9,
        "embedding.name": "all-MiniLM-L6-v2",
        "embedding.dtype": "float32",
        "embedding.query_prefix": "",
        "embedding.document_prefix": "",
        "writer": "quotes",
    }


def test_the_environment_comes_before_the_defaults_and_an_assignment_before_both() -> None:
    found = load_options(settings(passages=5, threshold=0.3, model="ollama:a"), ["retrieval.k=3"], writer="ollama:b")
    assert (found.retrieval.k, found.quoting.threshold, found.writer) == (3, 0.3, "ollama:b")


@pytest.mark.parametrize("assignment", ["k=8", "retrieval.k", "chunking.size=3", "retrieval"])
def test_what_is_no_assignment_is_named_with_the_names_that_there_are(assignment: str) -> None:
    with pytest.raises(SuiteError, match=r"--set '.*' is not NAME=VALUE with one of the names: retrieval.retriever, "):
        load_options(settings(), [assignment])


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("retrieval.k=many", "retrieval.k is 'many': Input should be a valid integer"),
        ("retrieval.k=0", "retrieval.k is '0': Input should be greater than or equal to 1"),
        ("retrieval.retriever=magic", "retrieval.retriever is 'magic': Input should be 'default', 'dense', 'bm25' or"),
        ("retrieval.depth=3", "retrieval.depth is '3': Extra inputs are not permitted. The names are: retrieval.retri"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_named(assignment: str, said: str) -> None:
    with pytest.raises(SuiteError) as raised:
        load_options(settings(), [assignment])
    assert str(raised.value).startswith(said)
