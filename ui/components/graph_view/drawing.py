"""What a graph view shows: positions, edges, node colours and shapes, clusters and the values of its readout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrscore.errors import InputError
from ui.components.frontend.legend import ColourScale
from ui.style.palette import Style

NO_STYLE = 255
"""Number of a node that `NodeStyles` leaves plain."""
PLAIN = ("#a8acb2", "#5d646e")
"""Fill of plain nodes in the light and the dark theme, as in js/model.js."""

Numbers = npt.NDArray[np.bool_ | np.integer | np.floating]


@dataclass(frozen=True, eq=False)
class NodeStyles:
    """A style per node. In a graph a style's pattern decides the node's shape:

    none: disc; diagonal: disc inside a ring; dots: empty circle; cross: cross; horizontal: square.

    Args:
        name: what the chooser and the legend call it.
        numbers: (n,) integers: positions in `styles`, or 255 for none.
        styles: at most 255 styles.
        rest: what the legend says of nodes without a style; empty leaves them out.
    """

    name: str
    numbers: npt.NDArray[np.integer]
    styles: tuple[Style, ...]
    rest: str = ""

    def __post_init__(self) -> None:
        numbers = np.asarray(self.numbers)
        if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
            raise InputError(
                f"{self.name!r}: numbers must be integers of shape (n,), got {numbers.dtype} of shape {numbers.shape}"
            )
        if not 0 < len(self.styles) <= NO_STYLE:
            raise InputError(f"{self.name!r}: styles must be 1 to {NO_STYLE} styles, got {len(self.styles)}")
        unknown = numbers[(numbers != NO_STYLE) & ((numbers < 0) | (numbers >= len(self.styles)))]
        if unknown.size:
            raise InputError(
                f"{self.name!r}: numbers must be {NO_STYLE} or below {len(self.styles)}, got {unknown.flat[0]}"
            )

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.numbers)


@dataclass(frozen=True, eq=False)
class NodeColours:
    """A colour per node from a colour map: `colours` is uint8 (n, 3) or (n, 4); alpha is ignored."""

    name: str
    colours: npt.NDArray[np.uint8]
    scale: ColourScale | None = None

    def __post_init__(self) -> None:
        shape, dtype = np.shape(self.colours), np.asarray(self.colours).dtype
        if len(shape) != 2 or shape[1] not in (3, 4) or dtype != np.uint8:
            raise InputError(
                f"{self.name!r}: colours must be uint8 of shape (n, 3) or (n, 4), got {dtype} of shape {shape}"
            )

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.colours)


@dataclass(frozen=True, eq=False)
class NodeValues:
    """A value per node for the readout: `values` (n,) bool, integer or float; `names` replace integers by text."""

    name: str
    values: Numbers
    names: tuple[str, ...] | None = None
    unit: str = ""
    digits: int = 3

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        if values.ndim != 1 or values.dtype.kind not in "biuf":
            raise InputError(
                f"values {self.name!r} must be numbers of shape (n,), got {values.dtype} of shape {values.shape}"
            )
        if self.names is not None and values.dtype.kind == "f":
            raise InputError(f"values {self.name!r} must be integers to have names, got {values.dtype}")

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.values)


@dataclass(frozen=True)
class ClusterLink:
    """A line between two clusters: as broad as `weight`, from 0 to 1, says, with a short text at its middle."""

    one: int
    other: int
    weight: float
    text: str = ""


@dataclass(frozen=True, eq=False)
class ClusterLayer:
    """A colour (uint8 RGBA) and, if wanted, a short text per cluster: attack budget, noise level, certified share.

    `links` are lines between clusters.
    """

    name: str
    colours: npt.NDArray[np.uint8]
    labels: tuple[str, ...] | None = None
    scale: ColourScale | None = None
    links: tuple[ClusterLink, ...] = ()

    def __post_init__(self) -> None:
        shape, dtype = np.shape(self.colours), np.asarray(self.colours).dtype
        if len(shape) != 2 or shape[1] != 4 or dtype != np.uint8:
            raise InputError(
                f"{self.name!r}: colours must be uint8 of shape (clusters, 4), got {dtype} of shape {shape}"
            )
        if self.labels is not None and len(self.labels) != shape[0]:
            raise InputError(
                f"{self.name!r}: labels must be one per cluster ({shape[0]}), got {len(self.labels)}"
            )
        for link in self.links:
            if not (0 <= link.one < shape[0] and 0 <= link.other < shape[0] and 0 <= link.weight <= 1):
                raise InputError(
                    f"{self.name!r}: links must join clusters 0 to {shape[0] - 1} with weights in [0, 1], got {link}"
                )


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of nodes, drawn as convex hulls.

    Args:
        numbers: (n,) cluster number of every node, 0 to `count - 1`.
        layers: colourings of the hulls the reader can choose from; the first one is shown at first.
    """

    numbers: npt.NDArray[np.integer]
    layers: Sequence[ClusterLayer] = ()

    def __post_init__(self) -> None:
        numbers = np.asarray(self.numbers)
        if (
            numbers.ndim != 1
            or not np.issubdtype(numbers.dtype, np.integer)
            or numbers.size == 0
            or numbers.min() < 0
        ):
            raise InputError(
                "cluster numbers must be integers >= 0 of shape (n,), "
                f"got {numbers.dtype} of shape {numbers.shape} from {numbers.min() if numbers.size else 'nothing'}"
            )
        for layer in self.layers:
            if len(layer.colours) != self.count:
                raise InputError(
                    f"{layer.name!r} must have one colour per cluster ({self.count}), got {len(layer.colours)}"
                )

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.numbers.max()) + 1


