"""What a page draws of a graph beside its certificate. No claim depends on any of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lrscore.errors import InputError
from lrscore.graphs.counts import refuse

if TYPE_CHECKING:
    from lrscore.graphs.input import GraphInput


@dataclass(frozen=True, eq=False)
class GraphDisplay:
    """Optional facts about a graph; empty where unknown.

    Args:
        title: one line.
        positions: (n, 2) float32 layout, or None.
        ones: (2, ones) int64 node and attribute of every attribute present, or None.
        node_names, attribute_names: names in order, or empty.
        training: (n,) bool, nodes whose label the model was trained on, or None.
    """

    title: str = ""
    positions: np.ndarray | None = None
    ones: np.ndarray | None = None
    node_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    training: np.ndarray | None = None

    def check(self, nodes: int) -> None:
        """Refuse what does not fit a graph of that many nodes.

        Raises:
            InputError: another number of nodes, or attributes that have no name.
        """
        ones, names = self.ones, self.attribute_names
        width = len(names) or 1 << 31
        refuse(
            {
                "positions": self.positions is None
                or (self.positions.shape == (nodes, 2) and bool(np.isfinite(self.positions).all())),
                "ones": ones is None
                or (ones.shape[0] == 2 and bool(((ones >= 0) & (ones < [[nodes], [width]])).all())),
                "node names": len(self.node_names) in (0, nodes),
                "training nodes": self.training is None or self.training.shape == (nodes,),
            }
        )


def describe_graph(graph: Any, given: GraphInput) -> GraphDisplay:
    """What the graph offers for drawing: `pos`, `title`, `node_names`, `attribute_names`, `train_mask`.

    Of positions in space the first two coordinates are taken, of masks for several splits the first.

    Raises:
        InputError: something is there that does not fit the graph.
    """
    nodes, width = given.shape
    return GraphDisplay(
        title=str(getattr(graph, "title", None) or ""),
        positions=_positions(getattr(graph, "pos", None), nodes),
        ones=np.stack([given.rows, given.columns]),
        node_names=_names("node_names", getattr(graph, "node_names", None), nodes),
        attribute_names=_names("attribute_names", getattr(graph, "attribute_names", None), width),
        training=_mask(getattr(graph, "train_mask", None), nodes),
    )


def _positions(given: Any, nodes: int) -> np.ndarray | None:
    if given is None:
        return None
    places = _array("pos", given)
    if places.ndim != 2 or len(places) != nodes or places.shape[1] < 2 or places.dtype.kind not in "biuf":
        raise InputError(
            f"graph.pos must be ({nodes}, 2) numbers, got shape {places.shape} of {places.dtype}"
        )
    if not np.isfinite(places).all():
        raise InputError("graph.pos must hold finite numbers, got NaN or infinity")
    return places[:, :2].astype(np.float32)


def _names(field: str, given: Any, count: int) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise InputError(f"graph.{field} must be a sequence of {count} names, got {type(given).__name__}")
    names = tuple(str(name) for name in given)
    if names and len(names) != count:
        raise InputError(f"graph.{field} must hold {count} names, got {len(names)}")
    return names


def _mask(given: Any, nodes: int) -> np.ndarray | None:
    if given is None:
        return None
    mask = _array("train_mask", given)
    if mask.ndim == 2 and len(mask) == nodes and mask.shape[1] >= 1:  # one column per split
        mask = mask[:, 0]
    if mask.shape != (nodes,) or not np.isin(mask, (0, 1)).all():
        raise InputError(f"graph.train_mask must mark {nodes} nodes, got shape {mask.shape} of {mask.dtype}")
    return mask.astype(bool)


def _array(field: str, given: Any) -> np.ndarray:
    try:
        array = given.detach().cpu().numpy() if hasattr(given, "detach") else np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InputError(f"graph.{field} must be an array, got {type(given).__name__}") from error
    if array.dtype.kind not in "biuf":
        raise InputError(f"graph.{field} must hold numbers, got {array.dtype}")
    return array
