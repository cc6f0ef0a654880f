"""The graph view inside a script: the node it starts with, and events that no longer fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.errors import InputError
from ui.components.graph_view import Clusters, Drawing, GraphEvent, NodeStyles, graph_view
from ui.components.graph_view.component import _event
from ui.style.palette import STATES

DRAWING = Drawing(
    np.eye(2),
    np.array([[0], [1]]),
    [NodeStyles("s", np.array([0, 1]), STATES)],
    clusters=Clusters(np.array([7, 0])),
)
SCRIPT = """
import numpy as np
import streamlit as st
from ui.components.graph_view import Drawing, NodeStyles, graph_view
from ui.style.palette import STATES

drawing = Drawing(np.eye(2), np.array([[0], [1]]), [NodeStyles("s", np.array([0, 1]), STATES)])
st.text(str(graph_view(drawing, key="graph", selected=st.session_state.node)))
"""


@pytest.mark.parametrize(
    ("node", "event"), [(None, None), (1, GraphEvent(1, None)), (2, None), (-1, None), ("0", None)]
)
def test_first_node_is_taken_if_the_graph_has_it(node: Any, event: GraphEvent | None) -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    app.session_state.node = node
    app.run()
    assert not app.exception
    assert app.text[0].value == str(event)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ({}, None),
        ({"selected": None}, None),
        ({"selected": {"node": 0}}, GraphEvent(0, 7)),
        ({"selected": {"node": 2}}, None),
        ({"selected": {"node": None}}, None),
    ],
)
def test_events_that_do_not_fit_the_graph_are_dropped(
    state: dict[str, Any], event: GraphEvent | None
) -> None:
    assert _event(state, DRAWING) == event


def test_height_must_be_positive() -> None:
    with pytest.raises(InputError, match="height must be positive, got -1"):
        graph_view(DRAWING, key="graph", height=-1)
