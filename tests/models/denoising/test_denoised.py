"""A denoiser in front of models: what it is told, who sees what, and what the certificate says."""

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image
from lrscore.errors import InputError
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.sampler import ImageSampler
from lrscore.images.views import reader_for
from lrscore.images.windows import View
from lrscore.monitor import Monitor, Run
from lrscore.noise import additive_noise
from models.denoising.model import Denoised, DenoisedTiles, DenoisedViews, denoised
from models.denoising.network import LevelDenoiserConfig
from models.dressing import parted
from models.segmentation.registry import load_model
from tests.lrscore.linear import Brightness, ramp, seeded
from tests.models.denoising.test_network import shaken

IMAGE = ramp(32, 48)


class Remembers(torch.nn.Module):
    """A denoiser that keeps what it is asked, and gives back its input."""

    reach = 5

    def __init__(self):
        super().__init__()
        self.asked = []

    def forward(self, noisy, levels):
        self.asked.append((noisy.clone(), levels.clone()))
        return noisy


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
def test_it_is_told_the_standard_deviation_of_every_pixel(noise):
    """Levels and copies against the slow way: regions one by one."""
    denoiser = Remembers()
    model = Denoised(Brightness(), denoiser, "d" * 64)
    settings = ImageSettings(
        grid=(2, 2), noise=noise, level_min=0.1, level_max=0.4, mask_distance=None, batch_size=3
    )
    sampler = ImageSampler(model, torch.as_tensor(IMAGE), settings, Run.on("cpu", seeded(1)))
    assert not any(levels.any() for _, levels in denoiser.asked)  # two looks without noise: alone, in company
    denoiser.asked.clear()
    sampler.count_votes(3, Monitor(0))
    unit = additive_noise(noise).sample((3, 3, 32, 48), seeded(1))
    regions, matrix = sampler.regions, settings.noise_levels()
    for group, (noisy, levels) in enumerate(denoiser.asked):
        for region in range(4):
            cell = (..., *regions.slices(region))
            told = torch.broadcast_to(levels, (1, 1, 32, 48))[cell]
            deviation = matrix[group, region] * additive_noise(noise).deviation
            np.testing.assert_allclose(told, deviation, rtol=1e-6)
            expected = torch.as_tensor(IMAGE)[cell] + unit[cell] * matrix[group, region]
            np.testing.assert_allclose(noisy[cell], expected, rtol=1e-5, atol=1e-6)
    assert len(denoiser.asked) == 4


def test_blanked_regions_are_told_as_such():
    denoiser = Remembers()
    settings = ImageSettings(grid=(1, 3), mask_distance=2, batch_size=2)
    sampler = ImageSampler(
        Denoised(Brightness(), denoiser, ""), torch.as_tensor(IMAGE), settings, Run.on("cpu", seeded())
    )
    denoiser.asked.clear()
    sampler.count_votes(2, Monitor(0))
    noisy, levels = denoiser.asked[0]  # the first group
    blank = torch.broadcast_to(levels, (1, 1, 32, 48)).isinf()[0, 0]
    assert torch.equal(blank, torch.as_tensor(sampler.regions.index_map()) == 2)
    assert not noisy[:, :, blank].any()


def test_an_attack_tells_each_copy_its_own_levels():
    denoiser = Remembers()
    settings = ImageSettings(grid=(1, 2), level_min=0.1, level_max=0.4, batch_size=2)
    sampler = ImageSampler(
        Denoised(Brightness(), denoiser, ""), torch.as_tensor(IMAGE), settings, Run.on("cpu", seeded())
    )
    sampler.copies.scores(sampler.image, sampler.draw(2), [0, 1])
    levels = denoiser.asked[-1][1]
    assert levels.shape == (2, 1, 32, 48)
    assert float(levels[0, 0, 0, 0]) == pytest.approx(0.1)
    assert float(levels[1, 0, 0, 0]) == pytest.approx(0.4)


def test_a_denoiser_that_changes_nothing_changes_no_vote():
    settings = ImageSettings(grid=(2, 2), pilot_samples=16, samples=40, batch_size=8)
    plain = certify_image(Brightness(), IMAGE, settings, generator=seeded(4))
    behind = certify_image(Denoised(Brightness(), Remembers(), "d"), IMAGE, settings, generator=seeded(4))
    np.testing.assert_array_equal(plain.agreements, behind.agreements)
    np.testing.assert_array_equal(plain.pilot_votes, behind.pilot_votes)


