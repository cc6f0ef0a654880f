"""The average certified radius of one certificate: one definition and one grid of budgets, wherever it is told.

The grid follows from noise, samples and confidence alone, so that certificates with equal settings share it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.metrics import average_certified_radius, certified_ratio

_FEWEST_STEPS = 150
_STEP_SIZES = (1.0, 2.0, 5.0)
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True)
class AverageRadius:
    """A number, what is counted, and which method proved it.

    Args:
        radius: area under the certified curve over the grid, by the lower staircase: never overstated.
        correct: whether pixels that are right are counted, as a share of the labelled ones; else all pixels.
        method: of the collective certificate.
    """

    radius: float
    correct: bool
    method: str


def average_radius(certificate: ImageCertificate, method: str = "envelope") -> AverageRadius:
    """The mean certified eps of a certificate (docs/theory.md, 7).

    Args:
        method: "naive", "paper", "envelope" or "exact".
    """
    targets, outputs = None, certificate.labels.size
    correct = certificate.reference is not None
    if certificate.reference is not None:
        targets, outputs = certificate.correct(), int((certificate.reference != certificate.void).sum())
    epsilons = epsilon_grid(largest_budget(certificate))
    found = certificate.collective(certificate.noise.budget(epsilons), method, targets)
    radius = average_certified_radius(epsilons, certified_ratio(found.certified, outputs))
    return AverageRadius(radius, correct, method)


def largest_budget(certificate: ImageCertificate) -> float:
    """A round number at or above the eps from which nothing can be certified, however the votes fall.

    It follows from noise, sample size and confidence alone, so that it stays what it is while a run goes on.
    """
    needed = max(_unanimous(certificate).largest_epsilon(), certificate.largest_epsilon())
    if needed <= 0:
        return 0.1
    power = 10.0 ** math.floor(math.log10(needed))
    step = next(step for step in _NICE if step * power >= needed * (1 - 1e-12))
    return round(step * power, 12)


def _unanimous(certificate: ImageCertificate) -> ImageCertificate:
    """What the settings could prove at best: every planned copy has been drawn, and all of them agree."""
    settings = certificate.settings
    trials = np.full_like(certificate.trials, settings.samples)
    votes = np.zeros_like(certificate.pilot_votes)
    votes[..., 0] = settings.pilot_samples
    return replace(
        certificate,
        trials=trials,
        agreements=np.full_like(certificate.agreements, settings.samples),
        pilot_votes=votes,
        labels=np.zeros_like(certificate.labels),
        curves=(),
        correct_curves=(),
        chosen=None,
    )


def slider_step(largest: float) -> float:
    """The largest step of the form 1, 2 or 5 times a power of ten that leaves at least 150 steps."""
    power = 10.0 ** math.floor(math.log10(largest / _FEWEST_STEPS))
    return max(size * power for size in _STEP_SIZES if size * power * _FEWEST_STEPS <= largest * (1 + 1e-12))


def slider_digits(largest: float) -> int:
    """Decimals of the slider's values."""
    return max(0, -math.floor(math.log10(slider_step(largest) * (1 + 1e-12))))


def epsilon_grid(largest: float) -> np.ndarray:
    """Budgets from 0 to `largest` in slider steps, rounded as the slider rounds them."""
    step, digits = slider_step(largest), slider_digits(largest)
    return np.round(np.arange(round(largest / step) + 1) * step, digits)
