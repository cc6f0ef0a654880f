"""Download buttons whose files are made when they are pressed, not before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_MIMES = {
    "nc": "application/x-netcdf",
    "csv": "text/csv",
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html",
}


def download(label: str, make: Callable[[], str | bytes], name: str, *, key: str) -> None:
    """A button over the whole width; the ending of the file's name says what is in it."""
    st.download_button(
        label, make, name, _MIMES[name.rsplit(".", 1)[-1]], key=key, on_click="ignore", width="stretch"
    )
