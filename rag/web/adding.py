"""Adding reports: the form for files, the button for the samples, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from rag import find_sources
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import uploads
from rag.web.upload import Received, Upload, upload_files

_EVERY = 0.5
_NOTHING_CHOSEN = "Choose files above first, or drop them there."
_SAID = {
    "added": "added",
    "replaced": "replaced by the new version",
    "unchanged": "here already, unchanged",
    "duplicate": "here already, under another name",
}


@part
def show_adding(home: Path, *, beside: bool) -> None:
    """Draw the form for files; sending it starts an upload that goes on beside the chat.

    ``beside`` says that the form stands beside the page: what becomes of its files is told there too.
    """
    with st.form("adding", clear_on_submit=True, border=False):
        files = st.file_uploader("Add reports", accept_multiple_files=True, key="files")
        with st.expander("Encrypted PDFs", type="compact"):
            password = st.text_input("Password", type="password", key="password")
        sent = st.form_submit_button("Add to the shelf", key="add", icon=":material/add:", width="stretch")
    if sent and files:
        pairs = ((file.name, file.getvalue) for file in files)
        _begin(upload_files(pairs, home=home, password=password or ""), beside=beside)
        st.rerun()
    elif sent:
        # A form's button cannot know what is chosen until it is pressed.
        st.warning(_NOTHING_CHOSEN, icon=":material/arrow_upward:")


def add_samples(folder: Path, home: Path) -> None:
    """Start adding the sample reports."""
    _begin(Upload([folder], home=home, expected=len(find_sources([folder]))), beside=False)


def told_beside() -> bool:
    """Return whether the newest upload was begun beside the page."""
    return bool(st.session_state.get("uploads-beside"))


def _begin(upload: Upload, *, beside: bool) -> None:
    """Put an upload first. What the former ones said makes way for it; one that has files to go stays."""
    # By its files, not by its end: the child takes a while to leave after its last word.
    uploads()[:] = [upload, *(one for one in uploads() if not one.done and len(one.received) < one.expected)]
    st.session_state["uploads-beside"] = beside


def show_uploads() -> None:
    """Draw each upload, the newest first: how far it is, then what became of its files, until it is dismissed or the
    next one begins."""
    busy = any(not upload.done for upload in uploads())
    if uploads():
        part(_show_uploads, run_every=_EVERY if busy else None)()


def _show_uploads() -> None:
    for place, upload in enumerate(list(uploads())):
        _show_upload(upload, place)


def _show_upload(upload: Upload, place: int) -> None:
    if not upload.done:
        count = f"{len(upload.received)} of {upload.expected}"
        st.progress(upload.share, text=plain(f"{count} · {upload.now}" if upload.now else "Starting to read"))
    failed = [one for one in upload.received if one.status == "failed"]
    for one in failed:
        # Most reasons name the file; none may go without.
        words = one.words if one.name in one.words else f"{one.name}: {one.words}"
        st.error(plain(words), icon=":material/error:")
    well = [one for one in upload.received if one.status != "failed"]
    if well:
        words = f"{_files(len(well), upload.expected)} on the shelf" if upload.done else f"{len(well)} done"
        # Open where something is to be read: a page that could not be, or a report that made way.
        with st.expander(words, icon=":material/check:", expanded=any(one.notes for one in well)):
            for one in well:
                _show_received(one)
    if upload.done:
        st.button("Dismiss", key=f"dismiss-{place}", type="tertiary", on_click=uploads().remove, args=(upload,))
    else:
        st.button("Stop", key=f"stop-{place}", type="tertiary", on_click=upload.stop)


def _files(well: int, expected: int) -> str:
    return "The file is" if expected == 1 else f"{well} of {expected} files are"


def _show_received(one: Received) -> None:
    st.markdown(f"{plain(one.words)} :small[:gray[{plain(_SAID.get(one.status, one.status))}]]")
    for note in one.notes:
        st.caption(plain(note))
