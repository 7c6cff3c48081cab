"""The front door: what is public, that each name opens, and that opening the door costs nothing."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag import errors

ROOT = Path(__file__).parent.parent
PUBLIC = """
    Answer AnswerChain Block Case CaseTurn Cell Citation Conflict Conversation Conversations Document Embedding
    EmbeddingError Exchange Header HybridRetriever Indexes Judgement Library LibraryError Limits ModelError
    ModelMismatch Note Outcome Page Passage Question QuestionError QuotingOptions RagError ReadError Reading
    Receipt Refusal Report Reranker RerankerError Settings SettingsError Source Statement Suggestion Table Turn
    UnknownConversation UnknownReport Usage add add_documents as_csv as_xlsx build_chain compare find_sources
    load_embedding load_reranker load_settings open_chain suggest tabulate to_docx to_markdown wrap_embeddings
""".split()


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()


def test_the_public_names_are_these() -> None:
    assert sorted(rag.__all__) == sorted(PUBLIC)
    assert dir(rag) == rag.__all__


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_opens(name: str) -> None:
    assert getattr(rag, name).__name__ == name


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'rag' has no attribute 'Chatbot'"):
        rag.Chatbot  # noqa: B018


def test_type_checkers_see_the_same_names_as_the_program() -> None:
    tree = ast.parse((ROOT / "rag" / "__init__.py").read_text(encoding="utf-8"))
    checking = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        name.name: (node.module or "").removeprefix("rag.")
        for node in checking.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert seen == rag._ROOM_OF


@pytest.mark.parametrize(
    "room",
    [
        "rag",
        "rag.types",
        "rag.cli",
        "rag.chain",
        "rag.retrieval",
        "rag.ingest",
        "rag.doctor",
        "rag.conversations",
        "rag.suggesting",
    ],
)
def test_importing_a_room_imports_nothing_heavy(room: str) -> None:
    heavy = {
        "torch",
        "chromadb",
        "sentence_transformers",
        "transformers",
        "streamlit",
        "langchain",
        "tantivy",
        "pypdfium2",
    }
    loaded = run(f"import sys, {room}; print(*sys.modules)").split()
    assert heavy.isdisjoint(loaded)


def test_importing_the_front_door_reads_and_starts_nothing() -> None:
    code = "import sys, threading, rag; rag.Answer; print(threading.active_count(), 'langchain_core' in sys.modules)"
    assert run(code) == "1 False"


def test_the_error_tree_in_the_docstring_is_the_class_tree() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^((?:[│ ]   )*(?:[├└]── )?)(\w+)(?:   .*)?$", line)
        if found and found.group(2) in vars(errors):
            depth = len(found.group(1)) // 4
            above = [*above[:depth], found.group(2)]
            drawn[found.group(2)] = above[-2] if depth else "Exception"
    real = {
        kind.__name__: kind.__bases__[0].__name__
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
    assert drawn == real


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.RagError)]
    assert len({kind.code for kind in kinds}) == len(kinds)
