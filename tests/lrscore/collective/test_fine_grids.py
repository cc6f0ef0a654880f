"""Windows on fine grids: brute force on tiny ones, and what speed may cost and what it may not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.collective import certify_collectively, verify
from lrscore.collective.rational import Side, exact_sum, step_maximum
from lrscore.collective.verify_tables import LeafTable, Levels, Tables
from lrscore.errors import CertificateError
from lrscore.images.windows import View
from tests.lrscore.collective.definition import Case, truth
from tests.lrscore.collective.windowed import window_weights


@pytest.mark.parametrize("seed", range(12))
def test_windows_on_tiny_grids_are_counted_as_brute_force_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, cols = [(1, 3), (2, 2), (1, 4)][seed % 3]
    views = [View(0, 0.5), View(1, 1.0), View(None, float(random.choice([2.0, np.inf])))][seed % 2 :]
    groups = np.repeat(np.arange(rows * cols), 2)
    thresholds = random.uniform(0.2, 4.0, groups.size)
    case = Case(window_weights(rows, cols, *views), thresholds, groups, np.array([0.1, 0.4, 1.0]))
    found = certify_collectively(*case.inputs, method="exact")
    assert found.certified.tolist() == [truth(case, budget) for budget in case.budgets.tolist()]
    verify(found, *case.inputs[:3])


def fine_problem(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    views = [View(1, 0.2), View(3, 0.4), View(None, 1.6)]
    groups = np.repeat(np.arange(120), 6)
    thresholds = np.round(random.uniform(0.0, 13.0, groups.size), 2)
    return window_weights(10, 12, *views), thresholds, groups


def test_a_fine_curve_loses_little_by_solving_few_budgets() -> None:
    inputs = fine_problem(0)
    budgets = np.linspace(0.0, 1.5, 25) ** 2
    curve = certify_collectively(*inputs, budgets)
    verify(curve, *inputs)
    assert (np.diff(curve.certified) <= 0).all()
    assert len(curve.proof.multipliers) < len(budgets)
    assert (curve.certified <= curve.ceiling).all()
    targets = int((inputs[1] > 0).sum())
    for place in (3, 10, 17):
        alone = certify_collectively(*inputs, budgets[place : place + 1])
        assert alone.certified[0] - curve.certified[place] <= 0.003 * targets + 1
        paper = certify_collectively(*inputs, budgets[place : place + 1], method="paper")
        assert alone.certified[0] >= paper.certified[0] - 1


@pytest.mark.parametrize("method", ["envelope", "paper"])
def test_a_curve_that_bends_the_other_way_loses_little_too(method: str) -> None:
    """Where hardly an output falls to less than a window's full weight, attacks are not concave in the budget."""
    random = np.random.default_rng(4)
    weights, groups = window_weights(10, 12, View(1, 0.2), View(None, 1.6)), np.repeat(np.arange(120), 6)
    thresholds = np.round(random.uniform(9.0, 9.6, groups.size), 2)
    budgets = np.linspace(0.0, 3.0, 33) ** 2
    curve = certify_collectively(weights, thresholds, groups, budgets, method=method, attacks=False)
    assert len(curve.proof.multipliers) < len(budgets)
    for place in range(1, 32, 3):
        alone = certify_collectively(weights, thresholds, groups, budgets[place : place + 1], method=method)
        assert alone.certified[0] - curve.certified[place] <= 0.003 * groups.size + 1


def test_random_attacks_take_down_no_more_than_the_fine_curve_allows() -> None:
    weights, thresholds, groups = fine_problem(1)
    budgets = np.linspace(0.1, 1.2, 8) ** 2
    curve = certify_collectively(weights, thresholds, groups, budgets)
    random = np.random.default_rng(2)
    rows, cols = np.divmod(np.arange(120), 12)
    for _ in range(300):
        low, high = np.sort(random.integers(0, 12, (2, 2)), axis=0)
        block = (rows >= low[0]) & (rows <= high[0]) & (cols >= low[1]) & (cols <= high[1])
        shares = random.gamma(random.choice([0.2, 5.0]), size=120) * (block if block.any() else 1)
        for budget, count in zip(budgets, curve.certified, strict=True):
            spent = weights @ (shares / shares.sum() * budget)
            assert ((thresholds > 0) & (spent[groups] < thresholds)).sum() >= count


def test_a_fine_claim_beyond_its_proof_is_rejected() -> None:
    inputs = fine_problem(3)
    curve = certify_collectively(*inputs, np.linspace(0.2, 1.0, 5) ** 2)
    for place in range(5):
        more = curve.certified.copy()
        more[: place + 1] = np.maximum(more[: place + 1], more[place] + 1)
        if more[place] > curve.ceiling[place]:
            continue
        with pytest.raises(CertificateError, match="what the proof shows"):
            verify(replace(curve, certified=more), *inputs)
    smaller = replace(curve.proof, multipliers=curve.proof.multipliers * 0.5)
    with pytest.raises(CertificateError, match="what the proof shows"):
        verify(replace(curve, proof=smaller), *inputs)


numbers = st.sampled_from([0.0, 0.1, 0.1 + 2**-56, 1.0, 3.0, 7.5, 1e-300, 1e300])


@given(
    st.lists(
        st.tuples(
            st.lists(numbers | st.just(np.inf), max_size=5),
            st.sampled_from([0.0, 1.0, 10.0, -0.3, 1e-9, 1e12, 1 / 3]),
            st.tuples(numbers, numbers),
            st.sampled_from(["closed", "open", "lost"]),
        ),
        max_size=4,
    )
)
def test_tables_say_what_each_group_by_itself_says(
    drawn: list[tuple[list[float], float, tuple[float, float], str]],
) -> None:
    levels = [np.sort(np.array(row, dtype=float)) for row, *_ in drawn]
    slopes = np.array([slope for _, slope, *_ in drawn])
    sides = [
        None if kind == "lost" else Side(Fraction(min(ends)), Fraction(max(ends)), kind == "open")
        for *_, ends, kind in drawn
    ]
    expected = sum(
        (
            step_maximum(row, Fraction(slope), side)
            for row, slope, side in zip(levels, slopes.tolist(), sides, strict=True)
        ),
        Fraction(0),
    )
    table = LeafTable(Levels(levels), slopes)
    assert table.step_maxima(sides) == expected
    assert table.step_maxima(sides) == expected  # from what it has kept


def test_the_steepest_region_is_found_exactly_and_kept() -> None:
    rounded = np.array([[[1.0, 2.0, np.inf], [3.0, 0.5, 1.0]]])
    tables = Tables([np.zeros(0)] * 2, rounded, np.zeros((1, 2)))
    slopes = [Fraction(1, 3), Fraction(1, 7)]
    best = max(Fraction(1, 3) + Fraction(3, 7), Fraction(2, 3) + Fraction(1, 14), Fraction(1, 7))
    for _ in range(2):
        assert tables.steepest(0, 0, (False, False), slopes) == best
    assert tables.steepest(0, 0, (True, False), [Fraction(0), slopes[1]]) == Fraction(3, 7)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_exact_sums(numbers: list[float]) -> None:
    assert exact_sum(numbers) == sum(map(Fraction, numbers), Fraction(0))
