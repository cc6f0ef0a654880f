"""The library's file that a link or the session names."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lrscore.faults import library_folder
from ui.library.entries import Entry, find_entry
from ui.running.owner import owner_token

IMAGE_JOB, IMAGE_STORED = "image_job", "image_stored"
"""Names in link and session: the run of the segmentation page, and the file of the library that it shows."""


def current_entry() -> Entry | None:
    """The library's file that the link or the session names."""
    identity = st.query_params.get(IMAGE_STORED) or st.session_state.get(IMAGE_STORED)
    if not identity:
        return None
    st.session_state[IMAGE_STORED] = identity
    if st.query_params.get(IMAGE_STORED) != identity:
        st.query_params[IMAGE_STORED] = identity
    return find_entry(identity, runs_folder())


def runs_folder() -> Path:
    """Where this browser's finished runs are kept."""
    return library_folder() / owner_token()


def run_file(identity: str) -> Path:
    """The file of a finished run. An id from a link is reduced to harmless characters first."""
    name = "".join(letter for letter in identity if letter.isalnum() or letter in "-_")[:40]
    return runs_folder() / f"{name or 'run'}.nc"


def missing_words(identity: str) -> str:
    """A file of the library that a link names is not here, in two sentences."""
    return (
        f"The certificate {identity} is not here: it was deleted, or it is a run of another browser. "
        "Its owner can download the file and pass it on."
    )
