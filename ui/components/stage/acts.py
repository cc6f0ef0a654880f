"""What a stage can show. Each act holds arrays and words, and says how the browser reads them.

Pictures of one act share height H and width W. Numbers of states are positions in the act's styles, 255 for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from ui.components.frontend.legend import encode_style
from ui.components.frontend.payload import Payload
from ui.style.palette import STATES, Style


class Act(Protocol):
    """Something that a stage shows."""

    kind: ClassVar[str]

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it; arrays go into the payload."""


@dataclass(frozen=True, eq=False)
class Picture:
    """(H, W, 3) uint8 pixels with a title and a line below; `close` is what a switch shows instead, or None."""

    title: str
    pixels: np.ndarray
    caption: str = ""
    close: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures side by side; a switch named `closer` shows each one's `close` version."""

    kind: ClassVar[str] = "pictures"
    pictures: Sequence[Picture]
    closer: str = ""

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_size(self.pictures[0].pixels),
            "closer": self.closer,
            "pictures": [
                {
                    "title": picture.title,
                    "caption": picture.caption,
                    "blob": payload.add_image(picture.pixels),
                    "close": None if picture.close is None else payload.add_image(picture.close),
                }
                for picture in self.pictures
            ],
        }


@dataclass(frozen=True, eq=False)
class NoisyPicture:
    """A picture under noise.

    Args:
        title: above it.
        pixels: (H, W, 3) uint8 clean.
        levels: (H, W) standard deviation per pixel, 1 is black to white; infinite where the picture is blanked.
        marked: (top, left, bottom, right) of a region that is outlined, or None.
    """

    title: str
    pixels: np.ndarray
    levels: np.ndarray
    marked: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class Copies:
    """Noisy copies, drawn anew several times a second; standing still where the reader prefers that."""

    kind: ClassVar[str] = "copies"
    pictures: Sequence[NoisyPicture]

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_size(self.pictures[0].pixels),
            "pictures": [
                {
                    "title": picture.title,
                    "blob": payload.add_image(picture.pixels),
                    "levels": payload.add_array(
                        np.where(np.isfinite(picture.levels), picture.levels, -1).astype(np.float32)
                    ),
                    "marked": None if picture.marked is None else list(picture.marked),
                }
                for picture in self.pictures
            ],
        }


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes of one pixel, copy by copy, with the bound and radius that each beginning would allow.

    Args:
        pixels: (H, W, 3) uint8, where another pixel can be picked.
        place: (row, column) of the pixel.
        agrees: (n,) bool, in the order shown.
        counts: (M,) numbers of copies at which there is a bound, increasing, the last one n.
        bounds, radii: (M,) at those numbers.
        label: name of the class.
    """

    kind: ClassVar[str] = "votes"
    pixels: np.ndarray
    place: tuple[int, int]
    agrees: np.ndarray
    counts: np.ndarray
    bounds: np.ndarray
    radii: np.ndarray
    label: str

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_size(self.pixels),
            "blob": payload.add_image(self.pixels),
            "place": list(self.place),
            "agrees": payload.add_array(self.agrees.astype(np.uint8)),
            "counts": self.counts.tolist(),
            "bounds": self.bounds.tolist(),
            "radii": self.radii.tolist(),
            "label": self.label,
        }


@dataclass(frozen=True, eq=False)
class Wipe:
    """Two maps of states on one picture, divided by a line that can be moved.

    Args:
        ground: (H, W, 3) uint8.
        left, right: (H, W) numbers of states.
        names: what they are; styles: of the states.
    """

    kind: ClassVar[str] = "wipe"
    ground: np.ndarray
    left: np.ndarray
    right: np.ndarray
    names: tuple[str, str]
    styles: tuple[Style, ...] = STATES

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        maps = [self.left, self.right]
        return {
            **_size(self.ground),
            "ground": payload.add_image(self.ground),
            "maps": [_map(payload, numbers, self.styles) for numbers in maps],
            "names": list(self.names),
        }


@dataclass(frozen=True, eq=False)
class StateSteps:
    """Maps of states at several budgets, with a slider between them.

    Args:
        ground: (H, W, 3) uint8.
        maps: (M, H, W) numbers of states.
        captions: M sentences. name: of the slider; stops: M texts of its positions; first: where it starts.
    """

    kind: ClassVar[str] = "state_steps"
    ground: np.ndarray
    maps: np.ndarray
    captions: Sequence[str]
    name: str
    stops: Sequence[str]
    first: int = 0
    styles: tuple[Style, ...] = STATES

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_size(self.ground),
            "ground": payload.add_image(self.ground),
            "maps": [_map(payload, numbers, self.styles) for numbers in self.maps],
            "captions": list(self.captions),
            "name": self.name,
            "stops": list(self.stops),
            "first": self.first,
        }


@dataclass(frozen=True, eq=False)
class Levels:
    """Regions of a picture; a click picks the region whose noise levels are shown.

    Args:
        pixels: (H, W, 3) uint8. rectangles: J of (top, left, bottom, right). levels: (J, J) by picked region.
    """

    kind: ClassVar[str] = "levels"
    pixels: np.ndarray
    rectangles: Sequence[tuple[int, int, int, int]]
    levels: np.ndarray

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_size(self.pixels),
            "blob": payload.add_image(self.pixels),
            "rectangles": [list(box) for box in self.rectangles],
            "levels": _finite(self.levels),
        }


@dataclass(frozen=True, eq=False)
class NodeSteps:
    """A graph, step by step.

    Args:
        positions: (n, 2), edges: (2, E).
        maps: (M, n) numbers of states. marked: M sets of nodes that are ringed at that step.
        captions, name, stops, first, styles: as for `StateSteps`.
    """

    kind: ClassVar[str] = "node_steps"
    positions: np.ndarray
    edges: np.ndarray
    maps: np.ndarray
    captions: Sequence[str]
    name: str
    stops: Sequence[str]
    marked: Sequence[np.ndarray] = ()
    first: int = 0
    styles: tuple[Style, ...] = STATES

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        return {
            **_points(payload, self.positions, self.edges),
            "maps": [payload.add_array(numbers.astype(np.uint8)) for numbers in self.maps],
            "styles": [encode_style(style) for style in self.styles],
            "captions": list(self.captions),
            "name": self.name,
            "stops": list(self.stops),
            "marked": [list(map(int, nodes)) for nodes in self.marked],
            "first": self.first,
        }


@dataclass(frozen=True, eq=False)
class Game:
    """The reader divides the adversary's budget among regions or clusters, and sees what could fall for it.

    Args:
        weights: K cost matrices (G, J), one per kind of budget. budgets: K totals; steps: K amounts of one stroke.
        kinds: K names. thresholds, groups: (N,). counted: (N,) bool, outputs that can be won.
        machine: (K, J) the worst allocation found. most: how many outputs can fall at most, proven.
        place: "region" or "cluster"; outputs: "pixels" or "nodes"; saying: how one unit of each kind is written,
            "%" for shares.
        pixels, rectangles: the board of a picture. positions, edges: the board of a graph; there `groups_of`, (N,),
            names each node's cluster.
        styles: of outputs that could fall, that stand, and that are not counted.
    """

    kind: ClassVar[str] = "game"
    weights: Sequence[np.ndarray]
    budgets: Sequence[float]
    steps: Sequence[float]
    kinds: Sequence[str]
    thresholds: np.ndarray
    groups: np.ndarray
    counted: np.ndarray
    machine: np.ndarray
    most: int
    place: str
    outputs: str
    saying: str
    styles: tuple[Style, Style, Style]
    pixels: np.ndarray | None = None
    rectangles: Sequence[tuple[int, int, int, int]] = ()
    positions: np.ndarray | None = None
    edges: np.ndarray | None = None
    clusters: np.ndarray | None = None
    attack: np.ndarray | None = field(default=None)

    def encode(self, payload: Payload) -> dict[str, Any]:
        """The header's part about it."""
        header: dict[str, Any] = {
            "weights": [_finite(np.asarray(weights)) for weights in self.weights],
            "budgets": [float(budget) for budget in self.budgets],
            "steps": [float(step) for step in self.steps],
            "kinds": list(self.kinds),
            "thresholds": payload.add_array(self.thresholds.astype(np.float64).ravel()),
            "groups": payload.add_array(self.groups.astype(np.int32).ravel()),
            "counted": payload.add_array(self.counted.astype(np.uint8).ravel()),
            "machine": self.machine.tolist(),
            "attack": None if self.attack is None else self.attack.tolist(),
            "most": int(self.most),
            "place": self.place,
            "outputs": self.outputs,
            "saying": self.saying,
            "styles": [encode_style(style) for style in self.styles],
        }
        if self.pixels is not None:
            boxes = [list(box) for box in self.rectangles]
            return {
                **header,
                **_size(self.pixels),
                "blob": payload.add_image(self.pixels),
                "rectangles": boxes,
            }
        assert self.positions is not None
        assert self.edges is not None
        assert self.clusters is not None
        clusters = payload.add_array(self.clusters.astype(np.int32))
        return {**header, **_points(payload, self.positions, self.edges), "clusters": clusters}


def _size(pixels: np.ndarray) -> dict[str, int]:
    return {"height": pixels.shape[0], "width": pixels.shape[1]}


def _map(payload: Payload, numbers: np.ndarray, styles: tuple[Style, ...]) -> dict[str, Any]:
    present = np.unique(numbers)
    return {
        "blob": payload.add_array(numbers.astype(np.uint8)),
        "styles": [encode_style(style) for style in styles],
        "present": present[present < len(styles)].tolist(),
    }


def _points(payload: Payload, positions: np.ndarray, edges: np.ndarray) -> dict[str, Any]:
    """Positions scaled into a frame of 4 to 3, and edges once each."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    unit = (positions - low) / np.maximum(high - low, 1e-9)
    once = edges[:, edges[0] < edges[1]]
    return {
        "width": 400,
        "height": 300,
        "points": payload.add_array((unit * [376, 276] + 12).astype(np.float32)),
        "edges": payload.add_array(once.astype(np.int32)),
    }


def _finite(values: np.ndarray) -> list[list[float | None]]:
    """Nested lists with None where a number is infinite."""
    return [[float(v) if np.isfinite(v) else None for v in row] for row in values]
