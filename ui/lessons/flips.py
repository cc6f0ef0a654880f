"""A chart. Graphs have bits, not brightness. The same idea with flips."""

from __future__ import annotations

import numpy as np

from lrscore.noise.flips import flip_weights
from ui.lessons.lesson import Scene, blank_figure, slider
from ui.style.theme import Theme

MOST = 12


def withstood(p: float) -> float:
    """Largest weighted budget an output with vote share above `p` withstands: `D_2(Bern(1/2) || Bern(p))`."""
    return float(np.log(0.25 / p + 0.25 / (1 - p))) if p > 0.5 else 0.0


def certified_flips(p: float, to_one: float, to_zero: float) -> np.ndarray:
    """(deletions, additions) bool up to `MOST`: which numbers of changed bits can not change the winner."""
    add, delete = (float(w) for w in flip_weights(np.array(to_one), np.array(to_zero)))
    additions, deletions = np.arange(MOST + 1), np.arange(MOST + 1)
    with np.errstate(invalid="ignore"):
        cost = (
            np.where(additions > 0, additions * add, 0.0)
            + np.where(deletions > 0, deletions * delete, 0.0)[:, None]
        )
    return cost < withstood(p)


def play(theme: Theme) -> Scene:
    """Controls and figure."""
    p = slider("Share of votes for the node's class", 0.5, 0.999, 0.99, 0.001, key="learn_p")
    to_one = slider("Probability that a zero becomes one", 0.0, 0.2, 0.01, 0.005, key="learn_to_one")
    to_zero = slider("Probability that a one becomes zero", 0.0, 0.95, 0.6, 0.01, key="learn_to_zero")
    certified = certified_flips(p, to_one, to_zero)
    figure = blank_figure(theme, x="attributes added", y="attributes deleted")
    figure.add_heatmap(
        z=certified.astype(np.uint8),
        colorscale=[[0, theme.surface], [1, theme.primary]],
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{x} added, %{y} deleted<extra></extra>",
    )
    additions = int(certified[0].sum()) - 1
    deletions = int(certified[:, 0].sum()) - 1
    if additions < 0:
        return Scene(figure, "No majority, no certificate: the node abstains.")
    return Scene(
        figure,
        f"Safe: additions alone up to **{_at_most(additions)}**, deletions alone up to **{_at_most(deletions)}**, "
        "and every combination whose square is filled.",
    )


def _at_most(count: int) -> str:
    return f"{MOST} or more" if count >= MOST else str(count)
