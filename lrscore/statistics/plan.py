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
from lrscore.statistics.corrections import LARGEST_LEVEL, check_family, count_level, weighted_levels
from lrscore.statistics.holm import paper_holm_levels
from lrscore.statistics.looks import LookSchedule
from lrscore.statistics.recheck import check_lower_bounds, check_mixture_bounds

Correction = Literal["bonferroni", "weighted-bonferroni", "count-level", "anytime", "mixture", "paper-holm"]
CORRECTIONS: tuple[str, ...] = get_args(Correction)
SEQUENTIAL: tuple[str, ...] = ("anytime", "mixture")
"""Corrections under which results may be shown, and sampling may stop, before all samples are drawn."""
TOLERANT: tuple[str, ...] = ("weighted-bonferroni", "count-level", "anytime", "mixture")
"""Corrections that can tolerate `k - 1` bounds that fail; "count-level" is Bonferroni that does."""


def confidence_in_words(alpha: float, statements: int = 1) -> str:
    """The confidence, in per cent, that so many statements with error probability alpha each hold together."""
    return f"{max(100 - 100 * statements * Decimal(repr(float(alpha))), Decimal(0)).normalize():f} %"


@dataclass(frozen=True)
class ConfidencePlan:
    """How the votes of one input become lower bounds that hold together: fixed before the estimation samples.

    Guarantee (every correction but "paper-holm"): with probability at least `1 - alpha` over the estimation
    samples, all `n_outputs` bounds of `lower` but at most `tolerated - 1` are at most the true probabilities
    ("anytime": at every look; "mixture": at every sample size). `sentence()` says it in words. With `offered`, this
    holds for all the plans at once that differ in which of the values offered is `tolerated`.

    Attributes:
        alpha: error probability of the whole input, in (0, 1).
        correction: one of `CORRECTIONS`.
        n_outputs: number of outputs N that are bounded together.
        tolerated: the `k` of corrections in `TOLERANT`: every collective count is reduced by `k - 1`, and bounds are
            made at `k` times the level.
        looks: "anytime" only: preset sample sizes, strictly increasing.
        spending: "anytime" only: share of alpha per look; filled in by `LookSchedule.spread` when left out.
        offered: values of `k`, increasing, that share alpha in equal parts, so that `tolerated` may be chosen among
            them after the samples have been seen; empty if it was fixed before.
    """

    alpha: float
    correction: Correction
    n_outputs: int
    tolerated: int = 1
    looks: tuple[int, ...] | None = None
    spending: tuple[float, ...] | None = None
    offered: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.correction not in CORRECTIONS:
            raise SettingsError(
                f"correction: expected one of {', '.join(CORRECTIONS)}, got {self.correction!r:.80}"
            )
        check_family(self.alpha, self.n_outputs)
        count_level(self.alpha, self.n_outputs, self.tolerated)
        if self.tolerated != 1 and self.correction not in TOLERANT:
            raise SettingsError(f"tolerated: expected 1 for {self.correction}, got {self.tolerated}")
        self._check_offered()
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
        cls,
        alpha: float,
        correction: Correction,
        n_outputs: int,
        samples: int,
        *,
        tolerated: int = 1,
        offered: tuple[int, ...] = (),
    ) -> ConfidencePlan:
        """Return a plan for up to `samples` samples; "anytime" gets geometric looks that end there."""
        looks = LookSchedule.geometric(samples).sizes if correction == "anytime" else None
        return cls(alpha, correction, n_outputs, tolerated, looks, offered=offered)

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
    def share(self) -> float:
        """The part of alpha that this value of `k` may spend: all of it, or one of the equal parts of those offered."""
        return self.alpha / max(len(self.offered), 1)

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
            return weighted_levels(self.share, self._per_output("weights", weights), self.tolerated)
        if self.schedule is not None:
            if look is not None and np.any(self.schedule.indices(n) != np.asarray(look)):
                raise InputError(
                    f"look: expected the look whose sample size is trials ({self.looks}), got {look}"
                )
            return self.schedule.shares(n) * count_level(self.share, self.n_outputs, self.tolerated)
        return np.full(n.shape, count_level(self.share, self.n_outputs, self.tolerated))

    def lower(
        self,
        successes: ArrayLike,
        trials: ArrayLike,
        *,
        look: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        parts: ArrayLike = 1.0,
    ) -> FloatArray:
        """Return simultaneous lower bounds (N,) for the outputs' probabilities; the guarantee is the class's.

        Args:
            successes: (N,) agreements with the label that the pilot fixed, among the estimation samples.
            trials: number of estimation samples, scalar or (N,); "anytime": each must be one of the preset
                looks (outputs may be at different looks).
            look: "anytime" only, optional: index of the look, checked against `trials`.
            weights: "weighted-bonferroni" only: (N,) from `weights_from_pilot`.
            parts: share of each output's level that this bound may spend, fixed before the samples were drawn.

        Raises:
            InputError: counts, looks or weights that do not fit the plan.
        """
        k, n = self._counts(successes, trials)
        return self.bound(k, n, self.levels(k, n, look=look, weights=weights) * np.asarray(parts))

    def bound(self, successes: ArrayLike, trials: ArrayLike, levels: ArrayLike) -> FloatArray:
        """Return the lower bounds of any number of outputs at levels given for each: one step of `lower`."""
        bound = mixture_lower if self.correction == "mixture" else clopper_pearson_lower
        return bound(successes, trials, levels)

    def common_level(self, samples: int) -> float:
        """Return the level of every output after so many samples, a planned size, if all share alpha alike.

        With `offered`, that of the smallest `k`: it does not move when another one is chosen.
        """
        tolerated = self.offered[0] if self.offered else self.tolerated
        level = count_level(self.share, self.n_outputs, tolerated)
        if self.schedule is not None:
            level *= float(self.schedule.shares(np.array([samples]))[0])
        return min(level, LARGEST_LEVEL)

    def check(
        self,
        bounds: ArrayLike,
        successes: ArrayLike,
        trials: ArrayLike,
        *,
        look: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        parts: ArrayLike = 1.0,
    ) -> None:
        """Raise `CertificateError` unless the counts prove `bounds` (N,) under this plan, found by another route.

        "anytime" and "mixture": a bound kept from an earlier look is proven by that look's counts
        (`RunningBounds.successes`, `.trials`). "paper-holm" is checked at its own levels, which prove
        nothing.
        """
        k, n = self._counts(successes, trials)
        levels = self.levels(k, n, look=look, weights=weights) * np.asarray(parts)
        check = check_mixture_bounds if self.correction == "mixture" else check_lower_bounds
        check(bounds, k, n, levels)

    def sentence(self) -> str:
        """Return the guarantee in one sentence for people."""
        each = f"each at level {self.tolerated * self.share / self.n_outputs:.3g}"
        looks = ", ".join(f"{size:,}" for size in self.looks or ())
        name = "count level" if self.tolerated > 1 or self.correction == "count-level" else "Bonferroni"
        but = (
            f" except at most {self.discount:,}, which every collective count subtracts"
            if name != "Bonferroni"
            else ""
        )
        how = {
            "bonferroni": f"hold together (Bonferroni: {each})",
            "weighted-bonferroni": f"hold together{but} (weighted {name}: alpha shared by pilot weights)",
            "count-level": f"hold together{but} (count level: {each})",
            "anytime": f"hold together at every look{but} (looks at {looks} samples share alpha, {name} "
            "over outputs), so sampling may stop at any of them",
            "mixture": f"hold together at every sample size{but} (beta-mixture confidence sequence, {name} "
            "over outputs), so sampling may stop at any time",
        }
        family = f"{self.n_outputs:,} output{'s' if self.n_outputs > 1 else ''}"
        if not self.valid:
            return (
                f"NOT VALID: the by-rank Holm levels of published code (nominal alpha = {self.alpha:g}, {family}) "
                "do not make the bounds hold together; for comparison only."
            )
        return (
            f"With probability at least {confidence_in_words(self.alpha)} over the sampling "
            f"(alpha = {self.alpha:g}), all lower bounds "
            f"({family}) {how[self.correction]}.{self._choice()}"
        )

    def _choice(self) -> str:
        """What the sentence says about choosing: what share of alpha it cost."""
        if not self.offered:
            return ""
        values = ", ".join(f"{k:,}" for k in self.offered)
        return (
            f" This holds at once for k = {values}, which share alpha (up to k - 1 bounds may fail, here k = "
            f"{self.tolerated:,}), so k may be chosen among them after looking."
        )

    def _check_offered(self) -> None:
        """The values of k that share alpha are increasing whole numbers that a count can discount, ours among them."""
        offered = tuple(self.offered)
        object.__setattr__(self, "offered", offered)
        if not offered:
            return
        whole = all(isinstance(k, int) and not isinstance(k, bool) for k in offered)
        if (
            not whole
            or list(offered) != sorted(set(offered))
            or not 1 <= offered[0] <= offered[-1] <= self.n_outputs
        ):
            raise SettingsError(
                f"offered: expected increasing whole numbers from 1 to n_outputs = {self.n_outputs}, got {offered}"
            )
        if self.correction not in TOLERANT:
            raise SettingsError(f"offered: expected none for {self.correction}, got {offered}")
        if self.tolerated not in offered:
            raise SettingsError(
                f"tolerated: expected one of the values offered {offered}, got {self.tolerated}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON types, for files; `offered` only if there is any, as in older files."""
        offered = {"offered": list(self.offered)} if self.offered else {}
        return {
            "alpha": float(self.alpha),
            "correction": self.correction,
            "n_outputs": int(self.n_outputs),
            "tolerated": int(self.tolerated),
            "looks": None if self.looks is None else list(self.looks),
            "spending": None if self.spending is None else list(self.spending),
            **offered,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ConfidencePlan:
        """Return the plan that `to_dict` wrote; raise `SettingsError` for anything else."""
        names = ("alpha", "correction", "n_outputs", "tolerated", "looks", "spending")
        if not isinstance(record, Mapping) or set(record) - {"offered"} != set(names):
            raise SettingsError(
                f"confidence plan: expected a record with {', '.join(names)}, got {record!r:.80}"
            )
        alpha, looks, spending = record["alpha"], record["looks"], record["spending"]
        offered = record.get("offered", [])
        if not isinstance(offered, list):
            raise SettingsError(f"confidence plan: expected a list of values offered, got {offered!r:.80}")
        whole = [record["n_outputs"], record["tolerated"], *(looks or []), *offered]
        if any(isinstance(value, bool) or not isinstance(value, int) for value in whole):
            raise SettingsError(
                f"confidence plan: expected whole numbers for outputs, tolerated and looks, got {record!r:.80}"
            )
        if any(
            isinstance(value, bool) or not isinstance(value, int | float)
            for value in [alpha, *(spending or [])]
        ):
            raise SettingsError(
                f"confidence plan: expected numbers for alpha and spending, got {record!r:.80}"
            )
        return cls(
            float(alpha),
            cast(Correction, record["correction"]),
            record["n_outputs"],
            record["tolerated"],
            None if looks is None else tuple(looks),
            None if spending is None else tuple(spending),
            tuple(offered),
        )

    def _counts(self, successes: ArrayLike, trials: ArrayLike) -> tuple[IntArray, IntArray]:
        k, n = check_counts(successes, trials)
        return self._per_output("successes", k), n

    def _per_output(self, name: str, values: ArrayLike) -> NDArray[Any]:
        array = np.asarray(values)
        if array.ndim and array.shape != (self.n_outputs,):
            raise InputError(f"{name}: expected shape ({self.n_outputs},), one per output, got {array.shape}")
        return np.broadcast_to(array, (self.n_outputs,))
