"""Which files a path names, what each is called, and what becomes of things that are no plain files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.embedding import Embedding
from rag.errors import RagError, UnreadableFile, UnsupportedFile
from rag.indexes import Indexes
from rag.ingest import add
from rag.library import Library
from rag.sources import Source, find_sources
from tests.conftest import add_all

Write = Callable[..., Path]


@pytest.fixture
def indexes(library: Library) -> Indexes:
    return Indexes(library)


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n\nText of {name}.\n", encoding="utf-8")
    return root


def named(*paths: Path) -> list[str]:
    return [source.name for source in find_sources(paths)]


def test_a_folder_names_its_files_by_their_paths_below_it_in_order(tmp_path: Path) -> None:
    folder = tree(tmp_path / "shelf", "b.md", "a.md", "sub/a.md", "sub/deep/c.txt", "z.xyz")
    assert named(folder) == ["a.md", "b.md", "sub/a.md", "sub/deep/c.txt", "z.xyz"]
    assert find_sources([folder])[2] == Source(folder / "sub" / "a.md", "sub/a.md")
    assert named(folder / "sub" / "a.md", folder / "b.md") == ["a.md", "b.md"]
    assert find_sources([]) == []
    assert find_sources([tmp_path / "missing.md"]) == [Source(tmp_path / "missing.md", "missing.md")]


def test_hidden_files_and_folders_are_left_out_unless_they_are_named(tmp_path: Path) -> None:
    folder = tree(tmp_path / ".shelf", "a.md", ".hidden.md", ".git/b.md", "sub/.c/d.md")
    assert named(folder) == ["a.md"]
    assert named(folder / ".hidden.md") == [".hidden.md"]


def test_a_ragignore_leaves_out_what_it_names_as_gitignore_would(tmp_path: Path) -> None:
    names = ("a.md", "drafts/b.md", "c.tmp", "sub/c.tmp", "keep.tmp", "notes/d.md", "sub/notes/e.md", "# f.md")
    folder = tree(tmp_path / "shelf", *names)
    (folder / ".ragignore").write_text("# a comment\n\ndrafts/\n*.tmp\n!keep.tmp\n/notes\n\\# f.md\n", encoding="utf-8")
    assert named(folder) == ["a.md", "keep.tmp", "sub/notes/e.md"]
    # A file that is named itself is wanted.
    assert named(folder / "c.tmp") == ["c.tmp"]


def test_two_files_of_one_name_are_refused_with_the_next_step(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "x", "a.md"), tree(tmp_path / "y", "a.md")
    with pytest.raises(UnreadableFile) as caught:
        find_sources([first, second])
    assert str(caught.value) == (
        f"{first / 'a.md'} and {second / 'a.md'} would both be the report 'a.md', and one would replace the other. "
        "Add the folder above both, so that their names differ."
    )
    assert named(tmp_path) == ["x/a.md", "y/a.md"]


def test_a_file_that_is_named_twice_is_one(tmp_path: Path) -> None:
    folder = tree(tmp_path / "shelf", "a.md")
    assert named(folder, folder / "a.md", folder / ".." / "shelf" / "a.md") == ["a.md"]


def test_a_link_to_a_file_is_read_through_under_its_own_name(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "shelf", "real/a.md")
    (folder / "link.md").symlink_to(folder / "real" / "a.md")
    [outcome] = add_all(library, indexes, hashed, folder / "link.md")
    assert outcome.report is not None
    original = library.original(outcome.report.document)
    assert (outcome.report.name, original.is_symlink()) == ("link.md", False)
    assert original.read_bytes() == (folder / "real" / "a.md").read_bytes()
    outcomes = add_all(library, indexes, hashed, folder)
    assert [(one.source.name, one.status) for one in outcomes] == [("link.md", "unchanged"), ("real/a.md", "duplicate")]


def test_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    tree(tmp_path / "shelf", "a.md")
    (tmp_path / "link").symlink_to(tmp_path / "shelf")
    assert named(tmp_path / "link") == ["a.md"]


def test_pipes_and_dead_links_are_named_and_never_waited_for(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "shelf", "good.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "dead.md").symlink_to(folder / "nothing")
    # In a folder they are no files; named one by one, each is answered.
    assert named(folder) == ["good.md"]
    paths = [folder / name for name in ("pipe.md", "dead.md", "missing.md", "good.md")]
    outcomes = add_all(library, indexes, hashed, *paths)
    assert [outcome.status for outcome in outcomes] == ["failed", "failed", "failed", "added"]
    for path, outcome in zip(paths[:3], outcomes, strict=False):
        assert isinstance(outcome.error, UnreadableFile)
        assert str(outcome.error).startswith(f"{path} cannot be read: ")


def test_a_folder_in_the_place_of_a_file_is_an_outcome_and_no_crash(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    source = Source(tree(tmp_path / "shelf", "a.md"), "a.md")
    [outcome] = add([source], library=library, indexes=indexes, embedding=hashed)
    assert (outcome.status, type(outcome.error)) == ("failed", UnreadableFile)


def test_a_ragignore_in_another_encoding_is_named_and_no_crash(tmp_path: Path) -> None:
    folder = tree(tmp_path / "shelf", "a.md")
    (folder / ".ragignore").write_bytes(b"caf\xe9.md\n")
    with pytest.raises(RagError, match=r"\.ragignore"):
        find_sources([folder])


@pytest.mark.parametrize("pattern", ["!", "\\"])
def test_a_ragignore_with_a_senseless_pattern_is_named_and_no_crash(tmp_path: Path, pattern: str) -> None:
    folder = tree(tmp_path / "shelf", "a.md")
    (folder / ".ragignore").write_text(pattern, encoding="utf-8")
    with pytest.raises(RagError, match=r"\.ragignore"):
        find_sources([folder])


def test_a_link_to_itself_is_an_outcome_and_no_crash(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    [outcome] = add_all(library, indexes, hashed, tmp_path / "loop.md")
    assert (outcome.status, type(outcome.error)) == ("failed", UnreadableFile)


def test_a_file_whose_ending_is_very_long_is_unsupported_and_the_others_go_in(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "shelf", "1." + "x" * 250, "2.md")
    outcomes = add_all(library, indexes, hashed, folder)
    assert [outcome.status for outcome in outcomes] == ["failed", "added"]
    assert isinstance(outcomes[0].error, UnsupportedFile)


def test_a_file_name_that_is_no_utf8_goes_in_spelled_out(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "shelf", "coffee.md", "tea.md")
    (folder / "coffee.md").rename(folder / os.fsdecode(b"caf\xe9.md"))
    outcomes = add_all(library, indexes, hashed, folder)
    assert [outcome.status for outcome in outcomes] == ["added", "added"]
    assert [outcome.source.name for outcome in outcomes] == ["caf\\xe9.md", "tea.md"]


def test_a_folder_that_may_not_be_looked_into_is_named_and_the_others_go_in(
    library: Library, indexes: Indexes, hashed: Embedding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tree(tmp_path / "shelf", "a.md", "locked/b.md")
    allowed = os.access
    # For the superuser, as whom tests may run, nothing is locked.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked" and allowed(path, mode))
    outcomes = {one.source.name: one for one in add_all(library, indexes, hashed, folder)}
    assert (outcomes["a.md"].status, outcomes["locked"].status) == ("added", "failed")
    assert str(outcomes["locked"].error).startswith(f"{folder / 'locked'} cannot be read: ")
