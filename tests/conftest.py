"""What tests share: embeddings, a library made of a few lines of Markdown, and the folder of evaluation data."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

# Before anything of ours is imported: the tests compute in float32, so that figures do not differ by processor.
os.environ["RAG_DTYPE"] = "float32"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["LANGSMITH_TRACING"] = "false"

from rag.embedding import Embedding, load_embedding, wrap_embeddings
from rag.indexes import Indexes
from rag.ingest import Outcome, add, embed_chunks
from rag.library import Library
from rag.sources import find_sources
from rag.types import Block, Chunk, Document, Page, Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent


class HashedWords(Embeddings):
    """Deterministic bag-of-words vectors: each word adds 1 at a place given by its hash. For where meaning is not the
    point."""

    size = 256

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.zeros(self.size)
        for word in re.findall(r"\w+", text.lower()):
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.size] += 1.0
        return list(vector)


class RecordedWords(HashedWords):
    """The same vectors, and a record of every text of a report that was embedded."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts.extend(texts)
        return super().embed_documents(texts)


@pytest.fixture(scope="session")
def hashed() -> Embedding:
    """An embedding that costs nothing."""
    return wrap_embeddings(HashedWords(), fingerprint="hashed-words@1")


@pytest.fixture(scope="session")
def minilm() -> Embedding:
    """The real default model, in float32."""
    return load_embedding(dtype="float32")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """An empty library of its own."""
    return Library(tmp_path / "home")


@pytest.fixture
def write_reports(tmp_path: Path) -> Callable[..., Path]:
    """Writes texts as files, by name, into one folder and returns it."""

    def write(**texts: str) -> Path:
        folder = tmp_path / "reports"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        return folder

    return write


def add_all(library: Library, indexes: Indexes, embedding: Embedding, *paths: Path) -> list[Outcome]:
    """Add files and folders and return every outcome."""
    return list(add(find_sources(paths), library=library, indexes=indexes, embedding=embedding))


def put(
    library: Library,
    embedding: Embedding,
    name: str,
    *texts: str,
    title: str = "",
    date: str | None = None,
    kind: str = "markdown",
) -> Report:
    """Put a report into the library alone, with no file read: each text is a page that is one chunk, and the title is
    its context. The original's bytes are the title and the texts, a line each."""
    data = "\n".join((title, *texts)).encode()
    pages = tuple(Page(at, f"p. {at}", text, (Block(0, len(text)),)) for at, text in enumerate(texts, start=1))
    chunks = [Chunk(page.number, 0, len(page.text), title) for page in pages]
    with library.receiving() as folder, library.writing():
        original = folder / "copy"
        original.write_bytes(data)
        keyed, vectors, _ = embed_chunks(pages, chunks, library, embedding, lambda *_step: None)
        return library.add(
            Document(title, kind, pages, date),
            name=name,
            original=original,
            sha256=hashlib.sha256(data).hexdigest(),
            chunks=keyed,
            vectors=vectors,
            fingerprint=embedding.fingerprint,
        )


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public evaluation data; a test that wants it is skipped where it is absent."""
    folder = Path(os.environ.get("FOOTNOTE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no evaluation data: set FOOTNOTE_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from tests.browsing import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, minilm: Embedding) -> Path:
    """A home that holds the sample reports."""
    from tests.browsing import fill

    home = tmp_path_factory.mktemp("samples") / "home"
    fill(home, minilm, ROOT / "corpus")
    return home


@pytest.fixture(scope="module")
def address(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the sample reports; files of tests that have another home have an address of their own."""
    from tests.browsing import serving

    with serving(samples, tmp_path_factory.mktemp("log") / "server.log") as found:
        yield found
