"""Plain text in any encoding, cut at its blank lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from rag.errors import DamagedFile
from rag.reading.dates import find_date
from rag.reading.sections import Piece, cut
from rag.reading.titles import choose_title
from rag.reading.wire import Progress, Request
from rag.types import Document

_BOMS = (  # the longer first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"\x1f\x8b")
_SAMPLE = 100_000
_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœßúùûüýÿÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ€£§°©®™«»‘’“”–—…•¿¡½·\xa0")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_UNSPEAKABLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def read_file(request: Request, progress: Progress) -> Document:
    """Return a plain-text file as a document whose pages are labelled by their lines."""
    text = read_text(request)
    pieces = list(_paragraphs(text))
    pages = cut(pieces)
    first = pages[0].text if pages else ""
    progress(len(pages), len(pages))
    return Document(choose_title(None, _title_line(first), request.name), request.kind, pages, date=find_date(first))


def read_text(request: Request) -> str:
    """Return the characters of a text file, cleaned. Raises DamagedFile where the bytes are no text."""
    data = request.path.read_bytes()
    if is_binary(data):
        raise _no_text(request)
    text = decode(data)
    odd = len(_UNSPEAKABLE.findall(text[:_SAMPLE])) + text.count("\ufffd", 0, _SAMPLE)
    if odd * 20 > min(len(text), _SAMPLE):
        raise _no_text(request)
    return clean(text)


def is_binary(data: bytes) -> bool:
    """Return whether the bytes begin as some well-known format that is no text does."""
    return data.startswith(_BINARY)


def decode(data: bytes) -> str:
    """Return bytes of an unknown encoding as text: by byte-order mark, as bare UTF-16, as UTF-8, or by their looks."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    wide = _wide(data[:_SAMPLE])
    if wide:
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_guessed(data[:_SAMPLE]), "replace")


def clean(text: str) -> str:
    """Return the text with ``\\n`` line ends and without NULs, control characters and lone surrogates."""
    return _UNSPEAKABLE.sub("", _LINE_ENDS.sub("\n", text))


def _wide(sample: bytes) -> str:
    """Return the UTF-16 whose zero bytes, every second one of Western text, these are; else ""."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if 5 * max(even, odd) < len(sample) or 5 * min(even, odd) > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _guessed(sample: bytes) -> str:
    """Return the likeliest encoding of bytes that are not UTF-8 throughout."""
    from charset_normalizer import from_bytes

    high = sum(byte > 0x7F for byte in sample)
    if 20 * sample.decode("utf-8", "replace").count("\ufffd") < high:
        return "utf-8"  # with a few broken bytes in it
    western = sample.decode("cp1252", "replace")
    if 10 * sum(char in _WESTERN for char in western) >= 9 * high:
        return "cp1252"  # checked first, because short texts with few accents mislead the statistics
    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"


def _no_text(request: Request) -> DamagedFile:
    return DamagedFile(
        f"{request.name}: its name says {request.kind}, but its bytes are no text."
        " Give it the ending of what it is, or save it anew as text."
    )


def _paragraphs(text: str) -> Iterator[Piece]:
    """Yield the runs of lines between blank lines, each with its line numbers."""
    held: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            held.append(line.rstrip())
        elif held:
            yield Piece("text", "\n".join(held), lines=(number - len(held), number - 1))
            held = []


def _title_line(first: str) -> str:
    """Return the first line where it can be a title: short, standing alone, and no sentence."""
    line, _, rest = first.partition("\n")
    alone = not rest or rest.startswith("\n") or set(rest.partition("\n")[0].strip()) <= set("=-~*#^")
    return line.strip() if alone and len(line) <= 100 and not line.rstrip().endswith((".", ":", ";", ",")) else ""
