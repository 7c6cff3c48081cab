"""Files handed to the chat go through a real child process, and each one's fate is known by its name."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from fpdf import FPDF

from rag.embedding import Embedding
from rag.jobs import Job, JobFile, Jobs
from rag.library import Library
from rag.web.upload import begin_adding, begin_renewing, begin_replacing, begin_upload, safe_name
from tests.conftest import ROOT, put

CREW = b"# Crew\n\nTiangong has a permanent crew of three.\n"
OTHER = b"# Another crew\n\nThe ISS has a permanent crew of seven.\n"


def locked_pdf() -> bytes:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="sesame")
    paper.add_page()
    paper.set_font("helvetica", size=12)
    paper.cell(text="Open at last, all of it.")
    return bytes(paper.output())


# Enough for seconds of work: what a job is at is written a few times a second, and a short file is never seen at work.
PARTS = 1_500
LONG = "# Long\n\n" + "".join(f"## Part {part}\n\nThis is part {part} of the whole.\n\n" for part in range(PARTS))


# A server that is killed, with all of its session, as soon as the upload has begun.
SERVER = f"""
import os, sys
from pathlib import Path
from rag.jobs import Jobs
from rag.library import Library
from rag.web.upload import begin_upload
home = Path(sys.argv[1])
begin_upload(Jobs(Library(home)), [("crew.md", lambda: {CREW!r})], home=home)
os.killpg(0, 9)
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """The jobs of a library that was empty at first."""
    with closing(Library(tmp_path_factory.mktemp("upload") / "home")) as library:
        yield Jobs(library)


@pytest.fixture(scope="module")
def home(jobs: Jobs) -> Path:
    return jobs.folder("any").parents[1]


def the(jobs: Jobs, job: str) -> Job:
    return next(one for one in jobs.all() if one.id == job)


def followed(jobs: Jobs, job: str, seconds: float = 120) -> list[Job]:
    """Every state of a job that was seen, until its end."""
    deadline = time.monotonic() + seconds
    seen = [the(jobs, job)]
    while seen[-1].running and time.monotonic() < deadline:
        time.sleep(0.02)
        seen.append(the(jobs, job))
    assert not seen[-1].running
    return seen


@pytest.fixture(scope="module")
def watched(jobs: Jobs, home: Path) -> list[Job]:
    """One upload of good and bad files, with names of every sort, as it was seen on its way."""
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
    return followed(jobs, begin_upload(jobs, pairs, home=home, password="sesame"))


@pytest.fixture(scope="module")
def sent(watched: list[Job]) -> Job:
    """That upload, ended."""
    return watched[-1]


def test_good_files_are_on_the_shelf_under_their_last_names(sent: Job, home: Path) -> None:
    assert {(one.name, one.status, one.words) for one in sent.well} == {
        ("crew.md", "added", "Crew"),
        ("up.md", "added", "Up"),
        ("down.md", "added", "Down"),
        ("--json.md", "added", "An option"),
        ("locked.pdf", "added", "locked"),
        ("long.md", "added", "Long"),
    }
    assert {"crew.md", "up.md", "down.md", "--json.md", "locked.pdf", "long.md"} <= names(home)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken.pdf", "PDFium cannot open it"),
        ("picture.png", "no reader for this kind of file"),
        ("empty.md", "empty"),
    ],
)
def test_a_bad_file_has_failed_with_its_reason(sent: Job, name: str, reason: str) -> None:
    (found,) = [one for one in sent.failed if one.name == name]
    assert found.words.startswith(f"{name}: ")
    assert reason in found.words


def test_of_two_files_with_one_name_the_second_has_failed_and_the_same_file_twice_is_one(sent: Job) -> None:
    assert [one for one in sent.failed if one.name == "crew.md"] == [
        JobFile(
            "crew.md",
            "failed",
            words="Another file of this upload has the same name. Rename one of them, or upload them one by one.",
        )
    ]
    # Nine names, and the second one of crew.md; its first copy is the same file.
    assert (sent.state, sent.expected, sent.finished, sent.share) == ("done", 10, 10, 1.0)
    assert sent.counts == {"added": 6, "failed": 4}


def test_progress_only_grows_and_names_the_step_of_the_file_at_work(watched: list[Job]) -> None:
    shares = [job.share for job in watched]
    assert shares == sorted(shares)
    steps = [(one.step, one.whole) for job in watched for one in job.now if one.name == "long.md"]
    assert ("embedding", PARTS) in steps
    assert set(steps) <= {("reading", PARTS), ("embedding", PARTS), ("indexing", 1)}


