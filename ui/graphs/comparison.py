"""Two certificates of one graph: what each proves at a pair of budgets, node by node and over the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import plotly.graph_objects as go

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from ui.certification.stopped import STOPPED, stopped_words
from ui.charts.chart import Line
from ui.components.graph_view import NodeStyles, NodeValues
from ui.components.graph_view.drawing import NO_STYLE
from ui.components.graph_view.encode import distinct_edges
from ui.graphs.counting import Count, candidates
from ui.graphs.kinds import NAMES
from ui.graphs.picture import label_values
from ui.graphs.plane import Cut, Plane, Point
from ui.graphs.plots import percent, plane_axes
from ui.graphs.states import node_states
from ui.style.palette import CERTIFIED, COLLECTIVE, DIFFERENCE, STATES, UNCERTIFIED, WRONG
from ui.style.theme import Theme
from ui.style.words import confidence, samples_words, share

BOTH = replace(CERTIFIED, name="stands in both")
HERE = replace(COLLECTIVE, name="stands here only")
THERE = replace(WRONG, name="stands in the pinned one only")
NEITHER = replace(UNCERTIFIED, name="stands in neither")
OUTCOMES = (BOTH, HERE, THERE, NEITHER)
"""A node stands if it is certified by itself or survives the worst attack found, with a label that is counted."""

# Noise levels, samples drawn
_TOLD_OTHERWISE = (
    "levels",
    "flip_to_one",
    "flip_to_zero",
    "flip_edges",
    "edge_levels",
    "samples",
    "batch_size",
)
Budgets = tuple[int, int]
Row = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class GraphSide:
    """One of the two: its certificate and its plane for what is counted."""

    certificate: GraphCertificate
    plane: Plane

    def proven(self, budgets: Budgets) -> int:
        """Proven count at (additions, deletions); 0 beyond the plane, where nothing has been proven."""
        return int(self.plane.proven[self.plane.index(*budgets)]) if self.reaches(budgets) else 0

    def reaches(self, budgets: Budgets) -> bool:
        """Whether the plane has budgets at least as large."""
        return budgets[0] <= self.plane.additions[-1] and budgets[1] <= self.plane.deletions[-1]

    def standing(self, budgets: Budgets, count: Count) -> np.ndarray:
        """(n,) bool: nodes that stand at the smallest budgets of the plane that are as large; none beyond it."""
        if not self.reaches(budgets):
            return np.zeros(self.certificate.nodes, dtype=bool)
        point = self.plane.index(*budgets)
        states = node_states(self.certificate, self.plane.units(point), self.plane.allocation[point], count)
        return np.isin(states.numbers, [STATES.index(CERTIFIED), STATES.index(COLLECTIVE)])


def same_graph(one: GraphCertificate, other: GraphCertificate) -> bool:
    """Whether nodes, edges and, as far as they are told, attributes agree."""
    ones = one.display.ones, other.display.ones
    return (
        one.nodes == other.nodes
        and np.array_equal(distinct_edges(one.edges), distinct_edges(other.edges))
        and (ones[0] is None or ones[1] is None or _same_pairs(ones[0], ones[1]))
    )


def outcome_styles(here: GraphSide, pinned: GraphSide, budgets: Budgets, count: Count) -> NodeStyles:
    """The difference overlay: which nodes stand in which of the two."""
    first, second = (side.standing(budgets, count) for side in (here, pinned))
    choices = [first & second, first, second]
    numbers = np.select(
        choices, [OUTCOMES.index(style) for style in (BOTH, HERE, THERE)], OUTCOMES.index(NEITHER)
    )
    counted = candidates(here.certificate, count) | candidates(pinned.certificate, count)
    return NodeStyles(
        "compared with the pinned one", np.where(counted, numbers, NO_STYLE), OUTCOMES, rest="not counted"
    )


def pinned_values(pinned: GraphCertificate) -> list[NodeValues]:
    """What the readout says about a node in the pinned certificate."""
    return [
        label_values(pinned, "pinned: label"),
        NodeValues("pinned: bound", pinned.probabilities, digits=4),
    ]


def number_rows(here: GraphSide, pinned: GraphSide, budgets: Budgets, count: Count) -> list[Row]:
    """(what, here, pinned) for everything that can be said in numbers."""
    columns = [_numbers(side, budgets, count) for side in (here, pinned)]
    return [(name, columns[0][name], columns[1][name]) for name in columns[0]]


def setting_rows(here: GraphCertificate, pinned: GraphCertificate) -> list[Row]:
    """(setting, here, pinned) for what differs in settings, model and seed."""
    columns = [_settings(certificate) for certificate in (here, pinned)]
    rows = [(name, columns[0][name], columns[1][name]) for name in columns[0]]
    return [row for row in rows if row[1] != row[2]]


def difference_figure(here: GraphSide, pinned: GraphSide, budgets: Budgets, theme: Theme) -> go.Figure:
    """Certified share here minus the pinned one's, in percentage points, over all budgets of both planes."""
    additions = np.union1d(here.plane.additions, pinned.plane.additions)
    deletions = np.union1d(here.plane.deletions, pinned.plane.deletions)
    points = np.array([[_difference(here, pinned, (int(a), int(d))) for d in deletions] for a in additions])
    reach = max(10.0, 10 * float(np.ceil(np.abs(points).max() / 10)))
    table = DIFFERENCE.table
    upward, rightward = (NAMES[kind] for kind in here.plane.view.kinds)
    figure = go.Figure(
        go.Heatmap(
            x=deletions,
            y=additions,
            z=points.astype(np.float32),
            zmin=-reach,
            zmax=reach,
            colorscale=[[k / 16, "rgb({},{},{})".format(*table[round(k * 255 / 16)])] for k in range(17)],
            hovertemplate=f"%{{y}} {upward}, %{{x}} {rightward}: %{{z:+.1f}} points<extra></extra>",
            colorbar={"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}, "ticksuffix": " pt"},
        )
    )
    return plane_axes(figure, additions, deletions, budgets, theme, here.plane.view.kinds)


def pinned_line(plane: Plane, pinned: GraphSide, point: Point, kind: Cut, theme: Theme) -> Line:
    """What the pinned certificate proves along a cut of the plane on screen."""
    pairs = plane.budgets_along(point, kind)
    counts = np.array([pinned.proven((int(a), int(d))) for a, d in pairs])
    along = plane.axis(kind)
    return Line(
        "pinned: proven",
        theme.accent,
        "longdashdot",
        2.4,
        along,
        percent(counts, pinned.plane),
        symbol="square",
        marks=tuple(range(len(along))),
        hollow=True,
    )


def _difference(here: GraphSide, pinned: GraphSide, budgets: Budgets) -> float:
    shares = [100 * side.proven(budgets) / max(side.plane.outputs, 1) for side in (here, pinned)]
    return shares[0] - shares[1]


def _numbers(side: GraphSide, budgets: Budgets, count: Count) -> dict[str, str]:
    certificate, plane = side.certificate, side.plane
    numbers = {
        "proven": f"{share(side.proven(budgets), plane.outputs)} ({side.proven(budgets):,})",
        "proven without an attack": share(int(plane.proven[0, 0]), plane.outputs),
        "abstained": share(int(certificate.abstained.sum()), certificate.nodes),
        "samples": samples_words(certificate.trials, "cluster"),
        STOPPED: stopped_words(certificate) or "no",
        "confidence": confidence(certificate.plan.alpha) if certificate.promised else "none: not valid",
    }
    if count != "all":
        chosen = candidates(certificate, count)
        right = int((certificate.correct() & chosen).sum())
        numbers["smoothed label is right"] = share(right, int(chosen.sum()))
    return numbers


def _settings(certificate: GraphCertificate) -> dict[str, str]:
    names = [field.name for field in fields(GraphSettings) if field.name not in _TOLD_OTHERWISE]
    told = {name.replace("_", " "): _text(getattr(certificate.settings, name)) for name in names}
    told["noise levels"] = _range(certificate.noise_levels)
    if (edges := certificate.edge_noise) is not None:
        told["edges"] = _range(np.stack([edges.to_one, edges.to_zero]))
    return told | {name: certificate.provenance.get(name, "") for name in ("model", "seed")}


def _same_pairs(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(np.unique(one, axis=1), np.unique(other, axis=1))


def _range(levels: np.ndarray) -> str:
    return ", ".join(f"{kind.min():.3g} to {kind.max():.3g}" for kind in levels)


def _text(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return (
            ", ".join(f"{item:g}" for item in value) if len(value) <= 8 else f"given ({len(value):,} nodes)"
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
