"""The story of a pixel agrees with the certificate and with the picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.images.curves import compute_curves
from ui.images.states import pixel_states
from ui.images.story import tell_story
from ui.style.palette import ABSTAINED, CERTIFIED, COLLECTIVE, STATES, UNCERTIFIED, WRONG


@pytest.mark.parametrize(
    ("look", "opening"),
    [
        (CERTIFIED, "Its label is certified by itself"),
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
            story = tell_story(certificate, (int(row), int(column)), states, epsilon, allocation)
            assert story.verdict.startswith(opening)
            assert story.state == look.name
            told += 1
    assert told > 0


def test_the_facts_are_the_certificates():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    epsilon, allocation = float(curves.epsilons[30]), curves.allocation[30]
    states = pixel_states(certificate, epsilon, allocation, "all")
    story = tell_story(certificate, (31, 47), states, epsilon, allocation)
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
    nothing = np.zeros(6)
    told = {
        count: tell_story(certificate, (59, 0), pixel_states(certificate, 0.1, nothing, count), 0.1, nothing)
        for count in ("correct", "all")
    }
    assert told["correct"].reference == told["all"].reference == "void"
    assert told["correct"].state == "not counted"
    assert told["correct"].verdict.startswith("Void in the reference: not counted.")
    assert told["all"].state == CERTIFIED.name


def test_a_wrong_pixel_is_wrong_in_its_story_and_provably_stays_wrong_only_within_its_radius():
    certificate = toy_certificate()
    reference = certificate.reference.copy()
    reference[10:20, 10:20] = (certificate.labels[10:20, 10:20] + 1) % 11
    certificate = certificate.with_reference(reference)
    nothing = np.zeros(6)
    place = next(
        (row, column)
        for row in range(10, 20)
        for column in range(10, 20)
        if certificate.radii[row, column] > 0
    )
    radius = float(certificate.radii[place])
    for epsilon, opening in (
        (0.5 * radius, "Wrong, and provably stays wrong."),
        (2 * radius, "Wrong: not counted."),
    ):
        states = pixel_states(certificate, epsilon, nothing, "correct")
        story = tell_story(certificate, place, states, epsilon, nothing)
        assert (story.state, STATES[states.numbers[place]]) == (WRONG.name, WRONG)
        assert story.verdict.startswith(opening)
