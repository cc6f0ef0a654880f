"""The viewer inside a script: the pixel it starts with, and events that no longer fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lrscore.errors import InputError
from ui.components.viewer import ImageLayer, Panel, Regions, ViewerEvent
from ui.components.viewer.component import _event, image_viewer
from ui.components.viewer.encode import Scene

PANEL = Panel("Input", (ImageLayer("photo", np.zeros((4, 6, 3), np.uint8)),))
SCRIPT = """
import numpy as np
import streamlit as st
from ui.components.viewer import ImageLayer, Panel, Regions, image_viewer

panel = Panel("Input", (ImageLayer("photo", np.zeros((4, 6, 3), np.uint8)),))
regions = Regions(((0, 0, 4, 3), (0, 3, 4, 6)))
st.text(str(image_viewer([panel], key="viewer", regions=regions, selected=st.session_state.pixel)))
"""


@pytest.mark.parametrize(
    ("pixel", "event"),
    [
        (None, None),
        ((3, 5), ViewerEvent(3, 5, 1)),
        ((0, 2), ViewerEvent(0, 2, 0)),
        ((4, 0), None),
        ((0, -1), None),
        (("0", "1"), None),
    ],
)
def test_first_pixel_is_taken_if_it_lies_in_the_picture(pixel: Any, event: ViewerEvent | None) -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    app.session_state.pixel = pixel
    app.run()
    assert not app.exception
    assert app.text[0].value == str(event)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ({}, None),
        ({"selected": None}, None),
        ({"selected": {"row": 1, "column": 4}}, ViewerEvent(1, 4, 1)),
        ({"selected": {"row": 1, "column": 6}}, None),
        ({"selected": {"row": 1.5, "column": 2}}, None),
        ({"selected": {"row": 1}}, None),
    ],
)
def test_events_that_do_not_fit_the_picture_are_dropped(
    state: dict[str, Any], event: ViewerEvent | None
) -> None:
    scene = Scene([PANEL], Regions(((0, 0, 4, 3), (0, 3, 4, 6))))
    assert _event(state, scene) == event


def test_height_must_be_positive() -> None:
    with pytest.raises(InputError, match="height must be positive, got 0"):
        image_viewer([PANEL], key="viewer", height=0)
