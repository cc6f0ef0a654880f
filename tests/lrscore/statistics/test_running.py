import numpy as np
import pytest

from lrscore.errors import SettingsError
from lrscore.statistics import ConfidencePlan, RunningBounds


@pytest.mark.parametrize("correction", ["anytime", "mixture"])
def test_keeps_the_largest_bound_and_the_counts_that_prove_it(correction):
    rng = np.random.default_rng(9)
    plan = ConfidencePlan.for_samples(0.05, correction, 40, 160)
    sizes = (10, 20, 40, 80, 160)
    agree = np.cumsum(rng.random((160, 40)) < rng.uniform(0.3, 1, 40), axis=0)
    agree[80:] = agree[79] + np.arange(80)[:, None] // 4  # every output gets worse after 80 samples
    running, bounds = RunningBounds.first(plan, agree[9], 10), [plan.lower(agree[9], 10)]
    for size in sizes[1:]:
        running = running.update(plan, agree[size - 1], size)
        bounds.append(plan.lower(agree[size - 1], size))
        np.testing.assert_array_equal(running.bounds, np.max(bounds, axis=0))
    assert set(running.trials) > {80}
    plan.check(running.bounds, running.successes, running.trials)
    np.testing.assert_array_equal(plan.lower(running.successes, running.trials), running.bounds)


def test_only_for_plans_that_cover_all_looks():
    with pytest.raises(SettingsError, match=r"expected correction anytime or mixture .* got bonferroni"):
        RunningBounds.first(ConfidencePlan(0.05, "bonferroni", 1), [5], 10)
