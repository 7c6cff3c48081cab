"""Parts of the page that run alone: the messages that the browser gets of a page with one of each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from rag.embedding import Embedding
from rag.settings import load_settings
from rag.web.state import open_desk
from tests.browsing import fill
from tests.conftest import ROOT


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[ForwardMsg]:
    """The messages of a page's last run."""
    kept: list[ForwardMsg] = []
    messages = LocalScriptRunner.forward_msgs

    def keep(runner: LocalScriptRunner) -> list[ForwardMsg]:
        kept[:] = messages(runner)
        return messages(runner)

    monkeypatch.setattr(LocalScriptRunner, "forward_msgs", keep)
    return kept


def test_each_part_that_runs_alone_stands_alone_in_a_place_that_does_not(
    tmp_path: Path, minilm: Embedding, sent: list[ForwardMsg], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Streamlit throws away of a part must not move what stands beside it. See rag/web/parts.py."""
    fill(tmp_path / "home", minilm, ROOT / "corpus" / "tiangong-opening.md")
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    page.chat_input(key="question").set_value("Why might ESA reconsider Tiangong?").run()
    drawn = {tuple(one.metadata.delta_path): one.delta for one in sent if one.HasField("delta")}
    children = Counter(path[:-1] for path in drawn)
    parts = {
        path: delta.fragment_id
        for path, delta in drawn.items()
        if delta.fragment_id and (path[:-1] not in drawn or drawn[path[:-1]].fragment_id != delta.fragment_id)
    }
    # The reports, the form, the writers, the conversations, the look-out, and the thumbs of the answer.
    assert len(set(parts.values())) == 6
    assert {path: children[path[:-1]] for path in parts} == dict.fromkeys(parts, 1)
    settings = load_settings()
    desk = open_desk(settings, settings.model_dump_json())
    desk.indexes.close()
    desk.library.close()
    open_desk.clear()
