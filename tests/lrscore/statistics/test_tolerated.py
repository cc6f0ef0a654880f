"""Tolerated bounds under weights and looks, and several values of k that share alpha: coverage by simulation.

Outputs come in independent blocks whose outputs see the same samples, as pixels of one copy do. If a block has exactly
`k` outputs, its bounds fail together and Markov's inequality is nearly attained, so errors come close to alpha.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from lrscore.errors import SettingsError
from lrscore.statistics import (
    ConfidencePlan,
    LookSchedule,
    clopper_pearson_lower,
    mixture_lower,
    weights_from_pilot,
)
from tests.lrscore.statistics.slow import too_many_errors

ALPHA, OUTPUTS, SAMPLES, REPETITIONS = 0.2, 24, 160, 4000
P = 0.7


def agreements(rng: np.random.Generator, block: int, samples: int = SAMPLES) -> np.ndarray:
    """(repetitions, samples, outputs) cumulative counts of agreement; outputs of a block see the same samples."""
    blocks = rng.random((REPETITIONS, samples, OUTPUTS // block), dtype=np.float32) < P
    return np.repeat(blocks.cumsum(axis=1, dtype=np.int32), block, axis=2)


def plan_of(correction: str, tolerated: int, offered: tuple[int, ...] = ()) -> ConfidencePlan:
    return ConfidencePlan.for_samples(
        ALPHA, correction, OUTPUTS, SAMPLES, tolerated=tolerated, offered=offered
    )


def failed(plan: ConfidencePlan, agree: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(repetitions, outputs): whether a bound ever stands above the truth, at any look."""
    wrong = np.zeros((len(agree), OUTPUTS), dtype=bool)
    for look in plan.stops(SAMPLES):
        counts = agree[:, look - 1]
        if plan.correction == "weighted-bonferroni":
            pilots = rng.binomial(30, np.where(np.arange(OUTPUTS) % 2, 0.4, 0.8), (400, OUTPUTS))
            several = [plan.levels(None, look, weights=weights_from_pilot(pilot, 30)) for pilot in pilots]
            levels = np.resize(np.stack(several), (len(agree), OUTPUTS))
        else:
            levels = plan.levels(None, look)
        bound = mixture_lower if plan.correction == "mixture" else clopper_pearson_lower
        wrong |= bound(counts, look, levels) > P
    return wrong


@pytest.mark.parametrize("correction", ["count-level", "weighted-bonferroni", "anytime", "mixture"])
@pytest.mark.parametrize("tolerated", [2, 6])
def test_fewer_than_k_bounds_fail_at_any_look(correction: str, tolerated: int):
    rng = np.random.default_rng(11)
    wrong = failed(plan_of(correction, tolerated), agreements(rng, tolerated), rng)
    errors = int((wrong.sum(axis=1) >= tolerated).sum())
    assert not too_many_errors(errors, REPETITIONS, ALPHA)
    if correction in ("count-level", "anytime"):
        assert errors > REPETITIONS * ALPHA / 4  # the blocks are the hard case: a larger level would be seen


def test_twice_the_level_would_be_seen():
    """What the simulation above is for: k bounds at twice the level fail together too often."""
    rng, k = np.random.default_rng(12), 6
    counts = agreements(rng, k)[:, -1]
    wrong = clopper_pearson_lower(counts, SAMPLES, 2 * k * ALPHA / OUTPUTS) > P
    assert too_many_errors(int((wrong.sum(axis=1) >= k).sum()), REPETITIONS, ALPHA)


OFFERED = (1, 4, 12)


def choosing_errors(plans: list[ConfidencePlan], seed: int) -> int:
    """Runs in which a reader who picks `k` after the fact can find a promise that is broken.

    A third of the outputs is in blocks of 1, of 4 and of 12 each, so that every `k` has its hard case.
    """
    rng = np.random.default_rng(seed)
    sizes = (1,) * 8 + (4,) * 2 + (8,)
    columns = np.repeat(np.arange(len(sizes)), sizes)
    blocks = (rng.random((REPETITIONS, SAMPLES, len(sizes)), dtype=np.float32) < P).sum(axis=1)
    counts = blocks[:, columns]
    broken = np.zeros(REPETITIONS, dtype=bool)
    for plan in plans:
        wrong = clopper_pearson_lower(counts, SAMPLES, plan.levels(None, SAMPLES)) > P
        broken |= wrong.sum(axis=1) >= plan.tolerated
    return int(broken.sum())


def test_values_that_share_alpha_may_be_chosen_among_after_looking():
    shared = [plan_of("count-level", k, OFFERED) for k in OFFERED]
    errors = choosing_errors(shared, 13)
    assert not too_many_errors(errors, REPETITIONS, ALPHA)


