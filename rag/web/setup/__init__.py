"""The settings' page: what is in use, and connecting a language model."""

from __future__ import annotations

from rag.web.setup.page import show_settings_page

__all__ = ["show_settings_page"]
