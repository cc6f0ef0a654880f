"""Which kinds of budget the graph page spreads out, and what the other two are held at, where edges are flipped.

Without flips of edges nothing of this is on the page.
"""

from __future__ import annotations

import itertools

import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.plane import MOST_CHANGES, PlaneView
from ui.style.glossary import TERMS
from ui.widgets.linked import linked

SLIDERS = ("graph_additions", "graph_deletions", "graph_edge_additions", "graph_edge_deletions")
"""Keys of the sliders, by kind of budget."""
LABELS = ("Attributes added", "Attributes deleted", "Edges added", "Edges deleted")
NAMES = ("additions", "deletions", "edge additions", "edge deletions")
"""What the kinds are called at axes, in the plural."""
PLANE = "graph_plane"
_PLANES = {
    f"{NAMES[one]},{NAMES[other]}".replace(" ", "_"): (one, other)
    for one, other in itertools.combinations(range(4), 2)
}
"""Names in links of any two of the four kinds, rows first."""
_MOST_HELD = 20


def said(key: str) -> int | None:
    """A budget of session or link; None if there is none that can be looked at."""
    value = st.session_state.get(key, st.query_params.get(key))
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= MOST_CHANGES else None


def chosen_view(certificate: GraphCertificate) -> PlaneView:
    """What link or reader have chosen; at first attributes, or edges where attributes are not flipped."""
    if certificate.edge_noise is None:
        return PlaneView()
    kinds = _PLANES.get(str(st.session_state.get(PLANE, st.query_params.get(PLANE))), _usual(certificate))
    held = tuple(0 if kind in kinds else said(key) or 0 for kind, key in enumerate(SLIDERS))
    return PlaneView(kinds, held)


def draw_other_budgets(certificate: GraphCertificate, view: PlaneView) -> None:
    """Folded away: which two kinds the plane spreads out, sliders for the other two. Nothing without flips of edges."""
    if certificate.edge_noise is None:
        return
    others = [kind for kind in range(4) if kind not in view.kinds]
    spent = ", ".join(f"{LABELS[kind].lower()}: {view.held[kind]}" for kind in others)
    with st.expander(f"More budgets ({spent})"):
        names = list(_PLANES)
        linked(
            st.selectbox,
            "Plane over",
            names,
            index=list(_PLANES.values()).index(view.kinds),
            key=PLANE,
            format_func=_plane_words,
            filter_mode=None,
            help="Two kinds of budget are spread out over the plane and its two sliders, the other two are held here.",
        )
        for column, kind in zip(st.columns(2, gap="medium"), others, strict=True):
            value = view.held[kind]
            st.session_state[SLIDERS[kind]] = value
            linked(
                column.slider,
                f"{LABELS[kind]}, at most",
                0,
                max(_MOST_HELD, value),
                key=SLIDERS[kind],
                help=TERMS[NAMES[kind]],
            )


def _usual(certificate: GraphCertificate) -> tuple[int, int]:
    flipped = bool((certificate.noise_levels > 0).any())
    return (0, 1) if flipped else (2, 3)


def _plane_words(name: str) -> str:
    one, other = _PLANES[name]
    return f"{LABELS[one].lower()} and {LABELS[other].lower()}"
