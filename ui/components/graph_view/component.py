"""The graph view as a Streamlit element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lrscore.errors import InputError
from ui.components.frontend.assets import component
from ui.components.graph_view.drawing import Drawing
from ui.components.graph_view.encode import encode_drawing

NAME = "lrs_graph_view"
SCRIPTS = ("model.js", "shapes.js", "sheet.js", "marks.js", "find.js", "controls.js", "graph.js")


@dataclass(frozen=True)
class GraphEvent:
    """A node somebody selected by click, touch or Enter, and its cluster (None without clusters)."""

    node: int
    cluster: int | None


def graph_view(
    drawing: Drawing,
    *,
    key: str,
    height: int = 520,
    file_name: str = "",
    plain: bool = False,
    selected: int | None = None,
    on_click: Callable[[GraphEvent | None], None] | None = None,
) -> GraphEvent | None:
    """Show a graph that can be zoomed, panned, coloured and asked about its nodes.

    Colouring, cluster layers, tooltip, zoom and pan work in the browser and run no script; what the reader chose is
    kept per `key` over reruns and page changes, until the page is reloaded. Selecting a node highlights its
    neighbours and reruns the script; a click beside all nodes, or Escape, clears the selection.

    Args:
        drawing: nodes, edges, colours, clusters and values.
        key: unique key of the element.
        height: height of the picture on the page, in CSS pixels.
        file_name: start of the name of a picture that is saved; what the colour shows follows.
        plain: the graph only, without tools.
        selected: node marked at first, for example one from a link; later selections win.
        on_click: called with the event, or None when the selection is cleared, before the script reruns.

    Returns:
        The selected node, or None. It stays until another node is selected, the selection is cleared, or the element
        is not drawn in a run: copy it in `on_click` if it must survive a change of page.

    Raises:
        InputError: `height` is not positive.
    """
    if height <= 0:
        raise InputError(f"height must be positive, got {height}")

    def changed() -> None:
        if on_click is not None:
            on_click(_event(st.session_state[key], drawing))

    state = st.session_state.get(key)
    current = _event(state, drawing) if state and "selected" in state else _node(selected, drawing)
    view = component(NAME, Path(__file__).parent / "js", SCRIPTS, "graph_view.css")
    view(
        key=key,
        data=encode_drawing(
            drawing,
            key=key,
            height=height,
            selected=current.node if current else None,
            file_name=file_name,
            plain=plain,
        ),
        on_selected_change=changed,
    )
    return current


def _event(state: Any, drawing: Drawing) -> GraphEvent | None:
    """The event in a component state; None if there is none or the present graph has no such node."""
    selected = state.get("selected")
    return _node(selected.get("node"), drawing) if selected else None


def _node(node: Any, drawing: Drawing) -> GraphEvent | None:
    if not (isinstance(node, int) and 0 <= node < drawing.count):
        return None
    return GraphEvent(node, int(drawing.clusters.numbers[node]) if drawing.clusters else None)
