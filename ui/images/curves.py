"""The curves behind the budget slider: computed once per certificate, then every move is a look-up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.images.radius import epsilon_grid, largest_budget, slider_step
from ui.images.states import Count, counted_pixels, denominator

PAPER_STRIDE = 4
"""Where the published relaxation is only drawn, not read off, a quarter of the points will do."""
MOST_EPSILON = 100.0
"""Budgets beyond it are not looked at: no noise that the page offers certifies anything there."""
BUDGET_DIGITS = 4
"""Decimals to which a chosen budget is read."""


@dataclass(frozen=True, eq=False)
class CurveSet:
    """Certified counts against budget.

    Args:
        epsilons: (M,) evenly spaced from 0, and, in its place among them, a chosen budget that is not on that grid.
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

    @property
    def digits(self) -> int:
        """Decimals that tell every budget apart."""
        exact = (
            digits
            for digits in range(BUDGET_DIGITS + 5)
            if np.allclose(np.round(self.epsilons, digits), self.epsilons, rtol=0, atol=1e-9)
        )
        return next(exact, BUDGET_DIGITS + 5)

    def said(self, index: int) -> str:
        """The budget at a position, as the page and its exports write it."""
        return f"{float(self.epsilons[index]):.{self.digits}f}"

    def index(self, epsilon: float) -> int:
        """Position of the smallest grid budget that is at least `epsilon` (the last one beyond the grid)."""
        slack = 1e-9 * float(self.epsilons[-1])
        return min(int(np.searchsorted(self.epsilons, epsilon - slack)), len(self.epsilons) - 1)


def step_for(largest: float, chosen: float) -> float:
    """The slider's step: the usual one, or the power of ten below it that a chosen budget is a multiple of."""
    step = slider_step(largest)
    if _multiple(chosen, step):
        return step
    finer = (10.0**-digits for digits in range(BUDGET_DIGITS))
    return next((size for size in finer if size < step and _multiple(chosen, size)), 10.0**-BUDGET_DIGITS)


def _multiple(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-6


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


def with_budget(curves: CurveSet, epsilon: float, certificate: ImageCertificate, count: Count) -> CurveSet:
    """The curves with one more budget, so that a chosen one need not lie on their grid.

    Args:
        curves: of that certificate and count.
    """
    place = int(np.searchsorted(curves.epsilons, epsilon - 1e-9))
    if place < len(curves.epsilons) and abs(float(curves.epsilons[place]) - epsilon) < 1e-9:
        return curves
    targets, epsilons = counted_pixels(certificate, count), np.array([epsilon])
    budget = certificate.noise.budget(epsilons)
    envelope, paper = (certificate.collective(budget, method, targets) for method in ("envelope", "paper"))
    naive = certificate.together(_individually(certificate, epsilons, targets))

    def lower(
        counts: np.ndarray, here: np.ndarray
    ) -> np.ndarray:  # proven at a budget, proven for every smaller one
        beyond = counts[place] if place < counts.size else 0
        return np.insert(counts, place, max(int(here[0]), int(beyond)))

    ceiling = min(int(envelope.ceiling[0]), int(curves.ceiling[place - 1]))
    attack = envelope.allocation[0] if ceiling == envelope.ceiling[0] else curves.allocation[place - 1]
    exact = curves.exact
    return replace(
        curves,
        epsilons=np.insert(curves.epsilons, place, epsilon),
        naive=lower(curves.naive, naive),
        paper=lower(curves.paper, np.minimum(paper.certified, curves.paper[place - 1])),
        envelope=lower(curves.envelope, envelope.certified),
        ceiling=np.insert(curves.ceiling, place, ceiling),
        allocation=np.insert(curves.allocation, place, attack, axis=0),
        exact=None if exact is None else lower(exact, np.zeros(1, dtype=int)),
        searched=tuple(index + (index >= place) for index in curves.searched),
    )


def telling_budget(curves: CurveSet, wanted: float) -> float:
    """Where the slider stands before anybody has moved it: `wanted`, or less where that leaves less than half of what
    holds without an attack. 0 only where nothing is certified at all."""
    proven = curves.proven
    standing = np.flatnonzero((proven > 0) & (2 * proven >= proven[0]))
    last = int(standing[-1]) if standing.size else 0
    return float(curves.epsilons[min(curves.index(wanted), last)])


def parting_budget(curves: CurveSet) -> float:
    """Where the curves part: the largest budget at which half of what holds without an attack is still proven."""
    return telling_budget(curves, float(curves.epsilons[-1]))
