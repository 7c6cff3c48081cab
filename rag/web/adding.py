"""Adding reports: the form for files, the button for the samples, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import streamlit as st

from rag import RagError, find_sources
from rag.jobs import Job, JobFile
from rag.web.parts import part
from rag.web.plain import plain
from rag.web.state import Desk, in_words
from rag.web.upload import begin_adding, begin_upload

# Seconds. Each look is a run, after which Streamlit collects garbage: answers wait for that.
_EVERY = 1.0
_IN_VIEW = 5
_NOTHING_CHOSEN = "Choose files above first, or drop them there."
_SAID = {
    "added": "added",
    "replaced": "replaced by the new version",
    "renewed": "read and indexed again",
    "unchanged": "here already, unchanged",
    "duplicate": "here already, under another name",
}
_UNITS = {"reading": "page", "embedding": "chunk", "unpacking": "file"}


@part
def show_adding(desk: Desk, *, beside: bool) -> None:
    """Draw the form for files; sending it starts a job that goes on beside the chat.

    ``beside`` says that the form stands beside the page: what becomes of its files is told there too.
    """
    with st.form("adding", clear_on_submit=True, border=False):
        files = st.file_uploader(
            "Add reports", accept_multiple_files=True, key="files", help="Many files at once, or a zip of them."
        )
        with st.expander("Encrypted PDFs", type="compact"):
            password = st.text_input("Password", type="password", key="password")
        sent = st.form_submit_button("Add to the shelf", key="add", icon=":material/add:", width="stretch")
    if sent and files:
        pairs = [(file.name, file.getvalue) for file in files]
        home = desk.settings.home
        begin(desk, lambda: begin_upload(desk.jobs, pairs, home=home, password=password or ""), beside=beside)
        st.rerun()
    elif sent:
        # A form's button cannot know what is chosen until it is pressed.
        st.warning(_NOTHING_CHOSEN, icon=":material/arrow_upward:")


def show_samples(desk: Desk, folder: Path) -> None:
    """Draw the button that adds the sample reports, where there are any and nothing is being added."""
    if folder.is_dir() and not desk.jobs.states():
        st.button(
            "Add the sample reports",
            key="samples",
            icon=":material/library_add:",
            on_click=_add_samples,
            args=(desk, folder),
        )


def _add_samples(desk: Desk, folder: Path) -> None:
    """Start adding the sample reports."""
    expected = len(find_sources([folder]))
    begin(desk, lambda: begin_adding(desk.jobs, [folder], home=desk.settings.home, expected=expected), beside=False)


def told_beside() -> bool:
    """Return whether the newest upload was begun beside the page."""
    return bool(st.session_state.get("uploads-beside"))


def begin(desk: Desk, start: Callable[[], str], *, beside: bool) -> None:
    """Start a job of this visitor's. What the visitor's former ones said makes way for it; one at work stays."""
    mine = cast(list[str], st.session_state.setdefault("jobs", []))
    for job in mine:
        desk.jobs.dismiss(job)
    mine.append(start())
    st.session_state["uploads-beside"] = beside


def show_uploads(desk: Desk) -> None:
    """Draw each job of the library, whoever began it, the newest first: how far it is, then what became of its files,
    until it is dismissed or the visitor who began it begins the next one."""
    found = desk.jobs.all()
    if found:
        part(_show_jobs, run_every=_EVERY if any(job.running for job in found) else None)(desk)


def _show_jobs(desk: Desk) -> None:
    for job in desk.jobs.all():
        # By name: a new job comes before the others, and must not take over what they drew.
        with st.container(key=f"job-{job.id}"):
            _show_job(desk, job)


def _show_job(desk: Desk, job: Job) -> None:
    if job.running:
        count = f"{job.finished} of {job.expected}"
        now = "".join(map(_step, job.now[-1:]))
        st.progress(job.share, text=plain(f"{count} · {now}" if now else f"{count} · Starting to read"))
    elif job.words:
        st.error(plain(job.words), icon=":material/error:")
    failed = job.counts.get("failed", 0)
    _show_failed(job.failed, failed)
    well = job.finished - failed
    if well:
        words = f"{well} done" if job.running else f"{_files(job, well)} on the shelf"
        # Open where something is to be read: a page that could not be, or a report that made way.
        with st.expander(words, icon=":material/check:", expanded=any(one.notes for one in job.well)):
            for one in job.well:
                _show_file(one)
            _say_more(well - len(job.well), "are on the shelf")
    act, said = (desk.jobs.cancel, "Stop") if job.running else (desk.jobs.dismiss, "Dismiss")
    st.button(said, key=f"{said}-{job.id}", type="tertiary", on_click=_act, args=(act, job.id))


def _show_failed(told: Sequence[JobFile], failed: int) -> None:
    """Draw why files failed: a few in full view, the rest where they are in nobody's way."""
    for one in told[:_IN_VIEW]:
        st.error(plain(_reason(one)), icon=":material/error:")
    if failed > _IN_VIEW:
        with st.expander(f"{failed - _IN_VIEW:,} more failed", icon=":material/error:"):
            for one in told[_IN_VIEW:]:
                st.markdown(plain(_reason(one)))
            _say_more(failed - len(told), "failed")


def _reason(one: JobFile) -> str:
    # Most reasons name the file; none may go without.
    return one.words if one.name in one.words else f"{one.name}: {one.words}"


def _act(act: Callable[[str], None], job: str) -> None:
    try:
        act(job)
    except RagError as error:
        st.error(plain(in_words(error)), icon=":material/error:")


def _step(one: JobFile) -> str:
    """Return what is being done to a file, in words."""
    unit = _UNITS.get(one.step, "")
    count = f", {unit} {one.done} of {one.whole}" if unit and one.whole else ""
    return f"{one.step.capitalize()} {one.name}{count}"


def _files(job: Job, well: int) -> str:
    return f"{plain(job.well[0].name)} is" if job.expected == 1 else f"{well} of {job.expected} files are"


def _say_more(number: int, what: str) -> None:
    if number > 0:
        st.caption(f"{number:,} more {what}.")


def _show_file(one: JobFile) -> None:
    st.markdown(f"{plain(one.words)} :small[:gray[{plain(_SAID.get(one.status, one.status))}]]")
    for note in one.notes:
        st.caption(plain(note))
