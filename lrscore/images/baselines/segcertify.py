"""SegCertify: one radius for all pixels that pass one joint test, abstention for the others.

Source: Fischer, Baader, Vechev 2021, "Scalable Certified Segmentation via Randomized Smoothing", algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrscore.errors import InputError, SettingsError
from lrscore.images.certificate import ImageCertificate
from lrscore.noise import AdditiveNoise
from lrscore.statistics import holm_reject


@dataclass(frozen=True, eq=False)
class FixedThresholdCertificate:
    """Labels that keep up to one common radius, or abstain.

    Guarantee: with probability at least `1 - alpha` over the estimation samples, every pixel that does not abstain
    keeps its label under *every* perturbation of the image with norm at most `radius`; all these pixels together.

    Args:
        labels: (H, W) int, chosen by the pilot votes.
        abstained: (H, W) bool; nothing is claimed about these pixels, not even without an attack.
        radius: certified eps of all other pixels, in the noise's norm.
        tau: probability that was tested, fixed before sampling.
        alpha: error probability of the whole statement.
    """

    labels: np.ndarray
    abstained: NDArray[np.bool_]
    radius: float
    tau: float
    alpha: float

    def certified(self, epsilons: np.ndarray, targets: np.ndarray | None = None) -> np.ndarray:
        """(M,) int: how many of the targets keep their label under every perturbation of norm eps, counted naively.

        Args:
            epsilons: (M,) norms.
            targets: (H, W) bool, the pixels to count; all if None.
        """
        kept = ~self.abstained if targets is None else ~self.abstained & np.asarray(targets, dtype=bool)
        return np.where(np.asarray(epsilons) <= self.radius, int(kept.sum()), 0)


def fixed_radius(noise: AdditiveNoise, level: float, tau: float) -> float:
    """The eps that a label probability above `tau` withstands; for Gaussian noise `level * Phi^-1(tau)`."""
    if not 0.5 <= tau < 1:
        raise SettingsError(f"tau must be a probability of at least 0.5 and below 1, got {tau}")
    budget = noise.threshold(np.asarray([tau])) / noise.weight(np.asarray([level]))
    return float(noise.epsilon(budget)[0])


def certify_fixed_threshold(
    labels: np.ndarray, agreements: np.ndarray, trials: int, *, tau: float, alpha: float, radius: float
) -> FixedThresholdCertificate:
    """Test every pixel's label probability against `tau`, all together at level `alpha` (Holm step-down).

    Args:
        labels: (H, W) fixed by samples other than the counted ones.
        agreements: (H, W) estimation samples that agreed with the label.
        trials: number of estimation samples.
        tau: in [0.5, 1), fixed before sampling.
        alpha: in (0, 1).
        radius: eps withstood by a probability above tau, see `fixed_radius`.

    Raises:
        InputError: labels and agreements differ in shape, or a count exceeds `trials`.
        SettingsError: tau or alpha is outside its range.
    """
    if labels.shape != agreements.shape:
        raise InputError(f"labels and agreements must have one shape, got {labels.shape}, {agreements.shape}")
    if not 0.5 <= tau < 1:
        raise SettingsError(f"tau must be a probability of at least 0.5 and below 1, got {tau}")
    above = holm_reject(agreements.ravel(), trials, tau, alpha).reshape(labels.shape)
    return FixedThresholdCertificate(labels, ~above, radius, tau, alpha)


def segcertify(certificate: ImageCertificate, tau: float = 0.75) -> FixedThresholdCertificate:
    """SegCertify from the counts of an isotropic run: the same samples as the adaptive baseline.

    Each of the two holds with probability `1 - alpha` by itself, not both together.

    Args:
        certificate: a run with a 1x1 grid (`isotropic_settings`) and a correction that looks once.
        tau: probability to test, in [0.5, 1), chosen without a look at these counts.

    Raises:
        InputError: the run was localized, or its sampling may have stopped early (anytime, mixture).
        SettingsError: tau is outside its range.
    """
    if certificate.regions.count != 1:
        rows, cols = certificate.settings.grid
        raise InputError(f"SegCertify needs isotropic noise, that is a 1x1 grid, got {rows}x{cols}")
    if int(certificate.trials[0]) != certificate.settings.samples:
        raise InputError(
            f"SegCertify tests once, after all {certificate.settings.samples} samples; "
            f"these counts hold {int(certificate.trials[0])}"
        )
    level = float(certificate.noise_levels[0, 0])
    return certify_fixed_threshold(
        certificate.labels,
        certificate.agreements,
        int(certificate.trials[0]),
        tau=tau,
        alpha=certificate.settings.alpha,
        radius=fixed_radius(certificate.noise, level, tau),
    )
