"""Zips of files: each file goes in under its path there, nothing leads out, and no trap is sprung."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from rag.embedding import Embedding
from rag.indexes import Indexes
from rag.ingest import Reading, add
from rag.library import Library
from rag.reading import Limits
from rag.sources import Source
from rag.unpacking import Unpacked, unpack

CREW = b"# Crew\n\nThree live there.\n"
Pack = Callable[..., Source]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Writes entries, pairs of a name (or its whole description) and bytes, as a zip of that name."""

    def write(*entries: tuple[str | ZipInfo, bytes], name: str = "all.zip") -> Source:
        path = tmp_path / name.rpartition("/")[2]
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for entry, data in entries:
                archive.writestr(entry, data)
        return Source(path, name)

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "unpacked"
    made.mkdir()
    return made


def came(found: Unpacked) -> dict[str, bytes]:
    return {source.name: source.path.read_bytes() for source in found.sources}


def reasons(found: Unpacked) -> dict[str, str]:
    return {source.name: str(error) for source, error in found.refused}


def test_a_file_goes_by_its_path_in_the_zip_and_lies_in_the_folder_by_a_number(pack: Pack, folder: Path) -> None:
    found = unpack([pack(("2024/crew.md", CREW), ("cargo.md", b"Cargo."), ("empty/", b""))], folder)
    assert came(found) == {"2024/crew.md": CREW, "cargo.md": b"Cargo."}
    assert [path.name for path in sorted(folder.iterdir())] == ["unpacked-0", "unpacked-1"]


def test_a_zip_in_a_folder_gives_names_below_that_folder_and_other_files_stay(pack: Pack, folder: Path) -> None:
    other = Source(folder / "a.md", "sub/a.md")
    found = unpack([pack(("crew.md", CREW), name="sub/all.ZIP"), other], folder)
    assert [source.name for source in found.sources] == ["sub/a.md", "sub/crew.md"]
    assert found.sources[0] is other


@pytest.mark.parametrize(
    "name", ["../crew.md", "a/../../crew.md", "/etc/crew.md", "..\\crew.md", "C:\\crew.md", "\\\\host\\crew.md", ".."]
)
def test_a_name_that_leads_out_is_refused_and_the_others_go_on(pack: Pack, folder: Path, name: str) -> None:
    found = unpack([pack((name, CREW), ("good.md", b"Good."))], folder)
    assert came(found) == {"good.md": b"Good."}
    (reason,) = reasons(found).values()
    assert "its name leads out of the zip. Unpack it yourself" in reason
    assert {path.parent for path in folder.parent.rglob("unpacked-*")} == {folder}


def test_hidden_files_and_litter_are_left_out_without_a_word(pack: Pack, folder: Path) -> None:
    litter = ("__MACOSX/._crew.md", ".DS_Store", "a/.hidden/b.md", "Thumbs.db", "a/desktop.ini")
    found = unpack([pack(*((name, b"x") for name in litter), ("crew.md", CREW))], folder)
    assert (came(found), reasons(found)) == ({"crew.md": CREW}, {})


def test_links_and_archives_inside_are_refused_each_with_its_reason(pack: Pack, folder: Path) -> None:
    link = ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = unpack([pack((link, b"/etc/passwd"), ("inner.zip", b"PK"), ("old.tar.gz", b""), ("crew.md", CREW))], folder)
    assert came(found) == {"crew.md": CREW}
    assert reasons(found) == {
        "link.md": "link.md: it is a link and no file. Add the file that it leads to.",
        "inner.zip": "inner.zip: an archive inside a zip is not opened. Unpack it, and add what is in it.",
        "old.tar.gz": "old.tar.gz: an archive inside a zip is not opened. Unpack it, and add what is in it.",
    }


def test_a_locked_file_is_refused_and_the_others_go_on(pack: Pack, folder: Path) -> None:
    archive = pack(("locked.md", CREW), ("good.md", b"Good."))
    data = bytearray(archive.path.read_bytes())
    # Bit 0 of the flags of the first entry, where it stands and in the directory, says that it is encrypted.
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    archive.path.write_bytes(data)
    found = unpack([archive], folder)
    assert came(found) == {"good.md": b"Good."}
    assert reasons(found) == {
        "locked.md": "locked.md: it is locked with the zip's password. Unpack it yourself, and add the file."
    }


def test_a_zip_that_unpacks_to_too_much_is_refused_before_anything_is_written(pack: Pack, folder: Path) -> None:
    bomb = pack(("zeros.txt", bytes(5000)), ("more.txt", bytes(5000)), name="bomb.zip")
    assert bomb.path.stat().st_size < 500
    found = unpack([bomb], folder, limits=Limits(unpacked=9999))
    assert reasons(found) == {
        "bomb.zip": "bomb.zip: it unpacks to 9.8 KiB, over the limit of 9.8 KiB. "
        "Split it, or, if it is no trap, raise RAG_READ_UNPACKED (in bytes)."
    }
    assert list(folder.iterdir()) == []


