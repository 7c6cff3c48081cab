"""The page of the library: what is on the shelf, adding and replacing it, and the shelf's upkeep."""

from __future__ import annotations

from rag.web.shelf.page import show_library_page

__all__ = ["show_library_page"]
