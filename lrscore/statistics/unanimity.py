"""What unanimous samples can show at best: whether a run can certify anything, asked before it is made."""

from __future__ import annotations

from typing import cast

import numpy as np

from lrscore.errors import SettingsError
from lrscore.statistics.beta_mixture import mixture_lower
from lrscore.statistics.clopper_pearson import clopper_pearson_lower
from lrscore.statistics.corrections import LARGEST_LEVEL
from lrscore.statistics.direct_threshold import soft_threshold_direct
from lrscore.statistics.dkw import soft_threshold_dkw
from lrscore.statistics.empirical_bernstein import soft_threshold_bernstein
from lrscore.statistics.plan import ConfidencePlan, Correction
from lrscore.statistics.score_histogram import ScoreHistogram

MOST_SAMPLES = 1 << 30


def best_level(plan: ConfidencePlan, samples: int) -> float:
    """The largest error level at which any output may be bounded after so many samples, its last ones."""
    if plan.correction == "paper-holm":
        return plan.alpha
    if plan.correction == "weighted-bonferroni":  # one output may get all that there is
        return min(plan.tolerated * plan.share, LARGEST_LEVEL)
    return float(plan.levels(None, samples)[0])


def unanimous_lower(plan: ConfidencePlan, samples: int) -> float:
    """The highest lower bound that an output can get: all samples agree with its label."""
    level = np.array([best_level(plan, samples)])
    bound = mixture_lower if plan.correction == "mixture" else clopper_pearson_lower
    return float(bound(np.array([samples]), np.array([samples]), level)[0])


def unanimous_threshold(
    plan: ConfidencePlan, samples: int, *, pilot_samples: int, method: str, bins: int
) -> float:
    """The threshold of an output whose soft scores, pilot and estimation, all lie in the highest bin.

    Args:
        method: "direct", "bernstein" or "dkw".
        bins: of the histogram.
    """
    histogram, pilot = (_all_in_the_last_bin(count, bins) for count in (samples, pilot_samples))
    level = np.array([best_level(plan, samples)])
    if method == "direct":
        return float(soft_threshold_direct(histogram, pilot, level, planned_samples=samples)[0])
    bound = soft_threshold_bernstein if method == "bernstein" else soft_threshold_dkw
    return float(bound(histogram, level)[0])


def least_samples(
    alpha: float,
    correction: str,
    n_outputs: int,
    *,
    tolerated: int = 1,
    offered: tuple[int, ...] = (),
    soft: str | None = None,
    pilot_samples: int = 100,
    bins: int = 128,
) -> int:
    """The smallest number of samples with which anything at all can be certified, if all of them agree.

    Found by doubling and bisection on the bounds themselves: with one sample less, even unanimous ones give no output a
    positive threshold.

    Args:
        alpha, correction, n_outputs, tolerated, offered: as in `ConfidencePlan`.
        soft: how soft scores are bounded; None for votes.
        pilot_samples, bins: of soft scores.

    Raises:
        SettingsError: no number of samples below about 10^9 can.
    """

    def enough(samples: int) -> bool:
        plan = ConfidencePlan.for_samples(
            alpha, cast(Correction, correction), n_outputs, samples, tolerated=tolerated, offered=offered
        )
        if soft is None:
            return unanimous_lower(plan, samples) > 0.5
        if soft == "bernstein" and samples < 2:  # a variance needs two
            return False
        return unanimous_threshold(plan, samples, pilot_samples=pilot_samples, method=soft, bins=bins) > 0.0

    high = 1
    while not enough(high):
        if high >= MOST_SAMPLES:
            raise SettingsError(f"alpha {alpha:g} for {n_outputs} outputs can not be reached by sampling")
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _all_in_the_last_bin(samples: int, bins: int) -> ScoreHistogram:
    counts = np.zeros((1, bins), dtype=np.int64)
    counts[0, -1] = samples
    return ScoreHistogram(counts)
