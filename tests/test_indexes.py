"""Both indexes follow the library by set difference, rebuild when they are lost, and never embed anything again."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from rag.embedding import Embedding, wrap_embeddings
from rag.errors import UnknownReport
from rag.indexes import EVERYTHING, Indexes, Scope
from rag.language import terms
from rag.library import Library
from rag.types import Report
from tests.conftest import RecordedWords, put


@pytest.fixture
def indexes(library: Library) -> Iterator[Indexes]:
    indexes = Indexes(library)
    yield indexes
    indexes.close()


def found(indexes: Indexes, embedding: Embedding, text: str, scope: Scope = EVERYTHING) -> tuple[set[str], set[str]]:
    """The chunks that each half finds for a text: all that the dense one holds, those with a word for the lexical."""
    hits = indexes.search(embedding.query(text), text, limit=50, scope=scope)
    return {chunk for chunk, _ in hits.dense}, {chunk for chunk, _ in hits.lexical}


def copies(library: Library) -> tuple[str, str]:
    """The names of the current copies of the dense and the lexical index."""
    root = library.home / "indexes"
    return (root / "dense" / "CURRENT").read_text(), (root / "lexical" / "CURRENT").read_text()


def files(library: Library) -> dict[str, tuple[int, int]]:
    """Size and time of every file of both indexes."""
    root = library.home / "indexes"
    paths = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(root)): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def tantivy_searcher(library: Library) -> Any:
    import tantivy

    index = tantivy.Index.open(str(library.home / "indexes" / "lexical" / copies(library)[1]))
    return index.searcher()


def chroma_ids(library: Library) -> list[str]:
    """What Chroma itself says that it holds, asked of a copy of its files."""
    import chromadb

    copy = library.home / "asked"
    shutil.copytree(library.home / "indexes" / "dense" / copies(library)[0], copy)
    settings = chromadb.Settings(anonymized_telemetry=False)
    with closing(chromadb.PersistentClient(str(copy), settings=settings)) as client:
        [collection] = client.list_collections()
        held: list[str] = collection.get(include=[])["ids"]
        assert collection.count() == len(held)
    shutil.rmtree(copy)
    return held


def test_indexes_of_an_empty_library_find_nothing(indexes: Indexes, hashed: Embedding) -> None:
    assert found(indexes, hashed, "anything") == (set(), set())
    assert indexes.document_frequencies(["anyth"]) == ({"anyth": 0}, 0)
    examined = indexes.examine()
    assert (examined.dense, examined.lexical, examined.faults) == (0, 0, ())


def test_catching_up_again_changes_nothing(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "Alpha.", "Beta.")
    indexes.catch_up()
    before = files(library), library.generation()
    indexes.catch_up()
    found(indexes, hashed, "alpha")
    indexes.close()
    second = Indexes(library)
    second.catch_up()
    second.close()
    held = {name for name in before[0] if not name.startswith("dense")}
    # Opening writes to Chroma's files and so sets the dense mark anew; all else stays as it was.
    assert {name: files(library)[name] for name in held} == {name: before[0][name] for name in held}
    assert files(library).keys() == before[0].keys()
    assert library.generation() == before[1]


def test_what_another_library_object_changes_is_seen_by_an_open_one(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    stays = put(library, hashed, "stays.md", "Common ground.")
    put(library, hashed, "goes.md", "Common gravel.")
    put(library, hashed, "turns.md", "Common grass.")
    assert len(found(indexes, hashed, "common")[1]) == 3
    other = Library(library.home)
    beside = Indexes(other)
    beside.remove("goes.md")
    put(other, hashed, "turns.md", "Common granite.")
    put(other, hashed, "comes.md", "Common gold.")
    beside.catch_up()
    wanted = {chunk for report in other.reports() for chunk in other.chunk_ids(report.id)}
    assert len(wanted) == 3
    assert found(indexes, hashed, "common") == (wanted, wanted)
    for gone in ("gravel", "grass"):
        assert found(indexes, hashed, gone) == (wanted, set())
    comes = library.report("comes.md")
    for scope in (
        Scope(only=frozenset({comes.id})),
        Scope(without=frozenset({stays.id, library.report("turns.md").id})),
    ):
        assert found(indexes, hashed, "common", scope) == (other.chunk_ids(comes.id), other.chunk_ids(comes.id))
    beside.close()


def test_what_was_recorded_and_never_indexed_is_found_by_the_next_search(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    # As after a kill between the commit and the catch-up.
    assert found(indexes, hashed, "alpha") == (set(), set())
    report = put(library, hashed, "a.md", "Alpha.")
    assert found(indexes, hashed, "alpha") == (library.chunk_ids(report.id), library.chunk_ids(report.id))


def test_removing_leaves_no_row_no_vector_and_no_posting(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    kept = put(library, hashed, "kept.md", "Alpha stays.", title="Kept")
    gone = put(library, hashed, "gone.md", "The zyzzyva goes.", "Alpha goes.", title="Quokka")
    indexes.catch_up()
    assert indexes.document_frequencies(terms("zyzzyva alpha")) == ({"zyzzyva": 1, "alpha": 2}, 3)
    receipt = indexes.remove("gone.md")
    assert (receipt.report, receipt.pages, receipt.chunks, receipt.vectors) == (gone, 2, 2, 2)
    assert indexes.document_frequencies(terms("zyzzyva alpha")) == ({"zyzzyva": 0, "alpha": 1}, 1)
    indexes.close()
    check_nothing_left(library, gone, kept)


def check_nothing_left(library: Library, gone: Report, kept: Report) -> None:
    """Ask SQLite, Chroma and tantivy, each by itself, what they still know of the report."""
    with closing(sqlite3.connect(library.home / "library.db")) as connection:
        for table, column in (("reports", "id"), ("pages", "report"), ("chunks", "report")):
            rows = connection.execute(f"SELECT {column} FROM {table}").fetchall()
            assert rows == [(kept.id,)], table
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (1,)
    assert chroma_ids(library) == sorted(library.chunk_ids(kept.id))
    searcher = tantivy_searcher(library)
    assert searcher.num_docs == 1
    assert [searcher.doc_freq("text", word) for word in ("zyzzyva", "goe", "alpha", "stay")] == [0, 0, 1, 1]
    assert [searcher.doc_freq("context", word) for word in ("quokka", "kept")] == [0, 1]
    assert [searcher.doc_freq("report", report.id) for report in (gone, kept)] == [0, 1]
    assert [searcher.doc_freq("document", report.document) for report in (gone, kept)] == [0, 1]


def test_replacing_leaves_no_posting_of_the_old_version(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "The zyzzyva.")
    put(library, hashed, "b.md", "Beside.")
    indexes.catch_up()
    put(library, hashed, "a.md", "The quokka.")
    assert indexes.document_frequencies(["zyzzyva", "quokka", "besid"]) == ({"zyzzyva": 0, "quokka": 1, "besid": 1}, 2)
    indexes.close()
    assert sorted(chroma_ids(library)) == sorted(library.chunk_ids())


def test_removing_an_unknown_report_changes_nothing(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "Alpha.")
    indexes.catch_up()
    with pytest.raises(UnknownReport, match=r"'b\.md'"):
        indexes.remove("b.md")
    assert (library.generation(), indexes.examine().faults) == (1, ())


@pytest.mark.parametrize("lost", ["marks", "pointers", "all", "garbage"])
def test_a_lost_index_is_built_anew_and_swapped_in_with_nothing_embedded(library: Library, lost: str) -> None:
    words = RecordedWords()
    embedding = wrap_embeddings(words, fingerprint="hashed-words@1")
    put(library, embedding, "a.md", "Alpha one.", "Alpha two.")
    put(library, embedding, "b.md", "Beta.")
    indexes, query = Indexes(library), embedding.query("alpha two")
    before = indexes.search(query, "alpha two", limit=9)
    indexes.close()
    was, done = copies(library), len(words.texts)
    root = library.home / "indexes"
    if lost == "all":
        shutil.rmtree(root)
    for name, copy in zip(("dense", "lexical"), was, strict=True):
        if lost == "marks":
            (root / name / f"{copy}.clean").unlink()
        elif lost == "pointers":
            (root / name / "CURRENT").unlink()
        elif lost == "garbage":
            (root / name / "CURRENT").write_bytes(b"../../files\xff")
    indexes = Indexes(library)
    assert indexes.search(query, "alpha two", limit=9) == before
    assert indexes.examine().faults == ()
    indexes.close()
    now = copies(library)
    assert (now[0] != was[0], now[1] != was[1]) == (True, True)
    for name, copy in zip(("dense", "lexical"), now, strict=True):
        assert sorted(path.name for path in (root / name).iterdir()) == sorted(["CURRENT", copy, f"{copy}.clean"])
    assert len(words.texts) == done == 3


def test_an_index_that_was_distrusted_is_built_anew(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "Alpha.")
    indexes.catch_up()
    was = copies(library)
    indexes.repair()
    assert copies(library) == was  # nothing was wrong
    indexes.distrust()
    assert [fault.split(" was ")[1] for fault in indexes.examine().faults] == ["left in the middle of a write"] * 2
    indexes.repair()
    assert (indexes.examine().faults, set(copies(library)) & set(was)) == ((), set())


def test_indexes_search_again_after_they_were_closed(library: Library, indexes: Indexes, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Alpha.")
    for _ in range(2):
        assert found(indexes, hashed, "alpha")[1] == library.chunk_ids(report.id)
        indexes.close()


def test_many_threads_search_while_another_adds_and_removes(
    library: Library, indexes: Indexes, hashed: Embedding
) -> None:
    stays = put(library, hashed, "stays.md", "Common ground.")
    chunk, stop, errors = library.chunk_ids(stays.id), threading.Event(), list[BaseException]()

    def search() -> None:
        try:
            while not stop.is_set():
                dense, lexical = found(indexes, hashed, "common ground")
                assert chunk <= dense and chunk <= lexical
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    other = Library(library.home)
    beside = Indexes(other)
    for number in range(6):
        put(other, hashed, f"{number}.md", f"Common number {number}.")
        beside.catch_up()
    for number in range(0, 6, 2):
        beside.remove(f"{number}.md")
    beside.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert found(indexes, hashed, "common")[1] == library.chunk_ids()
    assert indexes.examine().faults == ()
