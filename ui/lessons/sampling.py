"""A chart. Votes are sampled, so the claim has a confidence. Watch the bounds tighten."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrscore.statistics import clopper_pearson_lower
from ui.lessons.lesson import Scene, blank_figure, slider
from ui.style.theme import Theme

SIZES = 2 ** np.arange(4, 14)
PIXELS = 25


def simulated_bounds(p: float, level: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Votes of pixels whose label truly has probability `p`, and their lower bounds, as samples come in.

    Args:
        level: error level of one bound.

    Returns:
        shares and bounds, each (len(SIZES), PIXELS).
    """
    votes = np.random.default_rng(seed).random((int(SIZES[-1]), PIXELS)) < p
    agreements = votes.cumsum(axis=0)[SIZES - 1]
    trials = np.broadcast_to(SIZES[:, None], agreements.shape)
    bounds = clopper_pearson_lower(agreements.ravel(), trials.ravel(), np.full(agreements.size, level))
    return agreements / trials, np.asarray(bounds).reshape(agreements.shape)


def play(theme: Theme) -> Scene:
    """Controls and figure."""
    p = slider("True probability of the label", 0.5, 0.999, 0.85, 0.001, key="learn_p")
    outputs = int(
        st.select_slider("Pixels that must hold together", (1, 100, 43_200), 43_200, key="learn_outputs")
    )
    seed = int(st.session_state.get("lesson_seed", 0))
    if st.button("Sample again", icon=":material/casino:"):
        seed += 1
        st.session_state["lesson_seed"] = seed
    shares, bounds = simulated_bounds(p, 0.01 / outputs, seed)
    figure = blank_figure(theme, x="samples", y="probability")
    for pixel in range(PIXELS):
        figure.add_scatter(
            x=SIZES,
            y=bounds[:, pixel],
            mode="lines",
            line={"color": theme.primary, "width": 1.2},
            opacity=0.55,
            name="lower bounds",
            showlegend=pixel == 0,
        )
    figure.add_scatter(
        x=np.repeat(SIZES, PIXELS),
        y=shares.ravel(),
        mode="markers",
        marker={"color": theme.muted, "size": 4, "symbol": "x-thin-open"},
        name="observed shares",
    )
    figure.add_hline(
        y=p, line={"color": theme.text, "width": 2}, annotation_text="truth", annotation_position="top left"
    )
    figure.add_hline(y=0.5, line={"color": theme.accent, "dash": "dash"}, annotation_text="below: abstain")
    figure.update_xaxes(type="log", range=[np.log10(SIZES[0]), np.log10(SIZES[-1])])
    figure.update_yaxes(range=[0, 1.02])
    wrong = int((bounds > p).sum())
    return Scene(
        figure,
        f"{wrong} of {bounds.size} bounds lie above the truth. At {int(SIZES[-1]):,} samples the bounds reach "
        f"**{bounds[-1].mean():.3f}**, the truth is {p:.3f}.",
    )
