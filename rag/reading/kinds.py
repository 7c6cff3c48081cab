"""Which files can be read, by the ending of their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "pdf",
        ".docx": "docx",
        ".docm": "docx",
        ".pptx": "pptx",
        ".pptm": "pptx",
        ".xlsx": "xlsx",
        ".xlsm": "xlsx",
        ".csv": "csv",
        ".tsv": "csv",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".epub": "epub",
        ".md": "markdown",
        ".markdown": "markdown",
        ".txt": "text",
        ".text": "text",
        ".rst": "text",
        ".log": "text",
    }
)


def supported(path: Path | str) -> bool:
    """Return whether the file's name ends like a kind that can be read; the file itself is not looked at."""
    return Path(path).suffix.lower() in KINDS
