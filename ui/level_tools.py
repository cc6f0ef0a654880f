"""Two ways to find noise levels, below the pictures: look at the model, or search."""

from __future__ import annotations

import streamlit as st

from ui.controls import Request
from ui.gallery import Source
from ui.level_adoption import WANTED
from ui.locality_panel import LOCALITY, draw_locality, serve_measured_preset
from ui.proposal_panel import PROPOSAL, draw_proposal


def draw_level_tools(source: Source, request: Request) -> None:
    """Measured locality and proposed levels for the picture and settings on the page."""
    if serve_measured_preset(source, request.settings):
        st.rerun()
    busy = st.session_state.get(WANTED) or LOCALITY.current() or PROPOSAL.current()
    with st.expander("Find noise levels for this model", icon=":material/explore:", expanded=bool(busy)):
        look, search = st.tabs(["Measured locality", "Propose levels"])
        with look:
            draw_locality(source, request.settings)
        with search:
            draw_proposal(source, request.settings, request.seed)
