"""What is in use, as facts: the library, what searches it, who writes, and where each of them was set."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rag import Settings
from rag.interpreter import install
from rag.reading import size_said
from rag.schema import SCHEMA_VERSION
from rag.web.facts import Fact
from rag.web.state import Desk
from rag.web.writers import writer_label

_PACKAGES = ("streamlit", "langchain", "langchain-core", "chromadb", "tantivy", "sentence-transformers", "torch")
# What is told apart by its variable alone: the rest of the settings are facts of their own above.
_LIMITS = ("read_seconds", "read_memory", "read_pages", "read_size")


def library_facts(desk: Desk) -> list[Fact]:
    """Return what there is to know of the library: where it is, what it holds, and how much of the disk it takes."""
    home, reports = desk.settings.home, desk.library.reports()
    pages, chunks = (sum(getattr(one, name) for one in reports) for name in ("pages", "chunks"))
    return [
        Fact("Home", str(home.absolute()), source_of(desk.settings, "home")),
        Fact("Reports", f"{_counted(len(reports), 'report')}, {_counted(pages, 'page')}", _counted(chunks, "chunk")),
        Fact("On the disk", size_said(size_of(home)), "the originals, the record and both indexes"),
        Fact("Record", "library.db, SQLite", f"schema {SCHEMA_VERSION}"),
        Fact("Results of evals", str(desk.settings.results.absolute()), source_of(desk.settings, "results")),
    ]


def search_facts(desk: Desk) -> list[Fact]:
    """Return which models search, how far they are loaded, and what they are held to."""
    settings, made = desk.settings, desk.library.fingerprint()
    reranker = {"footnote": "Footnote's own", "none": "none"}.get(settings.reranker, settings.reranker)
    threshold = "tuned" if settings.threshold is None else f"{settings.threshold:g}"
    return [
        Fact("Embedding model", settings.embedding, source_of(settings, "embedding")),
        Fact("The library was made with", made or "nothing yet", "" if made else "it holds no reports"),
        Fact("State", _state(desk)),
        Fact("Computed in", _dtype(desk), source_of(settings, "dtype")),
        Fact("Reranker", reranker, source_of(settings, "reranker")),
        Fact("Passages an answer is written from", str(settings.passages), source_of(settings, "passages")),
        Fact("Refusing below a confidence of", threshold, source_of(settings, "threshold")),
    ]


def writer_facts(desk: Desk, chosen: str, offered: Sequence[str]) -> list[Fact]:
    """Return who writes the next answer, and who else could."""
    others = [writer_label(one) for one in offered if one != chosen]
    return [
        Fact("Writes the next answer", writer_label(chosen), "picked beside the chat"),
        Fact("Also on offer", ", ".join(others) or "nobody"),
        Fact("Set for everybody", desk.settings.model or "quotes", source_of(desk.settings, "model")),
        Fact(
            "Proposes questions to begin with",
            desk.settings.suggesting_model or "no model",
            source_of(desk.settings, "suggesting_model"),
        ),
        Fact("May keep silent for", f"{desk.settings.model_timeout:g} s", source_of(desk.settings, "model_timeout")),
    ]


def reading_facts(settings: Settings) -> list[Fact]:
    """Return what reading a file may use."""
    allowed = (
        f"{settings.read_seconds:g} s",
        f"{size_said(settings.read_memory)} of memory",
        f"{settings.read_pages:,} pages",
        size_said(settings.read_size),
    )
    there = importlib.util.find_spec("rapidocr_onnxruntime") is not None
    ocr = "read by OCR" if settings.ocr and there else "left out"
    why = source_of(settings, "ocr") if there else f"OCR is not installed: {install('footnote[ocr]')}"
    names = ", ".join(_variable(name) for name in _LIMITS if name in settings.model_fields_set)
    return [
        Fact("A file may take", ", ".join(allowed), f"set by {names}" if names else "by default"),
        Fact("Scanned pages", ocr, why),
    ]


def version_facts() -> list[Fact]:
    """Return the versions of Footnote, Python and the libraries that matter most."""
    return [
        Fact("Footnote", _version("footnote")),
        Fact("Python", platform.python_version(), platform.platform()),
        *(Fact(name, _version(name)) for name in _PACKAGES),
    ]


def source_of(settings: Settings, name: str) -> str:
    """Return where a setting has its value from, in words."""
    return f"set by {_variable(name)}" if name in settings.model_fields_set else f"by default; {_variable(name)}"


def size_of(folder: Path) -> int:
    """Return the bytes that the files below a folder have; those that go away meanwhile count nothing."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(where, name).stat().st_size
            except OSError:
                continue
    return total


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _variable(name: str) -> str:
    return f"RAG_{name.upper()}"


def _state(desk: Desk) -> str:
    if desk.fault():
        return f"It did not load. {desk.fault()}"
    return "loaded" if desk.embedding() else "not loaded yet: the chat loads it when somebody comes"


def _dtype(desk: Desk) -> str:
    loaded = desk.embedding()
    if loaded is not None:
        return loaded.dtype
    return "chosen by the processor once it is loaded" if desk.settings.dtype == "auto" else desk.settings.dtype


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
