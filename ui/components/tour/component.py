"""A tour as a Streamlit element: a button, and a dialog that walks from control to control.

It lives in the browser alone. No step reruns the script, nothing of it is in the session, and a reload ends it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from ui.components.frontend.assets import component

NAME = "lrs_tour"


@dataclass(frozen=True)
class Stop:
    """One step of a tour.

    Args:
        target: CSS selector of what it points at; a step whose target is not on the page has no highlight.
        title: a few words.
        text: one or two sentences.
    """

    target: str
    title: str
    text: str


def draw_tour(stops: Sequence[Stop], *, key: str, start: bool = False, following: str = "") -> None:
    """The button "Show me around".

    Args:
        stops: in the order they are visited.
        key: unique key of the element.
        following: address that the last step leads to; "" ends the tour there.
        start: open the tour at once, the first time this element says so after a reload.
    """
    tour = component(NAME, Path(__file__).parent / "js", ("tour.js",), "tour.css")
    data = json.dumps({"stops": [asdict(stop) for stop in stops], "start": start, "following": following})
    with st.container(key=f"{key}_place", width="content"):
        tour(key=key, data=data)
