"""Simultaneous soft-score thresholds of all outputs under one confidence plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import CertificateError, InputError, SettingsError
from lrscore.statistics.arrays import FloatArray
from lrscore.statistics.direct_threshold import check_soft_thresholds_direct, soft_threshold_direct
from lrscore.statistics.dkw import soft_threshold_dkw
from lrscore.statistics.empirical_bernstein import soft_threshold_bernstein
from lrscore.statistics.plan import ConfidencePlan
from lrscore.statistics.score_histogram import ScoreHistogram

SoftMethod = Literal["direct", "bernstein", "dkw"]
SOFT_METHODS: tuple[str, ...] = get_args(SoftMethod)


@dataclass(frozen=True)
class SoftScorePlan:
    """How score histograms become thresholds `eta` that hold together: fixed before the estimation samples.

    Guarantee: the plan's (`ConfidencePlan.sentence`), for the thresholds of the variance-constrained
        certificate.
    An output with threshold `eta` keeps its label for every perturbation whose cost is below `eta`: its
    expected score stays above 1/2 (histograms of scores), or above every other class's (histograms of
    margins).

    Attributes:
        plan: any correction but "paper-holm", which ranks votes.
        method: "direct" (sharpest, default), "bernstein" or "dkw".
        planned_samples: sample size the direct test is tuned for. Needed for correction "mixture", where it
            makes the thresholds hold at every sample size; otherwise optional.
    """

    plan: ConfidencePlan
    method: SoftMethod = "direct"
    planned_samples: int | None = None

    def __post_init__(self) -> None:
        if self.method not in SOFT_METHODS:
            raise SettingsError(f"method: expected one of {', '.join(SOFT_METHODS)}, got {self.method!r}")
        if not self.plan.valid:
            raise SettingsError("plan: expected a valid correction for soft scores, got paper-holm")
        if self.planned_samples is not None and self.planned_samples < 1:
            raise SettingsError(f"planned_samples: expected at least 1, got {self.planned_samples}")
        if self.plan.correction == "mixture" and (self.method != "direct" or self.planned_samples is None):
            raise SettingsError(
                "correction mixture: expected method direct and planned_samples, which hold at every sample size, "
                f"got {self.method} and {self.planned_samples}"
            )

    def thresholds(
        self, histogram: ScoreHistogram, pilot: ScoreHistogram, *, weights: ArrayLike | None = None
    ) -> FloatArray:
        """Return simultaneous lower bounds (N,) of `eta`; 0 means abstain.

        Args:
            histogram: estimation scores (N, bins), or unit margins (N, classes - 1, bins). The smallest
                threshold over the classes needs no share of alpha of its own: it can only be too large if the
                bound for the one class whose true threshold is smallest is too large.
            pilot: pilot scores in the same form; only tunes the direct test.
            weights: "weighted-bonferroni" only: (N,) from `weights_from_pilot`.
        """
        levels = self._levels(histogram, weights)
        if self.method == "direct":
            eta = soft_threshold_direct(histogram, pilot, levels, planned_samples=self.planned_samples)
        else:
            bound = soft_threshold_bernstein if self.method == "bernstein" else soft_threshold_dkw
            eta = bound(histogram, levels)
        return eta.reshape(self.plan.n_outputs, -1).min(axis=1)

    def check(
        self,
        thresholds: ArrayLike,
        histogram: ScoreHistogram,
        pilot: ScoreHistogram,
        *,
        weights: ArrayLike | None = None,
    ) -> None:
        """Raise `CertificateError` unless the histograms prove `thresholds` (N,).

        The direct test is evaluated at the claims by another route; the other two are closed formulas,
        evaluated again.
        """
        claims = np.asarray(thresholds, dtype=np.float64)
        if claims.shape != (self.plan.n_outputs,):
            raise InputError(f"thresholds: expected shape ({self.plan.n_outputs},), got {claims.shape}")
        if self.method == "direct":
            levels = self._levels(histogram, weights)
            every_class = claims.reshape(claims.shape + (1,) * (levels.ndim - 1))
            check_soft_thresholds_direct(
                every_class, histogram, pilot, levels, planned_samples=self.planned_samples
            )
            return
        # Not `claims > proven`: a NaN must not pass.
        wrong = ~(claims <= self.thresholds(histogram, pilot, weights=weights) * (1.0 + 1e-11))
        if np.any(wrong):
            raise CertificateError(
                f"soft thresholds: {wrong.sum()} claim more than their histograms prove, first output {wrong.argmax()}"
            )

    def _levels(self, histogram: ScoreHistogram, weights: ArrayLike | None) -> FloatArray:
        leading = histogram.counts.shape[:-1]
        if len(leading) not in (1, 2) or leading[0] != self.plan.n_outputs or 0 in leading:
            raise InputError(
                f"histogram: expected counts ({self.plan.n_outputs}, bins) or ({self.plan.n_outputs}, classes - 1, "
                f"bins), got {histogram.counts.shape}"
            )
        samples = histogram.samples.reshape(leading[0], -1)
        if np.any(samples != samples[:, :1]):
            raise InputError("histogram: expected the same number of samples for every class of an output")
        levels = self.plan.levels(None, samples[:, 0], weights=weights)
        return np.broadcast_to(levels.reshape((-1,) + (1,) * (len(leading) - 1)), leading)
