"""The library's file that a link or the session names."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lrscore.faults import library_folder
from lrscore.plain_text import one_line
from lrscore.unfinished import CutOff, cut_off
from ui.library.entries import Entry, find_entry
from ui.running.owner import owner_token

LOST_RUN = "The run that this link names is not here: it was deleted or not stored, or it is a run of another browser."
IMAGE_JOB, IMAGE_STORED = "image_job", "image_stored"
"""Names in link and session: the run of the segmentation page, and the file of the library that it shows."""


def current_entry() -> Entry | None:
    """The library's file that the segmentation page's link or the session names."""
    return linked_entry(IMAGE_STORED)


def linked_entry(name: str) -> Entry | None:
    """The library's file that link and session name under `name`; both are brought to say so."""
    identity = st.query_params.get(name) or st.session_state.get(name)
    if not identity:
        return None
    st.session_state[name] = identity
    if st.query_params.get(name) != identity:
        st.query_params[name] = identity
    return find_entry(identity, runs_folder())


def kicker_of(words: str, entry: Entry | None) -> str:
    """The line above a page's title: what the page does, and the name that its owner gave the file on screen."""
    return f"{words} · {entry.name}" if entry is not None and entry.name else words


def runs_folder() -> Path:
    """Where this browser's finished runs are kept."""
    return library_folder() / owner_token()


def run_file(identity: str) -> Path:
    """The file of a finished run. An id from a link is reduced to harmless characters first."""
    name = "".join(letter for letter in identity if letter.isalnum() or letter in "-_")[:40]
    return runs_folder() / f"{name or 'run'}.nc"


def lost_run(identity: str) -> CutOff | None:
    """What became of a run that a link names and no job of this server is at; None if it ended and its file is here."""
    found = cut_off(run_file(identity))
    if found is not None or run_file(identity).is_file():
        return found
    return CutOff(LOST_RUN)


def missing_words(identity: str) -> str:
    """A file of the library that a link names is not here, in two sentences."""
    return (
        f"The certificate {one_line(identity, 80)} is not here: it was deleted, or it is a run of another browser. "
        "Its owner can download the file and pass it on."
    )
