"""The story of a pixel agrees with the certificate and with the picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.images.curves import compute_curves
from ui.images.states import pixel_states
from ui.images.story import tell_story
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, STATES, UNCERTIFIED


@pytest.mark.parametrize(
    ("look", "opening"),
    [
        (CERTIFIED, "Certified by itself"),
        (COLLECTIVE, "Not certified by itself"),
        (UNCERTIFIED, "Not certified: the worst allocation found"),
        (ABSTAINED, "It abstains"),
    ],
)
def test_the_verdict_matches_the_picture(look, opening: str):
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    told = 0
    for index in range(0, 151, 8):
        epsilon, allocation = float(curves.epsilons[index]), curves.allocation[index]
        states = pixel_states(certificate, epsilon, allocation, "all")
        where = np.argwhere(states.numbers == STATES.index(look))
        for row, column in where[:: max(1, len(where) // 5)]:
            assert tell_story(certificate, int(row), int(column), epsilon, allocation).verdict.startswith(
                opening
            )
            told += 1
    assert told > 0


def test_the_facts_are_the_certificates():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    story = tell_story(certificate, 31, 47, float(curves.epsilons[30]), curves.allocation[30])
    n = 31 * 80 + 47
    assert story.region == certificate.groups[n] == 1 * 3 + 1
    assert story.label == certificate.class_names[certificate.labels[31, 47]]
    assert sum(count for _, count in story.votes) == certificate.settings.pilot_samples
    assert story.votes[0][0] == story.label
    assert (story.agreements, story.trials) == (certificate.agreements[31, 47], 128)
    assert story.bound == certificate.probabilities[31, 47]
    assert story.spent == pytest.approx(sum(certificate.weights[4] * curves.allocation[30]))


def test_void_reference_is_named():
    certificate = toy_certificate()
    assert tell_story(certificate, 59, 0, 0.1, np.zeros(6)).reference == "void"
