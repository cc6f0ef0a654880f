"""Ways to find noise levels, below the pictures: check the model, see where it looks, or search."""

from __future__ import annotations

import streamlit as st

from ui.images.noise.adoption import TOOL
from ui.images.noise.ladder_panel import draw_ladder
from ui.images.noise.locality_panel import draw_locality, serve_measured_preset
from ui.images.noise.matrix_text import MOST_EDITED
from ui.images.noise.proposal_panel import draw_proposal
from ui.images.request import Request
from ui.images.sources import Source
from ui.widgets.linked import linked

_TOOLS = {"ladder": "Noise the model stands", "locality": "Measured locality", "proposal": "Propose levels"}


def draw_level_tools(source: Source, request: Request) -> None:
    """One of the tools for picture, model and settings on the page; none until one is picked.

    Views have no levels of single regions: where a model looks says nothing about them, and a search is about the level
    of each view."""
    views = request.settings.all_views() is not None
    if not views and request.settings.grid[0] * request.settings.grid[1] > MOST_EDITED:
        return
    tools = [name for name in _TOOLS if not (views and name == "locality")]
    if not views and serve_measured_preset(source, request):
        st.rerun()
    chosen = linked(
        st.segmented_control,
        "Find noise levels for this model",
        tools,
        format_func=_TOOLS.__getitem__,
        key=TOOL,
    )
    if chosen is None:
        return
    with st.container(border=True):
        if chosen == "ladder":
            draw_ladder(source, request)
        elif chosen == "locality":
            draw_locality(source, request)
        else:
            draw_proposal(source, request)
