"""EPUB books: their chapters in the order of the spine, read as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

from bs4 import BeautifulSoup
from lxml import etree

from rag.errors import DamagedFile, EncryptedFile
from rag.reading.archives import check_archive
from rag.reading.dates import find_date, parse_date
from rag.reading.html import soup_pieces
from rag.reading.sections import Piece, cut, first_heading
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_CIPHERS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read_file(request: Request, progress: Progress) -> Document:
    """Return a book as a document whose pages begin at its headings. Raises EncryptedFile for one under DRM."""
    check_archive(request, needs=_CONTAINER, doctypes=True)
    with ZipFile(request.path) as archive:
        _check_protection(request, archive)
        package, folder = _package(request, archive)
        names = [name for name in _spine(package, folder) if name in archive.namelist()]
        pieces: list[Piece] = []
        for done, name in enumerate(names, start=1):
            pieces += soup_pieces(BeautifulSoup(archive.read(name), "lxml"))
            progress(done, len(names))
    pages = cut(pieces)
    title = choose_title(_said(package, "title"), first_heading(pieces), request.name)
    date = parse_date(_said(package, "date")) or find_date(pages[0].text if pages else "")
    return Document(title, request.kind, pages, date=date)


def _check_protection(request: Request, archive: ZipFile) -> None:
    """Raise where more than fonts is encrypted: shops lock books this way."""
    if _ENCRYPTION not in archive.namelist():
        return
    methods = _parsed(archive.read(_ENCRYPTION)).iter("{*}EncryptionMethod")
    if any(method.get("Algorithm") not in _FONT_CIPHERS for method in methods):
        raise EncryptedFile(f"{request.name}: the book is locked (DRM). Add a copy without protection.")


def _package(request: Request, archive: ZipFile) -> tuple[Any, PurePosixPath]:
    """Return the package document and the folder that its links start from."""
    root = _parsed(archive.read(_CONTAINER)).find(".//{*}rootfile")
    path = root.get("full-path") if root is not None else None
    if not path or path not in archive.namelist():
        raise DamagedFile(f"{request.name}: it names no package document. Convert it anew from its source.")
    return _parsed(archive.read(path)), PurePosixPath(path).parent


def _spine(package: Any, folder: PurePosixPath) -> Iterator[str]:
    """Yield the names of the chapters in reading order, without the table of contents."""
    items = {item.get("id"): item for item in package.iter("{*}item")}
    for entry in package.iter("{*}itemref"):
        item = items.get(entry.get("idref"))
        if item is None or item.get("media-type") not in _CHAPTERS or "nav" in (item.get("properties") or "").split():
            continue
        yield normpath(str(folder / unquote(item.get("href", ""))))


def _said(package: Any, name: str) -> str:
    found = package.find(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
    return str(found.text or "") if found is not None else ""


def _parsed(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
