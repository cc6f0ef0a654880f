"""The adversary's two budgets on the graph page: chosen by the reader, never moved by the program.

As on the segmentation page: range and steps follow from clusters, noise and confidence, a chosen value stays.
"""

from __future__ import annotations

import streamlit as st

from ui.graphs.kinds import LABELS, NAMES, SLIDERS, said
from ui.graphs.plane import ADDITIONS, DELETIONS, Plane, telling_point
from ui.style.glossary import TERMS
from ui.widgets.linked import linked

_CHOSEN, _KINDS = "graph_budgets_chosen", "graph_budget_kinds"


def draw_budgets(plane: Plane) -> tuple[int, int]:
    """The two sliders of the plane's kinds of budget; returns what is chosen, (additions, deletions) as a rule, which
    need not be on the plane's axes."""
    keys = [SLIDERS[kind] for kind in plane.view.kinds]
    st.session_state[_KINDS] = plane.view.kinds
    if not set(keys) & set(st.session_state):
        st.session_state[_CHOSEN] = bool(set(keys) & set(st.query_params))
    first = plane.budgets(telling_point(plane))
    chosen = _budgets(plane, first)
    columns = st.columns(2, gap="medium")
    for column, kind in zip(columns, (DELETIONS, ADDITIONS), strict=True):
        axis, value, which = plane.axis(kind), chosen[kind], plane.view.kinds[kind]
        st.session_state[keys[kind]] = value
        step = int(axis[1])
        chosen[kind] = int(
            linked(
                column.slider,
                f"{LABELS[which]}, at most",
                0,
                max(int(axis[-1]), value),
                first[kind],
                step=step if value % step == 0 else 1,
                key=keys[kind],
                on_change=remember_choice,
                help=TERMS[NAMES[which]],
            )
        )
    return chosen[ADDITIONS], chosen[DELETIONS]


def choose_budgets(additions: int, deletions: int) -> None:
    """Callback's part: move both sliders of the plane on screen, that of its rows first."""
    rows, columns = st.session_state.get(_KINDS, (ADDITIONS, DELETIONS))
    st.session_state[SLIDERS[rows]] = additions
    st.session_state[SLIDERS[columns]] = deletions
    remember_choice()


def remember_choice() -> None:
    """Callback: from now on the budgets are the reader's."""
    st.session_state[_CHOSEN] = True


def _budgets(plane: Plane, first: tuple[int, int]) -> list[int]:
    """What link or reader have chosen; before that, a pair that half of the nodes withstand."""
    given = [said(SLIDERS[kind]) for kind in plane.view.kinds]
    values = [usual if value is None else value for value, usual in zip(given, first, strict=True)]
    lost = plane.proven[plane.index(*values)] == 0 and plane.proven[0, 0] > 0
    return list(first) if lost and not st.session_state.get(_CHOSEN) else values
