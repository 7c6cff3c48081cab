"""The wheel, installed into an environment of its own, adds and answers from any folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation nothing is downloaded: the build backend is among the tests' own packages.
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)], folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment that holds the wheel, with this one's packages behind it: they are gigabytes,
    and what they are is pinned. Footnote itself comes from the wheel."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=False)
    found = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    paths = {"base": str(folder), "platbase": str(folder)}
    room = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    zipfile.ZipFile(wheel).extractall(room)
    # A path file's folders come after the environment's own, and path files inside them are not read: the editable
    # install of this checkout stays out.
    (room / "behind.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return found


def test_it_carries_the_prompts_and_the_browsers_files_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    prompts = {f"rag/prompts/{path.name}" for path in (ROOT / "prompts").glob("*.md")}
    assert prompts and prompts <= names
    drawn = {f"rag/web/{name}" for name in ("footnotes.js", "footnotes.css", "following.js", "icon.svg")}
    assert drawn | {"rag/__init__.py"} <= names
    pages = {f"evals/page/{path.name}" for path in (ROOT / "evals" / "page").iterdir()}
    assert pages and pages <= names
    assert {name.split("/")[0] for name in names} == {"rag", "evals", f"footnote-{version(wheel)}.dist-info"}
    entries = zipfile.ZipFile(wheel).read(f"footnote-{version(wheel)}.dist-info/entry_points.txt").decode()
    assert "rag = rag.cli:main" in entries
    assert "footnote = evals.plugin" in entries


def test_installed_elsewhere_it_adds_and_answers_from_another_folder(python: Path, tmp_path: Path) -> None:
    where = run([str(python), "-c", "import rag; print(rag.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(python.parent.parent)
    report = tmp_path / "cargo.md"
    report.write_text("# Cargo\n\nThe call for cargo proposals came in May 2023.\n", encoding="utf-8")
    assert run([str(python), "-m", "rag.cli", "add", str(report)], tmp_path) == "added: Cargo (1 page, 1 chunk)\n"
    answer = json.loads(
        run([str(python), "-m", "rag.cli", "ask", "When did the call for cargo proposals come?", "--json"], tmp_path)
    )
    assert answer["statements"] == [
        {"text": "The call for cargo proposals came in May 2023.", "citations": [1], "support": "verified"}
    ]


def test_installed_elsewhere_it_finds_its_prompts(python: Path, tmp_path: Path) -> None:
    code = (
        "from rag.prompts import messages\n"
        "print(messages('answer', question='Why?', passages='one', refusal='no')[-1].content)"
    )
    assert "Why?" in run([str(python), "-c", code], tmp_path)


def test_installed_elsewhere_it_runs_the_example_of_the_readme(python: Path, tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    run([str(python), "-m", "rag.cli", "add", str(ROOT / "corpus")], tmp_path)
    printed = run([str(python), "-c", example.group(1)], tmp_path)
    assert "1 Tiangong opens its hatch: how it may change China's standing § Why ESA might reconsider" in printed


def version(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def run(command: list[str], folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not re.fullmatch("PYTHON(PATH|HOME)", name)}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout
