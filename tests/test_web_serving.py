"""What the browser fetches for the source panel, from the real routes over a real library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rag.embedding import Embedding
from rag.library import Library
from rag.settings import load_settings
from rag.types import Report
from rag.web.serving import routes
from rag.web.state import open_desk
from tests.conftest import add_all
from tests.pdfs import Paper

CREWS = "# Crews\n\nThree live there. Six did once.\n\n| Flight | Year |\n|---|---|\n| Ax-2 | 2023 |\n"
SCRIPT = "<html><head><title>T</title></head><body><p>Mir fell into the sea.</p><script>alert(1)</script></body></html>"


@pytest.fixture
def home(tmp_path: Path, hashed: Embedding, write_reports: Callable[..., Path]) -> Path:
    """A home with a Markdown, an HTML and a PDF report."""
    from rag.indexes import Indexes

    folder = write_reports(crews=CREWS)
    (folder / "page.html").write_text(SCRIPT)
    paper = Paper()
    paper.put(60, 100, "The modules of Mir were launched one by one until 1996.")
    paper.output(str(folder / "Mir's modules.pdf"))
    library = Library(tmp_path / "home")
    indexes = Indexes(library)
    assert {one.status for one in add_all(library, indexes, hashed, folder)} == {"added"}
    indexes.close()
    library.close()
    return tmp_path / "home"


@pytest.fixture
def client(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("RAG_HOME", str(home))
    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    with TestClient(Starlette(routes=routes())) as found:
        yield found
    desk.close()
    open_desk.clear()


def report(home: Path, name: str) -> Report:
    library = Library(home)
    found = library.report(name)
    library.close()
    return found


def test_a_page_comes_with_its_quote_marked(client: TestClient, home: Path) -> None:
    crews = report(home, "crews.md")
    found = client.get(f"/source/{crews.document}/1?at=7-24").json()
    sections = found.pop("sections")
    assert found == {
        "title": "Crews",
        "date": "",
        "kind": "markdown",
        "label": "§ Crews",
        "page": 1,
        "pages": 1,
        "boxes": [],
        "drawn": False,
        "note": "",
    }
    pieces = [piece for section in sections for row in section["rows"] for line in row for piece in line]
    assert [piece["text"] for piece in pieces if piece["marked"]] == ["Three live there."]
    assert [section["kind"] for section in sections] == ["heading", "text", "table"]


def test_a_page_of_a_pdf_has_boxes_and_a_picture(client: TestClient, home: Path) -> None:
    mir = report(home, "Mir's modules.pdf")
    found = client.get(f"/source/{mir.document}/1?at=0-15").json()
    assert (found["drawn"], found["note"], len(found["boxes"])) == (True, "", 1)
    assert found["boxes"][0]["left"] == pytest.approx(0.1, abs=0.01)
    picture = client.get(f"/source/{mir.document}/1.png?width=300")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert "immutable" in picture.headers["cache-control"]


def test_a_pdf_whose_original_is_lost_still_has_its_text_and_says_why_it_is_not_drawn(
    client: TestClient, home: Path
) -> None:
    mir = report(home, "Mir's modules.pdf")
    (home / "files" / mir.document).unlink()
    found = client.get(f"/source/{mir.document}/1?at=0-3").json()
    assert (found["drawn"], found["boxes"]) == (False, [])
    assert found["note"].startswith("Mir's modules.pdf: cannot open")
    assert found["sections"][0]["rows"][0][0][0] == {"text": "The", "marked": True}


def test_an_original_is_handed_over_to_be_saved_and_never_to_be_opened(client: TestClient, home: Path) -> None:
    page = report(home, "page.html")
    given = client.get(f"/source/{page.document}/original")
    assert given.text == SCRIPT
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert given.headers["x-content-type-options"] == "nosniff"
    mir = report(home, "Mir's modules.pdf")
    assert "attachment" in client.get(f"/source/{mir.document}/original").headers["content-disposition"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"{'0' * 64}/1", 404, "This report has been changed or removed since."),
        ("..%2Flibrary.db/1", 404, None),
        ("{crews}/9", 404, "has no page 9"),
        ("{crews}/1.png", 422, "crews.md: its name says PDF"),
        ("{mir}/7.png", 422, "PDFium cannot load page 7"),
    ],
)
def test_what_is_not_there_is_said_in_words(
    client: TestClient, home: Path, path: str, status: int, words: str | None
) -> None:
    documents = {"crews": report(home, "crews.md").document, "mir": report(home, "Mir's modules.pdf").document}
    found = client.get(f"/source/{path.format(**documents)}")
    assert found.status_code == status
    if words is not None:
        assert words in found.json()["error"]


@pytest.mark.parametrize("at", ["", "x-y", "-1-5", "99999-999999", "5-2"])
def test_a_span_that_is_none_marks_nothing(client: TestClient, home: Path, at: str) -> None:
    crews = report(home, "crews.md")
    found = client.get(f"/source/{crews.document}/1", params={"at": at}).json()
    assert '"marked": true' not in str(found["sections"]).lower().replace("'", '"')


def test_another_sites_page_learns_nothing(client: TestClient, home: Path) -> None:
    crews = report(home, "crews.md")
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        assert client.get(f"/source/{crews.document}/1", headers={"sec-fetch-site": site}).status_code == status
