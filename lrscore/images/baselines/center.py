"""Center smoothing with the number of changed pixels as output distance: settings, center, certificate.

Source: Kumar, Goldstein 2021, "Center Smoothing: Certified Robustness for Networks with Structured Outputs",
algorithms 1 and 2, theorem 2. With `beta = 2`: the sample with the smallest half-ball is its center, and any ball that
holds half the samples holds one of them, from which all others are at most two radii away.

Why the certificate holds **(the paper's argument, with the probabilities spelled out)**. `B` is the ball of radius
`R` around the prediction `z` at `x`.
1. At `x` it holds at least `p = Phi(Phi^-1(1/2 + slack) + eps / sigma)` of the outputs, up to error `alpha_certify`
   (one-sided DKW inequality, so for all eps at once). At any `x'` within eps it then holds at least `1/2 + slack`.
2. At `x'`, of `n` samples at least half lie in `B`, up to error `alpha_center / 2` (Hoeffding, `slack >= delta_1`).
   So the ball that the prediction `z'` at `x'` comes with has radius `r' <= 2 R`.
3. The test on fresh samples makes sure that this ball holds more than `1/2 - slack` of the outputs at `x'`, up to
   error `alpha_center / 2`, or else `z'` abstains. The two balls then share an output, and the triangle inequality
   gives `d(z, z') <= R + r' <= 3 R`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from lrscore.errors import InputError, SettingsError
from lrscore.settings import whole_number

BETA = 2  # approximation factor of the center, see above
_ROUNDING = 1e-12


@dataclass(frozen=True)
class CenterSettings:
    """How center smoothing samples and what it risks.

    Args:
        level: standard deviation of the Gaussian noise, in pixel values, above 0.
        center_samples: `n`, drawn twice: to find the center and, anew, to test it.
        samples: `m`, to certify.
        slack: `Delta` in (0, 1/2), fixed before sampling; None takes `delta_1 + 1 / sqrt(n)`, with which a center that
            holds half the outputs passes its test 97 times in 100.
        alpha_center: error probability of one prediction (center and its test).
        alpha_certify: error probability of the certified distances.

    Raises:
        SettingsError: a value is outside its range, or `center_samples` are too few for any center to pass the test.
    """

    level: float
    center_samples: int = 288
    samples: int = 576
    slack: float | None = None
    alpha_center: float = 0.005
    alpha_certify: float = 0.005

    def __post_init__(self) -> None:
        if not (np.isfinite(self.level) and self.level > 0):
            raise SettingsError(f"level must be a finite number above 0, got {self.level!r}")
        whole_number("center_samples", self.center_samples, 1)
        whole_number("samples", self.samples, 1)
        for name, value in (("alpha_center", self.alpha_center), ("alpha_certify", self.alpha_certify)):
            if not 0 < value <= 0.5:  # the one-sided DKW inequality needs at most 1/2
                raise SettingsError(f"{name} must lie in (0, 0.5], got {value!r}")
        if not self.deviation < self.delta < 0.5:
            raise SettingsError(
                f"slack must lie between {self.deviation:.3g} (what {self.center_samples} center_samples can "
                f"resolve) and 0.5, got {self.delta:.3g}: take more center_samples"
            )

    @classmethod
    def within(cls, passes: int, level: float, alpha: float = 0.01) -> CenterSettings:
        """Settings that cost `passes` forward passes: a quarter each for center and test, half to certify."""
        quarter = passes // 4
        return cls(
            level, quarter, passes - 2 * quarter, alpha_center=alpha / 2, alpha_certify=alpha - alpha / 2
        )

    @property
    def deviation(self) -> float:
        """`delta_1`: how far a share of `n` samples strays at most (Hoeffding at `alpha_center / 2`)."""
        return float(np.sqrt(np.log(2 / self.alpha_center) / (2 * self.center_samples)))

    @property
    def delta(self) -> float:
        """The slack in use."""
        return self.deviation + self.center_samples**-0.5 if self.slack is None else self.slack

    @property
    def forward_passes(self) -> int:
        """Noisy copies that go through the model."""
        return 2 * self.center_samples + self.samples


@dataclass(frozen=True, eq=False)
class CenterCertificate:
    """The center-smoothed segmentation of one image and how far an attack can move it.

    Guarantee: for every perturbed image `x'` within eps (l2): with probability at least
    `1 - alpha_certify - alpha_center` over the samples behind this certificate and those of the prediction at `x'`, the
    prediction at `x'`, made with the same settings, abstains or differs from `labels` in at most
    `certified_distance(eps)` pixels. Unlike the other certificates this is a statement about *predictions made from
    samples*; and it does not say which pixels keep their label.

    Args:
        settings: how it was sampled.
        labels: (H, W) int, the center.
        radius: pixels in which half of the samples differ from the center at most.
        abstained: the test failed: there is no prediction, and nothing is certified.
        distances: (m,) int, sorted: pixels in which the certifying samples differ from the center.
    """

    settings: CenterSettings
    labels: np.ndarray
    radius: int
    abstained: bool
    distances: np.ndarray

    def certified_distance(self, epsilons: np.ndarray) -> np.ndarray:
        """(M,) int: most pixels that can change under a perturbation of norm at most eps; all if nothing is known.

        Args:
            epsilons: (M,) l2 norms, at least 0.
        """
        epsilons = np.asarray(epsilons, dtype=np.float64)
        if (epsilons < 0).any():
            raise InputError(f"epsilons must be at least 0, got {epsilons.min():g}")
        needed = ndtr(ndtri(0.5 + self.settings.delta) + epsilons / self.settings.level)
        count = self.settings.samples
        needed += np.sqrt(np.log(1 / self.settings.alpha_certify) / (2 * count))
        rank = np.ceil(needed * count * (1 + _ROUNDING)).astype(np.int64)  # samples that must lie within R
        known = (rank <= count) & (not self.abstained)
        distance = (1 + BETA) * self.distances[np.minimum(rank, count) - 1]
        return np.where(known, np.minimum(distance, self.labels.size), self.labels.size)

    def certified(self, epsilons: np.ndarray) -> np.ndarray:
        """(M,) int: least number of pixels that keep their label under a perturbation of norm at most eps."""
        return self.labels.size - self.certified_distance(epsilons)


def changed_pixels(center: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """(n,) int64: in how many pixels each of the label maps (n, N) differs from the center (N,)."""
    # row by row: counting a flat array is several times faster than counting along an axis
    return np.fromiter((np.count_nonzero(row != center) for row in maps), np.int64, len(maps))


def smallest_half_ball(maps: np.ndarray) -> tuple[int, int]:
    """The sample around which the smallest ball holds at least half of all samples.

    Args:
        maps: (n, N) label maps, n >= 1.

    Returns:
        its index (the first of several) and the ball's radius in pixels: at most twice the radius of the smallest ball
        around *any* label map that holds half of the samples.
    """
    n = len(maps)
    maps = maps[:, (maps != maps[0]).any(axis=0)]  # where all agree, nobody is distant
    distances = np.zeros((n, n), dtype=np.int64)
    for first in range(n - 1):
        distances[first, first + 1 :] = changed_pixels(maps[first], maps[first + 1 :])
    distances += distances.T
    half = (n + 1) // 2
    radii = np.partition(distances, half - 1, axis=1)[:, half - 1]
    best = int(radii.argmin())
    return best, int(radii[best])


def center_passes(settings: CenterSettings, inside: int) -> bool:
    """Whether a center is accepted: `inside` of `n` fresh samples lie in its ball.

    The share in the ball is above `1/2 - slack`, up to error `alpha_center / 2`. The inequality is strict because two
    balls with masses that add up to exactly 1 may still be disjoint.
    """
    return inside / settings.center_samples - settings.deviation > 0.5 - settings.delta + _ROUNDING
