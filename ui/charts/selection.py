"""What a click on a Plotly chart says: the one place that reads Streamlit's selections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def selected_values(key: str) -> tuple[Any, ...] | None:
    """The `customdata` of the first point that was selected in a chart; None if nothing was.

    Streamlit hands it over as a list, as a mapping from position to value, or as a bare value, depending on how Plotly
    has stored the figure's columns.

    Args:
        key: of the chart.
    """
    state = st.session_state.get(key)
    points = state.get("selection", {}).get("points") if isinstance(state, Mapping) else None
    return read_values(points[0].get("customdata")) if points else None


def read_values(customdata: Any) -> tuple[Any, ...] | None:
    """`customdata` of one point as a tuple, in the order of the figure's columns; None where a point has none."""
    if customdata is None:
        return None
    if isinstance(customdata, Mapping):
        return tuple(customdata[place] for place in sorted(customdata, key=int))
    if isinstance(customdata, Sequence) and not isinstance(customdata, str):
        return tuple(customdata)
    return (customdata,)