@dataclass(frozen=True, eq=False)
class NodeAttributes:
    """What nodes can be found by, beside number and name.

    Args:
        names: of the attributes.
        ones: (2, k) node and attribute of every attribute that a node has.
    """

    names: tuple[str, ...]
    ones: npt.NDArray[np.integer]

    def __post_init__(self) -> None:
        ones = np.asarray(self.ones)
        if ones.ndim != 2 or ones.shape[0] != 2 or not np.issubdtype(ones.dtype, np.integer):
            raise InputError(f"ones must be integers of shape (2, k), got {ones.dtype} of shape {ones.shape}")
        if ones.size and (ones.min() < 0 or ones[1].max() >= len(self.names)):
            raise InputError(f"ones must name attributes 0 to {len(self.names) - 1}, got {ones[1].max()}")


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything one graph view shows.

    Args:
        positions: (n, 2) finite floats, x to the right and y downward, in any unit.
        edges: (2, E) node numbers; direction, repeats and self-loops are ignored.
        colourings: what the nodes' colour may show; the reader chooses, the first one is shown at first.
        shapes: styles whose shapes hold whatever the colour shows; None lets each colouring bring its own.
        clusters: hulls and their colours.
        values: what the readout says about a node, in this order.
        names: one name per node; without them nodes are called by their number.
        attributes: what nodes can be found by beside that; None if nothing.

    Raises:
        InputError: parts disagree on the number of nodes, or an argument is malformed.
    """

    positions: npt.NDArray[np.floating]
    edges: npt.NDArray[np.integer]
    colourings: Sequence[NodeStyles | NodeColours]
    shapes: NodeStyles | None = None
    clusters: Clusters | None = None
    values: Sequence[NodeValues] = ()
    names: tuple[str, ...] | None = None
    attributes: NodeAttributes | None = None

    def __post_init__(self) -> None:
        positions, edges = np.asarray(self.positions), np.asarray(self.edges)
        if positions.ndim != 2 or positions.shape[1] != 2 or len(positions) == 0:
            raise InputError(f"positions must have shape (n, 2) with n > 0, got {positions.shape}")
        if positions.dtype.kind not in "iuf" or not np.isfinite(positions).all():
            raise InputError("positions must be finite numbers")
        if edges.ndim != 2 or edges.shape[0] != 2 or not np.issubdtype(edges.dtype, np.integer):
            raise InputError(
                f"edges must be integers of shape (2, E), got {edges.dtype} of shape {edges.shape}"
            )
        if edges.size and (edges.min() < 0 or edges.max() >= len(positions)):
            raise InputError(
                f"edges must name nodes 0 to {len(positions) - 1}, got {edges.min()} to {edges.max()}"
            )
        if not self.colourings:
            raise InputError("colourings must hold at least one colouring")
        furthest = -1 if self.attributes is None else int(self.attributes.ones[0].max(initial=-1))
        if furthest >= len(positions):
            raise InputError(f"ones must name nodes 0 to {len(positions) - 1}, got {furthest}")
        self._check_counts()

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.positions)

    def _check_counts(self) -> None:
        parts = [(f"colouring {part.name!r}", part.count) for part in self.colourings]
        parts += [(f"values {part.name!r}", part.count) for part in self.values]
        if self.shapes is not None:
            parts.append((f"shapes {self.shapes.name!r}", self.shapes.count))
        if self.clusters is not None:
            parts.append(("cluster numbers", len(self.clusters.numbers)))
        if self.names is not None:
            parts.append(("names", len(self.names)))
        for what, count in parts:
            if count != self.count:
                raise InputError(f"{what} must hold one entry per node ({self.count}), got {count}")
