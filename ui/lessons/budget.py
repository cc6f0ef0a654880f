"""A chart. Many pixels, one budget. Why counting together proves more than counting one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lrscore.collective import certify_collectively
from ui.lessons.lesson import Scene, blank_figure, slider
from ui.style.theme import Theme

PIXELS = 40
NEAR, FAR = 0.1, 0.3


@dataclass(frozen=True, eq=False)
class TwoRegions:
    """Two regions, two groups of pixels.

    Args:
        weights: (2, 2) cost factors.
        thresholds: (80,) weighted budgets the pixels withstand.
        groups: (80,) group of every pixel.
    """

    weights: np.ndarray
    thresholds: np.ndarray
    groups: np.ndarray


def two_regions() -> TwoRegions:
    """The example: thresholds spread evenly from 0.5 to 6 in both groups."""
    weights = 1 / np.array([[NEAR, FAR], [FAR, NEAR]]) ** 2
    thresholds = np.tile(np.linspace(0.5, 6.0, PIXELS), 2)
    return TwoRegions(weights, thresholds, np.repeat([0, 1], PIXELS))


def fallen(example: TwoRegions, budget: float, share: np.ndarray) -> np.ndarray:
    """(S, 2) fallen pixels per group when a share (S,) of the budget is spent in the first region."""
    allocation = budget * np.stack([share, 1 - share], axis=-1)  # (S, 2)
    cost = allocation @ example.weights.T
    first = example.thresholds[example.groups == 0]
    return np.stack([np.searchsorted(first, cost[:, group], side="right") for group in (0, 1)], axis=-1)


def play(theme: Theme) -> Scene:
    """Controls and figure."""
    example = two_regions()
    epsilon = slider("Budget ε", 0.0, 0.4, 0.25, 0.005, key="learn_epsilon")
    share = slider("Share spent in the left region", 0.0, 1.0, 0.5, 0.01, key="learn_share")
    shares = np.linspace(0, 1, 401)
    counts = fallen(example, epsilon**2, shares)
    figure = blank_figure(theme, x="share of the budget spent in the left region", y="pixels that may fall")
    names = ("left group", "right group", "both together")
    lines = (counts[:, 0], counts[:, 1], counts.sum(axis=1))
    styles = ((theme.accent, "dash", 2), (theme.muted, "dashdot", 2), (theme.primary, "solid", 3))
    for name, line, (colour, dash, width) in zip(names, lines, styles, strict=True):
        figure.add_scatter(x=shares, y=line, name=name, line={"color": colour, "dash": dash, "width": width})
    figure.add_vline(x=share, line={"color": theme.text, "dash": "dot"})
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 2 * PIXELS + 2])
    now = int(fallen(example, epsilon**2, np.array([share])).sum())
    _proven_table(example, epsilon)
    return Scene(
        figure,
        f"This division takes at most **{now}** of {2 * PIXELS} pixels; the worst one takes "
        f"**{int(counts.sum(axis=1).max())}**. Naive counting lets the adversary spend everything twice.",
    )


def _proven_table(example: TwoRegions, epsilon: float) -> None:
    """What each method proves at this budget, by the same engine that certifies images."""
    rows = {}
    for method, name in (
        ("naive", "naive"),
        ("paper", "published LP"),
        ("envelope", "envelope"),
        ("exact", "exact"),
    ):
        found = certify_collectively(
            example.weights, example.thresholds, example.groups, np.array([epsilon**2]), method=method
        )
        rows[name] = f"{int(found.certified[0])} of {2 * PIXELS}"
    st.table({"method": list(rows), "proven": list(rows.values())}, hide_index=True, border="horizontal")
