"""Controls that both certification pages have, each bound to the address line under the page's own key."""

from __future__ import annotations

import streamlit as st

from lrscore.statistics import CORRECTIONS
from ui.certification.options import CORRECTION_WORDS, MOST_SEED, MOST_TOLERATED


def draw_correction(key: str, first: str, outputs: str) -> str:
    """How alpha is shared among all outputs ("pixels", "nodes")."""
    return str(
        st.selectbox(
            f"Correction for many {outputs}",
            CORRECTIONS,
            index=CORRECTIONS.index(first),
            key=key,
            bind="query-params",
            format_func=lambda name: CORRECTION_WORDS.get(name, name),
            filter_mode=None,
            help=f"How alpha is shared among all {outputs}. Choose before looking: the best of several is not a "
            "guarantee.",
        )
    )


def draw_seed(key: str, first: int) -> int:
    """The seed of a run."""
    return int(st.number_input("Seed", 0, MOST_SEED, first, key=key, bind="query-params"))


def draw_tolerated(key: str, first: int, correction: str) -> int:
    """`k` of the count-level correction."""
    return int(
        st.number_input(
            "k of the count level",
            1,
            MOST_TOLERATED,
            first,
            key=key,
            bind="query-params",
            disabled=correction != "count-level",
            help="Up to k − 1 bounds may fail; the certified count is reduced by as many.",
        )
    )
