"""Has another class overtaken a label? Votes of two disjoint sets of samples: the first chooses the rival, the second
tests it (docs/theory.md, 8)."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom


def scores_for(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Scores or votes (..., classes) of one class each: `labels` (...), or as many of its last axes as it has."""
    return np.take_along_axis(scores, _column(labels, scores), axis=-1)[..., 0]


def strongest_rival(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(...) the class with the highest score or most votes (..., classes) other than the label."""
    others = scores.copy()
    lowest = -1 if np.issubdtype(scores.dtype, np.integer) else -np.inf
    np.put_along_axis(others, _column(labels, scores), lowest, axis=-1)
    return others.argmax(axis=-1)


def chance_of_lead(won: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Probability that a rival gets at least `won` of the votes for it or the label, if both were equally likely."""
    return binom.sf(won - 1, won + lost, 0.5)


def overtaken(chance: np.ndarray, tested: np.ndarray, error: float) -> np.ndarray:
    """Bonferroni over everything that is tested; with probability `1 - error` nothing is called overtaken that is not.

    Args:
        chance: (...) p-values of the second set of samples.
        tested: (...) bool, chosen by the first set alone: a choice that reads the second one voids the bound.
        error: over all tests together.
    """
    return tested & (chance * max(1, int(tested.sum())) <= error)


def _column(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return np.broadcast_to(labels[..., None], (*scores.shape[:-1], 1))
