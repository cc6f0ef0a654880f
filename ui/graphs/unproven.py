"""What the graph page shows before anything is certified."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ui.components.graph_view import Drawing, NodeStyles, graph_view
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.picture import node_styles
from ui.graphs.source_picker import GraphPick


def draw_unproven(pick: GraphPick, *, under_way: bool) -> None:
    """The graph with its known classes, and what to do next.

    Args:
        under_way: whether a run is sampling it.
    """
    if pick.source is None:
        if pick.problem is None:
            st.info("Upload a graph on the left, or pick one that is at hand.", icon=":material/upload:")
        return
    left, right = st.columns([5, 3], gap="medium")
    with left:
        data = pick.source.load()
        labels = data.y.numpy()
        count = max(int(labels.max(initial=-1)) + 1, 1)
        names = tuple(data.class_names) or tuple(f"class {number}" for number in range(count))
        styles = NodeStyles("true class", np.where(labels < 0, NO_STYLE, labels), node_styles(names))
        graph_view(
            Drawing(data.pos.numpy(), pick.source.edges, [styles], names=tuple(data.node_names) or None),
            key="bare_graph",
        )
    with right:
        if under_way:
            st.header("The first result is on its way", anchor=False)
            st.markdown("As soon as a cluster has been sampled, what is proven about its nodes appears here.")
        else:
            st.header("Nothing is certified here yet", anchor=False)
        if pick.model is not None and not under_way:
            st.markdown(
                "Press **Run** to sample the smoothed model around this graph; the first result follows here."
            )
        if data.remark:
            st.caption(f"{data.remark[0].upper()}{data.remark[1:]}.")
