"""Confidence bounds for smoothed predictions: NumPy arrays of counts in, arrays of bounds out.

`ConfidencePlan` ties a bound and a correction for many outputs together and is what the rest of the package
calls. docs/statistics.md gives the argument for each bound.
"""

from lrscore.statistics.beta_mixture import mixture_lower
from lrscore.statistics.clopper_pearson import clopper_pearson_lower, clopper_pearson_upper
from lrscore.statistics.corrections import bonferroni_level, count_level, weighted_levels, weights_from_pilot
from lrscore.statistics.holm import binomial_p_values, holm_reject, paper_holm_levels
from lrscore.statistics.looks import LookSchedule
from lrscore.statistics.plan import CORRECTIONS, ConfidencePlan, Correction
from lrscore.statistics.recheck import check_lower_bounds, check_mixture_bounds
from lrscore.statistics.running import RunningBounds

__all__ = [
    "CORRECTIONS",
    "ConfidencePlan",
    "Correction",
    "LookSchedule",
    "RunningBounds",
    "binomial_p_values",
    "bonferroni_level",
    "check_lower_bounds",
    "check_mixture_bounds",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "count_level",
    "holm_reject",
    "mixture_lower",
    "paper_holm_levels",
    "weighted_levels",
    "weights_from_pilot",
]
