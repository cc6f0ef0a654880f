"""Which of five things is known about every pixel at one budget, and how many pixels each applies to.

A collective certificate is a *number*: at least that many of the counted pixels keep their label, whatever the
perturbation. It does not name them. Which pixels are "certified by themselves" is a fact of the pixels; which ones
"survive the worst attack found" is a fact of one explicit allocation of the budget, and only illustrates the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.metrics import VOID
from ui.components.viewer.layers import NOTHING
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, STATES, UNCERTIFIED, WRONG, Style

Count = Literal["correct", "all"]
"""What is counted: pixels whose label is right (needs a reference), or all pixels."""

MEANINGS: dict[Style, str] = {
    CERTIFIED: "keeps its label under every perturbation within the budget, proven for this pixel alone",
    COLLECTIVE: "could be attacked with the whole budget, but the worst allocation found spares it",
    UNCERTIFIED: "the worst allocation found exceeds what this pixel is proven to withstand",
    ABSTAINED: "too few votes agree: no claim, not even without an attack",
    WRONG: "the smoothed label differs from the reference: not counted",
}
"""What each style says about a pixel."""


@dataclass(frozen=True, eq=False)
class StateMap:
    """The states of all pixels at one budget.

    Args:
        numbers: (H, W) uint8, positions in `ui.style.palette.STATES`, 255 where nothing is counted (void).
        pixels: how many pixels have each state, in the order of `STATES`.
    """

    numbers: np.ndarray
    pixels: tuple[int, ...]

    def count(self, style: Style) -> int:
        """Number of pixels with that style."""
        return self.pixels[STATES.index(style)]


def counted_pixels(certificate: ImageCertificate, count: Count) -> np.ndarray | None:
    """(H, W) bool targets of the collective certificate, or None for all pixels.

    "correct" without a reference means all pixels.
    """
    return certificate.correct() if count == "correct" and certificate.reference is not None else None


def denominator(certificate: ImageCertificate, count: Count) -> int:
    """What certified counts are a share of: labelled pixels of the reference, or all pixels."""
    if count == "correct" and certificate.reference is not None:
        return int((certificate.reference != VOID).sum())
    return certificate.labels.size


def pixel_states(
    certificate: ImageCertificate, epsilon: float, allocation: np.ndarray, count: Count
) -> StateMap:
    """Classify every pixel at the budget `epsilon`.

    Args:
        epsilon: norm of the perturbations.
        allocation: (J,) additive budget spent per region by the worst attack found at this budget.
        count: "correct" marks wrong and void pixels, if there is a reference; "all" ignores the reference.
    """
    cost = (certificate.weights @ allocation)[certificate.groups].reshape(certificate.shape)  # (H, W)
    spared = cost < certificate.thresholds.reshape(certificate.shape)
    numbers = np.full(certificate.shape, STATES.index(UNCERTIFIED), dtype=np.uint8)
    numbers[spared] = STATES.index(COLLECTIVE)
    numbers[certificate.certified_mask(epsilon)] = STATES.index(CERTIFIED)
    numbers[certificate.abstained] = STATES.index(ABSTAINED)
    if count == "correct":
        mark_reference(numbers, certificate, certificate.abstained)
    pixels = np.bincount(numbers.ravel(), minlength=256)[: len(STATES)]
    return StateMap(numbers, tuple(int(n) for n in pixels))


def mark_reference(numbers: np.ndarray, certificate: ImageCertificate, abstained: np.ndarray) -> None:
    """Mark wrong and void pixels in a state map (H, W) in place, if there is a reference.

    Args:
        abstained: (H, W) bool, pixels without a prediction: they are not wrong.
    """
    if certificate.reference is not None:
        numbers[~abstained & ~certificate.correct()] = STATES.index(WRONG)
        numbers[certificate.reference == VOID] = NOTHING
