"""A process that adds a folder of reports with the hashed embedding and says each outcome as it comes.

``python -m tests.adding HOME FOLDER``; it prints "ready" before the first report.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rag.embedding import wrap_embeddings
from rag.indexes import Indexes
from rag.ingest import add
from rag.library import Library
from rag.sources import find_sources
from tests.conftest import HashedWords

if __name__ == "__main__":
    library = Library(Path(sys.argv[1]))
    embedding = wrap_embeddings(HashedWords(), fingerprint="hashed-words@1")
    print("ready", flush=True)
    for outcome in add(
        find_sources([Path(sys.argv[2])]), library=library, indexes=Indexes(library), embedding=embedding
    ):
        print(outcome.status, outcome.source.name, flush=True)
