"""The evals' page: past runs with their figures, two of them side by side, and a case asked anew in the chat.

``evals`` stands above ``rag`` and comes with it; what is needed of it is imported when it is used. Reading results
wants none of the packages of the ``[evals]`` extra, which only making them does.
"""

from __future__ import annotations

from rag.web.measuring.page import show_evals_page

__all__ = ["show_evals_page"]
