"""The presenter's element: the button that leads onto the stage, and the keys there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components.frontend.assets import component
from ui.components.presenter.code import code_picture
from ui.components.presenter.state import notes_of, on_stage, set_stage

NAME = "lrs_presenter"
KEY = "presenter"
_CODE = "stage_code"


@st.fragment
def draw_presenter(page: str) -> None:
    """Draw it once per run, after the page.

    Args:
        page: title of the page.
    """

    def switched() -> None:
        wanted = st.session_state[KEY].get("switched") or {}
        set_stage(bool(wanted.get("stage")))
        st.session_state["stage_switched"] = True

    def wanted() -> None:
        address = st.session_state[KEY].get("code")
        if isinstance(address, str):
            st.session_state[_CODE] = (address, code_picture(address))

    if st.session_state.pop("stage_switched", False):
        st.rerun()
    address, picture = st.session_state.get(_CODE, ("", None))
    data: dict[str, Any] = {
        "stage": on_stage(),
        "notes": notes_of(page),
        "page": page,
        "code": {"address": address, "picture": picture},
    }
    with st.container(key="presenter_place"):
        presenter = component(NAME, Path(__file__).parent / "js", ("presenter.js",), "presenter.css")
        presenter(key=KEY, data=json.dumps(data), on_switched_change=switched, on_code_change=wanted)
