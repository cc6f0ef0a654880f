"""What is always on screen: the number, its claim, confidence, samples, correction, ceiling and gap."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.images.curves import compute_curves
from ui.images.facts import claim_html, facts_html
from ui.images.legend import legend_html, meanings_html
from ui.images.states import pixel_states
from ui.style.palette import STATES
from ui.style.words import share


def facts(text: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)
    return {re.sub(r"<[^>]+>", "", name): value for name, value in found}


def test_facts_name_everything_the_number_depends_on():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    index = 60
    shown = facts(facts_html(certificate, curves, index))
    gap = int(curves.ceiling[index] - curves.envelope[index])
    assert shown["confidence"] == "99 %"
    assert shown["samples per region"] == "32 pilot + 128"
    assert shown["correction"] == "Bonferroni"
    assert shown["ceiling"] == share(int(curves.ceiling[index]), curves.outputs)
    assert shown["gap"] == f"{share(gap, curves.outputs)} ({gap:,} pixels)"


def test_the_claim_is_about_a_count():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    text = claim_html(certificate, curves, 40, "correct", "0.0600")
    assert f"{curves.envelope[40]:,} of {curves.outputs:,}" in text
    assert share(int(curves.envelope[40]), curves.outputs) in text
    assert "Proven: at least" in text
    assert "every perturbation" in text


def test_published_holm_levels_are_marked_as_no_certificate():
    certificate = toy_certificate()
    invalid = replace(certificate, settings=replace(certificate.settings, correction="paper-holm"))
    curves = compute_curves(invalid, "all")
    text = claim_html(invalid, curves, 10, "all", "0.0")
    assert "NOT a certificate" in text
    assert "Proven" not in text
    shown = facts(facts_html(invalid, curves, 10))
    assert shown["confidence"] == "none"
    assert "NOT VALID" in shown["correction"]


def test_what_adaptive_sampling_saved_is_shown():
    certificate = toy_certificate()
    settings = replace(certificate.settings, correction="anytime", focus=(0.1,))
    trials = np.array([settings.plan(1).looks[0], *[settings.samples] * (certificate.trials.size - 1)])
    agreements = np.minimum(certificate.agreements, trials[certificate.groups].reshape(certificate.shape))
    adaptive = replace(certificate, settings=settings, trials=trials, agreements=agreements)
    saved = share(settings.samples - int(trials[0]), settings.samples * trials.size)
    shown = facts(facts_html(adaptive, compute_curves(adaptive, "correct"), 0))
    assert shown["saved by adaptive sampling"] == saved


def test_a_discount_is_shown():
    certificate = toy_certificate()
    tolerant = replace(
        certificate, settings=replace(certificate.settings, correction="count-level", tolerated=8)
    )
    assert facts(facts_html(tolerant, compute_curves(tolerant, "all"), 0))["subtracted"] == "7"


@pytest.mark.parametrize("with_wrong", [True, False])
def test_the_legend_lists_each_look_with_its_share(with_wrong: bool):
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    states = pixel_states(certificate, float(curves.epsilons[70]), curves.allocation[70], "correct")
    text = legend_html(states, curves.outputs, dark=False, with_wrong=with_wrong)
    for look in STATES:
        expected = look.name != "wrong" or with_wrong
        assert (f">{look.name}</span></strong>" in text) is expected
    assert text.count("data:image/png") == len(STATES) - (not with_wrong)
    assert meanings_html(dark=True).count("<tr>") == len(STATES)
