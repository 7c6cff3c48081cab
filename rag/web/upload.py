"""Files -> the library, in a child process that runs what ``rag add`` runs, watched by a thread."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rag.web.plain import one_line

# Most file systems stop at 255 bytes a name.
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one file: ``status`` is that of an outcome, ``words`` a title or the reason of a failure."""

    name: str
    status: str
    words: str
    notes: tuple[str, ...] = ()


class Upload:
    """One run of ``rag add`` in a child process. Read its fields at any time; they only grow."""

    def __init__(
        self, paths: Sequence[Path], *, home: Path, expected: int, password: str = "", folder: Path | None = None
    ) -> None:
        """Start adding the paths; ``expected`` is how many files that is. ``folder`` is removed at the end."""
        self.expected = expected
        self.received: list[Received] = []
        self.now = ""
        self._share: dict[str, float] = {}
        self._folder = folder
        self._command = [sys.executable, "-m", "rag.cli", "add", *map(str, paths), "--home", str(home), "--events"]
        self._password = password
        self._stopped = False
        self._child: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="upload")
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the child has ended and everything it said is in ``received``."""
        return not self._thread.is_alive()

    @property
    def share(self) -> float:
        """The part of the work that is done, 0 to 1."""
        if not self.expected:
            return 0.0
        finished = {one.name for one in self.received}
        under_way = sum(part for name, part in self._share.items() if name not in finished)
        return min((len(self.received) + under_way) / self.expected, 1.0)

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is done."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """End the child; what was said to be added stays."""
        self._stopped = True
        if self._child is not None:
            self._child.terminate()

    def _run(self) -> None:
        try:
            with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
                status = self._watch(errors)
                errors.seek(0)
                said = errors.read()
            if self._stopped:
                self.received.append(Received("The upload", "failed", "It was stopped; what is listed above is kept."))
            elif status and not any(one.status == "failed" for one in self.received):
                self.received.append(Received("The upload", "failed", _last_words(said)))
        except OSError as error:
            self.received.append(Received("The upload", "failed", f"It did not start: {error}."))
        finally:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _watch(self, errors: IO[str]) -> int:
        # The child finds the same rag, wherever the chat was started from.
        search = (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search)), "PYTHONIOENCODING": "utf-8"}
        if self._password:
            environment["RAG_PASSWORD"] = self._password
        with subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True, encoding="utf-8"
        ) as child:
            self._child = child
            if self._stopped:
                child.terminate()
            for line in child.stdout or ():
                self._take(line)
        return child.returncode

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if event.get("event") == "progress":
            self.now, self._share[event["name"]] = _step(event)
        elif event.get("event") == "outcome":
            self.received.append(_received(event))


def upload_files(files: Iterable[tuple[str, Callable[[], bytes]]], *, home: Path, password: str = "") -> Upload:
    """Write files, pairs of a name and what gives the bytes, into a folder of their own and start adding them.

    A name loses its folders and what a file system would refuse. Of two files with one name and different bytes, the
    second one is not added, and said to have failed.
    """
    folder = Path(tempfile.mkdtemp(prefix="footnote-"))
    written: dict[str, bytes] = {}
    refused: list[Received] = []
    for given, content in files:
        name, body = safe_name(given), content()
        if written.get(name, body) != body:
            words = "Another file of this upload has the same name. Rename one of them, or upload them one by one."
            refused.append(Received(name, "failed", words))
        else:
            written[name] = body
            (folder / name).write_bytes(body)
    upload = Upload(
        [folder / name for name in written], home=home, expected=len(written), password=password, folder=folder
    )
    upload.received.extend(refused)
    upload.expected += len(refused)
    return upload


def safe_name(name: str) -> str:
    """Return the last part of a file's name, without control characters and short enough; "upload" if none is left."""
    last = one_line(name.replace("\\", "/").replace("\0", "").rsplit("/", 1)[-1])
    stem, dot, kind = last.rpartition(".")
    if len(last.encode()) > _LONGEST_NAME and dot:
        room = _LONGEST_NAME - len(kind.encode()) - 1
        last = f"{stem.encode()[: max(room, 1)].decode(errors='ignore')}.{kind}"
    last = last.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return "upload" if last.strip(".") == "" else last


def _step(event: dict[str, Any]) -> tuple[str, float]:
    """Return what is being done, in words, and its share of the file's work."""
    name, step, done, whole = event["name"], event["step"], event["done"], event["whole"]
    begins, length, unit = {
        "reading": (0.0, 0.3, "page"),
        "embedding": (0.3, 0.6, "chunk"),
        "indexing": (0.9, 0.1, ""),
    }.get(step, (0.0, 0.0, ""))
    count = f", {unit} {done} of {whole}" if unit and whole else ""
    return f"{step.capitalize()} {name}{count}", begins + length * (done / whole if whole else 0.0)


def _received(event: dict[str, Any]) -> Received:
    report = event["report"]
    if report is None:
        return Received(event["name"], "failed", event["message"])
    notes = tuple(
        f"page {note['page']}: {note['message']}" if note["page"] else str(note["message"])
        for note in report.get("ledger", ())
    )
    before = event.get("before")
    if before and before["title"] != report["title"]:
        notes = (f"It took the place of {before['title']}, which had the same file name {event['name']}.", *notes)
    return Received(event["name"], event["status"], report["title"], notes)


def _last_words(said: str) -> str:
    """Return the child's own error line, or where to look."""
    ours = [line.removeprefix("rag: ") for line in said.splitlines() if line.startswith("rag: ")]
    return ours[-1] if ours else "It ended early. Try again, or add the files with: rag add PATH"
