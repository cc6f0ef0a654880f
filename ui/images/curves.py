"""The curves behind the budget slider: computed once per certificate, then every move is a look-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.images.certificate import ImageCertificate
from ui.images.states import Count, counted_pixels, denominator

_FEWEST_STEPS = 150
_STEP_SIZES = (1.0, 2.0, 5.0)
PAPER_STRIDE = 4
"""Where the published relaxation is only drawn, not read off, a quarter of the points will do."""
_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, eq=False)
class CurveSet:
    """Certified counts against budget.

    Args:
        epsilons: (M,) evenly spaced from 0.
        naive: (M,) pixels certified by themselves.
        paper: (M,) the published relaxation; between its own budgets the next larger one holds and is repeated.
        envelope: (M,) proven by the envelope.
        ceiling: (M,) no method can prove more with these thresholds.
        allocation: (M, J) additive budget per region of the worst attack found.
        outputs: what the counts are a share of.
        targets: how many pixels are counted at budget 0, before abstention.
        discount: subtracted from every certified count (count-level correction).
        exact: (M,) proven by branch and bound, 0 where it proves nothing; None before any search.
        searched: positions of the budgets where branch and bound has been run.
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
    exact: np.ndarray | None = None
    searched: tuple[int, ...] = ()

    @property
    def proven(self) -> np.ndarray:
        """(M,) the best that is proven: the number on screen."""
        return self.envelope if self.exact is None else np.maximum(self.envelope, self.exact)

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


def compute_curves(certificate: ImageCertificate, count: Count, paper_stride: int = PAPER_STRIDE) -> CurveSet:
    """All curves of a certificate; about 250 small linear programs.

    Args:
        paper_stride: the published relaxation is solved at every so many budgets; 1 where it is read off.
    """
    targets = counted_pixels(certificate, count)
    epsilons = epsilon_grid(largest_budget(certificate))
    budgets = certificate.noise.budget(epsilons)
    envelope = certificate.collective(budgets, "envelope", targets)
    coarse = np.append(np.arange(0, len(budgets) - 1, paper_stride), len(budgets) - 1)
    paper = certificate.collective(budgets[coarse], "paper", targets).certified
    next_coarse = np.searchsorted(coarse, np.arange(len(budgets)))
    return CurveSet(
        epsilons=epsilons,
        naive=certificate.together(_individually(certificate, epsilons, targets)),
        paper=paper[next_coarse],
        envelope=envelope.certified,
        ceiling=envelope.ceiling,
        allocation=envelope.allocation,
        outputs=denominator(certificate, count),
        targets=certificate.labels.size if targets is None else int(targets.sum()),
        discount=certificate.plan.discount,
    )


def _individually(
    certificate: ImageCertificate, epsilons: np.ndarray, targets: np.ndarray | None
) -> np.ndarray:
    """(M,) how many counted pixels `certified_mask` marks at each budget."""
    counted = ~certificate.abstained if targets is None else ~certificate.abstained & targets
    radii = np.sort(certificate.radii[counted])
    return radii.size - np.searchsorted(radii, epsilons, side="right")
