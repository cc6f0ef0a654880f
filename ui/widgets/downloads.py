"""Download buttons whose files are made when they are pressed, not before.

What makes a file holds all that it needs: it runs outside the page. What takes long is prepared by a job first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from lrscore.errors import LrscoreError, told
from lrscore.faults import report_fault

_MIMES = {
    "nc": "application/x-netcdf",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
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


def download(
    label: str,
    make: Callable[[], str | bytes],
    name: str,
    *,
    key: str,
    wide: bool = True,
    kind: Literal["secondary", "tertiary"] = "secondary",
    icon: str | None = None,
) -> None:
    """A button, wide unless others stand beside it; the ending of the file's name says what is in it."""
    mime = _MIMES[name.rsplit(".", 1)[-1]]
    width: Literal["stretch", "content"] = "stretch" if wide else "content"
    st.download_button(
        label,
        partial(_made, make, name),
        name,
        mime,
        key=key,
        on_click="ignore",
        width=width,
        type=kind,
        icon=icon,
    )


class CanNotBeMade(Exception):
    """Why a file can not be downloaded, in a sentence."""


def _made(make: Callable[[], str | bytes], name: str) -> str | bytes:
    """The file's content.

    Raises:
        CanNotBeMade: a file that it needs has gone meanwhile, or by a fault of ours, which is in the log.
    """
    try:
        return make()
    except (LrscoreError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise CanNotBeMade(f"{name}: {why or told(error)}") from None
    except Exception as error:
        mark = report_fault(error, f"download {name}")
        raise CanNotBeMade(f"{name}: a fault of this software (error {mark})") from None
