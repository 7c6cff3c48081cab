"""What travels between the two processes, as lines of JSON: a request one way, progress and one result the other.

JSON and not pickle, because the child has just parsed a stranger's file: whatever it says must stay plain data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    LimitExceeded,
    ReadError,
    UnreadableFile,
    UnsupportedFile,
)
from rag.reading.limits import Limits
from rag.types import Block, Document, Page, PageNote

Progress = Callable[[int, int], None]

_ERRORS = {
    error.code: error
    for error in (DamagedFile, EmptyFile, EncryptedFile, LimitExceeded, UnreadableFile, UnsupportedFile)
}


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read: where it is, what to call it, what it says it is, and what it may cost."""

    path: Path
    name: str
    kind: str
    limits: Limits
    password: str | None
    ocr: bool


def pack_request(request: Request) -> bytes:
    """Return the request as one line; a file name that is not UTF-8 survives, as its surrogate escapes."""
    return _line({**asdict(request), "path": str(request.path)})


def unpack_request(line: bytes) -> Request:
    """Return the request that ``pack_request`` wrote."""
    plain = json.loads(line)
    return Request(**{**plain, "path": Path(plain["path"]), "limits": Limits(**plain["limits"])})


def pack_progress(done: int, total: int) -> bytes:
    """Return a line saying that ``done`` of ``total`` pages are read."""
    return _line({"progress": [done, total]})


def pack_error(error: ReadError) -> bytes:
    """Return a line that carries an error of ours."""
    return _line({"error": error.code, "message": str(error)})


def pack_document(document: Document) -> bytes:
    """Return a line that carries a whole document."""
    pages = [
        [page.number, page.label, page.text, [_block(block) for block in page.blocks], page.charmap]
        for page in document.pages
    ]
    ledger = [[note.page, note.code, note.message] for note in document.ledger]
    plain = {"title": document.title, "kind": document.kind, "date": document.date, "pages": pages, "ledger": ledger}
    return _line({"document": plain})


def unpack(line: bytes) -> tuple[int, int] | ReadError | Document:
    """Return what a line of the child says: progress, an error to raise, or the document.

    Raises ValueError for a line that is none of these.
    """
    plain = json.loads(line)
    if "progress" in plain:
        done, total = plain["progress"]
        return done, total
    if "error" in plain:
        return _ERRORS.get(plain["error"], ReadError)(plain["message"])
    return _document(plain["document"])


def _line(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, separators=(",", ":")).encode("ascii") + b"\n"


def _block(block: Block) -> list[Any]:
    return [block.start, block.end, block.kind, block.level, block.heads]


def _document(plain: dict[str, Any]) -> Document:
    pages = tuple(
        Page(
            number,
            label,
            text,
            blocks=tuple(Block(*block) for block in blocks),
            charmap=tuple((at, char, length) for at, char, length in charmap),
        )
        for number, label, text, blocks, charmap in plain["pages"]
    )
    ledger = tuple(PageNote(*note) for note in plain["ledger"])
    return Document(plain["title"], plain["kind"], pages, date=plain["date"], ledger=ledger)
