"""The library's file that a link or the session names."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.library.certificates import library_folder
from ui.library.entries import Entry, find_entry
from ui.running.linked import STORED
from ui.running.owner import owner_token


def current_entry() -> Entry | None:
    """The library's file that the link or the session names."""
    identity = st.query_params.get(STORED) or st.session_state.get(STORED)
    if not identity:
        return None
    st.session_state[STORED] = identity
    if st.query_params.get(STORED) != identity:
        st.query_params[STORED] = identity
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
