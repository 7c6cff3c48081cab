"""What the browser fetches beside Streamlit's own traffic: pages of reports for the source panel, and originals.

An answer that is still growing goes on meanwhile: nothing here runs the page's script. Reports are other people's
files: an original is handed over to be saved, and never to be opened by the browser at this address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from rag import Library, RagError, Report, UnknownReport, load_settings
from rag.viewing import boxes, draw, mark
from rag.web.plain import one_line
from rag.web.state import in_words, open_desk

_WIDEST = 2400
# The bytes of a document never change: its address holds their hash.
_FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}
_GUARDED = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
_PDF = "pdf"


def routes() -> list[Route]:
    """Return the routes: a page's data, a PDF page's picture, and a report's original."""
    return [
        Route("/source/{document}/{page:int}", _answering(_page)),
        Route("/source/{document}/{page:int}.png", _answering(_picture)),
        Route("/source/{document}/original", _answering(_original)),
    ]


def _answering(give: Callable[[Library, Report, Request], Response]) -> Callable[[Request], Response]:
    """Return a handler, which Starlette runs in a thread: what goes wrong comes back as words."""

    def handle(request: Request) -> Response:
        # Another site's page may name this address, and must learn nothing by it.
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _refused(403, "This address answers the pages of this Footnote alone.")
        try:
            library = _library()
            report = library.by_document(request.path_params["document"])
            if report is None:
                return _refused(404, "This report has been changed or removed since.")
            response = give(library, report, request)
        except UnknownReport as error:
            return _refused(404, str(error))
        except RagError as error:
            return _refused(422, str(error))
        except Exception as error:
            return _refused(500, in_words(error))
        response.headers.update(_GUARDED)
        return response

    return handle


def _page(library: Library, report: Report, request: Request) -> Response:
    """Return a page: its sections with the spans of ``?at=START-END`` marked, and for a PDF the boxes of them."""
    page = library.page(report.id, request.path_params["page"])
    spans = [_span(one) for one in request.query_params.getlist("at")]
    found: dict[str, Any] = {
        "title": report.title,
        "date": report.date or "",
        "kind": report.kind,
        "label": page.label,
        "page": page.number,
        "pages": report.pages,
        "sections": [asdict(section) for section in mark(page, spans)],
        "boxes": [],
        "drawn": False,
        "note": "",
    }
    if report.kind == _PDF:
        try:
            original = library.original(report.document)
            found["boxes"] = [asdict(box) for box in boxes(original, page, spans, name=report.name)]
            found["drawn"] = True
        except RagError as error:
            found["note"] = str(error)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _picture(library: Library, report: Report, request: Request) -> Response:
    """Return a PDF page's picture, ``?width=`` pixels wide."""
    width = request.query_params.get("width", "")
    wide = min(max(int(width) if width.isdecimal() else 1000, 50), _WIDEST)
    drawn = draw(library.original(report.document), request.path_params["page"], width=wide, name=report.name)
    return Response(drawn.png, media_type="image/png", headers=_FOR_GOOD)


def _original(library: Library, report: Report, request: Request) -> Response:
    """Return the file as it was added, to be saved."""
    path = library.original(report.document)
    if not path.is_file():
        return _refused(404, f"The original of {report.title} is lost. Add {report.name} again.")
    name = one_line(report.name.replace("\\", "/").rsplit("/", 1)[-1])
    return FileResponse(path, media_type="application/octet-stream", filename=name)


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition("-")
    return (int(start), int(end)) if start.isdecimal() and end.isdecimal() else (0, 0)


def _refused(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status_code=status, headers=_GUARDED)


def _library() -> Library:
    settings = load_settings()
    return open_desk(settings, settings.model_dump_json()).library
