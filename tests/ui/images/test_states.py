"""The five states: exclusive, complete, and consistent with the certified numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.components.viewer.layers import NOTHING
from ui.images.curves import compute_curves
from ui.images.states import MEANINGS, counted_pixels, denominator, pixel_states
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, STATES, UNCERTIFIED, WRONG

VOID = 255


def slow_state(
    certificate, pixel: tuple[int, int], epsilon: float, allocation: np.ndarray, count: str
) -> int:
    """The definition, one pixel at a time."""
    row, col = pixel
    n = row * certificate.shape[1] + col
    threshold, group = certificate.thresholds[n], certificate.groups[n]
    if count == "correct" and certificate.reference[pixel] == VOID:
        return NOTHING
    if threshold <= 0:
        return STATES.index(ABSTAINED)
    if count == "correct" and certificate.labels[pixel] != certificate.reference[pixel]:
        return STATES.index(WRONG)
    if max(certificate.weights[group]) * epsilon**2 < threshold:
        return STATES.index(CERTIFIED)
    spent = sum(w * b for w, b in zip(certificate.weights[group], allocation, strict=True))
    return STATES.index(COLLECTIVE if spent < threshold else UNCERTIFIED)


@pytest.mark.parametrize("count", ["correct", "all"])
@pytest.mark.parametrize("position", [0, 45, 105])
def test_states_follow_their_definition(count: str, position: int):
    certificate = toy_certificate()
    curves = compute_curves(certificate, count)
    epsilon, allocation = float(curves.epsilons[position]), curves.allocation[position]
    states = pixel_states(certificate, epsilon, allocation, count)
    rng = np.random.default_rng(position)
    for row, col in zip(rng.integers(0, 60, 400), rng.integers(0, 80, 400), strict=True):
        assert states.numbers[row, col] == slow_state(certificate, (row, col), epsilon, allocation, count)


@pytest.mark.parametrize("count", ["correct", "all"])
def test_counts_agree_with_the_curves(count: str):
    certificate = toy_certificate()
    curves = compute_curves(certificate, count)
    for position in (0, 20, 65, 150):
        states = pixel_states(
            certificate, float(curves.epsilons[position]), curves.allocation[position], count
        )
        assert states.count(CERTIFIED) == curves.naive[position]
        spared = states.count(CERTIFIED) + states.count(COLLECTIVE)
        assert spared == curves.ceiling[position], "the picture shows the attack behind the ceiling"
        assert curves.envelope[position] <= spared
        assert sum(states.pixels) == denominator(certificate, count)


def test_every_state_occurs_and_has_a_meaning():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    seen = {
        number
        for position in range(0, 151, 15)
        for number in np.unique(
            pixel_states(
                certificate, float(curves.epsilons[position]), curves.allocation[position], "correct"
            ).numbers
        )
    }
    assert seen == {*range(len(STATES)), NOTHING}
    assert set(MEANINGS) == set(STATES)


def test_without_a_reference_nothing_is_wrong():
    certificate = replace(toy_certificate(), reference=None)
    states = pixel_states(certificate, 0.0, np.zeros(certificate.regions.count), "correct")
    assert counted_pixels(certificate, "correct") is None
    assert states.count(WRONG) == 0
    assert sum(states.pixels) == certificate.labels.size
