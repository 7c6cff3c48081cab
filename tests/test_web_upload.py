"""Files handed to the chat go through a real child process, and each one's fate is known by its name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fpdf import FPDF

from rag.library import Library
from rag.web.upload import Received, Upload, safe_name, upload_files

CREW = b"# Crew\n\nTiangong has a permanent crew of three.\n"
OTHER = b"# Another crew\n\nThe ISS has a permanent crew of seven.\n"


def locked_pdf() -> bytes:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="sesame")
    paper.add_page()
    paper.set_font("helvetica", size=12)
    paper.cell(text="Open at last, all of it.")
    return bytes(paper.output())


LONG = "# Long\n\n" + "".join(f"## Part {part}\n\nThis is part {part} of the whole.\n\n" for part in range(60))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("upload") / "home"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this module's uploads are written before they are read."""
    folder = tmp_path_factory.mktemp("scratch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module")
def watched(home: Path, scratch: Path) -> tuple[Upload, list[tuple[str, float]]]:
    """One upload of good and bad files, with names of every sort, and what it said on its way: words and a share."""
    files = {
        "crew.md": CREW,
        "../../up.md": b"# Up\n\nThis one came from two floors up.\n",
        "C:\\papers\\down.md": b"# Down\n\nThis one came from a drive.\n",
        "--json.md": b"# An option\n\nThis name looks like an option.\n",
        "locked.pdf": locked_pdf(),
        "broken.pdf": b"%PDF-1.7\nnothing more",
        "picture.png": b"\x89PNG\r\n",
        "empty.md": b"",
    }
    pairs = [(name, lambda body=body: body) for name, body in files.items()]
    pairs += [("elsewhere/crew.md", lambda: CREW), ("elsewhere/crew.md", lambda: OTHER), ("long.md", LONG.encode)]
    upload = upload_files(pairs, home=home, password="sesame")
    seen: list[tuple[str, float]] = []
    while not upload.done:
        seen.append((upload.now, upload.share))
        time.sleep(0.005)
    return upload, seen


@pytest.fixture(scope="module")
def sent(watched: tuple[Upload, list[tuple[str, float]]]) -> Upload:
    """That upload, ended."""
    return watched[0]


def test_good_files_are_on_the_shelf_under_their_last_names(sent: Upload, home: Path) -> None:
    assert {(one.name, one.status, one.words) for one in sent.received if one.status != "failed"} == {
        ("crew.md", "added", "Crew"),
        ("up.md", "added", "Up"),
        ("down.md", "added", "Down"),
        ("--json.md", "added", "An option"),
        ("locked.pdf", "added", "locked"),
        ("long.md", "added", "Long"),
    }
    library = Library(home)
    names = {"crew.md", "up.md", "down.md", "--json.md", "locked.pdf", "long.md"}
    assert {report.name for report in library.reports()} == names
    library.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken.pdf", "PDFium cannot open it"),
        ("picture.png", "no reader for this kind of file"),
        ("empty.md", "empty"),
    ],
)
def test_a_bad_file_has_failed_with_its_reason(sent: Upload, name: str, reason: str) -> None:
    (found,) = [one for one in sent.received if one.name == name]
    assert found.status == "failed"
    assert found.words.startswith(f"{name}: ")
    assert reason in found.words


def test_of_two_files_with_one_name_the_second_has_failed_and_the_same_file_twice_is_one(sent: Upload) -> None:
    assert [one for one in sent.received if one.name == "crew.md" and one.status == "failed"] == [
        Received(
            "crew.md",
            "failed",
            "Another file of this upload has the same name. Rename one of them, or upload them one by one.",
        )
    ]
    # Nine names, and the second one of crew.md; its first copy is the same file.
    assert (sent.expected, len(sent.received), sent.share) == (10, 10, 1.0)


def test_progress_is_in_words_and_only_grows(watched: tuple[Upload, list[tuple[str, float]]]) -> None:
    shares = [share for _, share in watched[1]]
    assert shares == sorted(shares)
    # Nine of ten are done; of the tenth, reading is 0.3 of the work, embedding 0.6 and indexing 0.1.
    assert dict(watched[1])["Embedding long.md, chunk 0 of 60"] == pytest.approx((9 + 0.3) / 10)


def test_nothing_of_an_upload_stays_behind(sent: Upload, scratch: Path, home: Path) -> None:
    assert list(scratch.iterdir()) == []
    assert list((home / "incoming").iterdir()) == []


def test_a_stopped_upload_ends_soon_and_says_so(tmp_path: Path, scratch: Path) -> None:
    upload = upload_files([("crew.md", lambda: CREW)], home=tmp_path / "home")
    upload.stop()
    upload.wait(10)
    assert upload.done
    assert upload.received == [Received("The upload", "failed", "It was stopped; what is listed above is kept.")]
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_what_was_added_before_a_stop_is_kept_and_the_rest_is_not_begun(tmp_path: Path, scratch: Path) -> None:
    files = [(f"crew-{number:02}.md", lambda number=number: CREW + b"%d" % number) for number in range(40)]
    upload = upload_files(files, home=tmp_path / "home")
    deadline = time.monotonic() + 60
    while len(upload.received) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    upload.stop()
    upload.wait(10)
    assert upload.done
    *kept, last = upload.received
    assert 2 <= len(kept) < 40
    assert {one.status for one in kept} == {"added"}
    assert last == Received("The upload", "failed", "It was stopped; what is listed above is kept.")
    library = Library(tmp_path / "home")
    assert {one.name for one in kept} <= {report.name for report in library.reports()}
    assert len(library.reports()) <= len(kept) + 1
    library.close()
    assert list(scratch.iterdir()) == []


def test_a_child_that_cannot_work_at_all_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder")
    upload = upload_files([("crew.md", lambda: CREW)], home=tmp_path / "home")
    upload.wait(60)
    (found,) = upload.received
    assert (found.name, found.status) == ("The upload", "failed")
    assert found.words.startswith(f"The home folder {tmp_path / 'home'} cannot be used: ")
    assert not found.words.startswith("rag: ")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("a/b/report.pdf", "report.pdf"),
        ("..\\..\\report.pdf", "report.pdf"),
        ("/etc/passwd", "passwd"),
        ("..", "upload"),
        ("a/..", "upload"),
        ("a/", "upload"),
        ("", "upload"),
        ("...", "upload"),
        (".", "upload"),
        (" two  words.md ", "two words.md"),
        ("line\nbreak\x1b[31m\x00.md", "line break[31m.md"),
        ("\u202efdp.exe", "fdp.exe"),
        ("Übersicht über 宇宙.pdf", "Übersicht über 宇宙.pdf"),
    ],
)
def test_a_files_name_is_its_last_part_without_what_steers_a_system(given: str, safe: str) -> None:
    assert safe_name(given) == safe


@pytest.mark.parametrize(
    "given", ["a" * 500 + ".pdf", "宇" * 500 + ".md", "a" * 500, "x." + "y" * 500, "." + "宇" * 500]
)
def test_a_long_name_is_cut_to_what_a_disk_takes_and_keeps_its_ending(given: str, tmp_path: Path) -> None:
    name = safe_name(given)
    assert 0 < len(os.fsencode(name)) <= 200
    (tmp_path / name).touch()
    if given.endswith((".pdf", ".md")):
        assert Path(name).suffix == Path(given).suffix
