"""The settings: from the environment, checked, with errors that name the variable."""

from pathlib import Path

import pytest

from rag.embedding import BUNDLED
from rag.errors import SettingsError
from rag.reading import Limits
from rag.settings import Settings, load_settings

FIELDS = set(Settings.model_fields)


@pytest.fixture(autouse=True)
def clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in FIELDS:
        monkeypatch.delenv(f"RAG_{field.upper()}", raising=False)


def test_the_defaults_need_no_key_and_no_network() -> None:
    settings = load_settings()
    assert settings.home == Path(".rag")
    assert settings.model is None
    assert settings.embedding == BUNDLED
    assert (settings.dtype, settings.passages, settings.threshold, settings.model_timeout) == ("auto", 8, None, 60.0)


def test_the_limits_of_reading_are_the_same_in_the_settings_and_in_the_room_itself() -> None:
    settings, limits = load_settings(), Limits()
    assert Limits(*settings.limits) == limits


def test_a_variable_of_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", "shelf")
    monkeypatch.setenv("RAG_PASSAGES", "12")
    monkeypatch.setenv("RAG_OCR", "false")
    settings = load_settings()
    assert (settings.home, settings.passages, settings.ocr) == (Path("shelf"), 12, False)


def test_an_override_wins_over_the_environment_and_none_is_no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_HOME", "shelf")
    assert load_settings(home="other", model=None).home == Path("other")
    assert load_settings(home=None).home == Path("shelf")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAG_PASSAGES", "many"),
        ("RAG_PASSAGES", "0"),
        ("RAG_PASSAGES", "51"),
        ("RAG_THRESHOLD", "1.5"),
        ("RAG_DTYPE", "float16"),
        ("RAG_MODEL_TIMEOUT", "0"),
        ("RAG_READ_PAGES", "-1"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"{name} is '{value}': .* Correct it or unset it\."):
        load_settings()


def test_only_the_edges_read_the_settings() -> None:
    rooms = sorted(
        path.relative_to(Path(__file__).parent.parent / "rag").as_posix()
        for path in (Path(__file__).parent.parent / "rag").rglob("*.py")
        if "load_settings" in path.read_text(encoding="utf-8") and path.name != "settings.py"
    )
    assert set(rooms) - {"__init__.py", "cli.py", "api.py", "mcp.py"} == {
        room for room in rooms if room.startswith("web/")
    }
