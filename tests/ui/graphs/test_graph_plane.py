"""The plane of budgets against every whole allocation."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from lrscore.files import load_certificate
from models.graphs.registry import bundled_certificate
from tests.ui.graphs.toy_certificate import SETTINGS, toy_beginning, toy_certificate
from ui.graphs.counting import Count, candidates, possible_counts, targets
from ui.graphs.plane import (
    ADDITIONS,
    DELETIONS,
    budget_axis,
    compute_plane,
    compute_relaxations,
    largest_budgets,
    telling_point,
    with_budgets,
)


def surviving(certificate, chosen: np.ndarray, additions: int, deletions: int) -> int:
    """Fewest chosen nodes whose vote share is enough, over all ways to place whole changes in two clusters."""
    fewest = certificate.nodes
    for added, deleted in itertools.product(range(additions + 1), range(deletions + 1)):
        spent = np.array([[added, additions - added], [deleted, deletions - deleted]])
        needed = np.array([needed_share(certificate, group, spent) for group in range(2)])
        kept = (certificate.probabilities > needed[certificate.clusters]) & chosen
        fewest = min(fewest, int(kept.sum()))
    return fewest


@cache
def masses(levels: tuple[float, float], units: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Masses of (ones among so many added, zeros among so many deleted) before and after the perturbation."""
    pairs = ((levels[0], 1 - levels[1]), (levels[1], 1 - levels[0]))
    sides = []
    for side in range(2):
        added, deleted = (
            binom.pmf(np.arange(count + 1), count, pair[side])
            for count, pair in zip(units, pairs, strict=True)
        )
        sides.append(np.outer(added, deleted).ravel())
    return sides[0], sides[1]


def needed_share(certificate, group: int, spent: np.ndarray) -> float:
    """The Neyman-Pearson value of one allocation (2, J), from all counts of ones in both clusters."""
    before = after = np.ones(1)
    for cluster in range(2):
        levels = tuple(float(kind[group, cluster]) for kind in certificate.noise_levels)
        ours, theirs = masses(levels, (int(spent[0, cluster]), int(spent[1, cluster])))
        before, after = np.outer(before, ours).ravel(), np.outer(after, theirs).ravel()
    order = np.argsort(after / before)
    filled = np.concatenate([[0.0], np.cumsum(after[order])])
    return float(np.interp(0.5, filled, np.concatenate([[0.0], np.cumsum(before[order])])))


@pytest.mark.parametrize("count", ["all", "correct", "unseen"])
def test_proven_and_ceiling_enclose_the_truth(count: Count):
    certificate = toy_certificate()
    plane = compute_plane(certificate, count, boxes=100)
    chosen = targets(certificate, count)
    for (row, additions), (column, deletions) in itertools.product(
        enumerate(plane.additions), enumerate(plane.deletions)
    ):
        truth = surviving(certificate, chosen, int(additions), int(deletions))
        alone = int((certificate.certified_mask(int(additions), int(deletions)) & chosen).sum())
        assert alone == plane.naive[row, column] <= plane.proven[row, column] <= plane.ceiling[row, column]
        assert alone <= plane.proven[row, column] <= truth
        if additions + deletions <= 12:
            assert plane.proven[row, column] == plane.ceiling[row, column] == truth
    assert plane.proven[0, 0] == (chosen & ~certificate.abstained).sum()
    assert (plane.proven > plane.naive).any()


def test_counts_fall_with_both_budgets_and_attacks_are_whole_and_affordable():
    plane = compute_plane(toy_certificate(), "all", boxes=100)
    assert (np.diff(plane.proven, axis=0) <= 0).all()
    assert (np.diff(plane.proven, axis=1) <= 0).all()
    assert np.array_equal(plane.allocation, np.rint(plane.allocation))
    spent = plane.allocation.sum(axis=3)
    assert (spent[:, :, ADDITIONS] <= plane.additions[:, None]).all()
    assert (spent[:, :, DELETIONS] <= plane.deletions[None, :]).all()


def test_axes_follow_from_noise_and_settings_not_from_what_has_been_counted_so_far():
    finished = toy_certificate(replace(SETTINGS, correction="anytime"))
    agreements = np.where(np.arange(finished.nodes) < 12, 50, 0)
    trials = np.array([63, 0])
    beginning = replace(
        toy_beginning(),
        trials=trials,
        counts=np.stack([trials[finished.clusters] - agreements, agreements], axis=1),
    )
    assert beginning.largest_budgets() != finished.largest_budgets()
    assert largest_budgets(beginning) == largest_budgets(finished)
    assert (np.array(largest_budgets(finished)) >= finished.largest_budgets("exact")).all()


