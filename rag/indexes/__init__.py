"""Both indexes of a library, kept in step with it.

Deleting, replacing, crash recovery, another process's additions and a lost index are one operation: *catch up*. The
difference between what the library holds and what an index holds is deleted and added, under the writer's lock, from
vectors that the library keeps; nothing is embedded again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rag.errors import LibraryError, RagError, why
from rag.indexes.dense import DenseIndex
from rag.indexes.gate import Gate
from rag.indexes.lexical import LexicalIndex
from rag.indexes.scope import EVERYTHING, Scope
from rag.indexes.shelf import Held, Shelf
from rag.library import Library, Receipt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_Found = TypeVar("_Found")
# How often a search starts again because the library moved under it; each time it waits for the writer.
_TRIES = 5
# What no second try is for. All else is: Chroma's panics are BaseExceptions and no Exceptions.
_FINAL = (KeyboardInterrupt, SystemExit, RagError)


@dataclass(frozen=True, slots=True)
class Hits:
    """What one search found: pairs (chunk id, score), best first, of each half."""

    dense: list[tuple[str, float]]
    lexical: list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Examination:
    """How many chunks each index holds, None where it was not opened because of its faults, and the faults."""

    dense: int | None = None
    lexical: int | None = None
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class _Open:
    """The two open indexes and the state of the library that they show."""

    dense: DenseIndex
    lexical: LexicalIndex
    state: tuple[int, str, str]


class Indexes:
    """The dense and the lexical index of one library. One of these a process and home; share it between threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._dense = Shelf(library.home / "indexes" / "dense")
        self._lexical = Shelf(library.home / "indexes" / "lexical")
        self._open: _Open | None = None
        self._gate = Gate()

    def search(self, vector: NDArray[np.float32], text: str, *, limit: int, scope: Scope = EVERYTHING) -> Hits:
        """Return at most ``limit`` hits of each half for a question's vector and text.

        What other processes changed is seen. Raises LibraryBusy where a writer holds the lock for too long.
        """
        return self._searching(
            lambda opened: Hits(
                dense=opened.dense.search(vector, limit, scope), lexical=opened.lexical.search(text, limit, scope)
            )
        )

    def document_frequencies(self, terms: list[str]) -> tuple[dict[str, int], int]:
        """Return in how many chunks each term occurs, and how many chunks there are."""
        return self._searching(
            lambda opened: (
                {term: opened.lexical.document_frequency(term) for term in terms},
                opened.lexical.count(),
            )
        )

    def examine(self) -> Examination:
        """Return what each index holds and how it differs from the library, changing neither."""
        with self._library.writing():
            target = self._library.held()
            shelves = (("dense", self._dense), ("lexical", self._lexical))
            faults = [f"the {name} index {fault}" for name, shelf in shelves for fault in shelf.faults(target)]
            if faults:
                return Examination(faults=tuple(faults))
            wanted = self._library.chunk_ids()
            dense, lexical = self._searching(lambda opened: (opened.dense.chunk_ids(), opened.lexical.chunk_ids()))
        for name, held in (("dense", dense), ("lexical", lexical)):
            if held != wanted:
                faults.append(
                    f"the {name} index lacks {len(wanted - held)} chunks and has {len(held - wanted)} too many"
                )
        return Examination(dense=len(dense), lexical=len(lexical), faults=tuple(faults))

    def catch_up(self) -> None:
        """Bring both indexes in step with the library, whatever changed or was lost."""
        with self._library.writing(), self._gate.alone():
            self._reopen()

    def remove(self, ref: str, *, purge: bool = False) -> Receipt:
        """Remove a report from the library and from both indexes; return what went. Raises UnknownReport.

        Conversations keep what they quote of it, unless ``purge`` blanks that as well.
        """
        with self._library.writing():
            receipt = self._library.remove(ref, purge=purge)
            self.catch_up()
        return receipt

    def repair(self) -> None:
        """Build both indexes anew from the library where they are not in step with it."""
        with self._library.writing():
            if self.examine().faults:
                self.distrust()
            self.catch_up()

    def distrust(self) -> None:
        """Take both clean marks away, so that the next catch-up builds anew, whatever happens until then."""
        with self._library.writing(), self._gate.alone():
            self._close()
            self._dense.unmark()
            self._lexical.unmark()

    @contextmanager
    def renewing(self, document: str) -> Iterator[None]:
        """While the block gives the report of these bytes new chunks, and until the next catch-up takes them in.

        Pairs of report and document do not tell that anything changed. A kill in the block means a rebuild.
        """
        with self._library.writing(), self._gate.alone():
            self._close()
            shelves = self._dense, self._lexical
            held = [shelf.held() for shelf in shelves]
            for shelf in shelves:
                shelf.unmark()
            try:
                yield
            finally:
                for shelf, pairs in zip(shelves, held, strict=True):
                    if pairs is not None:
                        # Held for nobody, its old chunks are deleted; lacking for its report, the new ones are added.
                        shelf.mark(frozenset(("" if one == document else report, one) for report, one in pairs))

    def close(self) -> None:
        """Close both indexes; a later search opens them again."""
        with self._gate.alone():
            self._close()

    def _searching(self, find: Callable[[_Open], _Found]) -> _Found:
        """Run a search on indexes that show the library as it is, again where it moved meanwhile."""
        failed = False
        for _ in range(_TRIES):
            with self._gate.shared():
                opened, state = self._open, self._state()
                if opened is not None and opened.state == state:
                    try:
                        found = find(opened)
                    except _FINAL:
                        raise
                    except BaseException as error:
                        # Another process's write explains it; where there was none, damage may.
                        if failed and self._state() == state:
                            raise self._unusable(error) from error
                        failed = True
                    else:
                        if self._state() == state:
                            return found
            if failed:
                self.close()
            self.catch_up()
        with self._library.writing(), self._gate.alone():
            return find(self._reopen())

    def _state(self) -> tuple[int, str, str]:
        return self._library.generation(), self._dense.pointer(), self._lexical.pointer()

    def _reopen(self) -> _Open:
        """Catch up and open, under the writer's lock and with no search in flight."""
        if self._open is not None and self._open.state == self._state():
            return self._open
        self._close()
        target = self._library.held()
        try:
            dense = _twice(lambda: self._catch_up_dense(target))
            try:
                lexical = _twice(lambda: self._catch_up_lexical(target))
            except BaseException:
                dense.close()
                raise
        except _FINAL:
            raise
        except BaseException as error:
            raise self._unusable(error) from error
        self._open = _Open(dense, lexical, self._state())
        return self._open

    def _catch_up_dense(self, target: Held) -> DenseIndex:
        self._dense.sweep()
        held = self._dense.held()
        # Even opening writes to Chroma's files: the mark is off from before until they are at rest again.
        self._dense.unmark()
        name = None if held is not None else self._dense.fresh()
        index = DenseIndex(self._dense.root / name if name else self._dense.current())
        try:
            for _, document in sorted((held or frozenset()) - target):
                index.delete(document)
            for report, _ in sorted(target - (held or frozenset())):
                index.add(self._library.stored_chunks(report))
            index.settle()
        except BaseException:
            index.close()
            raise
        if name:
            self._dense.swap(name)
        self._dense.mark(target)
        return index

    def _catch_up_lexical(self, target: Held) -> LexicalIndex:
        self._lexical.sweep()
        held = self._lexical.held()
        if held == target:
            return LexicalIndex(self._lexical.current())
        self._lexical.unmark()
        name = None if held is not None else self._lexical.fresh()
        index = LexicalIndex(self._lexical.root / name if name else self._lexical.current())
        gone = {document for _, document in (held or frozenset()) - target}
        # What shares a segment with a deleted document is written anew, so that nothing of the deleted one is left.
        anew = gone | index.beside(sorted(gone)) if gone else gone
        come = sorted(pair for pair in target if pair not in (held or frozenset()) or pair[1] in anew)
        index.write(
            delete=sorted(anew),
            add=(chunk for report, _ in come for chunk in self._library.stored_chunks(report)),
        )
        if name:
            self._lexical.swap(name)
        self._lexical.mark(target)
        return index

    def _unusable(self, error: BaseException) -> LibraryError:
        return LibraryError(
            f"The indexes in {self._dense.root.parent} cannot be used: {why(error)}. Make sure that there is room on "
            "the disk, then rebuild them: rag doctor --repair"
        )

    def _close(self) -> None:
        if self._open is not None:
            self._open.dense.close()
            self._open = None


def _twice(work: Callable[[], _Found]) -> _Found:
    """Run the work, and once more where it fails: the mark is off by then, so that the second try builds anew."""
    try:
        return work()
    except _FINAL:
        raise
    except BaseException:
        return work()


__all__ = ["EVERYTHING", "Examination", "Hits", "Indexes", "Scope"]
