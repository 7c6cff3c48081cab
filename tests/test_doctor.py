"""The doctor counts the library against both indexes, names every difference, and puts right what can be rebuilt."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.doctor import Diagnosis, diagnose, reembed
from rag.embedding import Embedding, wrap_embeddings
from rag.errors import ModelMismatch
from rag.indexes import Indexes
from rag.indexes.dense import DenseIndex
from rag.indexes.shelf import Shelf
from rag.ingest import Progress
from rag.library import Library
from rag.retrieval import HybridRetriever
from rag.types import Report
from tests.conftest import HashedWords, add_all, put


class Backwards(HashedWords):
    """Another model: each word is read backwards, and vectors are half as long."""

    size = 128

    def embed_query(self, text: str) -> list[float]:
        return super().embed_query(text[::-1])


@pytest.fixture
def indexes(library: Library, hashed: Embedding) -> Iterator[Indexes]:
    """Two reports of three chunks in all, indexed."""
    put(library, hashed, "a.md", "Alpha one.", "Alpha two.")
    put(library, hashed, "b.md", "Beta.")
    indexes = Indexes(library)
    indexes.catch_up()
    yield indexes
    indexes.close()


def current(library: Library, name: str) -> Path:
    root = library.home / "indexes" / name
    return root / (root / "CURRENT").read_text()


def hits(indexes: Indexes, embedding: Embedding) -> tuple[list[str], list[str]]:
    found = indexes.search(embedding.query("alpha two"), "alpha two", limit=9)
    return [chunk for chunk, _ in found.dense], [chunk for chunk, _ in found.lexical]


def run_sql(library: Library, *statements: str) -> None:
    with closing(sqlite3.connect(library.home / "library.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def silent(_report: Report) -> Progress:
    return lambda *_step: None


def test_a_sound_library_is_counted_and_nothing_is_named(library: Library, indexes: Indexes) -> None:
    assert diagnose(library, indexes) == Diagnosis(
        reports=2, pages=3, chunks=3, dense=3, lexical=3, embedding="hashed-words@1", faults=()
    )


def test_an_empty_library_is_sound(tmp_path: Path) -> None:
    library = Library(tmp_path / "new")
    diagnosis = diagnose(library, Indexes(library))
    assert diagnosis == Diagnosis(reports=0, pages=0, chunks=0, dense=0, lexical=0, embedding=None, faults=())


def test_chunks_deleted_behind_its_back_are_named_and_come_back(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    import chromadb

    before = hits(indexes, hashed)
    indexes.close()
    settings = chromadb.Settings(anonymized_telemetry=False)
    with closing(chromadb.PersistentClient(str(current(library, "dense")), settings=settings)) as client:
        client.list_collections()[0].delete(ids=before[0][:1])
    diagnosis = diagnose(library, indexes)
    assert diagnosis.faults == ("the dense index has damaged files",)
    assert (diagnosis.dense, diagnosis.chunks) == (None, 3)
    indexes.repair()
    assert (diagnose(library, indexes).faults, diagnose(library, indexes).dense) == ((), 3)
    assert hits(indexes, hashed) == before


def test_a_mark_that_says_more_than_the_index_holds_is_found_out(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    # The files are as the mark has them, and it names both reports: only counting the chunks tells.
    before = hits(indexes, hashed)
    indexes.close()
    dense = DenseIndex(current(library, "dense"))
    dense.delete(library.report("a.md").document)
    dense.settle()
    dense.close()
    with library.writing():
        Shelf(library.home / "indexes" / "dense").mark(library.held())
    diagnosis = diagnose(library, indexes)
    assert diagnosis.faults == ("the dense index lacks 2 chunks and has 0 too many",)
    assert (diagnosis.dense, diagnosis.lexical) == (1, 3)
    indexes.repair()
    assert diagnose(library, indexes).faults == ()
    assert hits(indexes, hashed) == before


def lose_copy(library: Library) -> None:
    shutil.rmtree(current(library, "lexical"))


def lose_file(library: Library) -> None:
    next(current(library, "lexical").glob("*.store")).unlink()


def flip_bit(library: Library) -> None:
    path = next(current(library, "lexical").glob("*.store"))
    data, status = bytearray(path.read_bytes()), path.stat()
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    # Even where its time does not tell.
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def lose_pointer(library: Library) -> None:
    (library.home / "indexes" / "lexical" / "CURRENT").unlink()


def lose_mark(library: Library) -> None:
    path = current(library, "lexical")
    path.with_name(f"{path.name}.clean").unlink()


def garble_mark(library: Library) -> None:
    path = current(library, "lexical")
    mark = path.with_name(f"{path.name}.clean")
    mark.write_bytes(mark.read_bytes().replace(b'"held"', b'"hold"'))


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lose_copy, "has damaged files"),
        (lose_file, "has damaged files"),
        (flip_bit, "has damaged files"),
        (lose_pointer, "has not been built"),
        (lose_mark, "was left in the middle of a write"),
        (garble_mark, "was left in the middle of a write"),
    ],
)
def test_harm_to_the_lexical_index_is_named_and_repaired(
    library: Library, indexes: Indexes, hashed: Embedding, harm: Callable[[Library], None], fault: str
) -> None:
    before = hits(indexes, hashed)
    indexes.close()
    harm(library)
    diagnosis = diagnose(library, indexes)
    assert diagnosis.faults == (f"the lexical index {fault}",)
    assert (diagnosis.dense, diagnosis.lexical) == (None, None)
    indexes.repair()
    assert diagnose(library, indexes).faults == ()
    assert hits(indexes, hashed) == before


def test_a_report_that_is_not_indexed_yet_is_named_for_both_and_repaired(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    put(library, hashed, "c.md", "Gamma.")
    put(library, hashed, "b.md", "Beta anew.")
    assert diagnose(library, indexes).faults == (
        "the dense index lacks 2 reports and has 1 too many",
        "the lexical index lacks 2 reports and has 1 too many",
    )
    indexes.repair()
    diagnosis = diagnose(library, indexes)
    assert (diagnosis.faults, diagnosis.dense, diagnosis.lexical) == ((), 4, 4)


def test_diagnosing_changes_nothing(library: Library, indexes: Indexes) -> None:
    indexes.close()
    lose_mark(library)
    first = diagnose(library, indexes)
    assert diagnose(library, indexes) == first
    assert library.generation() == 2


def test_rows_that_are_lost_are_named_by_report(library: Library, indexes: Indexes) -> None:
    a, b = library.report("a.md").id, library.report("b.md").id
    run_sql(
        library, f"DELETE FROM pages WHERE report = '{a}' AND number = 2", f"DELETE FROM chunks WHERE report = '{b}'"
    )
    assert library.faults() == [
        f"report {a} has 1 pages where 2 were added; remove it and add it again",
        f"report {b} has 0 chunks where 1 were added; remove it and add it again",
    ]


def test_damage_inside_the_database_is_named(library: Library, indexes: Indexes) -> None:
    indexes.close()
    library.close()
    run_sql(library, "PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = 'chunks_by_vector'")
    assert [fault.split(":")[0] for fault in library.faults()] == ["the database says"]


def test_a_lost_original_is_named_with_what_to_add(library: Library, indexes: Indexes) -> None:
    report = library.report("b.md")
    library.original(report.document).unlink()
    assert diagnose(library, indexes).faults == (f"the original of report {report.id} is missing; add b.md again",)


def test_reembedding_gives_every_chunk_a_vector_of_the_new_model(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    new = wrap_embeddings(Backwards(), fingerprint="backwards@2")
    with pytest.raises(ModelMismatch):
        library.require_model(new.fingerprint)
    pages = {report.id: library.document(report).pages for report in library.reports()}
    assert reembed(library, indexes, new, silent) == 3
    library.require_model("backwards@2")
    diagnosis = diagnose(library, indexes)
    assert (diagnosis.embedding, diagnosis.chunks, diagnosis.dense, diagnosis.faults) == ("backwards@2", 3, 3, ())
    for report in library.reports():
        assert library.document(report).pages == pages[report.id]
        for chunk in library.stored_chunks(report.id):
            assert chunk.vector == pytest.approx(new.documents([f"{chunk.context}\n{chunk.text}".strip()])[0])
    # 3 vectors of 128 numbers, 4 bytes each, and none of the old ones.
    with closing(sqlite3.connect(library.home / "library.db")) as connection:
        assert connection.execute("SELECT length(vector) FROM vectors").fetchall() == [(512,)] * 3
    retriever = HybridRetriever(library=library, indexes=indexes, embedding=new, k=1)
    assert [document.page_content for document in retriever.invoke("beta")] == ["Beta."]


def test_reembedding_that_fails_half_way_leaves_the_old_model_in_use(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    before = hits(indexes, hashed)

    def stop(report: Report) -> Progress:
        def watch(*_step: object) -> None:
            if report.name == "b.md":
                raise KeyboardInterrupt

        return watch

    with pytest.raises(KeyboardInterrupt):
        reembed(library, indexes, wrap_embeddings(Backwards(), fingerprint="backwards@2"), stop)
    assert (library.fingerprint(), diagnose(library, indexes).faults) == ("hashed-words@1", ())
    assert hits(indexes, hashed) == before


def test_reembedding_cuts_chunks_for_the_new_models_window(
    library: Library, hashed: Embedding, write_reports: Callable[..., Path]
) -> None:
    indexes = Indexes(library)
    words = " ".join(f"w{number}" for number in range(150))
    [outcome] = add_all(library, indexes, hashed, write_reports(a=f"# A\n\n{words}.\n"))
    assert outcome.report is not None and outcome.report.chunks == 1
    small = wrap_embeddings(Backwards(), fingerprint="backwards@2", max_tokens=40)
    assert reembed(library, indexes, small, silent) == len(library.chunk_ids()) >= 5
    stored = library.stored_chunks(outcome.report.id)
    assert max(len(f"{chunk.context} {chunk.text}".split()) for chunk in stored) <= 40
    assert np.array([chunk.vector for chunk in stored]).shape == (len(stored), 128)
    assert library.report("a.md").chunks == len(stored)
    assert diagnose(library, indexes).faults == ()
    indexes.close()
