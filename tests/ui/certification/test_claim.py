"""Facts of both pages, and the warning that smoothing broke the model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from streamlit.testing.v1 import AppTest

from lrscore import ImageSettings
from tests.ui.toy import toy_certificate
from ui.certification.claim import common_facts


def broken(share: float):
    """A certificate of which that share of pixels has another label without noise."""
    certificate = toy_certificate()
    other = certificate.labels.ravel().copy()
    changed = round(share * other.size)
    other[:changed] = (other[:changed] + 1) % 2
    return replace(certificate, unsmoothed=other.reshape(certificate.shape))


def test_agreement_is_a_fact_that_asks_for_attention_below_80_percent():
    plain = {name for name, _, _ in common_facts(toy_certificate(), "region", "1", "2")}
    assert {"confidence", "samples per region", "ceiling", "gap", "abstained"} <= plain
    for share, warned in ((0.1, False), (0.5, True)):
        certificate = broken(share)
        expected = float((certificate.labels == certificate.unsmoothed).mean())
        facts = {name: (value, warn) for name, value, warn in common_facts(certificate, "region", "1", "2")}
        assert facts["same label without noise"] == (f"{100 * expected:.1f} %", warned)


def _page(share: float) -> None:
    from tests.ui.certification.test_claim import broken
    from ui.certification.claim import warn_of_disagreement

    warn_of_disagreement(broken(share))


def test_the_page_warns_where_smoothing_broke_the_model():
    assert not AppTest.from_function(_page, kwargs={"share": 0.1}, default_timeout=30).run().warning
    shown = AppTest.from_function(_page, kwargs={"share": 0.5}, default_timeout=30).run()
    assert "another label than the model gives without noise" in shown.warning[0].value
    assert np.isclose(broken(0.5).agreement, 0.5, atol=0.01)


def _hopeless(samples: int) -> None:
    from lrscore import ImageSettings
    from ui.certification.claim import warn_if_hopeless

    warn_if_hopeless(ImageSettings(samples=samples), 43_200, "pixels")


def test_the_page_says_before_a_run_that_it_can_not_certify_anything():
    least = ImageSettings().least_samples(43_200)
    assert not AppTest.from_function(_hopeless, kwargs={"samples": least}, default_timeout=30).run().warning
    shown = AppTest.from_function(_hopeless, kwargs={"samples": least - 1}, default_timeout=30).run()
    assert f"needs at least {least}" in shown.warning[0].value
