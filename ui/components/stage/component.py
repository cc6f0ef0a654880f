"""A stage as a Streamlit element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui.components.frontend.assets import component
from ui.components.frontend.payload import Payload
from ui.components.stage.acts import Act

NAME = "lrs_stage"
SCRIPTS = (
    "../../viewer/js/layers.js",
    "paint.js",
    "copies.js",
    "votes.js",
    "pictures.js",
    "steps.js",
    "levels.js",
    "board.js",
    "game.js",
    "stage.js",
)


@dataclass(frozen=True)
class StagePlace:
    """A pixel that somebody picked on a stage."""

    row: int
    column: int


def draw_stage(
    act: Act, *, key: str, height: int = 380, on_pick: Callable[[StagePlace], None] | None = None
) -> None:
    """Show an act. Everything that moves on it moves in the browser; only picking a pixel runs the script.

    Args:
        act: what is shown.
        key: unique key of the element; where its sliders stand is kept under it until the page is reloaded.
        height: greatest height of one picture, in CSS pixels.
        on_pick: called with the pixel before the script reruns.
    """

    def picked() -> None:
        place = st.session_state[key].get("picked") or {}
        row, column = place.get("row"), place.get("column")
        if on_pick is not None and isinstance(row, int) and isinstance(column, int):
            on_pick(StagePlace(row, column))

    payload = Payload()
    header = {"key": key, "max_height": height, "kind": act.kind, **act.encode(payload)}
    stage = component(NAME, Path(__file__).parent / "js", SCRIPTS, "stage.css")
    stage(key=key, data=payload.pack(header), on_picked_change=picked)
