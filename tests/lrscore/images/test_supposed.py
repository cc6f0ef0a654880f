"""Votes of isotropic smoothing taken over by views: nothing but the weights changes, and other votes are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image
from lrscore.collective import certify_collectively
from lrscore.errors import InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.supposed import supposed_views
from lrscore.images.windows import View
from tests.ui.toy import ToyModel, toy_certificate, toy_image

LEVEL = 0.25


@pytest.fixture(scope="module")
def isotropic() -> ImageCertificate:
    settings = ImageSettings(grid=(1, 1), level_min=LEVEL, level_max=LEVEL, samples=400, pilot_samples=32)
    return certify_image(ToyModel(), toy_image(), settings, generator=torch.Generator().manual_seed(0))


def test_one_view_of_everything_is_isotropic_smoothing(isotropic: ImageCertificate) -> None:
    case = supposed_views(isotropic, GridRegions(*isotropic.shape, 2, 3), [View(None, LEVEL)], 9)
    found = certify_collectively(*case.inputs, case.epsilons**2)
    alone = [int(isotropic.certified_mask(epsilon).sum()) for epsilon in case.epsilons]
    assert found.certified.tolist() == alone
    assert found.certified[-1] == 0 < found.certified[0]
    assert case.area(np.full(9, case.groups.size)) == pytest.approx(case.epsilons[-1])


def test_windows_have_the_weights_of_the_settings_and_their_own_budgets(isotropic: ImageCertificate) -> None:
    regions, epsilons = GridRegions(*isotropic.shape, 3, 4), np.array([0.0, 0.3])
    views = (View(1, LEVEL), View(None, 2.0))
    case = supposed_views(isotropic, regions, views, epsilons)
    settings = ImageSettings(grid=(3, 4), views=views)
    np.testing.assert_array_equal(case.weights, isotropic.noise.weight(settings.noise_levels()))
    np.testing.assert_array_equal(case.groups, regions.index_map().ravel())
    assert case.epsilons is epsilons
    assert case.thresholds is isotropic.thresholds


def test_votes_of_something_else_are_refused(isotropic: ImageCertificate) -> None:
    regions, views = GridRegions(*isotropic.shape, 2, 3), [View(0, LEVEL), View(None, 1.0)]
    with pytest.raises(InputError, match="isotropic Gaussian smoothing only"):
        supposed_views(toy_certificate(), regions, views, 5)
    with pytest.raises(InputError, match="cells must be those of a picture of 60x80 pixels"):
        supposed_views(isotropic, GridRegions(61, 80, 2, 3), views, 5)
    with pytest.raises(InputError, match=r"level of the votes, 0\.25"):
        supposed_views(isotropic, regions, [View(0, 0.2), View(None, 1.0)], 5)
