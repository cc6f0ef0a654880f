"""The best bound seen so far, with the counts that prove it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import SettingsError
from lrscore.statistics.arrays import FloatArray, IntArray, check_counts
from lrscore.statistics.plan import ConfidencePlan


@dataclass(frozen=True)
class RunningBounds:
    """Largest lower bound of each output over the looks so far, and the counts of the look it came from.

    Valid because the plan's guarantee covers all looks at once: if all bounds of all looks hold, so does the
    largest. A certificate file stores `successes` and `trials`; `plan.check(bounds, successes, trials)`
    proves the bounds again.

    Attributes:
        bounds: (N,) running maximum of the lower bounds.
        successes, trials: (N,) counts of the look at which each output's bound was largest.
    """

    bounds: FloatArray
    successes: IntArray
    trials: IntArray

    @classmethod
    def first(cls, plan: ConfidencePlan, successes: ArrayLike, trials: ArrayLike) -> RunningBounds:
        """Return the bounds of the first look; counts as in `ConfidencePlan.lower`."""
        if not plan.sequential:
            raise SettingsError(
                f"plan: expected correction anytime or mixture to keep bounds over looks, got {plan.correction}"
            )
        k, n = check_counts(successes, trials)
        return cls(plan.lower(k, n), k, n)

    def update(self, plan: ConfidencePlan, successes: ArrayLike, trials: ArrayLike) -> RunningBounds:
        """Return the running maximum after another look with cumulative counts `successes` of `trials`."""
        new = RunningBounds.first(plan, successes, trials)
        better = new.bounds > self.bounds
        return RunningBounds(
            np.where(better, new.bounds, self.bounds),
            np.where(better, new.successes, self.successes),
            np.where(better, new.trials, self.trials),
        )
