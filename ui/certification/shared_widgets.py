"""Controls that both certification pages have, each bound to the address line under the page's own key."""

from __future__ import annotations

import streamlit as st

from lrscore.statistics import CORRECTIONS, TOLERANT
from ui.certification.options import CORRECTION_WORDS, MOST_SEED, MOST_TOLERATED
from ui.widgets.linked import linked


def draw_correction(key: str, first: str, outputs: str) -> str:
    """How alpha is shared among all outputs ("pixels", "nodes")."""
    return str(
        linked(
            st.selectbox,
            f"Correction for many {outputs}",
            CORRECTIONS,
            index=CORRECTIONS.index(first),
            key=key,
            format_func=lambda name: CORRECTION_WORDS.get(name, name),
            filter_mode=None,
            help=f"How alpha is shared among all {outputs}. Choose before looking: the best of several is not a "
            "guarantee.",
        )
    )


def draw_seed(key: str, first: int) -> int:
    """The seed of a run."""
    return int(
        linked(
            st.number_input,
            "Seed",
            0,
            MOST_SEED,
            first,
            key=key,
            help="Where the random numbers start: the same seed draws the same noisy copies. Choose before looking.",
        )
    )


def draw_tolerated(key: str, first: int, correction: str, offered: tuple[int, ...] = ()) -> int:
    """`k`, where the correction knows one; `offered` values share alpha and may be chosen after the run."""
    free = (
        f" With looks, {' and '.join(map(str, offered))} share alpha: choose either after the run."
        if offered
        else ""
    )
    return int(
        linked(
            st.number_input,
            "k: bounds that may fail, plus one",
            1,
            MOST_TOLERATED,
            first,
            key=key,
            disabled=correction not in TOLERANT,
            help="Up to k − 1 bounds may fail, whichever they are: the certified count is reduced by as many, and "
            "bounds are made at k times the level, which gains about 10 % of radius for k = 0.1 % of the outputs. "
            f"Single outputs then carry no promise. Choose before the run.{free}",
        )
    )
