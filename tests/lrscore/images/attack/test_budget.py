"""Perturbations stay within their budget to the last bit, and projections are the nearest points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lrscore.errors import InputError
from lrscore.images.attack.budget import Allowance, apply_perturbation, spent_budget

BLOCKS = np.array([[0, 0, 1, 1], [0, 0, 2, 2], [0, 0, 2, 2]])
SHAPE = (2, 3, 4)

images = arrays(np.float32, SHAPE, elements=st.floats(0, 1, width=32))
changes = arrays(np.float64, SHAPE, elements=st.floats(-3, 3))
budgets = arrays(np.float64, 3, elements=st.floats(0, 2))
exponents = st.sampled_from([1, 2])


def exact_spending(clean: np.ndarray, perturbed: np.ndarray, exponent: int) -> list[Fraction]:
    """Budget per block in rational arithmetic."""
    totals = [Fraction(0)] * 3
    for index in np.ndindex(SHAPE):
        change = abs(Fraction(float(perturbed[index])) - Fraction(float(clean[index])))
        totals[BLOCKS[index[1:]]] += change**exponent
    return totals


@settings(max_examples=150, deadline=None, derandomize=True)
@given(images, changes, budgets, exponents)
def test_what_arrives_never_exceeds_the_budget(image, change, allowed, exponent):
    projected = Allowance(BLOCKS, allowed, exponent).project(change)
    perturbed = apply_perturbation(image, projected)
    assert perturbed.dtype == np.float32
    exact = exact_spending(image, perturbed, exponent)
    assert all(used <= Fraction(float(most)) for used, most in zip(exact, allowed, strict=True))
    reported = spent_budget(image, perturbed, BLOCKS, exponent)
    assert all(Fraction(float(said)) >= used for said, used in zip(reported, exact, strict=True))
    assert np.allclose(reported, [float(used) for used in exact], rtol=1e-9, atol=1e-300)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(changes, changes, budgets, exponents)
def test_the_projection_is_the_nearest_point(change, other, allowed, exponent):
    """`p` is the projection of `x` on a convex set if and only if `<x - p, q - p> <= 0` for every `q` in it."""
    allowance = Allowance(BLOCKS, allowed, exponent)
    nearest, feasible = allowance.project(change), allowance.project(other)
    assert float(((change - nearest) * (feasible - nearest)).sum()) <= 1e-7
    assert np.allclose(allowance.project(nearest), nearest, atol=1e-8)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(changes, changes, budgets)
def test_the_steepest_l2_step_beats_every_other_one(gradient, other, allowed):
    allowance = Allowance(BLOCKS, allowed, 2)
    step = allowance.steepest(gradient)
    reached = float((gradient * step).sum())
    norms = [np.linalg.norm(gradient[:, block == BLOCKS]) for block in range(3)]
    assert reached == pytest.approx(sum(np.sqrt(allowed) * norms), rel=1e-9, abs=1e-12)
    assert reached >= float((gradient * allowance.project(other)).sum()) - 1e-9


def test_the_l1_step_spends_its_budget_on_the_largest_derivatives():
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(3, 20, 20))
    step = Allowance(np.zeros((20, 20), dtype=int), np.array([0.7]), 1).steepest(gradient)
    assert np.abs(step).sum() == pytest.approx(0.7)
    moved = step != 0
    assert moved.sum() == 12  # a hundredth of 1,200 values
    assert np.abs(gradient)[moved].min() >= np.abs(gradient)[~moved].max()
    assert (np.sign(step[moved]) == np.sign(gradient[moved])).all()


@pytest.mark.parametrize("exponent", [1, 2])
def test_nothing_to_climb_is_no_step(exponent: int):
    allowance = Allowance(BLOCKS, np.array([1.0, 1.0, 0.0]), exponent)
    gradient = np.zeros(SHAPE)
    gradient[:, BLOCKS == 2] = 1.0  # only where there is no budget
    assert not allowance.steepest(gradient).any()


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        ([1.0, -1.0, 0.0], "finite and at least 0"),
        ([1.0, np.nan, 0.0], "finite"),
        ([1.0, 1.0], "one per block"),
    ],
)
def test_impossible_budgets_are_refused(allowed: list[float], message: str):
    with pytest.raises(InputError, match=message):
        Allowance(BLOCKS, np.array(allowed), 2)
