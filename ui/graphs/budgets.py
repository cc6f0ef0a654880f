"""The adversary's two budgets on the graph page: chosen by the reader, never moved by the program.

As on the segmentation page: range and steps follow from clusters, noise and confidence, a chosen value stays.
"""

from __future__ import annotations

import streamlit as st

from ui.graphs.plane import ADDITIONS, DELETIONS, MOST_CHANGES, Plane, telling_point
from ui.style.glossary import TERMS

SLIDERS = ("graph_additions", "graph_deletions")
"""Keys of the two sliders, by kind of change."""
_CHOSEN = "graph_budgets_chosen"


def draw_budgets(plane: Plane) -> tuple[int, int]:
    """The two sliders; returns the chosen (additions, deletions), which need not be on the plane's axes."""
    if not set(SLIDERS) & set(st.session_state):
        st.session_state[_CHOSEN] = bool(set(SLIDERS) & set(st.query_params))
    first = plane.budgets(telling_point(plane))
    chosen = _budgets(plane, first)
    columns = st.columns(2, gap="medium")
    for column, (kind, words) in zip(columns, ((DELETIONS, "deleted"), (ADDITIONS, "added")), strict=True):
        axis, value = plane.axis(kind), chosen[kind]
        st.session_state[SLIDERS[kind]] = value
        step = int(axis[1])
        chosen[kind] = int(
            column.slider(
                f"Attributes {words}, at most",
                0,
                max(int(axis[-1]), value),
                first[kind],
                step=step if value % step == 0 else 1,
                key=SLIDERS[kind],
                bind="query-params",
                on_change=remember_choice,
                help=TERMS["deletions" if kind == DELETIONS else "additions"],
            )
        )
    return chosen[ADDITIONS], chosen[DELETIONS]


def choose_budgets(additions: int, deletions: int) -> None:
    """Callback's part: move both sliders."""
    st.session_state[SLIDERS[ADDITIONS]] = additions
    st.session_state[SLIDERS[DELETIONS]] = deletions
    remember_choice()


def remember_choice() -> None:
    """Callback: from now on the budgets are the reader's."""
    st.session_state[_CHOSEN] = True


def _budgets(plane: Plane, first: tuple[int, int]) -> list[int]:
    """What link or reader have chosen; before that, a pair that half of the nodes withstand."""
    said = [_said(key) for key in SLIDERS]
    values = [usual if value is None else value for value, usual in zip(said, first, strict=True)]
    lost = plane.proven[plane.index(*values)] == 0 and plane.proven[0, 0] > 0
    return list(first) if lost and not st.session_state.get(_CHOSEN) else values


def _said(key: str) -> int | None:
    """A budget of session or link; None if there is none that can be looked at."""
    value = st.session_state.get(key, st.query_params.get(key))
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 <= number <= MOST_CHANGES else None
