"""Whole certificates under every noise against the closed form of a linear model with one channel.

`Brightness` answers 1 where a pixel exceeds 1/2. A pixel `m` keeps that label with probability `F(|m - 1/2| / s)`, `F`
the noise's distribution function at level 1, and no perturbation smaller than `|m - 1/2|` changes its smoothed label.
"""

import numpy as np
import pytest
from scipy import stats

from lrscore import ImageSettings, certify_image
from tests.lrscore.linear import Brightness, ramp, seeded

LAWS = {"gaussian": stats.norm(), "uniform": stats.uniform(-1, 2), "laplace": stats.laplace()}
LEVEL, SAMPLES = 0.25, 3000
IMAGE = ramp(3, 24, channels=1)
GAP = np.abs(IMAGE[0].astype(float) - 0.5)


@pytest.mark.parametrize("noise", sorted(LAWS))
def test_agreements_and_radii_follow_the_closed_form(noise: str) -> None:
    settings = ImageSettings(
        grid=(1, 1), noise=noise, level_min=LEVEL, level_max=LEVEL, samples=SAMPLES, pilot_samples=200
    )
    certificate = certify_image(Brightness(), IMAGE, settings, generator=seeded(2))
    exact = LAWS[noise].cdf(GAP / LEVEL)
    clear = GAP > 0.05  # 200 pilot votes choose the right label there
    deviation = 5 * np.sqrt(exact * (1 - exact) / SAMPLES) + 1e-9
    assert (np.abs(certificate.agreements / SAMPLES - exact) <= deviation)[clear].all()
    # the certificate is tight for a linear model: the exact probability gives exactly the distance to the boundary
    inside = exact < 1
    radius = LEVEL * certificate.noise.epsilon(certificate.noise.threshold(exact))
    np.testing.assert_allclose(radius[inside], GAP[inside], rtol=1e-6)
    assert (certificate.radii <= GAP)[clear].all()
    # and what the samples prove is close to it where they can: an estimate that is off by d costs d / density
    middle = clear & (exact > 0.6) & (exact < 0.95)
    lost = (GAP - certificate.radii)[middle]
    room = LEVEL * 7 * np.sqrt(0.25 / SAMPLES) / LAWS[noise].pdf(GAP / LEVEL)[middle]
    assert (lost < room).all()
    assert middle.sum() >= 6
