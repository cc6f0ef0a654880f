"""A run whose regions are not all sampled yet: what is on screen claims nothing about the others."""

from __future__ import annotations

import numpy as np

from tests.ui.toy import toy_beginning, toy_certificate
from ui.components.viewer.layers import NOTHING
from ui.images.curves import compute_curves
from ui.images.export import Exported
from ui.images.facts import facts_html
from ui.images.panels import labels_panel, readout
from ui.images.report import html_report
from ui.images.states import pixel_states
from ui.images.story import tell_story
from ui.style.palette import ABSTAINED, STATES
from ui.style.theme import LIGHT
from ui.style.words import fewest_samples, samples_words


def test_the_certified_number_counts_sampled_regions_only():
    certificate = toy_beginning()
    curves = compute_curves(certificate, "correct")
    assert 0 < curves.proven[0] <= (certificate.correct() & certificate.sampled).sum()
    states = pixel_states(certificate, 0.0, curves.allocation[0], "all")
    assert (states.numbers[~certificate.sampled] == STATES.index(ABSTAINED)).all()
    assert ">regions so far</span></dt><dd>1 of 6</dd>" in facts_html(certificate, curves, 0)
    assert "regions so far" not in facts_html(toy_certificate(), compute_curves(toy_certificate(), "all"), 0)


def test_pixels_without_votes_have_no_label():
    certificate = toy_beginning()
    states = pixel_states(certificate, 0.0, np.zeros(6), "all")
    painted = labels_panel(certificate).layers[0].numbers
    read = next(values for values in readout(certificate, states) if values.name == "label").values
    for numbers in (painted, read):
        assert (numbers[~certificate.sampled] == NOTHING).all()
        assert np.array_equal(numbers[certificate.sampled], certificate.labels[certificate.sampled])


def test_the_story_says_that_nothing_is_known_yet():
    certificate = toy_beginning()
    states = pixel_states(certificate, 0.1, np.zeros(6), "all")
    story = tell_story(certificate, (59, 79), states, 0.1, np.zeros(6))
    assert (story.votes, story.trials, story.bound) == ((), 0, 0.0)
    assert "not been sampled yet" in story.verdict
    assert story.label == "not sampled yet"
    assert "not been sampled" not in tell_story(certificate, (0, 0), states, 0.1, np.zeros(6)).verdict


def test_how_many_samples_in_words():
    assert samples_words(np.array([64, 128])) == "64 samples per region"
    assert samples_words(np.array([64, 0, 128])) == "64 samples per region in 2 of 3 regions"
    assert samples_words(np.zeros(2, dtype=np.int64)) == "no samples yet"
    assert [fewest_samples(np.array(trials)) for trials in ([64, 128], [64, 0], [0, 0])] == [64, 64, 0]


def test_a_report_of_it_can_be_made():
    certificate = toy_beginning()
    text = html_report(Exported(certificate, compute_curves(certificate, "all"), 0, "all", LIGHT, "Toy"))
    assert "32 samples per region in 1 of 6 regions" in text
