"""The library as a record: a report is there whole or not at all, and comes back exactly as it went in."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from rag.embedding import Embedding
from rag.errors import ModelMismatch, UnknownReport
from rag.library import Library, report_id
from rag.types import Block, Chunk, Document, Page, PageNote
from tests.conftest import put

EXACT = {
    "emoji joined by ZWJ": "crew 👩🏽‍🚀 and 🏳️‍🌈 on board",
    "combining marks, not composed": "cafe\u0301 A\u030a n\u0303o \u1e9b\u0323",
    "right to left with marks": "\u200fمحطة \u202eתחנה\u202c 123",
    "control characters": "a\x01b\x08c\x0bd\x1ce\x1ff\x7fg\x85h",
    "odd spaces and line ends": "a\u00a0b\u2028c\u2029d\ufeffe\u200bf\tg\r\nh\n\n",
    "beyond the basic plane": "\U00010000\U0001f6f0\U0010fffd",
    "quotes and SQL": "Robert'); DROP TABLE pages;-- \"%_\\",
}


def test_an_empty_library_holds_nothing(library: Library) -> None:
    assert (library.reports(), library.generation(), library.fingerprint()) == ((), 0, None)
    assert (library.held(), library.chunk_ids(), library.chunks(["x"])) == (frozenset(), frozenset(), {})
    assert (library.pages([("x", 1)]), library.by_document("x"), library.faults()) == ({}, None, [])


def test_a_report_comes_back_as_it_was_added(library: Library, hashed: Embedding) -> None:
    added = put(library, hashed, "crews.md", "Three live there.", "Six at a handover.", title="Crews", date="2023-05")
    data = b"Crews\nThree live there.\nSix at a handover."
    [report] = Library(library.home).reports()
    assert report == added
    assert (report.name, report.title, report.kind, report.date) == ("crews.md", "Crews", "markdown", "2023-05")
    assert (report.pages, report.chunks, report.size) == (2, 2, len(data))
    assert report.document == hashlib.sha256(data).hexdigest()
    assert library.held() == {(report.id, report.document)}
    assert library.by_document(report.document) == report
    assert library.fingerprint() == "hashed-words@1"


def test_a_page_keeps_its_blocks_its_map_and_the_report_its_ledger(library: Library, hashed: Embedding) -> None:
    page = Page(
        1, "p. 9 (printed 7)", "A | B\n1 | 2", (Block(0, 5, "row"), Block(6, 11, "row", 0, "A | B")), ((0, 4, 7),)
    )
    ledger = (PageNote(1, "scanned", "Page 1 was read by OCR."),)
    document = Document("Table", "pdf", (page,), "2024", ledger)
    with library.receiving() as folder, library.writing():
        (folder / "x").write_bytes(b"x")
        facts = {"name": "t.pdf", "original": folder / "x", "sha256": "0" * 64, "fingerprint": "f@1"}
        report = library.add(document, chunks=[], vectors={}, **facts)  # type: ignore[arg-type]
    assert library.document(report) == document
    assert library.page(report.id, 1) == page


def test_the_id_is_the_first_12_hex_digits_of_the_names_sha256(library: Library, hashed: Embedding) -> None:
    assert report_id("esa/tiangong.md") == hashlib.sha256(b"esa/tiangong.md").hexdigest()[:12] == "98f66a2ad23f"
    assert put(library, hashed, "esa/tiangong.md", "Text.").id == "98f66a2ad23f"


def test_a_report_is_found_by_id_by_name_and_by_title_in_any_case(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "crews.md", "Three.", title="Crews of Tiangong")
    for ref in (report.id, "crews.md", "Crews of Tiangong", "crews OF tiangong"):
        assert library.report(ref) == report


def test_an_unknown_report_and_a_title_that_two_have_name_the_next_step(library: Library, hashed: Embedding) -> None:
    put(library, hashed, "a.md", "One.", title="Crews")
    put(library, hashed, "b.md", "Two.", title="Crews")
    with pytest.raises(UnknownReport, match=r"^No report has the id, name or title 'Crew'\. See .* rag reports$"):
        library.report("Crew")
    with pytest.raises(UnknownReport, match=r"^2 reports have the id, name or title 'crews'\."):
        library.report("crews")
    with pytest.raises(UnknownReport, match=r"^No report has"):
        library.remove("c.md")
    with pytest.raises(UnknownReport, match=f"^Report {report_id('a.md')} has no page 2\\."):
        library.page(report_id("a.md"), 2)


def test_reports_come_by_title_whatever_its_case(library: Library, hashed: Embedding) -> None:
    for name, title in (("1.md", "beta"), ("2.md", "Alpha"), ("3.md", "Gamma")):
        put(library, hashed, name, name, title=title)
    assert [report.title for report in library.reports()] == ["Alpha", "beta", "Gamma"]


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_a_pages_text_comes_back_code_point_for_code_point(library: Library, hashed: Embedding, text: str) -> None:
    report = put(library, hashed, "odd.md", text)
    kept = Library(library.home).page(report.id, 1).text
    assert list(map(ord, kept)) == list(map(ord, text))
    [chunk] = library.stored_chunks(report.id)
    assert chunk.text == text


def test_a_failure_in_the_middle_of_adding_leaves_nothing(library: Library, hashed: Embedding) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        add_with_lost_vector(library, "new.md")
    assert (library.reports(), library.generation(), library.chunk_ids()) == ((), 0, frozenset())
    assert library.cached_vectors(["kept"]) == {}
    assert library.pages([(report_id("new.md"), 1)]) == {}
    assert list((Library(library.home).home / "files").iterdir()) == []


def test_a_failure_in_the_middle_of_replacing_leaves_the_old_version_whole(library: Library, hashed: Embedding) -> None:
    old = put(library, hashed, "crews.md", "Three live there.")
    chunks = library.stored_chunks(old.id)
    with pytest.raises(sa.exc.IntegrityError):
        add_with_lost_vector(library, "crews.md")
    assert library.reports() == (old,)
    assert library.page(old.id, 1).text == "Three live there."
    assert [chunk.id for chunk in library.stored_chunks(old.id)] == [chunk.id for chunk in chunks]
    assert (library.generation(), library.faults()) == (1, [])


def test_new_bytes_under_a_known_name_are_a_new_version_for_readers_at_once(
    library: Library, hashed: Embedding
) -> None:
    reader = Library(library.home)
    old = put(library, hashed, "crews.md", "Three live there.", "Old page two.")
    gone = reader.chunk_ids()
    new = put(library, hashed, "crews.md", "Six live there.")
    assert (new.id, new.document != old.document) == (old.id, True)
    assert reader.reports() == (new,)
    assert reader.page(old.id, 1).text == "Six live there."
    assert reader.pages([(old.id, 2)]) == {}
    assert reader.chunks(sorted(gone)) == {}
    assert reader.by_document(old.document) is None


def test_a_reader_never_sees_pages_of_two_versions(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "crews.md", "v0", "v0").id
    reader, seen, stop = Library(library.home), set[tuple[str, ...]](), threading.Event()

    def watch() -> None:
        while not stop.is_set():
            pages = reader.pages([(report, 1), (report, 2)])
            seen.add(tuple(page.text for page in pages.values()))

    thread = threading.Thread(target=watch)
    thread.start()
    version = 0
    while version < 10 or len(seen) < 5:
        version += 1
        put(library, hashed, "crews.md", f"v{version}", f"v{version}")
    stop.set()
    thread.join()
    assert [pages for pages in seen if len(pages) != 2 or pages[0] != pages[1]] == []


def test_the_generation_rises_by_one_for_each_change_and_by_none_for_reading(
    library: Library, hashed: Embedding
) -> None:
    reader = Library(library.home)
    counts = [reader.generation()]
    for change in ("add", "replace", "remove"):
        if change == "remove":
            library.remove("crews.md")
        else:
            put(library, hashed, "crews.md", change)
        counts.append(reader.generation())
    report = put(library, hashed, "crews.md", "again")
    for reading in (library.document, lambda _: library.faults(), lambda _: Library(library.home)):
        reading(report)
    with library.receiving(), library.writing():
        library.stored_chunks(report.id)
    assert [*counts, reader.generation()] == [0, 1, 2, 3, 4]


def test_a_receipt_says_what_went_and_a_vector_that_another_report_needs_stays(
    library: Library, hashed: Embedding
) -> None:
    shared = put(library, hashed, "a.md", "Both say this.", "Only this one says that.")
    other = put(library, hashed, "b.md", "Both say this.", "Another thing.")
    receipt = library.remove("a.md")
    # Two pages of a chunk each; of two vectors, the one of "Both say this." belongs to b.md as well.
    assert (receipt.report, receipt.pages, receipt.chunks, receipt.vectors) == (shared, 2, 2, 1)
    assert [chunk.text for chunk in library.stored_chunks(other.id)] == ["Both say this.", "Another thing."]
    assert library.remove("b.md").vectors == 2
    assert library.faults() == []


def test_another_embedding_model_is_refused_by_both_names_until_no_report_is_left(
    library: Library, hashed: Embedding
) -> None:
    library.require_model("other@2")
    put(library, hashed, "a.md", "Text.")
    library.require_model("hashed-words@1")
    with pytest.raises(ModelMismatch) as caught:
        library.require_model("other@2")
    message = str(caught.value)
    assert "hashed-words@1" in message and "other@2" in message
    assert f"rag doctor --reembed --home {library.home}" in message
    # A model that is not loaded yet is told by its name, or by its folder's.
    library.require_model("hashed-words")
    (library.home / "hashed-words").mkdir()
    library.require_model(str(library.home / "hashed-words"))
    with pytest.raises(ModelMismatch, match="hashed-words@1, and hub/other is asked for"):
        library.require_model("hub/other")
    library.remove("a.md")
    library.require_model("other@2")
    assert library.fingerprint() is None


def add_with_lost_vector(library: Library, name: str) -> None:
    """Add a report of two chunks, the second of a vector that is nowhere: the database refuses its last row."""
    import numpy as np

    page = Page(1, "p. 1", "First. Second.", (Block(0, 14),))
    chunks = [(Chunk(1, 0, 6, ""), "kept"), (Chunk(1, 7, 14, ""), "lost")]
    with library.receiving() as folder, library.writing():
        original: Path = folder / "x"
        original.write_bytes(b"x")
        library.add(
            Document("T", "markdown", (page,)),
            name=name,
            original=original,
            sha256=hashlib.sha256(b"x").hexdigest(),
            chunks=chunks,
            vectors={"kept": np.ones(3, dtype=np.float32)},
            fingerprint="hashed-words@1",
        )


def test_reports_are_read_again_when_any_process_changed_one_and_not_before(
    library: Library, hashed: Embedding
) -> None:
    put(library, hashed, "a.md", "One.", title="A")
    other = Library(library.home)
    assert [report.title for report in other.reports()] == ["A"]
    first = library.reports()
    assert library.reports() is first
    put(other, hashed, "b.md", "Two.", title="B")
    assert [report.title for report in library.reports()] == ["A", "B"]
    with other.writing():
        other.remove("a.md")
    assert [report.title for report in library.reports()] == ["B"]
    other.close()
