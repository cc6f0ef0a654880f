"""The viewer as a Streamlit element."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lrscore.errors import InputError
from ui.components.frontend.assets import component
from ui.components.viewer.encode import Scene, encode_scene
from ui.components.viewer.layers import Panel, PixelValues, Regions

NAME = "lrs_image_viewer"
SCRIPTS = ("layers.js", "rings.js", "panel.js", "viewer.js")


@dataclass(frozen=True)
class ViewerEvent:
    """A pixel somebody selected by click, touch or Enter, and the region it lies in (None without regions)."""

    row: int
    column: int
    region: int | None


@dataclass(frozen=True)
class RingEdit:
    """A level that somebody set by a handle: for one ring around one region, or around every region."""

    group: int
    ring: int
    level: float
    every_group: bool


def image_viewer(
    panels: Sequence[Panel],
    *,
    key: str,
    regions: Regions | None = None,
    values: Sequence[PixelValues] = (),
    height: int = 420,
    file_name: str = "",
    plain: bool = False,
    selected: tuple[int, int] | None = None,
    on_click: Callable[[ViewerEvent | None], None] | None = None,
    on_ring: Callable[[RingEdit], None] | None = None,
) -> ViewerEvent | None:
    """Show panels side by side with one crosshair, one zoom and one readout.

    Opacity, layers, crosshair, readout, zoom and pan work in the browser and run no script. Zoom, pan and what
    the reader set on the layers are kept per `key` over reruns and page changes, until the page is reloaded.
    Selecting a pixel reruns the script; Escape clears the selection. So does letting go of a ring's handle; while it
    moves, colours and labels of its layer follow in the browser.

    Args:
        panels: one or more panels whose layers all have the same height and width.
        key: unique key of the element.
        regions: outlines, region numbers of the readout and geometry of region layers.
        values: what the readout says about a pixel, in this order.
        height: greatest height of one picture on the page, in CSS pixels.
        file_name: start of the name of a picture that is saved; the panel's title follows.
        plain: pictures only, without tool bar and layer controls.
        selected: pixel (row, column) marked at first, for example one from a link; later selections win.
        on_click: called with the event, or None when the selection is cleared, before the script reruns.
        on_ring: called with what a handle of a region layer has set, before the script reruns.

    Returns:
        The selected pixel, or None. It stays until another pixel is selected, the selection is cleared, or the
        element is not drawn in a run: copy it in `on_click` if it must survive a change of page.

    Raises:
        InputError: arrays do not fit together, or `height` is not positive.
    """
    if height <= 0:
        raise InputError(f"height must be positive, got {height}")
    scene = Scene(panels, regions, values)

    def changed() -> None:
        if on_click is not None:
            on_click(_event(st.session_state[key], scene))

    def turned() -> None:
        edit = _ring_edit(st.session_state[key].get("ring"), scene)
        if on_ring is not None and edit is not None:
            on_ring(edit)

    state = st.session_state.get(key)
    current = _event(state, scene) if state and "selected" in state else _initial(selected, scene)
    pixel = (current.row, current.column) if current else None
    viewer = component(NAME, Path(__file__).parent / "js", SCRIPTS, "viewer.css")
    viewer(
        key=key,
        data=encode_scene(
            scene, key=key, max_height=height, selected=pixel, file_name=file_name, plain=plain
        ),
        on_selected_change=changed,
        on_ring_change=turned,
    )
    return current


def _event(state: Any, scene: Scene) -> ViewerEvent | None:
    """The event in a component state; None if there is none or it lies outside the present picture."""
    selected = state.get("selected")
    if not selected:
        return None
    return _pixel(selected.get("row"), selected.get("column"), scene)


def _ring_edit(sent: Any, scene: Scene) -> RingEdit | None:
    """What the browser sent, if it makes sense."""
    if not sent or not scene.regions:
        return None
    group, ring, level = sent.get("group"), sent.get("ring"), sent.get("level")
    whole = isinstance(group, int) and isinstance(ring, int) and isinstance(level, int | float)
    if not whole or not 0 <= group < len(scene.regions.rectangles) or ring < 0 or not math.isfinite(level):
        return None
    return RingEdit(group, ring, float(level), bool(sent.get("all")))


def _initial(selected: tuple[int, int] | None, scene: Scene) -> ViewerEvent | None:
    return None if selected is None else _pixel(*selected, scene)


def _pixel(row: Any, column: Any, scene: Scene) -> ViewerEvent | None:
    height, width = scene.shape
    if not (isinstance(row, int) and isinstance(column, int) and 0 <= row < height and 0 <= column < width):
        return None
    return ViewerEvent(row, column, scene.regions.at(row, column) if scene.regions else None)
