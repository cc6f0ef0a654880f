"""Two ways to find noise levels, below the pictures: look at the model, or search."""

from __future__ import annotations

import streamlit as st

from ui.images.noise.adoption import TOOL
from ui.images.noise.locality_panel import draw_locality, serve_measured_preset
from ui.images.noise.proposal_panel import draw_proposal
from ui.images.request import Request
from ui.images.sources import Source

_TOOLS = {"locality": "Measured locality", "proposal": "Propose levels"}


def draw_level_tools(source: Source, request: Request) -> None:
    """Measured locality or proposed levels for the picture and settings on the page; neither until one is picked.

    Two views have two levels only: there is nothing to find."""
    if request.settings.two_views:
        return
    if serve_measured_preset(source, request.settings):
        st.rerun()
    chosen = st.segmented_control(
        "Find noise levels for this model",
        list(_TOOLS),
        format_func=_TOOLS.__getitem__,
        key=TOOL,
        bind="query-params",
    )
    if chosen is None:
        return
    with st.container(border=True):
        if chosen == "locality":
            draw_locality(source, request.settings)
        else:
            draw_proposal(source, request.settings, request.seed)
