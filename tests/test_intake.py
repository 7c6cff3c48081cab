"""Documents that are no files: they go in together, stay what they are, and are found."""

from __future__ import annotations

import json

import pytest

from rag.embedding import Embedding
from rag.errors import EmptyFile
from rag.indexes import Indexes
from rag.intake import add_documents
from rag.library import Library
from rag.retrieval import HybridRetriever
from rag.types import Block, Document, Page, Question


def document(title: str, *texts: str) -> Document:
    pages = tuple(Page(at, f"p. {at}", text, (Block(0, len(text)),)) for at, text in enumerate(texts, start=1))
    return Document(title, "text", pages, "2023")


CREW = document("Crew", "Tiangong has a crew of three.", "Civilians fly too.")
CARGO = document("Cargo", "China called for cargo ships.")


def test_documents_are_reports_with_pages_that_are_found(library: Library, hashed: Embedding) -> None:
    indexes = Indexes(library)
    added = list(add_documents([("a", CREW), ("b", CARGO)], library=library, indexes=indexes, embedding=hashed))
    assert [(report.name, report.title, report.pages, report.date) for report in added] == [
        ("a", "Crew", 2, "2023"),
        ("b", "Cargo", 1, "2023"),
    ]
    found = HybridRetriever(library=library, indexes=indexes, embedding=hashed, k=1).passages(Question("cargo ships"))
    assert [passage.text for passage in found] == ["China called for cargo ships."]
    assert json.loads(library.original(added[0].document).read_text())["name"] == "a"
    assert library.faults() == []
    indexes.close()


def test_a_document_that_is_there_stays_and_another_of_its_name_takes_its_place(
    library: Library, hashed: Embedding
) -> None:
    indexes = Indexes(library)
    for holds in (CREW, CREW, CARGO):
        (report,) = add_documents([("a", holds)], library=library, indexes=indexes, embedding=hashed)
    assert (report.title, library.generation()) == ("Cargo", 2)
    assert indexes.examine().faults == ()
    indexes.close()


def test_two_documents_that_say_the_same_are_two_reports(library: Library, hashed: Embedding) -> None:
    indexes = Indexes(library)
    added = list(add_documents([("a", CREW), ("b", CREW)], library=library, indexes=indexes, embedding=hashed))
    assert [report.name for report in added] == ["a", "b"]
    assert len(library.reports()) == 2
    indexes.close()


def test_a_document_without_text_is_named_and_none_goes_in_beside_it(library: Library, hashed: Embedding) -> None:
    indexes = Indexes(library)
    pairs = [("a", CREW), ("b", document("Nothing", " "))]
    with pytest.raises(EmptyFile, match="The document 'b' holds no text"):
        list(add_documents(pairs, library=library, indexes=indexes, embedding=hashed))
    assert library.reports() == ()
