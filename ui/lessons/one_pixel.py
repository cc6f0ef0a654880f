"""A chart. One pixel, the same noise everywhere, and the radius that follows."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from ui.lessons.lesson import Scene, blank_figure, slider
from ui.style.theme import Theme


def worst_probability(p: float, level: float, shift: np.ndarray) -> np.ndarray:
    """Least probability of the label after an l2 shift, Gaussian noise: `Phi(Phi^-1(p) - shift / level)`."""
    return np.asarray(norm.cdf(norm.ppf(p) - np.asarray(shift) / level))


def radius(p: float, level: float) -> float:
    """The shift at which the worst probability reaches one half; 0 if it starts there or below."""
    return float(max(0.0, level * norm.ppf(p)))


def play(theme: Theme) -> Scene:
    """Controls and figure."""
    p = slider("Share of noisy copies that say 'road'", 0.5, 0.999, 0.9, 0.001, key="learn_p")
    level = slider("Noise level σ", 0.05, 0.5, 0.2, 0.01, key="learn_sigma")
    shift = np.linspace(0, 1, 201)
    reach = radius(p, level)
    figure = blank_figure(theme, x="size of the perturbation ‖δ‖₂", y="worst probability of 'road'")
    figure.add_scatter(
        x=shift,
        y=worst_probability(p, level, shift),
        line={"color": theme.primary, "width": 3},
        name="worst case",
    )
    figure.add_hline(y=0.5, line={"color": theme.muted, "dash": "dash"})
    figure.add_vrect(x0=0, x1=reach, fillcolor=theme.primary, opacity=0.14, line_width=0)
    figure.add_vline(x=reach, line={"color": theme.primary, "width": 2, "dash": "dot"})
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1.02])
    return Scene(
        figure, f"'Road' wins the vote for every perturbation smaller than σ · Φ⁻¹(p) = **{reach:.3f}**."
    )
