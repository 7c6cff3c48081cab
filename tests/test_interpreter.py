"""The commands that messages name can be pasted: they are those of the Python that runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag.interpreter import install, python


@pytest.mark.parametrize(
    ("executable", "command"),
    [
        ("work/.venv/bin/python", ".venv/bin/python"),
        ("work/my venv/bin/python", "'my venv/bin/python'"),
        ("elsewhere/bin/python3", "{folder}/elsewhere/bin/python3"),
        ("", "python"),
    ],
)
def test_python_is_named_from_the_current_folder_where_it_lies_below(
    executable: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "executable", executable and str(tmp_path / executable))
    expected = command.format(folder=tmp_path)
    assert python() == expected
    assert install("footnote[openai]") == f"{expected} -m pip install 'footnote[openai]'"
