"""A chart. Little noise here, much noise there, and the ellipse that follows."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from ui.lessons.lesson import Scene, blank_figure, slider
from ui.style.theme import Theme


def ellipse(p: float, near: float, far: float, points: int = 181) -> tuple[np.ndarray, np.ndarray]:
    """Boundary of the certified set `(d1/near)^2 + (d2/far)^2 < Phi^-1(p)^2`, first quadrant.

    Returns:
        Perturbation sizes in the near and in the far region, each (points,).
    """
    angle = np.linspace(0, np.pi / 2, points)
    reach = max(0.0, float(norm.ppf(p)))
    return reach * near * np.cos(angle), reach * far * np.sin(angle)


def play(theme: Theme) -> Scene:
    """Controls and figure."""
    near = slider("Noise level near the pixel", 0.05, 0.5, 0.1, 0.01, key="learn_near")
    far = slider("Noise level far away", 0.05, 0.5, 0.3, 0.01, key="learn_far")
    p = slider("Share of votes for the label", 0.5, 0.999, 0.95, 0.001, key="learn_p")
    near_size, far_size = ellipse(p, near, far)
    figure = blank_figure(theme, x="perturbation near the pixel", y="perturbation far away")
    figure.add_scatter(
        x=near_size,
        y=far_size,
        fill="tozeroy",
        name="certified: ellipse",
        line={"color": theme.primary, "width": 3},
        fillcolor="rgba(80, 150, 200, 0.18)",
    )
    smaller = min(near, far) * max(0.0, float(norm.ppf(p)))
    angle = np.linspace(0, np.pi / 2, 91)
    figure.add_scatter(
        x=smaller * np.cos(angle),
        y=smaller * np.sin(angle),
        name="own radius: circle inside",
        line={"color": theme.accent, "width": 2, "dash": "dash"},
    )
    figure.update_xaxes(range=[0, 0.8])
    figure.update_yaxes(range=[0, 0.8])
    ratio = far / near
    return Scene(
        figure,
        f"An attacker who strikes far away needs **{ratio:.1f} times** the perturbation. "
        "Counting pixel by pixel keeps only the circle.",
    )
