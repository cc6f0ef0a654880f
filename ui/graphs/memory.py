"""The plane of the certificate on screen, and what else is computed once per certificate and choice."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from ui.graphs.counting import Count, possible_counts
from ui.graphs.kinds import chosen_view
from ui.graphs.on_screen import ShownGraph
from ui.graphs.plane import (
    Cut,
    Plane,
    PlaneView,
    Point,
    Relaxations,
    compute_plane,
    compute_relaxations,
    with_budgets,
)

COUNT = "graph_count"
EFFORT, QUICK = "graph_effort", "quick"
BOXES = {QUICK: 5, "thorough": 200}
"""Boxes of branch and bound per pair of budgets; what is proven until then counts."""


def chosen_count(certificate: GraphCertificate) -> Count:
    """What the control says, if this certificate can tell it."""
    possible = possible_counts(certificate)
    chosen = st.session_state.get(COUNT)
    return chosen if chosen in possible else possible[0]


def plane_of(shown: ShownGraph, count: Count, budgets: tuple[int, int] | None = None) -> Plane:
    """The plane of the certificate on screen, of the kinds of budget that are chosen, computed once.

    Args:
        budgets: chosen budgets of its two kinds, (additions, deletions) as a rule, that it must have.
    """
    boxes = BOXES[st.session_state.get(EFFORT) or QUICK]
    view = chosen_view(shown.certificate)
    plane = _plane(shown.key, shown.certificate.settings, count, boxes, view, shown.certificate)
    if budgets is None or all(budget in plane.axis(kind) for kind, budget in enumerate(budgets)):
        return plane
    return _extended(
        shown.key, shown.certificate.settings, count, boxes, view, budgets, shown.certificate, plane
    )


@st.cache_resource(max_entries=48, show_spinner="Proving every pair of budgets …")
def _plane(
    key: str,
    settings: GraphSettings,
    count: Count,
    boxes: int,
    view: PlaneView,
    _certificate: GraphCertificate,
) -> Plane:
    return compute_plane(_certificate, count, boxes, view)


@st.cache_resource(max_entries=48, show_spinner="Proving the chosen budgets …")
def _extended(
    key: str,
    settings: GraphSettings,
    count: Count,
    boxes: int,
    view: PlaneView,
    budgets: tuple[int, int],
    _certificate: GraphCertificate,
    _plane: Plane,
) -> Plane:
    return with_budgets(_plane, budgets, _certificate, count, boxes)


@st.cache_resource(max_entries=96, show_spinner=False)
def _cached_relaxations(
    key: str,
    settings: GraphSettings,
    count: Count,
    kind: Cut,
    other: int,
    budgets: tuple[float, ...],
    view: PlaneView,
    _budgets: np.ndarray,
    _certificate: GraphCertificate,
) -> Relaxations:
    return compute_relaxations(_certificate, count, _budgets, view)


def relaxations_of(shown: ShownGraph, plane: Plane, point: Point, kind: Cut, count: Count) -> Relaxations:
    """What the weaker methods prove along a cut of the plane, computed once."""
    return _cached_relaxations(
        shown.key,
        shown.certificate.settings,
        count,
        kind,
        plane.budgets(point)[1 - kind],
        tuple(plane.axis(kind).tolist()),
        plane.view,
        plane.budgets_along(point, kind),
        shown.certificate,
    )
