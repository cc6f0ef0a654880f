"""Exact certificate of isotropic sparse smoothing: the baseline against which localization has to pay off.

Source: Bojchevski, Gasteiger, Günnemann 2020, "Efficient Robustness Certificates for Discrete Data": inputs that the
noise can reach are grouped into regions of constant likelihood ratio, and the worst classifier with a given vote share
is the one that says "yes" where the ratio is lowest (Neyman-Pearson).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from lrscore.errors import InputError

_ROUNDING = 1e-9  # binomial probabilities err by far less


def needed_probability(to_one: float, to_zero: float, additions: int, deletions: int) -> float:
    """Vote share (or mean score) above which a label survives every so-and-so many additions and deletions.

    Under the noise `(q+, q-)` on every attribute, only the perturbed attributes tell the two noise distributions apart.
    A region is "u of the added attributes came out as one, v of the deleted ones as zero".

    Args:
        to_one, to_zero: `q+` and `q-` in [0, 1).
        additions, deletions: numbers of perturbed attributes, at least 0.

    Returns:
        A probability in [1/2, 1], rounded up: a label with a share above it keeps more than 1/2. 1: none survives.
    """
    return needed_jointly([(to_one, to_zero, additions, deletions)])


def needed_jointly(parts: Sequence[tuple[float, float, int, int]]) -> float:
    """The same where attributes and edges are flipped, each with their own noise, and both are perturbed.

    Args:
        parts: (to_one, to_zero, additions, deletions) of attributes, of edges.
    """
    clean, perturbed = np.ones(1), np.ones(1)
    for to_one, to_zero, additions, deletions in parts:
        if not (0 <= to_one < 1 and 0 <= to_zero < 1) or additions < 0 or deletions < 0:
            raise InputError(
                f"expected flip probabilities in [0, 1) and counts of at least 0, got {to_one}, {to_zero}, "
                f"{additions}, {deletions}"
            )
        before, after = _region_masses(to_one, to_zero, additions, deletions)
        clean, perturbed = np.outer(clean, before).ravel(), np.outer(perturbed, after).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(perturbed / clean, kind="stable")  # nan where both are 0: last, without weight
    clean, perturbed = clean[order], perturbed[order]
    finite = clean > 0  # where the clean noise never goes, the worst classifier says "no" at no cost
    kept = np.cumsum(np.where(finite, perturbed, 0.0))
    full = int(np.searchsorted(kept, 0.5))  # regions that are filled before one half is reached
    if full == kept.size:
        return 1.0
    filled = kept[full - 1] if full else 0.0
    needed = clean[:full].sum() + (0.5 - filled) / perturbed[full] * clean[full]
    return float(min(needed + _ROUNDING, 1.0)) if any(part[2] or part[3] for part in parts) else 0.5


def _region_masses(
    to_one: float, to_zero: float, additions: int, deletions: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of every region (u, v), flattened, around the clean and around the perturbed input."""
    u, v = np.arange(additions + 1), np.arange(deletions + 1)
    clean = np.outer(binom.pmf(u, additions, to_one), binom.pmf(v, deletions, to_zero))
    perturbed = np.outer(binom.pmf(u, additions, 1 - to_zero), binom.pmf(v, deletions, 1 - to_one))
    return clean.ravel(), perturbed.ravel()


def certified_exactly(
    probabilities: np.ndarray, to_one: float, to_zero: float, budgets: np.ndarray
) -> np.ndarray:
    """Which outputs keep their label, each by itself, under isotropic flip noise.

    Guarantee: holds whenever the probabilities are lower bounds on vote shares (or mean scores).

    Args:
        probabilities: (n,) lower bounds.
        to_one, to_zero: the noise of every attribute.
        budgets: (M, 2) whole numbers of additions and deletions.

    Returns:
        (M, n) bool.
    """
    needed = [needed_probability(to_one, to_zero, int(added), int(deleted)) for added, deleted in budgets]
    return np.asarray(probabilities)[None, :] > np.array(needed)[:, None]
