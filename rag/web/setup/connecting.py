"""Connecting a language model: a form that tries a key first, and a list of those that are connected."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from rag import RagError
from rag.interpreter import install
from rag.web.connections import (
    KEPT,
    KEYLESS,
    Connection,
    forget_connection,
    keep_connection,
    kept_connections,
    own_connections,
)
from rag.web.plain import plain
from rag.web.setup.trying import Trial, try_connection
from rag.web.state import in_words
from rag.writing.generating import EXTRAS, is_installed

_CALLED = {"openai": "OpenAI, or a server that speaks as it does", "anthropic": "Anthropic", "ollama": "Ollama"}
# As wide as a key is long, in pixels.
_FORM = 640
_TRYING = "Waiting for one word of the model's"


def show_connecting(home: Path) -> None:
    """Draw the form, what came of the last try, and the way to use what worked."""
    there = [provider for provider in EXTRAS if is_installed(provider)]
    lacking = [provider for provider in EXTRAS if provider not in there]
    if there:
        _show_form(there)
        with st.container():
            _show_trial(home)
    if lacking:
        also = "More providers can be installed." if there else "No provider of language models is installed yet."
        st.caption(f"{also} Install what you want, and start Footnote again:")
        st.code("\n".join(install(f"footnote[{provider}]") for provider in lacking), language=None, wrap_lines=True)


def show_connected(home: Path) -> None:
    """Draw the models that are connected, each with the way to let it go, and what became of one that was."""
    if said := st.session_state.pop("let-go", ""):
        st.caption(plain(said))
    for writer, one in list(own_connections().items()):
        _show_one(one, "yours, until this page is reloaded or closed", "Disconnect", f"disconnect-{writer}", home)
    try:
        kept = kept_connections(home)
    except RagError as error:
        st.error(plain(in_words(error)), icon=":material/error:")
        return
    for one in kept:
        _show_one(one, f"kept in {home / KEPT}, for everybody here", "Forget", f"forget-{one.writer}", home)


def _show_one(one: Connection, whose: str, word: str, key: str, home: Path) -> None:
    about = ", ".join(filter(None, (one.server, "with a key" if one.key else "without a key", whose)))
    with st.container(horizontal=True, vertical_alignment="center", key=f"row-{key}"):
        st.markdown(f"{plain(one.writer)} :small[:gray[{plain(about)}]]", width="stretch")
        st.button(word, key=key, type="tertiary", on_click=_let_go, args=(home, one.writer, word == "Forget"))


def _show_form(providers: list[str]) -> None:
    with st.form("connecting", width=_FORM):
        provider = st.selectbox("Provider", providers, format_func=lambda one: _CALLED[one], key="connect-provider")
        model = st.text_input("Model", key="connect-model", placeholder="As its provider writes it", autocomplete="off")
        key = st.text_input(
            "API key",
            type="password",
            key="connect-key",
            autocomplete="new-password",
            help="Ollama needs none, and many a server of your own does not, either.",
        )
        address = st.text_input(
            "Address",
            key="connect-address",
            placeholder="https://…/v1",
            autocomplete="off",
            help="Where the server is. Leave it empty for the provider's own.",
        )
        sent = st.form_submit_button("Test it", key="connect-test", icon=":material/bolt:")
    if sent:
        st.session_state.pop("trial", None)
        connection = Connection(provider, model.strip(), key.strip(), address.strip().rstrip("/"))
        said = _lack(connection)
        if said:
            trial = Trial(False, said)
        else:
            with st.spinner(_TRYING):
                trial = try_connection(connection)
        st.session_state["trial"] = (connection, trial)


def _lack(connection: Connection) -> str:
    """Return what has to be filled in or corrected first, "" for nothing."""
    try:
        parts = urlsplit(connection.address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not connection.model:
        return "Write the model's name first, as its provider does."
    if connection.address and not sound:
        return "The address has to begin with http:// or https:// and to name a server."
    if connection.address and ("@" in parts.netloc or parts.query or parts.fragment):
        return "Write the address alone: a key goes into the field for it."
    if not connection.key and not connection.address and connection.provider not in KEYLESS:
        return "Write the API key first; a server of your own that needs none wants its address instead."
    if not (connection.key.isascii() and connection.key.isprintable()) or " " in connection.key:
        return "An API key has letters, digits and marks, and no spaces. Copy it anew."
    return ""


def _show_trial(home: Path) -> None:
    if said := st.session_state.pop("connected", ""):
        st.success(plain(said), icon=":material/check:")
    if "trial" not in st.session_state:
        return
    connection, trial = st.session_state["trial"]
    if not trial.works:
        st.error(plain(trial.words), icon=":material/error:")
        return
    st.success(plain(trial.words), icon=":material/check:")
    kept = st.checkbox(
        "Keep on this machine",
        key="connect-keep",
        help=f"The key is written into {plain(KEPT)} of the home, which your account alone can read, and the model is "
        "offered to everybody who uses this library here, also after a restart.",
    )
    label = f"Use {plain(connection.writer)}"
    st.button(label, key="connect-use", type="primary", on_click=_use, args=(home, connection, kept))


def _use(home: Path, connection: Connection, kept: bool) -> None:
    """Take what worked into use: kept in the home for everybody, or for this visitor alone."""
    try:
        if kept:
            keep_connection(home, connection)
            own_connections().pop(connection.writer, None)
        else:
            own_connections()[connection.writer] = connection
        said = f"{connection.writer} writes the next answer. Another writer can be picked beside the chat."
        st.session_state["picked-writer"] = connection.writer
        st.session_state.pop("trial", None)
        # Set and not dropped: the browser would go on showing what it was told last.
        st.session_state.update({"connect-model": "", "connect-key": "", "connect-address": ""})
    except RagError as error:
        st.session_state["trial"] = (connection, Trial(False, in_words(error)))
        return
    st.session_state["connected"] = said


def _let_go(home: Path, writer: str, kept: bool) -> None:
    try:
        if kept:
            forget_connection(home, writer)
        else:
            own_connections().pop(writer, None)
        st.session_state["let-go"] = f"{writer} is gone, and its key with it."
    except RagError as error:
        st.session_state["let-go"] = in_words(error)
