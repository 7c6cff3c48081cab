"""The settings: one class, read from ``RAG_...`` environment variables, at the edges only (cli, web, app.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError


class Settings(BaseSettings):
    """What a person can set; every field is also ``RAG_<NAME>`` in the environment.

    Sizes are bytes, times are seconds.
    """

    model_config = SettingsConfigDict(env_prefix="RAG_", extra="ignore", protected_namespaces=())

    home: Path = Path(".rag")
    """The folder that holds the library, the originals and both indexes."""

    results: Path = Path("results")
    """The folder of the evals' results, a folder a run."""

    model: str | None = None
    """The language model that writes, as ``provider:model``; None writes with quotes alone."""
    model_timeout: float = Field(60.0, gt=0)
    suggesting_model: str | None = None
    """The language model that proposes questions to begin with in the browser, as ``provider:model``; None for none."""

    embedding: str = "all-MiniLM-L6-v2"
    """The bundled model's name, a folder, or the id of any sentence-transformers model on the Hugging Face hub."""
    embedding_query_prefix: str = ""
    embedding_document_prefix: str = ""
    dtype: Literal["auto", "float32", "bfloat16", "int8"] = "auto"
    """``auto`` is bfloat16 where the processor computes in it, else int8 where it does in that, else float32."""

    reranker: str = "footnote"
    """``footnote`` is the bundled reranker; or a folder or hub id of another cross-encoder, or ``none``."""

    read_seconds: float = Field(120.0, gt=0)
    """What reading one file may take, of the clock."""
    read_memory: int = Field(2 * 2**30, gt=0)
    """The bytes of memory that reading one file may take."""
    read_pages: int = Field(5000, gt=0)
    """How many pages a report may have."""
    read_size: int = Field(200 * 2**20, gt=0)
    """How many bytes a file may have."""
    read_unpacked: int = Field(2 * 2**30, gt=0)
    """How many bytes a zip of files may unpack to."""
    read_files: int = Field(5000, gt=0)
    """How many files a zip may hold."""
    ocr: bool = True
    """Read scanned pages by OCR where the ``[ocr]`` extra is installed."""

    passages: int = Field(8, ge=1, le=50)
    """How many passages a question is answered from."""
    threshold: float | None = Field(None, ge=0, le=1)
    """The confidence below which the quoting writer refuses; None is the tuned default."""

    @property
    def limits(self) -> tuple[float, int, int, int, int, int]:
        """The limits of reading, in the order of ``rag.Limits``."""
        sizes = self.read_memory, self.read_pages, self.read_size, self.read_unpacked, self.read_files
        return self.read_seconds, *sizes


def load_settings(**overrides: object) -> Settings:
    """Return the settings of the environment, with the overrides that are not None.

    Raises SettingsError that names the variable and what it may be.
    """
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "RAG_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name} is {first['input']!r}: {first['msg']}. Correct it or unset it.") from error
