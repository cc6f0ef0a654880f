"""Download buttons whose files are made when they are pressed, not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

_MIMES = {
    "nc": "application/x-netcdf",
    "csv": "text/csv",
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html",
    "pdf": "application/pdf",
    "tex": "application/x-tex",
    "ipynb": "application/x-ipynb+json",
}


WIDTHS = {"one column, 85 mm": 85.0, "one and a half, 120 mm": 120.0, "whole page, 178 mm": 178.0}
"""Widths of figures that journals ask for, in millimetres."""


def draw_width(key: str) -> float:
    """The choice of a figure's width, in millimetres."""
    chosen = st.selectbox("Width of a figure for a paper", list(WIDTHS), key=key, filter_mode=None)
    return WIDTHS[str(chosen)]


def download(label: str, make: Callable[[], str | bytes], name: str, *, key: str, wide: bool = True) -> None:
    """A button, wide unless others stand beside it; the ending of the file's name says what is in it."""
    kind = _MIMES[name.rsplit(".", 1)[-1]]
    width: Literal["stretch", "content"] = "stretch" if wide else "content"
    st.download_button(label, make, name, kind, key=key, on_click="ignore", width=width)
