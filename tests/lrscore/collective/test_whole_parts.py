"""Whole units where regions fall into separate parts: against all allocations one by one, and verified."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrscore.collective import certify_collectively, verify
from lrscore.collective.certificate import LISTABLE, Status
from lrscore.collective.enumeration import separate_parts
from lrscore.collective.integers import ways
from lrscore.errors import CertificateError

SEEDS = range(40)


def block_case(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weights (2, 5, 4) in two blocks (groups 0-2 on regions 0-1, 3-4 on 2-3), thresholds, groups and caps (2, 4).

    Small whole and half numbers, so that thresholds are met exactly; now and then a cost is infinite.
    """
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 4, (2, 5, 4)) / rng.integers(1, 3)
    weights[rng.random(weights.shape) < 0.05] = np.inf
    weights[:, :3, 2:] = weights[:, 3:, :2] = 0.0
    thresholds, groups = rng.integers(1, 10, 30) / 2, rng.integers(0, 5, 30)
    caps = rng.integers(0, 4, (2, 4)).astype(float) if seed % 2 else np.full((2, 4), np.inf)
    return weights, thresholds, groups, caps


def standing(case: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], budget: tuple[int, int]) -> int:
    """Outputs that stand whatever whole allocation is chosen, one allocation after the other, in fractions."""
    weights, thresholds, groups, caps = case
    splits = [
        [split for split in itertools.product(range(units + 1), repeat=4) if sum(split) <= units]
        for units in budget
    ]
    worst = 0
    for pair in itertools.product(*splits):
        if any(
            unit > cap
            for split, row in zip(pair, caps, strict=True)
            for unit, cap in zip(split, row, strict=True)
        ):
            continue
        fallen = 0
        for threshold, group in zip(thresholds, groups, strict=True):
            spent = [
                (unit, weights[kind, group, j])
                for kind in (0, 1)
                for j, unit in enumerate(pair[kind])
                if unit
            ]
            lost = any(np.isinf(weight) for _, weight in spent)
            fallen += lost or sum(unit * Fraction(weight) for unit, weight in spent) >= Fraction(threshold)
        worst = max(worst, fallen)
    return len(thresholds) - worst


@pytest.fixture
def no_plain_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything at once is too long to list, the parts are not."""
    monkeypatch.setattr("lrscore.collective.enumeration.LISTABLE", 60)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.usefixtures("no_plain_list")
def test_parts_give_what_all_allocations_together_give(seed: int) -> None:
    case, budgets = block_case(seed), [(2, 2), (3, 1), (0, 3)]
    weights, thresholds, groups, caps = case
    certificate = certify_collectively(
        weights, thresholds, groups, np.array(budgets, float), method="exact", caps=caps, integer=True
    )
    assert certificate.certified.tolist() == [standing(case, budget) for budget in budgets]
    assert certificate.ceiling.tolist() == certificate.certified.tolist()
    verify(certificate, weights, thresholds, groups)
    proof = replace(certificate.proof, enumerated=np.ones(3, dtype=bool))
    listed = replace(certificate, proof=proof, status=(Status.RELAXED,) * 3)
    verify(listed, weights, thresholds, groups)
    too_much = replace(listed, certified=certificate.certified + 1)
    with pytest.raises(CertificateError, match=r"certified\[0\] must be at most"):
        verify(too_much, weights, thresholds, groups)


def test_the_small_limit_leaves_the_parts_to_be_listed() -> None:
    assert ways(2, 4) ** 2 > 60 >= ways(2, 3) ** 2  # (2, 2) units on four regions; on two regions and nowhere


def test_local_noise_on_sixteen_clusters_is_settled_and_verified() -> None:
    rng = np.random.default_rng(0)
    weights = np.stack([np.diag(np.full(16, 4.5)), np.diag(np.full(16, 1.2))])
    thresholds, groups = rng.gamma(3.0, 3.0, 800), rng.integers(0, 16, 800)
    budgets = np.array([(2.0, 5.0), (5.0, 5.0)])
    assert ways(2, 16) * ways(5, 16) > LISTABLE
    certificate = certify_collectively(weights, thresholds, groups, budgets, method="exact", integer=True)
    assert certificate.proof.enumerated.any()
    assert certificate.certified.tolist() == certificate.ceiling.tolist()
    verify(certificate, weights, thresholds, groups)
    envelope = certify_collectively(weights, thresholds, groups, budgets, integer=True)
    assert (certificate.certified > envelope.certified).any()


def test_parts_are_what_is_connected() -> None:
    touches = np.array(
        [[1, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 0]], dtype=bool
    )
    parts = {(tuple(part.groups.tolist()), tuple(part.channels.tolist())) for part in separate_parts(touches)}
    assert parts == {((0, 2), (0, 1, 2)), ((1, 4), (3,))}


def test_a_file_may_not_ask_for_endless_lists() -> None:
    weights = np.ones((1, 12))
    certificate = certify_collectively(weights, [1.0], [0], [60.0], integer=True)
    certificate.proof.enumerated[:] = True
    with pytest.raises(CertificateError, match="too many whole units"):
        verify(certificate, weights, [1.0], [0])
