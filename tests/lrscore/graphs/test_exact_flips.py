"""The exact isotropic certificate against brute force over all noisy inputs and a linear program."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from lrscore.errors import InputError
from lrscore.graphs.exact_flips import certified_exactly, needed_probability


def noise_masses(x: np.ndarray, to_one: float, to_zero: float) -> np.ndarray:
    """Probability of every noisy version of a binary vector, by the definition."""
    outcomes = np.array(list(itertools.product((0, 1), repeat=x.size)))
    flipped = np.where(x == 1, to_zero, to_one)
    return np.where(outcomes != x, flipped, 1 - flipped).prod(axis=1)


def worst_share(share: float, clean: np.ndarray, perturbed: np.ndarray) -> float:
    """Lowest vote share after the perturbation among all classifiers with that share before it: a linear program."""
    result = linprog(perturbed, A_ub=-clean[None], b_ub=[-share], bounds=(0, 1), method="highs")
    assert result.status == 0
    return result.fun


@pytest.mark.parametrize(
    ("to_one", "to_zero"), [(0.1, 0.3), (0.01, 0.6), (0.5, 0.5), (0.6, 0.7), (0.0, 0.4), (0.2, 0.0)]
)
@pytest.mark.parametrize(("additions", "deletions"), [(1, 0), (0, 1), (2, 0), (0, 2), (1, 1), (2, 1), (1, 3)])
def test_needed_share_is_where_the_linear_program_reaches_one_half(to_one, to_zero, additions, deletions):
    x = np.array([0] * additions + [1] * deletions)
    clean = noise_masses(x, to_one, to_zero)
    perturbed = noise_masses(1 - x, to_one, to_zero)
    needed = needed_probability(to_one, to_zero, additions, deletions)
    assert 0.5 <= needed <= 1
    if needed < 1 - 1e-6:
        assert worst_share(needed, clean, perturbed) >= 0.5 - 1e-9
        assert worst_share(needed - 1e-6, clean, perturbed) < 0.5
    else:
        assert worst_share(1.0, clean, perturbed) <= 0.5 + 1e-6


def test_one_addition_by_hand():
    # Filled first: "came out zero", mass 1 - q+ before and q- after; then the rest up to one half after.
    assert needed_probability(0.1, 0.2, 1, 0) == pytest.approx((1 - 0.1) + (0.5 - 0.2) / 0.8 * 0.1, abs=1e-8)


def test_no_perturbation_needs_one_half_and_more_perturbations_need_more():
    assert needed_probability(0.1, 0.2, 0, 0) == 0.5
    grid = np.array([[needed_probability(0.05, 0.4, a, d) for d in range(5)] for a in range(5)])
    assert (np.diff(grid, axis=0) > 0).all()
    assert (np.diff(grid, axis=1) > 0).all()


def test_mask_compares_with_the_needed_share():
    needed = needed_probability(0.05, 0.4, 1, 1)
    mask = certified_exactly(
        np.array([needed - 1e-6, needed + 1e-6, 0.4]), 0.05, 0.4, np.array([[1, 1], [0, 0]])
    )
    assert mask.tolist() == [[False, True, False], [True, True, False]]


def test_refuses_probability_one():
    with pytest.raises(InputError, match="flip probabilities"):
        needed_probability(1.0, 0.1, 1, 0)
