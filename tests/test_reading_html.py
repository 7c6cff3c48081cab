"""HTML and EPUB: what a reader of the page sees, in order."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rag.errors import DamagedFile, EncryptedFile
from rag.reading import read
from rag.reading.html import html_pieces
from rag.types import Document

PAGE = """<!doctype html><html><head><title>Why Tiangong? | ESA Watch</title>
<meta property="article:published_time" content="2024-03-11T08:00:00Z"><style>p{}</style></head>
<body><nav>Home About</nav><header><a>Menu</a></header><div style="display: none">secret</div>
<main><article><header><h1>Why Tiangong?</h1></header>
<p>ESA trained <b>three</b>
   astronauts.<br>They spoke Chinese.<script>var x</script></p>
<ol start=2><li>first</li><li>second<ul><li>inner</li></ul></li></ol>
<h2>Costs</h2><table><caption>In euros</caption><tr><th>Item<th colspan=2>2023</tr>
<tr><td rowspan=2>Hull<td>4<td>5</tr><tr><td>6<td>7</tr></table>
<form><input value=x><button>Send</button></form></article></main>
<footer>Imprint</footer></body></html>"""


def read_html(folder: Path, data: str | bytes) -> Document:
    path = folder / "page.html"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path)


def test_content_is_kept_and_chrome_is_dropped(tmp_path: Path) -> None:
    document = read_html(tmp_path, PAGE)
    assert (document.title, document.date) == ("Why Tiangong?", "2024-03-11")
    assert [(page.label, page.text) for page in document.pages] == [
        (
            "§ Why Tiangong?",
            "Why Tiangong?\n\nESA trained three astronauts.\nThey spoke Chinese.\n\n2. first\n3. second\ninner",
        ),
        ("§ Costs", "Costs\n\nIn euros\n\nItem | 2023\nHull | 4 | 5\nHull | 6 | 7"),
    ]
    assert document.pages[1].blocks[-1].heads == "Item | 2023"


def test_the_encoding_that_the_page_declares_is_used(tmp_path: Path) -> None:
    data = '<meta charset="windows-1252"><p>café €5</p>'.encode("cp1252")
    assert read_html(tmp_path, data).pages[0].text == "café €5"


def test_a_picture_named_html_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="its bytes are no HTML"):
        read_html(tmp_path, b"\x89PNG\r\n\x1a\n")


def test_preformatted_text_keeps_its_lines_and_layout_tables_are_no_tables() -> None:
    source = "<pre>a  b\n  c</pre><table><tr><td><h2>Head</h2><p>one</p></td></tr></table>&lt;x&gt;&nbsp;y"
    assert [(piece.kind, piece.text) for piece in html_pieces(source)] == [
        ("text", "a  b\n  c"),
        ("heading", "Head"),
        ("text", "one"),
        ("text", "<x> y"),
    ]


def test_absurd_spans_do_not_make_absurd_tables() -> None:
    pieces = html_pieces("<table><tr><td colspan=999999999 rowspan=999999999>a<td>b</tr><tr><td>c</tr></table>")
    assert all(len(piece.text) < 500 for piece in pieces)


def make_epub(path: Path, *, encrypted: bool = False) -> Path:
    container = '<container xmlns="urn:x"><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    package = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:title>Stations in orbit</dc:title><dc:date>2023-05-02</dc:date></metadata><manifest>
    <item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>
    <item id="a" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/></manifest>
    <spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/></spine></package>"""
    lock = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("OPS/book.opf", package)
        archive.writestr("OPS/nav.xhtml", "<nav>contents</nav>")
        archive.writestr(
            "OPS/text/one a.xhtml", "<!DOCTYPE html><html><body><h1>Tiangong</h1><p>One.</p></body></html>"
        )
        archive.writestr("OPS/two.xhtml", "<html><body><h1>ISS</h1><p>Two.</p></body></html>")
        if encrypted:
            archive.writestr("META-INF/encryption.xml", lock)
    return path


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    document = read(make_epub(tmp_path / "book.epub"))
    assert (document.title, document.date) == ("Stations in orbit", "2023-05-02")
    assert [page.text for page in document.pages] == ["Tiangong\n\nOne.", "ISS\n\nTwo."]


def test_a_book_under_drm_is_encrypted(tmp_path: Path) -> None:
    with pytest.raises(EncryptedFile, match="DRM"):
        read(make_epub(tmp_path / "book.epub", encrypted=True))
