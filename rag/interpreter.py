"""The Python that runs this, as a command to paste: a bare ``python`` or ``pip`` may well be another one's."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def python() -> str:
    """Return the command for this Python, quoted for a shell; its path from the current folder where it lies below."""
    path = Path(sys.executable or "python")
    below = path.is_relative_to(Path.cwd())
    return shlex.quote(str(path.relative_to(Path.cwd()) if below else path))


def install(package: str) -> str:
    """Return the command that installs a package for this Python: "footnote[openai]", say."""
    return f"{python()} -m pip install {shlex.quote(package)}"