@pytest.mark.parametrize("preset", ["village-isotropic", "village-strong"])
def test_axes_end_where_the_method_shown_ends_not_where_thresholds_do(preset: str):
    certificate = load_certificate(bundled_certificate("village").parent / "presets" / f"{preset}.nc")
    plane = compute_plane(certificate, "all", boxes=3)
    additions, deletions = certificate.largest_budgets()
    thresholds = certificate.collective(np.array([[additions, 0], [0, deletions]]), "exact")
    assert (thresholds.certified > 0).any()
    assert not plane.goes_on
    cut = replace(plane, proven=plane.proven[:2])
    assert cut.goes_on


@pytest.mark.parametrize("budgets", [(0, 0), (1, 3), (3, 1), (2, 70), (50, 0)])
def test_chosen_budgets_come_between_the_others_and_are_counted_alike(budgets: tuple[int, int]):
    certificate = toy_certificate(replace(SETTINGS, flip_to_zero=(0.6, 0.95)))
    plain = compute_plane(certificate, "all", boxes=100)
    coarse = replace(
        plain,
        additions=plain.additions[::2],
        deletions=plain.deletions[::2],
        **{name: getattr(plain, name)[::2, ::2] for name in ("naive", "proven", "ceiling", "allocation")},
    )
    plane = with_budgets(coarse, budgets, certificate, "all", boxes=100)
    assert plane.budgets(plane.index(*budgets)) == budgets
    for row, column in itertools.product(range(plane.additions.size), range(plane.deletions.size)):
        here = plane.budgets((row, column))
        spent = plane.allocation[row, column].sum(axis=1)
        assert (spent <= here).all()
        if here[0] in plain.additions and here[1] in plain.deletions:
            point = plain.index(*here)
            counts = (plane.naive, plane.proven, plane.ceiling)
            assert [int(count[row, column]) for count in counts] == [
                int(count[point]) for count in (plain.naive, plain.proven, plain.ceiling)
            ]
    assert with_budgets(plane, budgets, certificate, "all", boxes=100) is plane


def test_weaker_methods_prove_no_more():
    certificate = toy_certificate()
    plane = compute_plane(certificate, "all", boxes=3)
    point = telling_point(plane)
    for kind in (ADDITIONS, DELETIONS):
        weaker = compute_relaxations(certificate, "all", plane.budgets_along(point, kind))
        assert (weaker.paper <= weaker.envelope).all()
        assert (weaker.envelope <= plane.along(plane.proven, point, kind)).all()


def test_the_count_level_discount_is_subtracted():
    own = compute_plane(toy_certificate(), "all", boxes=3)
    settings = replace(SETTINGS, correction="count-level", tolerated=3)
    tolerant = compute_plane(toy_certificate(settings), "all", boxes=3)
    assert tolerant.discount == 2
    assert tolerant.proven[0, 0] == (~toy_certificate(settings).abstained).sum() - 2
    assert own.discount == 0


@pytest.mark.parametrize("largest", [0, 1, 7, 20, 21, 25, 1000])
def test_axes_are_whole_evenly_spaced_and_long_enough(largest: int):
    axis = budget_axis(largest)
    assert axis[0] == 0
    assert axis[-1] >= max(largest, 1) > axis[-2]
    assert 2 <= axis.size <= 21
    assert np.ptp(np.diff(axis)) == 0


def test_a_budget_between_two_steps_reads_the_larger_one():
    plane = compute_plane(toy_certificate(), "all", boxes=3)
    assert plane.index(0.5, 10**6) == (1, plane.deletions.size - 1)


def test_what_can_be_counted_depends_on_what_is_known():
    named, bare = toy_certificate(), toy_certificate(named=False)
    assert possible_counts(named) == ("unseen", "correct", "all")
    assert possible_counts(bare) == ("all",)
    assert candidates(named, "correct").sum() == 24 - 1
    assert candidates(named, "unseen").sum() == 24 - 1 - 4
    assert targets(named, "correct").sum() == 24 - 1 - 2
