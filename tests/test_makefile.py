"""What the Makefile says where it cannot do what it is asked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def make(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run make on a home that holds the samples already, with the programs of the environment that runs the tests."""
    added = home / "corpus-added"
    added.touch()
    given = [
        f"BIN={Path(sys.executable).parent}",
        f"RAG_HOME={home}",
        "-o",
        str(added),
        "-o",
        ".venv/installed",
        *arguments,
    ]
    # As a person types it, also where `make test` runs this.
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(
        ["make", *given], cwd=ROOT, env=alone, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_chat_on_a_port_in_use_names_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = make("chat", f"PORT={port}", home=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    first, own = ended.stderr.splitlines()
    assert first == (
        f"Port {port} is in use, perhaps by a chat that is still open. Choose another: PORT={port + 1} make chat"
    )
    assert own.startswith("make: ***")