def test_a_zip_that_says_it_is_small_gives_no_more_than_it_says(pack: Pack, folder: Path) -> None:
    liar = pack(("zeros.txt", bytes(100_000)), name="liar.zip")
    data = liar.path.read_bytes()
    # The length, 100,000, is told in both headers; it becomes 10.
    liar.path.write_bytes(data.replace(struct.pack("<I", 100_000), struct.pack("<I", 10)))
    found = unpack([liar], folder, limits=Limits(unpacked=50))
    assert came(found) == {}
    assert reasons(found)["zeros.txt"].startswith("zeros.txt: it is damaged inside the zip (")
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10


def test_too_many_files_are_refused(pack: Pack, folder: Path) -> None:
    found = unpack([pack(*((f"{number}.md", b"x") for number in range(4)))], folder, limits=Limits(files=3))
    assert reasons(found) == {
        "all.zip": "all.zip: its 4 files are over the limit of 3. Split it, or raise RAG_READ_FILES."
    }


def test_a_file_over_the_limit_of_one_file_is_refused_and_the_others_go_on(pack: Pack, folder: Path) -> None:
    found = unpack([pack(("big.md", b"12345"), ("small.md", b"1234"))], folder, limits=Limits(size=4))
    assert came(found) == {"small.md": b"1234"}
    assert reasons(found) == {
        "big.md": "big.md: 5 bytes is over the limit of 4 bytes a file. "
        "Split the file, or raise RAG_READ_SIZE (in bytes)."
    }


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_zip_is_refused_in_words(tmp_path: Path, folder: Path, data: bytes) -> None:
    (tmp_path / "bad.zip").write_bytes(data)
    found = unpack([Source(tmp_path / "bad.zip", "bad.zip")], folder)
    assert reasons(found)["bad.zip"].startswith("bad.zip: it cannot be opened as a zip (")


def test_a_zip_that_is_not_there_or_holds_nothing_is_refused_in_words(tmp_path: Path, pack: Pack, folder: Path) -> None:
    found = unpack([Source(tmp_path / "gone.zip", "gone.zip"), pack((".DS_Store", b"x"), name="bare.zip")], folder)
    assert reasons(found)["gone.zip"].startswith("gone.zip: it cannot be read: ")
    assert reasons(found)["bare.zip"] == "bare.zip: there is no file in it. Add one that holds some."


@pytest.mark.parametrize("place", [40, 60])
def test_a_damaged_file_inside_is_refused_and_the_others_go_on(pack: Pack, folder: Path, place: int) -> None:
    noise = b"".join(zlib.crc32(bytes([number])).to_bytes(4, "big") for number in range(100))
    archive = pack(("noise.txt", noise), ("good.md", b"Good."))
    data = bytearray(archive.path.read_bytes())
    data[place] ^= 0xFF
    archive.path.write_bytes(data)
    found = unpack([archive], folder)
    assert came(found) == {"good.md": b"Good."}
    assert "it is damaged inside the zip" in reasons(found)["noise.txt"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_files_with_one_name_the_first_goes_in(pack: Pack, folder: Path) -> None:
    first, second = pack(("crew.md", CREW), ("crew.md", b"x")), pack(("crew.md", b"y"), name="more.zip")
    found = unpack([first, second, Source(folder / "cargo.md", "cargo.md")], folder)
    assert [source.name for source in found.sources] == ["cargo.md", "crew.md"]
    assert found.sources[1].path.read_bytes() == CREW
    words = "crew.md: another file has the same name. Rename one of them."
    assert [str(error) for _, error in found.refused] == [words, words]


def test_unpacking_says_how_far_it_is(pack: Pack, folder: Path) -> None:
    told: list[tuple[str, str, int, int]] = []
    unpack(
        [pack(("a.md", b"a"), ("b.md", b"b"))],
        folder,
        watch=lambda source: lambda step, done, whole: told.append((source.name, step, done, whole)),
    )
    assert told == [("all.zip", "unpacking", done, 2) for done in range(3)]


def test_a_zip_is_added_as_the_files_in_it_and_leaves_nothing_behind(
    pack: Pack, library: Library, hashed: Embedding, tmp_path: Path
) -> None:
    indexes = Indexes(library)
    archive = pack(("2024/crew.md", CREW), ("2024/picture.png", b"\x89PNG"), ("../up.md", b"Up."))
    (tmp_path / "cargo.md").write_bytes(b"# Cargo\n\nThe call came in May.\n")
    outcomes = list(
        add(
            [archive, Source(tmp_path / "cargo.md", "cargo.md")],
            library=library,
            indexes=indexes,
            embedding=hashed,
            reading=Reading(Limits(seconds=60)),
        )
    )
    assert {(one.source.name, one.status) for one in outcomes} == {
        ("../up.md", "failed"),
        ("2024/crew.md", "added"),
        ("2024/picture.png", "failed"),
        ("cargo.md", "added"),
    }
    assert {report.name for report in library.reports()} == {"2024/crew.md", "cargo.md"}
    assert list((library.home / "incoming").iterdir()) == []
    indexes.close()
