"""Reads a component's scripts and styles from its folder and registers it with Streamlit."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent / "js"
_SHARED_SCRIPTS = ("theme.js", "payload.js", "patterns.js", "pan_zoom.js", "page.js", "readout.js")
_SHARED_STYLE = "common.css"


def component(name: str, folder: Path, scripts: tuple[str, ...], style: str) -> ComponentRenderer:
    """Register a component made of the shared scripts, then its own, joined in that order.

    The files share one module scope; the last script holds the `export default`. Registering again is cheap and
    harmless, and needed: the registry belongs to the running server, which tests start more than once.

    Args:
        name: unique name of the component.
        folder: folder with the component's own files.
        scripts: names of its scripts, in order.
        style: name of its style sheet.
    """
    js, css = _read(folder, scripts, style)
    return st.components.v2.component(name, html='<div class="root"></div>', css=css, js=js)


@functools.cache
def _read(folder: Path, scripts: tuple[str, ...], style: str) -> tuple[str, str]:
    files = [_SHARED / script for script in _SHARED_SCRIPTS] + [folder / script for script in scripts]
    js = "\n".join(file.read_text(encoding="utf-8") for file in files)
    css = "\n".join(file.read_text(encoding="utf-8") for file in (_SHARED / _SHARED_STYLE, folder / style))
    return js, css
