"""Certified curves with their spread over pictures, and two settings picture by picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.study.rows import CERTIFIED, CORRECT, DONE, RADIUS
from lrscore.study.summary import Rows, bootstrap_interval

TEST = "Wilcoxon signed-rank test, two-sided, over pictures"


@dataclass(frozen=True)
class Curves:
    """Certified shares of one setting and method on one grid of norms.

    Args:
        budgets: (M,).
        shares: (pictures, M): certified accuracy if `correct`, else certified ratio.
        correct: which of the two.
    """

    budgets: np.ndarray
    shares: np.ndarray
    correct: bool


def curves_of(rows: Rows, setting: str, method: str) -> Curves | None:
    """Certified curves of a setting's pictures, None if there are none. Between a row's own budgets the lower (right)
    value is taken, beyond the last one 0: nothing is overstated where grids differ."""
    name = f"{CERTIFIED}{method}"
    done = [row for row in rows if row["setting"] == setting and row["status"] == DONE]
    done = [row for row in done if name in row and "budgets" in row]
    if not done:
        return None
    correct = all(f"{CORRECT}{method}" in row and row["labelled"] for row in done)
    grid = np.unique(np.concatenate([row["budgets"] for row in done]))
    shares = np.empty((len(done), grid.size))
    for place, row in enumerate(done):
        counts, total = (
            (row[f"{CORRECT}{method}"], row["labelled"]) if correct else (row[name], row["outputs"])
        )
        own = np.append(np.array(counts) / max(total, 1), 0.0)
        shares[place] = own[np.searchsorted(row["budgets"], grid, side="left")]
    return Curves(grid, shares, correct)


@dataclass(frozen=True)
class Comparison:
    """Two settings, picture by picture.

    Args:
        places: (n,) picture and seed of what both were done on.
        first, second: (n,) average certified radius.
        differences: (pictures,) of the radii, second minus first, mean over the seeds of a picture.
        p_value: of `TEST` on them; None if there are fewer than two pictures or no differences.
        interval: bootstrap interval of the mean difference; None if there are too few pictures.
    """

    places: tuple[tuple[str, int], ...]
    first: np.ndarray
    second: np.ndarray
    differences: np.ndarray
    p_value: float | None
    interval: tuple[float, float] | None

    @property
    def pictures(self) -> tuple[str, ...]:
        """(n,) names of the pictures, with the seed if there are several."""
        several = len({seed for _, seed in self.places}) > 1
        return tuple(f"{picture}, seed {seed}" if several else picture for picture, seed in self.places)

    @property
    def larger(self) -> int:
        """Pictures on which the second has the larger radius."""
        return int((self.differences > 0).sum())

    def sentence(self) -> str:
        """The result in words."""
        count = self.differences.size
        if not count:
            return "No picture was done under both settings."
        mean = float(self.differences.mean())
        told = f"The second is larger on {self.larger} of {count} pictures, by {mean:+.4f} on average"
        if self.interval is not None:
            told += f" (95 % bootstrap interval {self.interval[0]:+.4f} to {self.interval[1]:+.4f})"
        test = (
            "no test: too few pictures, or no difference"
            if self.p_value is None
            else f"p = {self.p_value:.2g}"
        )
        return f"{told}. {TEST}: {test}."


def compare(rows: Rows, first: tuple[str, str], second: tuple[str, str]) -> Comparison:
    """Compare the radii of two (setting, method) pairs on the pictures and seeds that both were done on.

    Test and interval are over pictures: seeds of one picture draw other noise, and are no further pictures.
    """
    found = []
    for setting, method in (first, second):
        name = f"{RADIUS}{method}"
        own = [row for row in rows if row["setting"] == setting and row["status"] == DONE and name in row]
        found.append({(row["picture"], row["seed"]): row[name] for row in own})
    places = sorted(found[0].keys() & found[1].keys())
    left, right = (np.array([values[place] for place in places], dtype=np.float64) for values in found)
    by_picture: dict[str, list[float]] = {}
    for (picture, _), difference in zip(places, right - left, strict=True):
        by_picture.setdefault(picture, []).append(difference)
    differences = np.array([np.mean(values) for values in by_picture.values()], dtype=np.float64)
    return Comparison(
        tuple(places), left, right, differences, _wilcoxon(differences), bootstrap_interval(differences)
    )


def _wilcoxon(differences: np.ndarray) -> float | None:
    if differences.size < 2 or not differences.any():
        return None
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences, zero_method="zsplit").pvalue)
