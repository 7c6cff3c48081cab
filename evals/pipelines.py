"""One pipeline a process, so that neither warms the other up and each has its own peak of memory.

``python -m evals.pipelines footnote|stock FOLDER FILE...`` ingests the files, asks the questions, and prints JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rag import (
    Indexes,
    Library,
    Question,
    add,
    build_chain,
    find_sources,
    load_embedding,
    load_reranker,
    load_settings,
)
from rag.embedding import bundled_folder
from rag.retrieval import HybridRetriever
from rag.types import Page

QUESTIONS = (
    "What steps did agencies take to use performance information?",
    "How much did the company spend on research and development?",
    "What are the main challenges in deploying advanced energy technologies?",
    "Which factors affect grants management and accountability?",
    "What was total net revenue for the year?",
    "What recommendations did GAO make to the Secretary?",
    "How is goodwill tested for impairment?",
    "What does the report say about infant formula marketing?",
    "What are the company's principal risks?",
    "How many employees were there at the end of the year?",
)
_REPEATS = 5


def footnote(folder: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Return what ingest and retrieval cost in Footnote: seconds, pages, chunks and the share of text indexed."""
    embedding = load_embedding(dtype=load_settings().dtype)
    embedding.query("warm")
    library = Library(folder)
    indexes = Indexes(library)
    began = time.perf_counter()
    outcomes = list(add(find_sources(files), library=library, indexes=indexes, embedding=embedding))
    seconds = time.perf_counter() - began
    reports = library.reports()
    return {
        "dtype": embedding.dtype,
        "ingest_seconds": seconds,
        "pages": sum(report.pages for report in reports),
        "chunks": sum(report.chunks for report in reports),
        "failed": [str(outcome.error) for outcome in outcomes if outcome.error],
        **_indexed(library),
        **_asked(HybridRetriever(library=library, indexes=indexes, embedding=embedding)),
        "peak_mib": _peak(),
    }


def answers(home: Path) -> dict[str, Any]:
    """Return what the questions cost over the library that a home holds: retrieval, and whole quoted answers."""
    settings = load_settings()
    embedding = load_embedding(dtype=settings.dtype)
    library = Library(home)
    plain = HybridRetriever(library=library, indexes=Indexes(library), embedding=embedding)
    reranker = load_reranker(settings.reranker, dtype=embedding.dtype)
    chain = build_chain(library, embedding, retriever=plain.model_copy(update={"reranker": reranker}))
    spent = _spent({"": chain.invoke})[""]
    return {
        "dtype": embedding.dtype,
        "chunks": sum(report.chunks for report in library.reports()),
        **_asked(plain),
        "answer_p50": median(spent),
        "answer_p95": quantiles(spent, n=20)[-1],
    }


def stock(folder: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Return the same of the pipeline that LangChain's tutorials build, on the same weights."""
    from langchain_chroma import Chroma
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embeddings = HuggingFaceEmbeddings(model_name=str(bundled_folder()), model_kwargs={"device": "cpu"})
    embeddings.embed_query("warm")
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=150)
    failed, pages = [], []
    began = time.perf_counter()
    for file in files:
        try:
            pages.extend(PyPDFLoader(str(file)).load())
        except Exception as error:
            failed.append(f"{file.name}: {error}")
    chunks = splitter.split_documents(pages)
    store = Chroma.from_documents(chunks, embeddings, persist_directory=str(folder))
    seconds = time.perf_counter() - began
    embed_p50, asked = _p50s(embeddings.embed_query, {"no filter": lambda text: store.similarity_search(text, k=8)})
    return {
        "dtype": "float32",
        "ingest_seconds": seconds,
        "pages": len(pages),
        "chunks": len(chunks),
        "failed": failed,
        "embed_p50": embed_p50,
        "retrieve_p50": asked,
        "peak_mib": _peak(),
    }


def _asked(retriever: HybridRetriever) -> dict[str, Any]:
    """Return the median seconds of embedding a question, and of retrieving for it with no filter, from the longest
    report and from all others."""
    ids = [report.id for report in sorted(retriever.library.reports(), key=lambda report: -report.pages)]
    scopes = {"no filter": None, "one report": (ids[0],), "all but one": tuple(ids[1:])}

    def retrieve(text: str, reports: tuple[str, ...] | None) -> object:
        return retriever.passages(Question(text, reports=reports))

    steps = {name: partial(retrieve, reports=reports) for name, reports in scopes.items()}
    embed_p50, retrieve_p50 = _p50s(retriever.embedding.query, steps)
    return {"embed_p50": embed_p50, "retrieve_p50": retrieve_p50}


def _indexed(library: Library) -> dict[str, float]:
    """Return the share of the pages' letters that is furniture, and the share of the rest that is in a chunk."""
    total = running = inside = 0
    for report in library.reports():
        spans: dict[int, list[tuple[int, int]]] = {}
        for chunk in library.chunks(sorted(library.chunk_ids(report.id))).values():
            spans.setdefault(chunk.page, []).append((chunk.start, chunk.end))
        for page in library.document(report).pages:
            total += _letters(page, [(0, len(page.text))])
            running += _letters(page, [(block.start, block.end) for block in page.blocks if block.kind == "furniture"])
            inside += _letters(page, spans.get(page.number, []))
    return {"furniture_share": running / total, "indexed_share": inside / (total - running)}


def _letters(page: Page, spans: Sequence[tuple[int, int]]) -> int:
    """Return how many characters of the spans are not white space."""
    return sum(len("".join(page.text[start:end].split())) for start, end in spans)


def _p50s(embed: Callable[[str], Any], retrieve: Mapping[str, Callable[[str], Any]]) -> tuple[float, dict[str, float]]:
    """Return the median seconds of embedding a question and of each way to retrieve for it.

    All are asked in turn: embedding over and over, with nothing between, finds the weights in the processor's cache as
    no question of a user's does, and takes two thirds of the time.
    """
    medians = {name: median(times) for name, times in _spent({"": embed, **retrieve}).items()}
    return medians.pop(""), medians


def _spent(steps: Mapping[str, Callable[[str], Any]]) -> dict[str, list[float]]:
    """Return the seconds of each step for each question, asked in turn, after a round of each that does not count."""
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(_REPEATS + 1):
        for question in QUESTIONS:
            for name, step in steps.items():
                began = time.perf_counter()
                step(question)
                if repeat:
                    spent[name].append(time.perf_counter() - began)
    return spent


def _peak() -> float:
    """Return the most memory that this process or one of its children held, in MiB."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) / 1024


if __name__ == "__main__":
    run = {"footnote": footnote, "stock": stock}[sys.argv[1]]
    print(json.dumps(run(Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])))
