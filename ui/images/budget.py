"""The adversary's budget on the segmentation page: chosen by the reader, never moved by the program.

A run under way, another certificate or other settings may change the slider's range and steps. The value stays: the
range is stretched to hold it, the steps become finer, and the curves get that budget as one more point.
"""

from __future__ import annotations

import math

import streamlit as st

from lrscore.images.radius import slider_digits
from ui.images.curves import BUDGET_DIGITS, MOST_EPSILON, CurveSet, step_for, telling_budget

BUDGET = "image_eps"
"""Key of the slider, and name of the budget in links."""
FIRST_BUDGET = 0.3  # of the slider's range, where enough stands there
_CHOSEN = "image_eps_chosen"


def draw_budget(curves: CurveSet) -> float:
    """The slider; returns the budget that is chosen, which need not be on the grid of the curves."""
    if BUDGET not in st.session_state:
        st.session_state[_CHOSEN] = BUDGET in st.query_params
    usual = float(curves.epsilons[curves.index(FIRST_BUDGET * float(curves.epsilons[-1]))])
    st.session_state[BUDGET] = epsilon = _budget(curves, usual)
    largest = max(float(curves.epsilons[-1]), epsilon)
    step = step_for(float(curves.epsilons[-1]), epsilon)
    digits = max(slider_digits(largest), -math.floor(math.log10(step * (1 + 1e-12))))
    return round(
        float(
            st.slider(
                "Adversary's budget ε",
                0.0,
                largest,
                usual,
                step=step,
                format=f"%.{digits}f",
                key=BUDGET,
                bind="query-params",
                on_change=_remember_choice,
            )
        ),
        BUDGET_DIGITS,
    )


def _budget(curves: CurveSet, usual: float) -> float:
    """What link or reader have chosen; before that, the usual one, or a smaller one at which something is certified."""
    first = telling_budget(curves, usual)
    said = st.session_state.get(BUDGET)
    if said is None and BUDGET in st.query_params:
        said = _number(st.query_params[BUDGET])
    if said is None or not 0 <= float(said) <= MOST_EPSILON:
        return first
    value = round(float(said), BUDGET_DIGITS)
    lost = curves.proven[curves.index(value)] == 0 and curves.proven[0] > 0
    return first if lost and not st.session_state.get(_CHOSEN) else value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _remember_choice() -> None:
    """Callback: from now on the budget is the reader's."""
    st.session_state[_CHOSEN] = True
