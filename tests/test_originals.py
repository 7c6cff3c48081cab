"""Originals: kept byte for byte under their SHA-256, swept where no report has them, brought back where one is lost."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.errors import LimitExceeded, UnreadableFile
from rag.indexes import Indexes
from rag.library import Library
from rag.originals import Originals, receive
from tests.conftest import ROOT, add_all, put

DATA = b"\xef\xbb\xbf# Crews\r\n\r\nThree live there.\r\n"
Write = Callable[..., Path]


def kept(library: Library) -> dict[str, bytes]:
    """The originals of a library, by file name."""
    return {path.name: path.read_bytes() for path in (library.home / "files").iterdir()}


def test_an_original_is_kept_by_its_sha256_byte_for_byte(library: Library, hashed: Embedding, tmp_path: Path) -> None:
    source = tmp_path / "crews.md"
    source.write_bytes(DATA)
    [outcome] = add_all(library, Indexes(library), hashed, source)
    assert outcome.report is not None
    assert outcome.report.document == hashlib.sha256(DATA).hexdigest()
    assert library.original(outcome.report.document).read_bytes() == DATA
    assert kept(library) == {outcome.report.document: DATA}
    assert source.read_bytes() == DATA


def test_a_replaced_and_a_removed_original_are_gone(library: Library, hashed: Embedding) -> None:
    old, other = put(library, hashed, "a.md", "One."), put(library, hashed, "b.md", "Other.")
    new = put(library, hashed, "a.md", "Two.")
    assert kept(library).keys() == {new.document, other.document}
    assert old.document not in kept(library)
    library.remove("a.md")
    assert kept(library) == {other.document: b"\nOther."}


def test_an_opening_sweeps_what_no_report_has(library: Library, hashed: Embedding) -> None:
    report = put(library, hashed, "a.md", "Text.")
    (library.home / "files" / ("0" * 64)).write_bytes(b"orphan")
    (library.home / "incoming" / "dead").mkdir()
    (library.home / "incoming" / "dead" / "copy.pdf").write_bytes(b"half")
    Library(library.home)
    assert kept(library) == {report.document: b"\nText."}
    assert list((library.home / "incoming").iterdir()) == []


def test_an_opening_leaves_alone_what_the_living_bring_in(library: Library) -> None:
    with library.receiving() as folder:
        (folder / "copy.pdf").write_bytes(b"half")
        Library(library.home)
        assert (folder / "copy.pdf").read_bytes() == b"half"
    assert not folder.exists()


def test_an_opening_sweeps_what_a_killed_process_was_bringing_in(library: Library) -> None:
    code = (
        "import sys, time; from pathlib import Path; from rag.library import Library\n"
        "with Library(Path(sys.argv[1])).receiving() as folder:\n"
        "    (folder / 'copy.pdf').write_bytes(b'half'); print('here', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(library.home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"here\n"
        Library(library.home)
        assert len(list((library.home / "incoming").rglob("copy.pdf"))) == 1
        process.kill()
    Library(library.home)
    assert list((library.home / "incoming").iterdir()) == []


def test_an_opening_beside_a_writer_does_not_wait_and_sweeps_nothing(library: Library) -> None:
    (library.home / "files" / "orphan").write_bytes(b"on its way")
    with library.writing():
        thread = threading.Thread(target=Library, args=[library.home])
        thread.start()
        thread.join(timeout=10)
        assert not thread.is_alive()
        assert kept(library) == {"orphan": b"on its way"}


def test_a_strange_folder_among_the_originals_does_not_keep_a_library_shut(library: Library) -> None:
    (library.home / "files" / "lost+found").mkdir()
    assert Library(library.home).reports() == ()


@pytest.mark.parametrize(("harm", "named"), [("deleted", "is missing"), ("changed", "has changed on disk")])
def test_a_lost_original_is_named_and_comes_back_when_it_is_added_again(
    library: Library, hashed: Embedding, write_reports: Write, harm: str, named: str
) -> None:
    folder, indexes = write_reports(crews="# Crews\n\nThree live there.\n"), Indexes(library)
    [added] = add_all(library, indexes, hashed, folder)
    assert added.report is not None
    original = library.original(added.report.document)
    data = original.read_bytes()
    if harm == "deleted":
        original.unlink()
    else:
        original.write_bytes(data.replace(b"Three", b"Seven"))
    assert library.faults() == [f"the original of report {added.report.id} {named}; add crews.md again"]
    [again] = add_all(library, indexes, hashed, folder)
    assert (again.status, again.report) == ("unchanged", added.report)
    assert (original.read_bytes(), library.faults(), library.generation()) == (data, [], 1)


def test_a_sound_original_is_not_written_again(library: Library, hashed: Embedding, write_reports: Write) -> None:
    folder, indexes = write_reports(crews="# Crews\n\nThree live there.\n"), Indexes(library)
    [added] = add_all(library, indexes, hashed, folder)
    assert added.report is not None
    before = library.original(added.report.document).stat()
    add_all(library, indexes, hashed, folder)
    after = library.original(added.report.document).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_copy_is_received_with_its_hash_and_its_ending(tmp_path: Path) -> None:
    source, folder = tmp_path / "Crews.MD", tmp_path / "in"
    source.write_bytes(DATA)
    folder.mkdir()
    copy, sha256 = receive(source, folder, name="esa/Crews.MD", limit=len(DATA))
    assert (copy.read_bytes(), copy.suffix, copy.parent) == (DATA, ".md", folder)
    assert sha256 == hashlib.sha256(DATA).hexdigest()


def test_what_cannot_be_received_leaves_no_copy(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "big").write_bytes(b"x" * (3 * 2**20 + 1))
    with pytest.raises(LimitExceeded, match=r"^big\.md is over the limit of 3 MiB\. Split it, or raise RAG_READ_SIZE"):
        receive(tmp_path / "big", folder, name="big.md", limit=3 * 2**20)
    with pytest.raises(LimitExceeded, match=r"^big\.md is over the limit of 1 byte\. Split it, or raise RAG_READ_SIZE"):
        receive(tmp_path / "big", folder, name="big.md", limit=1)
    for nothing in (tmp_path / "nothing", folder):
        with pytest.raises(UnreadableFile, match=f"^{nothing} cannot be read: .* Check that it exists"):
            receive(nothing, folder, name="a.md", limit=9)
    assert list(folder.iterdir()) == []


def test_an_original_is_kept_over_one_of_the_same_hash(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    for data in (b"wrong", b"right"):
        (tmp_path / "copy").write_bytes(data)
        originals.keep(tmp_path / "copy", "ab")
    assert originals.path("ab").read_bytes() == b"right"
    assert originals.fault("ab") == "has changed on disk"
    originals.drop("ab")
    originals.drop("ab")
    assert originals.fault("ab") == "is missing"
