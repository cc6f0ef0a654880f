"""Numbers as the pages write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.toy import toy_certificate
from ui.images.facts import axis_name, claim
from ui.style.words import confidence, duration, share


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0.0 %"),
        (10, 10, "100.0 %"),
        (9999, 10000, "99.9 %"),
        (1, 3, "33.3 %"),
        (2, 3, "66.6 %"),
        (0, 0, "0.0 %"),
    ],
)
def test_shares_are_rounded_down(part: int, whole: int, text: str):
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (42.4, "42 s"), (120, "2 min"), (5400, "1.5 h"), (5300, "88 min")]
)
def test_durations(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("alpha", "text"), [(0.01, "99 %"), (0.001, "99.9 %"), (0.005, "99.5 %"), (0.1, "90 %")]
)
def test_confidence(alpha: float, text: str):
    assert confidence(alpha) == text


def test_the_claim_names_what_is_counted_and_the_norm():
    certificate = toy_certificate()
    assert claim(certificate, "correct", "0.1") == (
        "labelled pixels stay correct under every perturbation δ with ‖δ‖₂ ≤ 0.1"
    )
    assert "pixels keep their label" in claim(certificate, "all", "0.1")
    assert "stay correct" not in claim(replace(certificate, reference=None), "correct", "0.1")
    laplace = replace(certificate, settings=replace(certificate.settings, noise="laplace"))
    assert "‖δ‖₁" in claim(laplace, "all", "0.1")
    assert axis_name(certificate, "correct") == "certified accuracy"
    assert axis_name(certificate, "all") == "certified ratio"
