"""The one place that says what a set of confidence bounds guarantees, and at which error levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrscore.errors import InputError, SettingsError
from lrscore.statistics.arrays import FloatArray, IntArray, check_counts
from lrscore.statistics.beta_mixture import mixture_lower
from lrscore.statistics.clopper_pearson import clopper_pearson_lower
from lrscore.statistics.corrections import bonferroni_level, check_family, count_level, weighted_levels
from lrscore.statistics.holm import paper_holm_levels
from lrscore.statistics.looks import LookSchedule
from lrscore.statistics.recheck import check_lower_bounds, check_mixture_bounds

Correction = Literal["bonferroni", "weighted-bonferroni", "count-level", "anytime", "mixture", "paper-holm"]
CORRECTIONS: tuple[str, ...] = get_args(Correction)
SEQUENTIAL: tuple[str, ...] = ("anytime", "mixture")
"""Corrections under which results may be shown, and sampling may stop, before all samples are drawn."""


@dataclass(frozen=True)
class ConfidencePlan:
    """How the votes of one input become lower bounds that hold together: fixed before the estimation samples.

    Guarantee (every correction but "paper-holm"): with probability at least `1 - alpha` over the estimation
    samples, all `n_outputs` bounds of `lower` are at most the true probabilities ("count-level": all but
    `tolerated - 1` of them; "anytime": at every look; "mixture": at every sample size). `sentence()` says it
    in words.

    Attributes:
        alpha: error probability of the whole input, in (0, 1).
        correction: one of `CORRECTIONS`.
        n_outputs: number of outputs N that are bounded together.
        tolerated: "count-level" only: the certified count is reduced by `tolerated - 1`.
        looks: "anytime" only: preset sample sizes, strictly increasing.
        spending: "anytime" only: share of alpha per look; filled in by `LookSchedule.spread` when left out.
    """

    alpha: float
    correction: Correction
    n_outputs: int
    tolerated: int = 1
    looks: tuple[int, ...] | None = None
    spending: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.correction not in CORRECTIONS:
            raise SettingsError(
                f"correction: expected one of {', '.join(CORRECTIONS)}, got {self.correction!r}"
            )
        check_family(self.alpha, self.n_outputs)
        count_level(self.alpha, self.n_outputs, self.tolerated)
        if self.tolerated != 1 and self.correction != "count-level":
            raise SettingsError(f"tolerated: expected 1 for {self.correction}, got {self.tolerated}")
        if self.correction == "anytime":
            if not self.looks:
                raise SettingsError("looks: expected preset sample sizes for correction anytime, got none")
            spread = LookSchedule.spread(self.looks)
            schedule = spread if self.spending is None else LookSchedule(self.looks, self.spending)
            object.__setattr__(self, "looks", schedule.sizes)
            object.__setattr__(self, "spending", schedule.fractions)
        elif self.looks is not None or self.spending is not None:
            raise SettingsError(
                f"looks, spending: expected none for correction {self.correction}, got {self.looks}"
            )

    @classmethod
    def for_samples(
        cls, alpha: float, correction: Correction, n_outputs: int, samples: int, *, tolerated: int = 1
    ) -> ConfidencePlan:
        """Return a plan for up to `samples` samples; "anytime" gets geometric looks that end there."""
        looks = LookSchedule.geometric(samples).sizes if correction == "anytime" else None
        return cls(alpha, correction, n_outputs, tolerated, looks)

    @property
    def schedule(self) -> LookSchedule | None:
        """The looks and their spending, or None where results may be shown once ("mixture": always)."""
        if self.looks is None or self.spending is None:
            return None
        return LookSchedule(self.looks, self.spending)

    def stops(self, samples: int) -> tuple[int, ...]:
        """Return the sample sizes after which results may be shown, the last one `samples`.

        "mixture" allows any; these are the geometric ones.
        """
        if self.looks is not None:
            return self.looks
        return LookSchedule.geometric(samples).sizes if self.correction == "mixture" else (samples,)

    def trials_as_read(self, trials: IntArray, samples: int) -> IntArray:
        """Estimation samples (I,) of every group: one that waits for its turn stands as a first look, at which nothing
        agreed, so that its bounds are 0."""
        return np.where(trials > 0, trials, self.stops(samples)[0])

    @property
    def sequential(self) -> bool:
        """Whether results may be shown before all samples are drawn, whatever was seen so far."""
        return self.correction in SEQUENTIAL

    @property
    def discount(self) -> int:
        """What to subtract from every collective certified count (never below 0)."""
        return self.tolerated - 1

    @property
    def valid(self) -> bool:
        """Whether the bounds carry a guarantee; False for "paper-holm" only."""
        return self.correction != "paper-holm"

    def levels(
        self,
        successes: ArrayLike | None,
        trials: ArrayLike,
        *,
        look: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> FloatArray:
        """Return the error level (N,) at which each output is bounded; arguments as in `lower`.

        Only "paper-holm" reads `successes`; soft scores have none and pass None.
        """
        n = self._per_output("trials", trials)
        if (weights is None) == (self.correction == "weighted-bonferroni"):
            expected = "pilot weights" if weights is None else "none"
            raise InputError(f"weights: expected {expected} for correction {self.correction}")
        if look is not None and self.schedule is None:
            raise InputError(f"look: expected none for correction {self.correction}, got {look}")
        if self.correction == "paper-holm":
            if successes is None:
                raise InputError("successes: expected counts to rank for correction paper-holm, got none")
            return paper_holm_levels(successes, n, self.alpha)
        if weights is not None:
            return weighted_levels(self.alpha, self._per_output("weights", weights))
        if self.schedule is not None:
            if look is not None and np.any(self.schedule.indices(n) != np.asarray(look)):
                raise InputError(
                    f"look: expected the look whose sample size is trials ({self.looks}), got {look}"
                )
            return self.schedule.shares(n) * bonferroni_level(self.alpha, self.n_outputs)
        return np.full(n.shape, count_level(self.alpha, self.n_outputs, self.tolerated))

    def lower(
        self,
        successes: ArrayLike,
        trials: ArrayLike,
        *,
        look: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> FloatArray:
        """Return simultaneous lower bounds (N,) for the outputs' probabilities; the guarantee is the class's.

        Args:
            successes: (N,) agreements with the label that the pilot fixed, among the estimation samples.
            trials: number of estimation samples, scalar or (N,); "anytime": each must be one of the preset
                looks (outputs may be at different looks).
            look: "anytime" only, optional: index of the look, checked against `trials`.
            weights: "weighted-bonferroni" only: (N,) from `weights_from_pilot`.

        Raises:
            InputError: counts, looks or weights that do not fit the plan.
        """
        k, n = self._counts(successes, trials)
        levels = self.levels(k, n, look=look, weights=weights)
        bound = mixture_lower if self.correction == "mixture" else clopper_pearson_lower
        return bound(k, n, levels)

    def check(
        self,
        bounds: ArrayLike,
        successes: ArrayLike,
        trials: ArrayLike,
        *,
        look: ArrayLike | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        """Raise `CertificateError` unless the counts prove `bounds` (N,) under this plan, found by another route.

        "anytime" and "mixture": a bound kept from an earlier look is proven by that look's counts
        (`RunningBounds.successes`, `.trials`). "paper-holm" is checked at its own levels, which prove
        nothing.
        """
        k, n = self._counts(successes, trials)
        levels = self.levels(k, n, look=look, weights=weights)
        check = check_mixture_bounds if self.correction == "mixture" else check_lower_bounds
        check(bounds, k, n, levels)

    def sentence(self) -> str:
        """Return the guarantee in one sentence for people."""
        each = f"each at level {self.tolerated * self.alpha / self.n_outputs:.3g}"
        looks = ", ".join(f"{size:,}" for size in self.looks or ())
        how = {
            "bonferroni": f"hold together (Bonferroni: {each})",
            "weighted-bonferroni": "hold together (weighted Bonferroni: alpha shared by pilot weights)",
            "count-level": f"hold together except at most {self.discount:,}, which every collective count "
            f"subtracts (count level: {each})",
            "anytime": f"hold together at every look (looks at {looks} samples share alpha, Bonferroni "
            "over outputs), so sampling may stop at any of them",
            "mixture": "hold together at every sample size (beta-mixture confidence sequence, Bonferroni "
            "over outputs), so sampling may stop at any time",
        }
        family = f"{self.n_outputs:,} output{'s' if self.n_outputs > 1 else ''}"
        if not self.valid:
            return (
                f"NOT VALID: the by-rank Holm levels of published code (nominal alpha = {self.alpha:g}, {family}) "
                "do not make the bounds hold together; for comparison only."
            )
        chance = f"{(100 - 100 * Decimal(repr(float(self.alpha)))).normalize():f} %"
        return (
            f"With probability at least {chance} over the sampling (alpha = {self.alpha:g}), all lower bounds "
            f"({family}) {how[self.correction]}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON types, for files."""
        return {
            "alpha": float(self.alpha),
            "correction": self.correction,
            "n_outputs": int(self.n_outputs),
            "tolerated": int(self.tolerated),
            "looks": None if self.looks is None else list(self.looks),
            "spending": None if self.spending is None else list(self.spending),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ConfidencePlan:
        """Return the plan that `to_dict` wrote; raise `SettingsError` for anything else."""
        names = ("alpha", "correction", "n_outputs", "tolerated", "looks", "spending")
        if not isinstance(record, Mapping) or set(record) != set(names):
            raise SettingsError(f"confidence plan: expected a record with {', '.join(names)}, got {record!r}")
        alpha, looks, spending = record["alpha"], record["looks"], record["spending"]
        whole = [record["n_outputs"], record["tolerated"], *(looks or [])]
        if any(isinstance(value, bool) or not isinstance(value, int) for value in whole):
            raise SettingsError(
                f"confidence plan: expected whole numbers for outputs, tolerated and looks, got {record!r}"
            )
        if any(
            isinstance(value, bool) or not isinstance(value, int | float)
            for value in [alpha, *(spending or [])]
        ):
            raise SettingsError(f"confidence plan: expected numbers for alpha and spending, got {record!r}")
        return cls(
            float(alpha),
            cast(Correction, record["correction"]),
            record["n_outputs"],
            record["tolerated"],
            None if looks is None else tuple(looks),
            None if spending is None else tuple(spending),
        )

    def _counts(self, successes: ArrayLike, trials: ArrayLike) -> tuple[IntArray, IntArray]:
        k, n = check_counts(successes, trials)
        return self._per_output("successes", k), n

    def _per_output(self, name: str, values: ArrayLike) -> NDArray[Any]:
        array = np.asarray(values)
        if array.ndim and array.shape != (self.n_outputs,):
            raise InputError(f"{name}: expected shape ({self.n_outputs},), one per output, got {array.shape}")
        return np.broadcast_to(array, (self.n_outputs,))
