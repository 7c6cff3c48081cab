"""A file becomes a Document: titled, dated and cut into pages whose text never changes.

``read`` does the work in a child process, so that a file which crashes, hangs or eats memory ends as a named error
and not as the end of the program. Nothing heavy is imported here.
"""

from __future__ import annotations

from rag.reading.kinds import KINDS, supported
from rag.reading.limits import Limits, size_said
from rag.reading.process import read

__all__ = ["KINDS", "Limits", "read", "size_said", "supported"]
