"""The front door of reading: what is turned away, and what a broken child amounts to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rag.errors import DamagedFile, EmptyFile, LimitExceeded, ReadError, UnreadableFile, UnsupportedFile
from rag.reading import KINDS, Limits, process, read, size_said, supported

ROOT = Path(__file__).resolve().parents[1]


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def play(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let this program stand in for the child: a stand-in for what a parser does on a hostile file."""
    started = subprocess.Popen

    def popen(_arguments: list[str], **rest: object) -> subprocess.Popen[bytes]:
        return started([sys.executable, "-c", program], **rest)

    monkeypatch.setattr(process.subprocess, "Popen", popen)


def test_every_kind_has_a_reader_and_endings_are_read_in_any_case() -> None:
    assert set(KINDS.values()) == {"pdf", "docx", "pptx", "xlsx", "csv", "html", "epub", "markdown", "text"}
    assert supported(Path("a/Report.PDF")) and supported("x.md")
    assert not supported("movie.mp4") and not supported("README")


def test_an_unknown_ending_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match=r"film\.mp4: no reader .* \.pdf, \.docx"):
        read(write(tmp_path / "film.mp4", b"x"))


def test_a_missing_file_a_folder_and_a_pipe_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no file"):
        read(tmp_path / "gone.txt")
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="is a folder"):
        read(folder)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read(tmp_path / "pipe.txt")


def test_a_file_of_white_space_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match=r"blank\.txt: there is no text"):
        read(write(tmp_path / "blank.txt", " \n\n\t"))


def test_a_pdf_named_txt_is_damaged_and_the_message_says_why(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="its name says text, but its bytes are no text"):
        read(write(tmp_path / "report.txt", b"%PDF-1.7 \x00\x01"))


def test_an_upload_is_read_by_the_name_it_is_given(tmp_path: Path) -> None:
    document = read(write(tmp_path / "tmp8x2", "# Costs\n\nThey rose."), name="2024/costs.md")
    assert (document.title, document.kind) == ("Costs", "markdown")


def test_too_many_bytes_are_refused_before_a_child_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, "raise SystemExit('never started')")
    with pytest.raises(LimitExceeded, match=r"5 bytes is over the limit of 4 bytes a file\."):
        read(write(tmp_path / "a.txt", "12345"), limits=Limits(size=4))


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (2**20 - 1, "1 MiB"),
        (200 * 2**20, "200 MiB"),
        (2 * 2**30, "2 GiB"),
        (4000 * 2**30, "4000 GiB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits_it(size: int, said: str) -> None:
    assert size_said(size) == said


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match="3 pages are over the limit of 2"):
        read(write(tmp_path / "a.md", "# A\n\na\n\n# B\n\nb\n\n# C\n\nc"), limits=Limits(pages=2))


def test_a_child_that_hangs_is_killed_and_the_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, """import time; print('{"progress":[7,9]}', flush=True); time.sleep(60)""")
    begun = time.monotonic()
    with pytest.raises(LimitExceeded, match=r"not read within 0\.5 seconds \(stopped after page 7 of 9\)"):
        read(write(tmp_path / "a.txt", "x"), limits=Limits(seconds=0.5))
    assert time.monotonic() - begun < 5


def test_a_child_that_crashes_is_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(DamagedFile, match=r"the reader crashed \(exit status -11"):
        read(write(tmp_path / "a.txt", "x"))


def test_a_result_cut_off_in_the_middle_is_a_crash_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, """import sys; sys.stdout.write('{"document":{"ti')""")
    with pytest.raises(DamagedFile, match="the reader crashed"):
        read(write(tmp_path / "a.txt", "x"))


def test_running_out_of_memory_is_a_limit(tmp_path: Path) -> None:
    heavy = write(tmp_path / "heavy.txt", b"a " * 40_000_000)
    with pytest.raises(LimitExceeded, match="needs more memory than the limit of 200 MiB"):
        read(heavy, limits=Limits(memory=200 * 1024 * 1024))


def test_progress_is_called_and_its_exception_ends_the_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "# A\n\na\n\n# B\n\nb")
    seen: list[tuple[int, int]] = []
    read(path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(path, progress=stop)


def test_reading_leaves_no_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    read(write(tmp_path / "a.txt", "x"))
    with pytest.raises(EmptyFile):
        read(write(tmp_path / "b.txt", ""))
    assert list(scratch.iterdir()) == []


def test_noise_on_stdout_does_not_reach_the_protocol(tmp_path: Path) -> None:
    """A library's print goes to stderr: the child claims stdout before it loads any reader."""
    program = (
        "import os, sys, rag.reading.child as child, rag.reading.text as text; real = text.read_file\n"
        "def loud(*given):\n    print('noise'); os.write(1, b'more noise'); return real(*given)\n"
        "text.read_file = loud; child.main()"
    )
    path = write(tmp_path / "a.txt", "hello")
    request = process.Request(path, "a.txt", "text", Limits(), None, ocr=False)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as child:
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        child.stdin.write(process.pack_request(request))
        child.stdin.flush()
        lines = child.stdout.readlines()
        assert [line[:11] for line in lines] == [b'{"progress"', b'{"document"']
        assert sorted(child.stderr.read().split()) == [b"more", b"noise", b"noise"]


def test_the_child_loads_no_model_and_takes_no_module_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "markdown_it.py", "raise SystemExit('taken from the working folder')")
    monkeypatch.chdir(tmp_path)
    assert read(write(tmp_path / "a.md", "# Hello\n\nthere")).pages[0].text == "Hello\n\nthere"
    program = "import sys, rag.reading.child; print([name for name in ('torch', 'chromadb') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by its id")
def test_the_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    program = (
        "import sys, rag.reading.child as child; sys.stderr.write('ready'); sys.stderr.flush(); child._follow_parent();"
        "import time, threading; threading.Thread(target=child._exit_at_eof, daemon=True).start(); time.sleep(60)"
    )
    parent_program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {program!r}], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_program], stdout=subprocess.PIPE, cwd=ROOT)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not _alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # a zombie only waits for somebody to ask how it ended


def test_every_error_of_reading_is_a_read_error_with_its_own_code() -> None:
    codes = {error.code for error in ReadError.__subclasses__()}
    assert codes == {"unsupported", "unreadable", "empty", "encrypted", "damaged", "limit"}