def test_votes_are_those_of_model_and_denoiser_asked_by_hand():
    denoiser = shaken(LevelDenoiserConfig(widths=(4, 4, 4, 4)))
    settings = ImageSettings(grid=(1, 2), level_min=0.2, level_max=0.6, batch_size=6)
    sampler = ImageSampler(
        Denoised(Brightness(), denoiser, ""), torch.as_tensor(IMAGE), settings, Run.on("cpu", seeded(2))
    )
    votes = sampler.count_votes(6, Monitor(0))
    unit, slow = additive_noise("gaussian").sample((6, 3, 32, 48), seeded(2)), np.zeros_like(votes)
    for group in range(2):
        levels = torch.as_tensor(settings.noise_levels()[group][sampler.regions.index_map()]).float()[
            None, None
        ]
        noisy = torch.as_tensor(IMAGE) + unit * levels
        for copy in noisy:
            label = Brightness()(denoiser(copy[None], levels)).argmax(dim=1)[0].numpy()
            for y, x in zip(*np.nonzero(sampler.regions.index_map() == group), strict=True):
                slow[y, x, label[y, x]] += 1
    np.testing.assert_array_equal(votes, slow)


def test_the_certificate_names_both():
    model = Denoised(load_model("street-unet"), shaken(LevelDenoiserConfig(widths=(4, 4, 4, 4))), "d" * 64)
    settings = ImageSettings(grid=(1, 1), pilot_samples=2, samples=2, batch_size=2)
    facts = certify_image(model, IMAGE, settings, generator=seeded()).provenance
    assert facts["denoiser_digest"] == "d" * 64
    assert facts["model_digest"] == f"{load_model('street-unet').digest} behind denoiser {'d' * 64}"


REGIONS = GridRegions(50, 70, 2, 3)


@torch.inference_mode()
def test_tiles_see_nothing_of_each_other_through_the_denoiser():
    model = denoised(load_model("street-two-view"))
    assert isinstance(model, DenoisedTiles)
    near, far = torch.rand(2, 3, 50, 70), torch.rand(2, 3, 50, 70)
    before = model.two_views_at_levels(near, far, REGIONS, [0.2, 1.0])
    for cell in range(REGIONS.count):
        place = (..., *REGIONS.slices(cell))
        other = torch.rand_like(near)
        other[place] = near[place]
        after = model.two_views_at_levels(other, far, REGIONS, [0.2, 1.0])
        assert torch.equal(before[place], after[place])
        assert not torch.equal(before, after)
    views = [View(0, 0.2), View(None, 1.0)]
    refuse_leaks(reader_for(model, REGIONS, views), near[0], REGIONS, views)


@torch.inference_mode()
def test_a_denoiser_that_looks_across_tiles_is_found_out():
    model = denoised(load_model("street-two-view"))

    class Careless(DenoisedTiles):
        def two_views_at_levels(self, near, far, regions, levels):
            cleaned = self.everywhere(near, levels[0])
            return self.model.two_views(cleaned, self.everywhere(far, levels[1]), regions)

    careless = Careless(model.model, model.denoiser, "")
    views = [View(0, 0.2), View(None, 1.0)]
    with pytest.raises(InputError, match="claim too much"):
        refuse_leaks(reader_for(careless, REGIONS, views), torch.rand(3, 50, 70), REGIONS, views)


@torch.inference_mode()
def test_each_view_is_denoised_at_its_own_level():
    model, denoiser = load_model("street-two-view"), Remembers()
    tiles = DenoisedTiles(model, denoiser, "")
    near, far = torch.rand(2, 3, 50, 70), torch.zeros(2, 3, 50, 70)
    scores = tiles.two_views_at_levels(near, far, REGIONS, [0.2, torch.inf])
    torch.testing.assert_close(scores, model.two_views(near, far, REGIONS))
    told = [float(levels.flatten()[0]) for _, levels in denoiser.asked]
    assert told == pytest.approx([0.2] * (len(told) - 1) + [torch.inf])


def test_fields_of_views_grow_by_the_denoisers_reach():
    class Views:
        receptive_fields = (3, None)

        def __call__(self, images):
            return Brightness()(images)

        def views(self, copies, levels):
            self.levels = levels
            return Brightness()(copies[0])

    inner, denoiser = Views(), Remembers()
    model = DenoisedViews(inner, denoiser, "")
    assert model.receptive_fields == (3 + denoiser.reach, None)
    copies = [torch.rand(1, 3, 32, 48), torch.rand(1, 3, 32, 48)]
    torch.testing.assert_close(model.views(copies, [0.1, 0.5]), Brightness()(copies[0]))
    assert [float(levels.flatten()[0]) for _, levels in denoiser.asked] == pytest.approx([0.1, 0.5])
    assert list(inner.levels) == [0, 0]


def test_names_load_what_they_say():
    model = load_model("street-unet+denoised")
    assert isinstance(model, Denoised)
    assert model.name == "street-unet+denoised" == denoised(load_model("street-unet")).name
    assert model.denoiser_digest in model.digest
    assert parted("a+b.json+denoised+bfloat16")[0] == "a+b.json"
    with pytest.raises(InputError, match="twice"):
        parted("street-unet+float16+bfloat16")
    with pytest.raises(InputError, match="model must be one of"):
        load_model("street-unet+noised")
