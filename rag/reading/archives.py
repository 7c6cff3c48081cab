"""Zip archives (Office, EPUB) are looked at before anything unpacks them."""

from __future__ import annotations

import re
from zipfile import BadZipFile, ZipFile

from rag.errors import DamagedFile, EncryptedFile, LimitExceeded
from rag.reading.limits import size_said
from rag.reading.wire import Request

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_MOST_ENTRIES = 20_000
_XML_HEAD = 4096  # bytes within which a document type must be declared
_DOCTYPE = re.compile(rb"<!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)")


def check_archive(request: Request, *, needs: str, doctypes: bool = False) -> None:
    """Return if the file is a sound zip archive that holds an entry named ``needs`` and unpacks within the limits.

    Its entries may unpack to half the limit of memory. With ``doctypes`` False its XML may declare no document type,
    which Office never does and which entities that grow without end need. Raises DamagedFile, EncryptedFile for a
    protected Office file, and LimitExceeded.
    """
    with request.path.open("rb") as file:
        start = file.read(len(_OLE))
    if start == _OLE:
        raise _ole(request)
    try:
        with ZipFile(request.path) as archive:
            _check_entries(request, archive, needs=needs)
            if not doctypes:
                _check_doctypes(request, archive)
    except (BadZipFile, NotImplementedError) as error:
        raise _damaged(request, str(error)) from error


def _check_entries(request: Request, archive: ZipFile, *, needs: str) -> None:
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    allowed = request.limits.memory // 2
    if total > allowed or len(entries) > _MOST_ENTRIES:
        raise LimitExceeded(
            f"{request.name}: its {len(entries)} parts unpack to {size_said(total)}, over the limit of"
            f" {size_said(allowed)} or {_MOST_ENTRIES} parts. If it is no trap, raise the limit of memory."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedFile(f"{request.name}: the archive is locked with a password. Save an unprotected copy.")
    if needs not in archive.namelist():
        raise _damaged(request, f"{needs} is not in it")


def _check_doctypes(request: Request, archive: ZipFile) -> None:
    for entry in archive.infolist():
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(entry) as part:
            if _DOCTYPE.search(part.read(_XML_HEAD)):
                raise _damaged(request, f"{entry.filename} declares a document type, which no Office program writes")


def _ole(request: Request) -> EncryptedFile | DamagedFile:
    """Say what an OLE container under a modern name is: a protected file, or one of the years before 2007."""
    if _ENCRYPTED_STREAM in request.path.read_bytes():
        return EncryptedFile(
            f"{request.name}: it is locked with a password. Open it, save a copy without protection, and add that."
        )
    return DamagedFile(
        f"{request.name}: it is in the old binary format of Office, not {request.kind}."
        f" Open it and save it as .{request.kind}."
    )


def _damaged(request: Request, why: str) -> DamagedFile:
    return DamagedFile(
        f"{request.name}: its name says {request.kind}, but it cannot be opened as that ({why})."
        " Give it the ending of what it is, or save it anew."
    )