def test_choosing_among_values_that_do_not_share_alpha_costs_confidence():
    """Why the values share: each plan alone is right, the luckiest of them is not."""
    alone = [plan_of("count-level", k) for k in OFFERED]
    for plan in alone:
        assert not too_many_errors(choosing_errors([plan], 13), REPETITIONS, ALPHA)
    together, shared = (
        choosing_errors([plan_of("count-level", k, offered) for k in OFFERED], 13)
        for offered in ((), OFFERED)
    )
    assert together > 1.3 * max(choosing_errors([plan], 13) for plan in alone)
    assert shared < together / 2


@pytest.mark.parametrize(("samples", "figures"), [(1000, (-1.7, 7.9, 9.9)), (10_000, (-0.4, 1.7, 2.2))])
def test_what_sharing_costs_and_k_gains(samples: int, figures: tuple[float, ...]):
    """Radii under looks, in per cent of that of k = 1 alone: the figures of docs/statistics.md."""

    def radius(k: int, offered: tuple[int, ...]) -> float:
        plan = ConfidencePlan.for_samples(0.01, "anytime", 41_500, samples, tolerated=k, offered=offered)
        level = plan.levels(None, samples)[0]
        return float(ndtri(clopper_pearson_lower(int(0.7 * samples), samples, level)))

    gains = [
        100 * (radius(k, offered) / radius(1, ()) - 1)
        for k, offered in ((1, (1, 40)), (40, (1, 40)), (40, ()))
    ]
    np.testing.assert_allclose(gains, figures, atol=0.05)


def test_levels_as_arithmetic():
    sizes = LookSchedule.geometric(SAMPLES).sizes
    last = plan_of("anytime", 6).levels(None, sizes[-1])
    np.testing.assert_allclose(last, 0.75 * 6 * ALPHA / OUTPUTS)
    np.testing.assert_allclose(plan_of("mixture", 6).levels(None, 77), 6 * ALPHA / OUTPUTS)
    np.testing.assert_allclose(plan_of("count-level", 4, OFFERED).levels(None, 9), 4 * ALPHA / 3 / OUTPUTS)
    weights = np.zeros(OUTPUTS)
    weights[0] = OUTPUTS
    levels = plan_of("weighted-bonferroni", 4).levels(None, 9, weights=weights)
    assert levels[0] == 0.45  # 4 alpha, cut: no bound is worth having at a level near 1/2
    assert not levels[1:].any()
    assert plan_of("anytime", 6).discount == 5


def test_sentences_say_what_is_tolerated_and_what_was_offered():
    for correction in ("anytime", "mixture", "weighted-bonferroni"):
        sentence = plan_of(correction, 4).sentence()
        assert "except at most 3, which every collective count subtracts" in sentence
        assert "share alpha (" not in sentence
    offered = plan_of("anytime", 4, OFFERED).sentence()
    assert "at once for k = 1, 4, 12, which share alpha" in offered
    assert "here k = 4" in offered
    assert "each at level 0.0111" in plan_of("count-level", 4, OFFERED).sentence()


@pytest.mark.parametrize(
    ("correction", "tolerated", "offered", "message"),
    [
        ("anytime", 2, (1, 4), r"tolerated: expected one of the values offered \(1, 4\), got 2"),
        ("anytime", 1, (4, 1), "offered: expected increasing whole numbers"),
        ("anytime", 1, (1, 1), "offered: expected increasing whole numbers"),
        ("anytime", 1, (1, 25), "offered: expected increasing whole numbers from 1 to n_outputs = 24"),
        ("anytime", 1, (1, 2.5), "offered: expected increasing whole numbers"),
        ("bonferroni", 1, (1, 4), "offered: expected none for bonferroni"),
        ("paper-holm", 1, (1,), "offered: expected none for paper-holm"),
        ("paper-holm", 2, (), "tolerated: expected 1 for paper-holm"),
    ],
)
def test_what_can_not_be_offered_is_refused(correction, tolerated, offered, message):
    with pytest.raises(SettingsError, match=message):
        plan_of(correction, tolerated, offered)


def test_offered_values_survive_a_file_and_older_files_have_none():
    plan = plan_of("anytime", 4, OFFERED)
    assert ConfidencePlan.from_dict(plan.to_dict()) == plan
    older = plan_of("anytime", 4).to_dict()
    assert "offered" not in older
    assert ConfidencePlan.from_dict(older) == plan_of("anytime", 4)
    with pytest.raises(SettingsError, match="confidence plan: expected"):
        ConfidencePlan.from_dict({**plan.to_dict(), "offered": "1,4"})
    with pytest.raises(SettingsError, match="confidence plan: expected"):
        ConfidencePlan.from_dict({**plan.to_dict(), "offered": [True, 4, 12]})
