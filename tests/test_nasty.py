"""Fifty-two PDFs that other programs stumbled over: each gives a text or a named reason, and none takes a minute."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.errors import LimitExceeded, RagError
from rag.library import Library
from rag.reading import Limits, read, scan
from tests.conftest import ROOT
from tests.pdfs import assert_mapped

MOST_SECONDS = 60.0
# What PDFium makes of a file (MANIFEST.tsv) and the reasons that we may give for not taking it in.
REASONS = {
    "password": ["it is locked with a password"],
    "unopenable": ["PDFium cannot open it"],
    "no_text(scanned/blank)": [
        "pages are blank",
        "it is scanned and holds no text. OCR found no letters in it either",
        "holds no text beyond running headers and footers",
    ],
}


@dataclass(frozen=True)
class Adding:
    """What one command said of each file, by name: its status, its reason, and the seconds since the one before."""

    exit: int
    status: Mapping[str, str]
    reason: Mapping[str, str]
    seconds: Mapping[str, float]
    home: Path


@pytest.fixture(scope="module")
def adding(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Adding:
    home = tmp_path_factory.mktemp("nasty")
    command = [sys.executable, "-m", "rag.cli", "add", str(data / "nasty-pdfs"), "--home", str(home), "--events"]
    status, reason, seconds = {}, {}, {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        last = time.monotonic()
        for line in child.stdout:
            event = json.loads(line)
            if event["event"] == "outcome":
                now = time.monotonic()
                status[event["name"]], reason[event["name"]] = event["status"], event["message"]
                seconds[event["name"]], last = now - last, now
    return Adding(child.returncode, status, reason, seconds, home)


def classes(data: Path) -> dict[str, str]:
    """The class that PDFium puts each file in."""
    with (data / "nasty-pdfs" / "MANIFEST.tsv").open(encoding="utf-8") as file:
        return {row["file"]: row["pdfium_class"] for row in csv.DictReader(file, delimiter="\t")}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not scan.available(), reason="the [ocr] extra is not installed")
def test_one_command_takes_every_nasty_pdf_in_or_says_why_not(
    data: Path, adding: Adding, record_property: pytest.RecordProperty
) -> None:
    expected = classes(data)
    assert len(expected) == 52
    assert set(adding.status) == {*expected, "MANIFEST.tsv"}
    assert adding.exit == 1  # some are refused
    for name, status in adding.status.items():
        assert status in ("added", "failed"), name
        assert (status == "failed") == adding.reason[name].startswith(name)
        assert adding.seconds[name] < MOST_SECONDS
    failed = [name for name, status in adding.status.items() if status == "failed"]
    record_property("gave text", len(adding.status) - len(failed))
    record_property("gave a reason", len(failed))
    record_property("slowest", max(adding.seconds.items(), key=lambda pair: pair[1]))


@pytest.mark.slow
@pytest.mark.skipif(not scan.available(), reason="the [ocr] extra is not installed")
def test_what_pdfium_reads_is_taken_in_and_what_it_does_not_is_refused_for_that_reason(
    data: Path, adding: Adding
) -> None:
    for name, kind in classes(data).items():
        if kind == "ok":
            assert adding.status[name] == "added", adding.reason[name]
        elif adding.status[name] == "failed":
            assert any(reason in adding.reason[name] for reason in REASONS[kind]), adding.reason[name]
        else:
            assert kind == "no_text(scanned/blank)", f"{name} was read, and PDFium says {kind}"


@pytest.mark.slow
def test_only_what_was_said_to_be_added_is_in_the_library(adding: Adding) -> None:
    library = Library(adding.home)
    added = {name for name, status in adding.status.items() if status == "added"}
    assert {report.name for report in library.reports()} == added
    assert all(report.pages and report.chunks for report in library.reports())
    library.close()


@pytest.mark.slow
@pytest.mark.parametrize("ocr", [False, True])
def test_every_nasty_pdf_gives_a_text_or_a_named_reason(data: Path, ocr: bool) -> None:
    for name in classes(data):
        path = data / "nasty-pdfs" / name
        try:
            document = read(path, limits=Limits(seconds=MOST_SECONDS), ocr=ocr)
        except RagError as error:
            assert str(error).startswith(name)
            assert not isinstance(error, LimitExceeded)
            continue
        assert any(page.text.strip() for page in document.pages)
        assert_mapped(path, [page for page in document.pages if page.charmap])
