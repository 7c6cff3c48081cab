"""The one way to PDFium, for reading a PDF and for drawing one of its pages.

PDFium is not thread-safe: whoever calls it, in any document, holds ``LOCK``.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as raw
from pypdfium2 import PdfiumError

from rag.errors import DamagedFile, EncryptedFile, UnreadableFile, why

__all__ = ["LOCK", "PdfiumError", "open_pdf"]

LOCK = threading.RLock()
_HEADER_WITHIN = 1024  # PDFium, like Acrobat, accepts noise before the header


def open_pdf(path: Path, *, name: str, password: str | None = None) -> Any:
    """Return the opened ``pypdfium2.PdfDocument``; close it under LOCK.

    Raises DamagedFile for bytes that are no PDF or too broken to open, EncryptedFile where a password is needed or
    wrong or its cipher unknown, UnreadableFile where the file is gone.
    """
    _check_header(path, name)
    try:
        with LOCK:
            return pypdfium2.PdfDocument(path, password=password)
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            said = "the password given is wrong" if password else "it is locked with a password"
            raise EncryptedFile(
                f"{name}: {said}. Give its password (in the browser under Encrypted PDFs, or with rag add --password "
                "or RAG_PASSWORD), or save a copy without one."
            ) from error
        if error.err_code == raw.FPDF_ERR_SECURITY:
            raise EncryptedFile(f"{name}: its protection is of an unknown kind. Save an unprotected copy.") from error
        said = str(error).rstrip(".")
        raise DamagedFile(
            f"{name}: PDFium cannot open it ({said}). Open it in another viewer and print it to a new PDF."
        ) from error


def _check_header(path: Path, name: str) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_WITHIN)
    except OSError as error:
        raise UnreadableFile(f"{name}: cannot open {path} ({why(error)}). Check the path.") from error
    if b"%PDF-" not in head:
        raise DamagedFile(f"{name}: its name says PDF, but its bytes do not. Give it the ending of what it is.")