def test_nothing_of_an_upload_stays_behind(sent: Job, home: Path) -> None:
    assert list((home / "uploads").iterdir()) == []
    assert list((home / "incoming").iterdir()) == []


def test_a_stopped_upload_ends_at_once_with_all_its_processes_and_says_so(jobs: Jobs, home: Path) -> None:
    files = [(f"stop-{number:02}.md", lambda number=number: CREW + b"%d" % number) for number in range(40)]
    job = begin_upload(jobs, files, home=home)
    (child,) = [one for one in psutil.Process().children() if f"--job={job}" in one.cmdline()]
    deadline = time.monotonic() + 120
    while len(the(jobs, job).well) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    family = [child, *child.children(recursive=True)]
    jobs.cancel(job)
    found = the(jobs, job)
    assert (found.state, found.words) == ("cancelled", "It was stopped; what is listed as added is kept.")
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)
    assert {one.name for one in found.well} <= names(home)
    assert 2 <= len(found.well) < 40
    assert list((home / "uploads").iterdir()) == []
    jobs.dismiss(job)
    assert job not in [one.id for one in jobs.all()]


def test_a_file_takes_the_place_of_a_report_whatever_its_own_name(jobs: Jobs, home: Path, sent: Job) -> None:
    with closing(Library(home)) as library:
        before = library.report("up.md")
        job = begin_replacing(jobs, before, lambda: b"# Up again\n\nIt came from three floors up.\n", home=home)
        (found,) = followed(jobs, job)[-1].well
        assert (found.name, found.status, found.words) == ("up.md", "replaced", "Up again")
        assert found.notes == ("It took the place of Up, which had the same file name up.md.",)
        after = library.report("up.md")
    assert (after.id, after.title) == (before.id, "Up again")
    assert after.document != before.document


def test_a_report_is_read_again_from_its_kept_original(jobs: Jobs, home: Path, sent: Job) -> None:
    with closing(Library(home)) as library:
        before = library.report("down.md")
        job = begin_renewing(jobs, before, library.original(before.document), home=home)
        (found,) = followed(jobs, job)[-1].well
        after = library.report("down.md")
        kept = library.original(after.document).is_file()
    assert (found.name, found.status, found.words) == ("down.md", "renewed", "Down")
    assert (after.document, after.pages, after.chunks, kept) == (before.document, before.pages, before.chunks, True)


@pytest.mark.skipif(os.name != "posix", reason="a session of its own is POSIX's")
def test_an_upload_goes_on_when_the_server_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(home)], cwd=ROOT, start_new_session=True)
    with closing(Library(home)) as library:
        jobs = Jobs(library)
        deadline = time.monotonic() + 60
        while server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.returncode == -9
        (job,) = jobs.all()
        assert followed(jobs, job.id)[-1].counts == {"added": 1}
        assert [report.name for report in library.reports()] == ["crew.md"]
        assert list((home / "uploads").iterdir()) == []


def test_a_child_that_cannot_work_at_all_says_why(tmp_path: Path, hashed: Embedding) -> None:
    with closing(Library(tmp_path / "home")) as library:
        # Vectors of another model: the child finds out before it reads anything.
        put(library, hashed, "a.md", "Text.")
        jobs = Jobs(library)
        job = begin_upload(jobs, [("crew.md", lambda: CREW)], home=library.home)
        ended = followed(jobs, job)[-1]
        assert (ended.state, ended.finished) == ("ended", 0)
        assert ended.words.startswith(f"The library in {library.home} was made with the embedding model hashed-words@1")
        assert list((library.home / "uploads").iterdir()) == []


def test_files_that_cannot_be_kept_are_an_end_in_words(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "home")) as library:
        (tmp_path / "home" / "uploads").write_text("no folder")
        jobs = Jobs(library)
        begin_upload(jobs, [("crew.md", lambda: CREW)], home=library.home)
        (ended,) = jobs.all()
        assert ended.state == "ended"
        assert ended.words.startswith(f"The files cannot be kept in {tmp_path / 'home' / 'uploads'}")


@pytest.mark.slow
def test_a_folder_is_added_file_by_file(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "home")) as library:
        jobs = Jobs(library)
        job = begin_adding(jobs, [ROOT / "corpus"], home=library.home, expected=14)
        ended = followed(jobs, job)[-1]
        assert (ended.state, dict(ended.counts)) == ("done", {"added": 14})


def names(home: Path) -> set[str]:
    with closing(Library(home)) as library:
        return {report.name for report in library.reports()}


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
