"""Reading a report again: its place is taken only by the whole of it, and both indexes follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import ingest
from rag.doctor import diagnose, disk_use
from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.ingest import Outcome, add
from rag.intake import add_documents, came_as_file
from rag.library import Library
from rag.sources import Source
from rag.types import Block, Document, Page
from tests.conftest import add_all

TWO = "# Crews\n\nAlpha lives there.\n\n## Later\n\nZyzzyva came later.\n"


@pytest.fixture
def indexes(library: Library) -> Iterator[Indexes]:
    opened = Indexes(library)
    yield opened
    opened.close()


def again(library: Library, indexes: Indexes, embedding: Embedding, *sources: Source) -> list[Outcome]:
    return list(add(sources, library=library, indexes=indexes, embedding=embedding, again=True))


def found(indexes: Indexes, embedding: Embedding, words: str) -> tuple[set[str], set[str]]:
    hits = indexes.search(embedding.query(words), words, limit=9)
    return {chunk for chunk, _ in hits.dense}, {chunk for chunk, _ in hits.lexical}


def copies(library: Library) -> list[str]:
    return [(library.home / "indexes" / name / "CURRENT").read_text() for name in ("dense", "lexical")]


@pytest.fixture
def cut_short(
    library: Library,
    indexes: Indexes,
    hashed: Embedding,
    write_reports: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder of two reports in the library; of crews.md an earlier reader found the first chunk alone."""
    folder = write_reports(crews=TWO, other="# Other\n\nBeta lives elsewhere.\n")
    whole = ingest.chunk
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "chunk", lambda *arguments, **options: whole(*arguments, **options)[:1])
        add_all(library, indexes, hashed, folder)
    assert library.report("crews.md").chunks == 1
    return folder


def test_a_report_that_is_read_again_is_found_by_what_was_missed_before(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path
) -> None:
    before = library.report("crews.md")
    assert found(indexes, hashed, "zyzzyva")[1] == set()
    built = copies(library)
    (outcome,) = again(library, indexes, hashed, Source(cut_short / "crews.md", "crews.md"))
    after = library.report("crews.md")
    assert (outcome.status, outcome.report, outcome.before, outcome.embedded) == ("renewed", after, None, 1)
    assert (after.id, after.document, after.chunks) == (before.id, before.document, 2)
    assert library.original(after.document).read_bytes() == TWO.encode()
    assert found(indexes, hashed, "zyzzyva")[1] == {f"{after.id}-{after.document[:12]}-1"}
    assert diagnose(library, indexes).faults == ()
    # The other report stayed where it was: neither index was built anew.
    assert copies(library) == built


def test_without_being_told_to_nothing_is_read_again(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path
) -> None:
    assert {one.status for one in add_all(library, indexes, hashed, cut_short)} == {"unchanged"}
    assert library.report("crews.md").chunks == 1


def test_fewer_chunks_than_before_leave_none_of_the_old_ones(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(cut_short / "crews.md", "crews.md")
    again(library, indexes, hashed, source)
    whole = ingest.chunk
    monkeypatch.setattr(ingest, "chunk", lambda *arguments, **options: whole(*arguments, **options)[:1])
    again(library, indexes, hashed, source)
    assert library.report("crews.md").chunks == 1
    assert found(indexes, hashed, "zyzzyva")[1] == set()
    assert diagnose(library, indexes).faults == ()


def test_the_kept_original_serves_where_the_file_is_gone(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path
) -> None:
    (cut_short / "crews.md").unlink()
    kept = library.original(library.report("crews.md").document)
    assert [one.status for one in again(library, indexes, hashed, Source(kept, "crews.md"))] == ["renewed"]
    assert library.faults() == []


def test_the_same_bytes_under_another_name_are_a_duplicate_still(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path
) -> None:
    (outcome,) = again(library, indexes, hashed, Source(cut_short / "crews.md", "copy.md"))
    assert (outcome.status, outcome.report) == ("duplicate", library.report("crews.md"))


def test_a_report_that_cannot_be_read_again_stays_as_it_is(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "chunk", lambda *_arguments, **_options: [])
    before = library.reports()
    (outcome,) = again(library, indexes, hashed, Source(cut_short / "crews.md", "crews.md"))
    assert outcome.status == "failed"
    assert library.reports() == before
    assert diagnose(library, indexes).faults == ()


def test_a_kill_between_the_record_and_the_indexes_means_a_rebuild(
    library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = copies(library)
    # As after a kill: nothing marks the indexes, and nothing catches up.
    monkeypatch.setattr("rag.indexes.shelf.Shelf.mark", lambda *_given: None)
    with pytest.raises(ZeroDivisionError), monkeypatch.context() as patch:
        patch.setattr(Indexes, "catch_up", lambda _indexes: 1 / 0)
        again(library, indexes, hashed, Source(cut_short / "crews.md", "crews.md"))
    monkeypatch.undo()
    fresh = Indexes(library)
    assert found(fresh, hashed, "zyzzyva")[1] == {chunk for chunk in library.chunk_ids() if chunk.endswith("-1")}
    assert diagnose(library, fresh).faults == ()
    assert copies(library) != built
    fresh.close()


def test_what_came_from_memory_is_told_from_files(
    library: Library, indexes: Indexes, hashed: Embedding, write_reports: Callable[..., Path]
) -> None:
    document = Document("Row 7", "row", (Page(1, "p. 1", "Seven lives there.", (Block(0, 18),)),))
    (row,) = add_documents([("row 7", document)], library=library, indexes=indexes, embedding=hashed)
    add_all(library, indexes, hashed, write_reports(crews=TWO))
    crews = library.report("crews.md")
    assert not came_as_file(row, library.original(row.document))
    assert came_as_file(crews, library.original(crews.document))
    library.original(crews.document).unlink()
    assert came_as_file(crews, library.original(crews.document))


def test_disk_use_is_counted_by_part(library: Library, indexes: Indexes, hashed: Embedding, cut_short: Path) -> None:
    (library.home / "uploads" / "job").mkdir(parents=True)
    (library.home / "uploads" / "job" / "a.md").write_bytes(b"seven b")
    use = disk_use(library)
    assert use.originals == sum(report.size for report in library.reports())
    assert use.underway == 7
    assert use.library > 10_000 and use.indexes > 10_000 and use.free > 0
    assert use.total == use.library + use.originals + use.indexes + 7
