"""Confidence bounds for smoothed predictions: NumPy arrays of counts in, arrays of bounds out.

`ConfidencePlan` ties a bound and a correction for many outputs together and is what the rest of the package
calls. Why each bound holds: docs/theory.md, 3; which to use: docs/statistics.md.
"""

from lrscore.statistics.adaptive import (
    CollectiveView,
    SamplingChoice,
    choose_samples,
    group_gains,
    projected_bounds,
)
from lrscore.statistics.beta_mixture import mixture_lower
from lrscore.statistics.clopper_pearson import clopper_pearson_lower, clopper_pearson_upper
from lrscore.statistics.corrections import bonferroni_level, count_level, weighted_levels, weights_from_pilot
from lrscore.statistics.direct_threshold import check_soft_thresholds_direct, soft_threshold_direct
from lrscore.statistics.dkw import soft_threshold_dkw
from lrscore.statistics.empirical_bernstein import soft_threshold_bernstein
from lrscore.statistics.holm import binomial_p_values, holm_reject, paper_holm_levels
from lrscore.statistics.looks import LookSchedule
from lrscore.statistics.plan import (
    CORRECTIONS,
    SEQUENTIAL,
    TOLERANT,
    ConfidencePlan,
    Correction,
    confidence_in_words,
)
from lrscore.statistics.recheck import check_lower_bounds, check_mixture_bounds
from lrscore.statistics.running import RunningBounds
from lrscore.statistics.score_histogram import ScoreHistogram, unit_margins
from lrscore.statistics.soft_scores import SOFT_METHODS, SoftMethod, SoftScorePlan
from lrscore.statistics.unanimity import best_level, least_samples, unanimous_lower, unanimous_threshold

__all__ = [
    "CORRECTIONS",
    "SEQUENTIAL",
    "SOFT_METHODS",
    "TOLERANT",
    "CollectiveView",
    "ConfidencePlan",
    "Correction",
    "LookSchedule",
    "RunningBounds",
    "SamplingChoice",
    "ScoreHistogram",
    "SoftMethod",
    "SoftScorePlan",
    "best_level",
    "binomial_p_values",
    "bonferroni_level",
    "check_lower_bounds",
    "check_mixture_bounds",
    "check_soft_thresholds_direct",
    "choose_samples",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "confidence_in_words",
    "count_level",
    "group_gains",
    "holm_reject",
    "least_samples",
    "mixture_lower",
    "paper_holm_levels",
    "projected_bounds",
    "soft_threshold_bernstein",
    "soft_threshold_direct",
    "soft_threshold_dkw",
    "unanimous_lower",
    "unanimous_threshold",
    "unit_margins",
    "weighted_levels",
    "weights_from_pilot",
]
