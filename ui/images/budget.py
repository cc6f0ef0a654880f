"""The adversary's budget on the segmentation page: chosen by the reader, never moved by the program.

A run under way, another certificate or other settings may change the slider's range and steps. The value stays: the
range is stretched to hold it, the steps become finer, and the curves get that budget as one more point.
"""

from __future__ import annotations

import math

import streamlit as st

from lrscore.images.certificate import ImageCertificate
from lrscore.images.radius import slider_digits
from ui.images.curves import BUDGET_DIGITS, MOST_EPSILON, CurveSet, parting_budget, step_for
from ui.style.glossary import norm_words
from ui.widgets.linked import linked

BUDGET = "image_eps"
"""Key of the slider, and name of the budget in links."""
_CHOSEN, _ABOUT = "image_eps_chosen", "image_eps_about"


def draw_budget(curves: CurveSet, norm: str, about: str) -> float:
    """The slider; returns the budget that is chosen, which need not be on the grid of the curves.

    Args:
        norm: "l2" or "l1", what ε measures.
        about: names what is certified and how; a budget that nobody chose follows another one.
    """
    if BUDGET not in st.session_state:
        st.session_state[_CHOSEN] = BUDGET in st.query_params
    usual = parting_budget(curves)
    st.session_state[BUDGET] = epsilon = _budget(curves, usual, about)
    largest = max(float(curves.epsilons[-1]), epsilon)
    step = step_for(float(curves.epsilons[-1]), epsilon)
    digits = max(slider_digits(largest), -math.floor(math.log10(step * (1 + 1e-12))))
    return round(
        float(
            linked(
                st.slider,
                f"Adversary's budget ε ({norm_words(norm)})",
                0.0,
                largest,
                usual,
                step=step,
                format=f"%.{digits}f",
                key=BUDGET,
                on_change=_remember_choice,
                help=budget_help(norm),
            )
        ),
        BUDGET_DIGITS,
    )


def budget_help(norm: str) -> str:
    """What ε measures, in everyday units."""
    if norm == "l1":
        return (
            "The sum of all changes of all pixel values, where black to white is 1: with ε = 1 one value may go from "
            "black to white, or 255 values by one of 255 grey levels."
        )
    return (
        "The square root of the sum of squared changes of all pixel values, where black to white is 1: with ε = 0.25 "
        "one grey pixel may change by 37 of 255 levels, or every pixel of a region by less than one."
    )


def _budget(curves: CurveSet, first: float, about: str) -> float:
    """What link or reader have chosen; before that, the budget where the curves part."""
    another = st.session_state.get(_ABOUT) not in (None, about)
    st.session_state[_ABOUT] = about
    said = st.session_state.get(BUDGET)
    if said is None and BUDGET in st.query_params:
        said = _number(st.query_params[BUDGET])
    if said is None or not 0 <= float(said) <= MOST_EPSILON:
        return first
    value = round(float(said), BUDGET_DIGITS)
    lost = curves.proven[curves.index(value)] == 0 and curves.proven[0] > 0
    return first if (lost or another) and not st.session_state.get(_CHOSEN) else value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _remember_choice() -> None:
    """Callback: from now on the budget is the reader's."""
    st.session_state[_CHOSEN] = True


def budget_of(certificate: ImageCertificate) -> str:
    """Names a picture's noise: what another preset, picture or model changes."""
    settings, picture = certificate.settings, certificate.provenance.get("title", "")
    levels = settings.levels_in_words()
    return (
        f"{picture} {settings.grid} {settings.noise} {levels} {settings.mask_distance} {settings.two_views}"
    )
