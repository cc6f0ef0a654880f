"""The graph of a certificate as a drawing: colourings, hulls of the clusters, and what the readout says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.graphs.certificate import UNKNOWN, GraphCertificate
from lrscore.graphs.pairs import cluster_pairs
from ui.components.graph_view import (
    ClusterLayer,
    ClusterLink,
    Clusters,
    ColourScale,
    Drawing,
    NodeAttributes,
    NodeColours,
    NodeStyles,
    NodeValues,
)
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.kinds import NAMES
from ui.graphs.states import NodeStates
from ui.style.palette import ALLOCATION, NOISE, SHARE, STATES, Style
from ui.style.words import UNSAMPLED

_CLASS_COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#b8a800",
    "#7a5195",
)
"""Okabe and Ito's colours for colour-blind readers, yellow darkened, purple added; they repeat with other shapes."""

_HULL_OPACITY = 0.45
_SHAPES = ("none", "horizontal", "diagonal", "cross")


def node_styles(names: tuple[str, ...]) -> tuple[Style, ...]:
    """A style per class: eight colours, then the same colours with other shapes."""
    return tuple(
        Style(
            name,
            _CLASS_COLOURS[number % len(_CLASS_COLOURS)],
            _CLASS_COLOURS[number % len(_CLASS_COLOURS)],
            _SHAPES[number // len(_CLASS_COLOURS) % len(_SHAPES)],  # type: ignore[arg-type]
        )
        for number, name in enumerate(names)
    )


def class_names(certificate: GraphCertificate) -> tuple[str, ...]:
    """The names of all classes; numbers where there are none."""
    known = -1 if certificate.reference is None else int(certificate.reference.max(initial=-1))
    count = max(certificate.pilot_scores.shape[1], known + 1)
    names = certificate.class_names
    return tuple(names[number] if number < len(names) else f"class {number}" for number in range(count))


def label_names(certificate: GraphCertificate) -> tuple[str, ...]:
    """The names of all classes, and after them those of the groups that labels may be."""
    chosen = certificate.chosen
    groups = () if chosen is None or chosen.tree is None else chosen.tree.names
    return (*class_names(certificate), *groups)


def label_numbers(certificate: GraphCertificate) -> np.ndarray:
    """(n,) the label of every node, class or group, as a place in `label_names`."""
    chosen = certificate.chosen
    if chosen is None or chosen.tree is None:
        return certificate.labels
    first = len(class_names(certificate))
    return np.where(chosen.coarse, first + chosen.nodes - chosen.tree.classes, certificate.labels)


def _label_styles(certificate: GraphCertificate) -> tuple[Style, ...]:
    """Those of the classes; groups are grey, of another shape each."""
    classes = class_names(certificate)
    groups = label_names(certificate)[len(classes) :]
    shapes = _SHAPES[1:]
    return (
        *node_styles(classes),
        *(
            Style(f"{name} (group)", "#8a8a8a", "#a8a8a8", shapes[place % len(shapes)])  # type: ignore[arg-type]
            for place, name in enumerate(groups)
        ),
    )


def attack_words(allocation: np.ndarray) -> tuple[str, ...]:
    """What an attack (2, J) spends in every cluster, such as "+1 −2"; empty where nothing.

    Of one (4, R) the edges inside a cluster, "edges +1", stand behind its attributes.
    """
    return tuple(
        ", ".join(word for word in (_signed(column[:2]), _signed(column[2:], "edges ")) if word)
        for column in allocation.T
    )


def _signed(units: np.ndarray, what: str = "") -> str:
    words = [f"{sign}{number:.3g}" for sign, number in zip("+−", units, strict=False) if number > 0]
    return what + " ".join(words) if words else ""


def attack_links(certificate: GraphCertificate, allocation: np.ndarray) -> tuple[ClusterLink, ...]:
    """Edges that an attack (4, R) changes between two clusters; none of one (2, J)."""
    if certificate.edge_noise is None:
        return ()
    clusters = len(certificate.ranks)
    changed = allocation[2:].sum(axis=0)
    return tuple(
        ClusterLink(
            int(one), int(other), float(changed[place] / allocation.sum()), _signed(allocation[2:, place])
        )
        for place, (one, other) in enumerate(cluster_pairs(clusters))
        if place >= clusters and changed[place] > 0
    )


def colourings(certificate: GraphCertificate, states: NodeStates) -> list[NodeStyles | NodeColours]:
    """What the nodes' colour can show: state, smoothed label, true class, share of the pilot, proven bound."""
    names = class_names(certificate)
    styles = node_styles(names)
    chosen: list[NodeStyles | NodeColours] = [
        NodeStyles("certificate", states.numbers, STATES, rest="not counted"),
        NodeStyles(
            "smoothed label",
            np.where(certificate.sampled, label_numbers(certificate), NO_STYLE),
            _label_styles(certificate),
            rest="" if certificate.sampled.all() else UNSAMPLED,
        ),
    ]
    if certificate.reference is not None and (certificate.reference != UNKNOWN).any():
        known = np.where(certificate.reference == UNKNOWN, NO_STYLE, certificate.reference)
        chosen.append(NodeStyles("true class", known, styles, rest="unknown"))
    votes = certificate.settings.scores == "votes"
    shares = (
        ("pilot votes" if votes else "pilot score", pilot_share(certificate)),
        ("proven bound", certificate.probabilities),
    )
    for name, values in shares:
        scale = ColourScale(SHARE, 0.0, 1.0, name)
        chosen.append(NodeColours(name, SHARE.apply(values, 0.0, 1.0), scale))
    return chosen


def pilot_share(certificate: GraphCertificate) -> np.ndarray:
    """(n,) mean score, or share of the votes, of every node's label in the pilot."""
    return certificate.pilot_scores[np.arange(certificate.nodes), certificate.labels]


def _attack_layer(certificate: GraphCertificate, name: str, allocation: np.ndarray) -> ClusterLayer:
    """What an attack (2, J) or (4, R) spends in clusters, and between them."""
    clusters = len(certificate.ranks)
    spent = allocation[:, :clusters].sum(axis=0)
    total = float(allocation.sum())
    shares = spent / total if total > 0 else np.zeros(spent.shape)
    return ClusterLayer(
        name,
        _see_through(ALLOCATION.apply(np.where(shares > 0, shares, np.nan), 0.0, 1.0)),
        attack_words(allocation[:, :clusters]),
        ColourScale(ALLOCATION, 0.0, 100.0, "share of the attack", "%"),
        attack_links(certificate, allocation),
    )


def _cluster_layers(
    certificate: GraphCertificate, allocation: np.ndarray, group: int, carried: np.ndarray | None
) -> list[ClusterLayer]:
    """The hulls' colours: the worst attack found, and the noise that one cluster's nodes are predicted under.

    Args:
        allocation: (2, J) additions and deletions, or (4, R) with those of edges.
        group: the cluster whose noise is shown.
        carried: of the same shape, what an attack that was carried out spends.
    """
    layers = [_attack_layer(certificate, "worst attack found", allocation)]
    if carried is not None:
        layers.append(_attack_layer(certificate, "attack carried out", carried))
    for kind, name in enumerate(("added", "deleted")):
        levels = certificate.noise_levels[kind, group]
        high = max(0.05, float(np.ceil(20 * levels.max()) / 20))
        layers.append(
            ClusterLayer(
                f"chance that a one is {name}",
                _see_through(NOISE.apply(levels, 0.0, high)),
                tuple(f"{level:.3g}" for level in levels),
                ColourScale(NOISE, 0.0, high, f"seen from cluster {group}"),
            )
        )
    return layers


def _see_through(colours: np.ndarray) -> np.ndarray:
    """RGBA colours at less than half their opacity: nodes lie over the hulls and must stay legible."""
    faint = colours.copy()
    faint[..., 3] = faint[..., 3] * _HULL_OPACITY
    return faint


def label_values(certificate: GraphCertificate, name: str) -> NodeValues:
    """The smoothed labels under that name, as far as there are any yet."""
    names = label_names(certificate)
    labels = np.where(certificate.sampled, label_numbers(certificate), len(names))
    return NodeValues(name, labels, (*names, UNSAMPLED))


def readout(certificate: GraphCertificate, states: NodeStates) -> list[NodeValues]:
    """What the view says about the node under the pointer."""
    names = class_names(certificate)
    values = [label_values(certificate, "label")]
    if certificate.reference is not None:
        known = np.where(certificate.reference == UNKNOWN, len(names), certificate.reference)
        values.append(NodeValues("true class", known, (*names, "unknown")))
    state_names = (*(style.name for style in STATES), "not counted")
    values.append(NodeValues("state", np.minimum(states.numbers, len(STATES)), state_names))
    values.append(NodeValues("bound", certificate.probabilities, digits=4))
    values.append(NodeValues("withstands additions", certificate.radii[:, 0]))
    values.append(NodeValues("withstands deletions", certificate.radii[:, 1]))
    for kind in range(2, certificate.radii.shape[1]):
        values.append(NodeValues(f"withstands {NAMES[kind]}", certificate.radii[:, kind]))
    return values


def node_attributes(certificate: GraphCertificate) -> NodeAttributes | None:
    """What nodes can be found by, where names and attributes are known."""
    display = certificate.display
    if display.ones is None or not display.attribute_names:
        return None
    return NodeAttributes(display.attribute_names, display.ones)


def build_drawing(
    certificate: GraphCertificate,
    states: NodeStates,
    allocation: np.ndarray,
    positions: np.ndarray,
    group: int | None,
    more: Sequence[NodeStyles | NodeValues] = (),
    carried: np.ndarray | None = None,
) -> Drawing:
    """Everything the graph view shows at one pair of budgets.

    Args:
        allocation: (2, J), or (4, R), the worst attack found.
        positions: (n, 2) layout.
        group: cluster whose noise the hulls can show; the first one if None.
        more: colourings and values on top of the certificate's own.
        carried: of the shape of `allocation`, what an attack that was carried out spends; None without one.
    """
    return Drawing(
        positions,
        certificate.edges,
        [*colourings(certificate, states), *(part for part in more if isinstance(part, NodeStyles))],
        clusters=Clusters(
            certificate.clusters, _cluster_layers(certificate, allocation, group or 0, carried)
        ),
        values=[*readout(certificate, states), *(part for part in more if isinstance(part, NodeValues))],
        names=certificate.display.node_names or None,
        attributes=node_attributes(certificate),
    )
