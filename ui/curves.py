"""The curves behind the budget slider: computed once per certificate, then every move is a look-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.certificates import ImageCertificate
from ui.states import Count, counted_pixels, denominator

STEPS = 200
_PAPER_STRIDE = 4  # the published relaxation is only drawn, not read off: a quarter of the points will do
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, eq=False)
class CurveSet:
    """Certified counts against budget.

    Args:
        epsilons: (M,) evenly spaced from 0.
        naive: (M,) pixels certified by themselves.
        paper: (M,) the published relaxation; between its own budgets the next larger one holds and is repeated.
        envelope: (M,) proven by the envelope: the number on screen.
        ceiling: (M,) no method can prove more with these thresholds.
        allocation: (M, J) additive budget per region of the worst attack found.
        outputs: what the counts are a share of.
        targets: how many pixels are counted at budget 0, before abstention.
        discount: subtracted from every certified count (count-level correction).
    """

    epsilons: np.ndarray
    naive: np.ndarray
    paper: np.ndarray
    envelope: np.ndarray
    ceiling: np.ndarray
    allocation: np.ndarray
    outputs: int
    targets: int
    discount: int

    def index(self, epsilon: float) -> int:
        """Position of the smallest grid budget that is at least `epsilon` (the last one beyond the grid)."""
        slack = 1e-9 * float(self.epsilons[-1])
        return min(int(np.searchsorted(self.epsilons, epsilon - slack)), len(self.epsilons) - 1)


def largest_budget(certificate: ImageCertificate) -> float:
    """A round number at or above the eps from which nothing can be certified."""
    needed = certificate.largest_epsilon()
    if needed <= 0:
        return 0.1
    power = 10.0 ** math.floor(math.log10(needed))
    step = next(step for step in _NICE if step * power >= needed * (1 - 1e-12))
    return round(step * power, 12)


def epsilon_grid(largest: float) -> np.ndarray:
    """(STEPS + 1,) budgets from 0 to `largest`, rounded as the slider rounds them."""
    return np.round(np.linspace(0.0, largest, STEPS + 1), slider_digits(largest))


def slider_digits(largest: float) -> int:
    """Decimals that tell two neighbouring budgets apart."""
    return max(0, 1 - math.floor(math.log10(largest / STEPS)))


def compute_curves(certificate: ImageCertificate, count: Count) -> CurveSet:
    """All curves of a certificate; about 250 small linear programs."""
    targets = counted_pixels(certificate, count)
    epsilons = epsilon_grid(largest_budget(certificate))
    budgets = certificate.noise.budget(epsilons)
    envelope = certificate.collective(budgets, "envelope", targets)
    coarse = np.arange(0, len(budgets), _PAPER_STRIDE)
    paper = certificate.collective(budgets[coarse], "paper", targets).certified
    next_coarse = -(-np.arange(len(budgets)) // _PAPER_STRIDE)
    discount = certificate.plan.discount
    return CurveSet(
        epsilons=epsilons,
        naive=np.maximum(_individually(certificate, epsilons, targets) - discount, 0),
        paper=paper[next_coarse],
        envelope=envelope.certified,
        ceiling=envelope.ceiling,
        allocation=envelope.allocation,
        outputs=denominator(certificate, count),
        targets=certificate.labels.size if targets is None else int(targets.sum()),
        discount=discount,
    )


def _individually(
    certificate: ImageCertificate, epsilons: np.ndarray, targets: np.ndarray | None
) -> np.ndarray:
    """(M,) how many counted pixels `certified_mask` marks at each budget."""
    counted = ~certificate.abstained if targets is None else ~certificate.abstained & targets
    radii = np.sort(certificate.radii[counted])
    return radii.size - np.searchsorted(radii, epsilons, side="right")
