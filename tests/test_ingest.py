"""Adding files: what becomes of each is said, what is known costs nothing, and nothing half done is left."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.embedding import Embedding, wrap_embeddings
from rag.errors import EmptyFile, LimitExceeded, ModelMismatch, UnsupportedFile
from rag.indexes import Indexes
from rag.ingest import Outcome, Progress, Reading, add
from rag.library import Library, report_id
from rag.reading import Limits
from rag.sources import Source, find_sources
from rag.types import Report
from tests.conftest import RecordedWords, add_all

Write = Callable[..., Path]
LONG = " ".join(["word"] * 60) + "."


@pytest.fixture
def indexes(library: Library) -> Indexes:
    return Indexes(library)


def told(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(outcome.source.name, outcome.status) for outcome in outcomes]


def report_of(outcome: Outcome) -> Report:
    assert outcome.report is not None
    return outcome.report


def leftovers(library: Library) -> list[Path]:
    """What lies in the home that no report has."""
    documents = {report.document for report in library.reports()}
    orphans = [path for path in (library.home / "files").iterdir() if path.name not in documents]
    return orphans + list((library.home / "incoming").iterdir())


def test_the_same_file_again_is_unchanged_and_embeds_nothing(
    library: Library, indexes: Indexes, write_reports: Write
) -> None:
    words = RecordedWords()
    embedding = wrap_embeddings(words, fingerprint="hashed-words@1")
    folder = write_reports(crews="# Crews\n\nThree live there.\n")
    [added] = add_all(library, indexes, embedding, folder)
    assert (added.status, added.embedded) == ("added", 1)
    assert words.texts == ["Crews\nCrews\n\nThree live there."]
    [again] = add_all(library, indexes, embedding, folder)
    assert (again.status, again.embedded, again.report) == ("unchanged", 0, added.report)
    assert (len(words.texts), library.generation(), leftovers(library)) == (1, 1, [])


def test_known_bytes_under_a_new_name_are_a_duplicate_that_names_the_report(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    folder = write_reports(a="# Crews\n\nThree.\n", b="# Crews\n\nThree.\n", c="# Other\n\nFour.\n")
    outcomes = add_all(library, indexes, hashed, folder)
    assert told(outcomes) == [("a.md", "added"), ("b.md", "duplicate"), ("c.md", "added")]
    assert outcomes[1].report == outcomes[0].report == library.report("a.md")
    assert [report.name for report in library.reports()] == ["a.md", "c.md"]
    assert leftovers(library) == []


def test_of_a_replaced_version_only_chunks_whose_text_is_new_are_embedded(
    library: Library, indexes: Indexes, write_reports: Write
) -> None:
    words = RecordedWords()
    embedding = wrap_embeddings(words, fingerprint="hashed-words@1")
    section = "## {0}\n\n{0} begins. " + LONG + "\n\n"
    text = "# Crews\n\n" + "".join(section.format(name) for name in ("Mir", "Skylab", "Tiangong"))
    [added] = add_all(library, indexes, embedding, write_reports(crews=text))
    assert (added.embedded, report_of(added).chunks) == (3, 3)
    # One section changes, one is new, one goes, one stays.
    text = "# Crews\n\n" + "".join(section.format(name) for name in ("Mir", "Almaz")) + f"## Tiangong\n\nNew. {LONG}\n"
    del words.texts[:]
    [replaced] = add_all(library, indexes, embedding, write_reports(crews=text))
    assert (replaced.status, replaced.embedded, report_of(replaced).id) == ("replaced", 2, report_of(added).id)
    assert sorted(words.texts) == [
        f"Crews > Almaz\nAlmaz\n\nAlmaz begins. {LONG}",
        f"Crews > Tiangong\nTiangong\n\nNew. {LONG}",
    ]
    assert library.faults() == [] == leftovers(library)


def test_equal_chunks_are_embedded_once(library: Library, indexes: Indexes, write_reports: Write) -> None:
    words = RecordedWords()
    folder = write_reports(crews=f"# Crews\n\nThree live there now.\n\n## Same\n\n{LONG}\n\n## Same\n\n{LONG}\n")
    [added] = add_all(library, indexes, wrap_embeddings(words, fingerprint="hashed-words@1"), folder)
    assert (report_of(added).chunks, added.embedded, len(words.texts)) == (3, 2, 2)


def test_of_good_and_bad_files_the_good_go_in_and_each_bad_one_is_named_in_order(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    folder = write_reports(a="# A\n\nText of a.\n", c=" \n", e="# E\n\nText of e.\n")
    (folder / "b.xyz").write_text("who knows")
    (folder / "d.pdf").write_bytes(b"%PDF-1.7\nbroken")
    (folder / "f.txt").write_bytes(b"x" * (2 * 2**20 + 1))
    outcomes = list(
        add(
            find_sources([folder]),
            library=library,
            indexes=indexes,
            embedding=hashed,
            reading=Reading(Limits(size=2 * 2**20)),
        )
    )
    assert told(outcomes) == [
        ("a.md", "added"),
        ("b.xyz", "failed"),
        ("c.md", "failed"),
        ("d.pdf", "failed"),
        ("e.md", "added"),
        ("f.txt", "failed"),
    ]
    errors = [outcome.error for outcome in outcomes if outcome.status == "failed"]
    assert [str(error).split(" ")[0].rstrip(":") for error in errors] == ["b.xyz", "c.md", "d.pdf", "f.txt"]
    assert [type(errors[place]) for place in (0, 1, 3)] == [UnsupportedFile, EmptyFile, LimitExceeded]
    assert [report.name for report in library.reports()] == ["a.md", "e.md"]
    assert {report for report, _ in library.held()} == {report_id("a.md"), report_id("e.md")}
    assert (library.generation(), leftovers(library), indexes.examine().faults) == (2, [], ())


def test_a_file_that_turned_bad_leaves_the_version_that_was_good(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    [added] = add_all(library, indexes, hashed, write_reports(a="# A\n\nText of a.\n"))
    [outcome] = add_all(library, indexes, hashed, write_reports(a="\n"))
    assert (outcome.status, library.reports()) == ("failed", (added.report,))


def test_progress_tells_of_reading_embedding_and_indexing(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    steps: dict[str, list[tuple[str, int, int]]] = {"a.md": [], "b.md": []}

    def watch(source: Source) -> Progress:
        return lambda *step: steps[source.name].append(step)

    folder = write_reports(a=f"# A\n\n## One\n\n{LONG}\n\n## Two\n\n{LONG} Ends.\n", b="# B\n\nText.\n")
    sources = find_sources([folder])
    assert len(list(add(sources, library=library, indexes=indexes, embedding=hashed, progress=watch))) == 2
    for name, pages, chunks in (("a.md", 2, 2), ("b.md", 1, 1)):
        assert list(dict.fromkeys(step for step, _, _ in steps[name])) == ["reading", "embedding", "indexing"]
        assert {(step, whole) for step, _, whole in steps[name]} == {
            ("reading", pages),
            ("embedding", chunks),
            ("indexing", 1),
        }
        assert steps[name][-1] == ("indexing", 1, 1)
        assert all(0 <= done <= whole for _, done, whole in steps[name])


def test_the_next_report_is_embedded_while_one_is_committed(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    embedding, committing = threading.Event(), []

    def watch(source: Source) -> Progress:
        def told(step: str, done: int, _whole: int) -> None:
            if (source.name, step) == ("b.md", "embedding"):
                embedding.set()
            if (source.name, step, done) == ("a.md", "indexing", 0):
                committing.append(embedding.wait(timeout=30))

        return told

    folder = write_reports(a="# A\n\nText of a.\n", b="# B\n\nText of b.\n")
    outcomes = add(find_sources([folder]), library=library, indexes=indexes, embedding=hashed, progress=watch)
    assert [(one.source.name, one.status) for one in outcomes] == [("a.md", "added"), ("b.md", "added")]
    assert committing == [True]


def test_a_stream_of_outcomes_that_is_closed_early_leaves_a_sound_library(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    folder = write_reports(**{f"r{place}": f"# R{place}\n\nText {place}.\n" for place in range(6)})
    outcomes = add(find_sources([folder]), library=library, indexes=indexes, embedding=hashed)
    assert next(outcomes).status == "added"
    outcomes.close()  # type: ignore[attr-defined]
    assert [report.name for report in library.reports()] == ["r0.md"]
    assert (library.faults(), indexes.examine().faults, leftovers(library)) == ([], (), [])
    assert [outcome.status for outcome in add_all(library, indexes, hashed, folder)] == ["unchanged"] + ["added"] * 5


def test_an_exception_out_of_progress_ends_the_adding_and_leaves_nothing_half_done(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    def stop(source: Source) -> Progress:
        def watch(step: str, _done: int, _whole: int) -> None:
            if (source.name, step) == ("b.md", "embedding"):
                raise KeyboardInterrupt

        return watch

    folder = write_reports(a="# A\n\nText of a.\n", b="# B\n\nText of b.\n", c="# C\n\nText of c.\n")
    with pytest.raises(KeyboardInterrupt):
        list(add(find_sources([folder]), library=library, indexes=indexes, embedding=hashed, progress=stop))
    assert [report.name for report in library.reports()] == ["a.md"]
    assert (leftovers(library), indexes.examine().faults) == ([], ())


def test_what_is_kept_of_a_file_that_changes_meanwhile_is_what_was_read(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    old, new = "# Crews\n\nThree live there.\n", "# Crews\n\nNow they are six.\n"
    folder = write_reports(crews=old)

    def change(_source: Source) -> Progress:
        def watch(step: str, _done: int, _whole: int) -> None:
            if step == "reading":
                write_reports(crews=new)

        return watch

    [outcome] = add(find_sources([folder]), library=library, indexes=indexes, embedding=hashed, progress=change)
    report = report_of(outcome)
    assert report.document == hashlib.sha256(old.encode()).hexdigest()
    assert library.original(report.document).read_bytes() == old.encode()
    assert library.page(report.id, 1).text == "Crews\n\nThree live there."
    assert told(add_all(library, indexes, hashed, folder)) == [("crews.md", "replaced")]
    assert library.page(report.id, 1).text == "Crews\n\nNow they are six."


def test_a_library_of_another_model_is_refused_before_any_file_is_read(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    folder = write_reports(a="# A\n\nText of a.\n")
    add_all(library, indexes, hashed, folder)
    other = wrap_embeddings(RecordedWords(), fingerprint="other@2")
    with pytest.raises(ModelMismatch, match=r"hashed-words@1, and other@2 is asked for\. .*rag doctor --reembed"):
        add_all(library, indexes, other, folder / "missing.md")
    assert (len(library.reports()), leftovers(library)) == (1, [])


def test_two_threads_add_at_once_and_all_reports_are_there(
    library: Library, indexes: Indexes, write_reports: Write, hashed: Embedding
) -> None:
    folder = write_reports(**{f"r{place}": f"# R{place}\n\nText {place}.\n" for place in range(6)})
    sources, outcomes = find_sources([folder]), list[Outcome]()

    def run(part: list[Source]) -> None:
        outcomes.extend(add(part, library=library, indexes=indexes, embedding=hashed))

    # The middle two files are added by both.
    threads = [threading.Thread(target=run, args=[part]) for part in (sources[:4], sources[2:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.status for outcome in outcomes) == ["added"] * 6 + ["unchanged"] * 2
    assert [report.name for report in library.reports()] == [source.name for source in sources]
    assert (library.faults(), indexes.examine().faults, leftovers(library)) == ([], (), [])
