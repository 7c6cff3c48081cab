"""What a run came from: code, prompts, versions and machine, so that figures can be told apart and made again."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import subprocess
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rag

# The libraries that an answer can change with.
_PACKAGES = (
    "footnote",
    "chromadb",
    "langchain",
    "langchain-core",
    "numpy",
    "pypdfium2",
    "sentence-transformers",
    "tantivy",
    "tokenizers",
    "torch",
    "transformers",
)


def provenance() -> dict[str, Any]:
    """Return the versions, the machine, the hashes of code and prompts, and the git commit (None outside one).

    ``code`` is the SHA-256 of the source files of ``rag``: a run with changes that are not committed has its own.
    """
    return {
        "code": code_hash(),
        "commit": _commit(),
        "prompts": prompt_hashes(),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "machine": {"cpu": _processor(), "cores": os.cpu_count()},
    }


def code_hash(parts: tuple[str, ...] = (".",), *, told: Callable[[bytes], bytes] = bytes) -> str:
    """Return the SHA-256 of the source files in ``parts`` of Footnote, files and folders below ``rag``.

    ``told`` makes of a file's bytes those that count; all do by default.
    """
    root = Path(rag.__file__).parent
    named = [root / part for part in parts]
    files = sorted(file for part in named for file in (part.rglob("*.py") if part.is_dir() else [part]))
    marked = hashlib.sha256()
    for file in files:
        marked.update(file.relative_to(root).as_posix().encode() + b"\0" + told(file.read_bytes()) + b"\0")
    return marked.hexdigest()


def doing_hash(parts: tuple[str, ...]) -> str:
    """Return the SHA-256 of what the source files in ``parts`` of Footnote do: see ``doing``."""
    return code_hash(parts, told=lambda source: doing(source.decode()).encode())


def doing(source: str) -> str:
    """Return what Python source does, as text: without comments, docstrings, and the sentences of what is raised."""
    return ast.dump(_Doing().visit(ast.parse(source)))


class _Doing(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        if isinstance(node.exc, ast.Call):
            node.exc.args = [one for one in node.exc.args if not _is_sentence(one)]
        return node


def _is_sentence(node: ast.expr) -> bool:
    # A single word may be a code that somebody acts upon.
    word = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    return word or isinstance(node, ast.JoinedStr)


def prompt_hashes() -> dict[str, str]:
    """Return the SHA-256 of each prompt's file by its name."""
    root = Path(rag.__file__).parent
    folder = next(place for place in (root / "prompts", root.parent / "prompts") if place.is_dir())
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.md"))}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the commit that Footnote's own checkout is at, with "+" where files of it differ; None without one."""
    where = Path(rag.__file__).parent
    try:
        asked = [
            subprocess.run(["git", "-C", str(where), *words], capture_output=True, text=True, check=True).stdout
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--", "."])
        ]
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked[0].strip() + ("+" if asked[1].strip() else "")


def _processor() -> str:
    """Return the processor's name and whether it multiplies in bfloat16."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    extras = [name for name in ("amx_bf16", "avx512_bf16") if name in facts.get("flags", "").split()]
    return " ".join([facts.get("model name", platform.machine()), *extras])
