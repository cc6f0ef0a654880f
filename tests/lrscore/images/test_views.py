"""Two views: levels in closed form, sampling, soundness on linear models, models that cheat."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image, load_certificate, stream_image
from lrscore.errors import InputError, SettingsError
from lrscore.images.attack.attack import AttackSettings, attack_image
from lrscore.images.baselines import forward_passes, isotropic_settings
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.sampler import ImageSampler
from lrscore.images.views import reader_for
from lrscore.images.windows import View, window_levels
from lrscore.monitor import Monitor, Run
from lrscore.noise import GaussianNoise
from lrscore.verify import verify_file
from tests.lrscore.linear import Brightness, seeded

HEIGHT, WIDTH, GRID = 8, 12, (2, 3)
REGIONS = GridRegions(HEIGHT, WIDTH, *GRID)
INDEX = REGIONS.index_map()
GREY = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
SETTINGS = ImageSettings(
    grid=GRID, level_min=0.2, level_max=0.7, two_views=True, samples=2000, pilot_samples=100, alpha=0.001
)


class Linear:
    """A pixel of region `i` has margin `offset + <u, near - 1/2>` over region `i` `+ <v_i, far - 1/2>` over all.

    Args:
        offsets: (H, W).
        near: (3, H, W), `u`.
        far: (I, 3, H, W), `v_i`.
    """

    class_names = ("low", "high")

    def __init__(self, offsets: np.ndarray, near: np.ndarray, far: np.ndarray) -> None:
        self.offsets, self.near, self.far = (torch.as_tensor(x).float() for x in (offsets, near, far))
        self.seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        self.seen.append((near, far))
        margin = self.offsets.expand(len(near), -1, -1).clone()
        for region in range(regions.count):
            own = regions.slices(region)
            shift = ((near - 0.5) * self.near)[:, :, *own].sum(dim=(1, 2, 3))
            shift = shift + ((far - 0.5) * self.far[region]).sum(dim=(1, 2, 3))
            margin[:, *own] += shift[:, None, None]
        return torch.stack([-margin, margin], dim=1)

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        return self.two_views(batch, batch, REGIONS)

    def pull(self) -> np.ndarray:
        """(I, 3, H, W): by how much a perturbation moves the margins of every region."""
        own = np.stack([region == INDEX for region in range(REGIONS.count)])[:, None]
        return self.far.numpy().astype(float) + own * self.near.numpy()


def random_linear(seed: int) -> Linear:
    random = np.random.default_rng(seed)
    offsets = random.uniform(0.1, 1.0, (HEIGHT, WIDTH))
    near = random.normal(size=GREY.shape) * random.uniform(0.05, 0.3)
    far = random.normal(size=(REGIONS.count, *GREY.shape)) * random.uniform(0.0, 0.1)
    return Linear(offsets, near, far)


def two_levels(near: float, far: float, count: int) -> np.ndarray:
    return window_levels(1 - np.eye(count), [View(0, near), View(None, far)])


def test_levels_are_those_of_the_joint_gaussian() -> None:
    """A perturbation of squared norm 1 in a region shifts the pair of views by 1/near^2 + 1/far^2, or by 1/far^2."""
    weights = GaussianNoise().weight(two_levels(0.2, 0.7, 6))
    expected = np.full((6, 6), 0.7**-2) + np.eye(6) * 0.2**-2
    np.testing.assert_allclose(weights, expected, rtol=1e-12)
    assert (weights >= expected * (1 - 1e-16)).all()  # never less than it costs
    random = np.random.default_rng(0)
    for near, far in zip(10 ** random.uniform(-3, 2, 2000), 10 ** random.uniform(-3, 2, 2000), strict=True):
        own = float(GaussianNoise().weight(two_levels(near, far, 2))[0, 0])
        exact = 1 / Fraction(near) ** 2 + 1 / Fraction(far) ** 2
        assert exact <= Fraction(own) <= exact * (1 + Fraction(1, 10**13))
    assert np.isfinite(two_levels(1e-160, 1e160, 2)).all()
    blank = two_levels(0.2, np.inf, 3)
    np.testing.assert_array_equal(blank, np.where(np.eye(3), 0.2, np.inf))
    np.testing.assert_array_equal(SETTINGS.noise_levels(), two_levels(0.2, 0.7, 6))


def test_views_are_independent_and_have_their_levels() -> None:
    model = random_linear(0)
    sampler = ImageSampler(
        model,  # type: ignore[arg-type]
        torch.from_numpy(GREY),
        replace(SETTINGS, batch_size=500),
        Run.on("cpu", seeded()),
    )
    model.seen.clear()
    monitor = Monitor(1)
    seen = {group: labels.shape for group, labels in sampler.predictions(500, monitor)}
    assert len(model.seen) == 1  # one pass serves all groups
    assert seen == dict.fromkeys(range(6), (500, 4, 4))
    near, far = (view.numpy() - 0.5 for view in model.seen[0])
    assert near.std() == pytest.approx(0.2, rel=0.01)
    assert far.std() == pytest.approx(0.7, rel=0.01)
    assert abs(np.corrcoef(near.ravel(), far.ravel())[0, 1]) < 0.01
    assert forward_passes(SETTINGS) == 2100
    assert monitor.done == 6 * 500


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("blank", [False, True])
def test_no_claim_exceeds_what_a_linear_model_can_bear(seed: int, blank: bool) -> None:
    """The perturbation that takes one region's pixels is known in closed form; so is what it does to all others."""
    model = random_linear(seed)
    settings = replace(SETTINGS, mask_distance=1) if blank else SETTINGS
    if blank:
        model.far.zero_()
    certificate = certify_image(model, GREY, settings, generator=seeded(seed))
    drawn = model.seen[-1]
    assert bool((drawn[1] == 0).all()) == blank
    assert not torch.equal(*drawn)
    assert (certificate.labels[model.offsets > 0.5] == 1).all()
    pull = model.pull()
    margins = model.offsets.numpy().astype(float)
    firm = certificate.labels == 1
    reach = np.linalg.norm(pull.reshape(6, -1), axis=1)[INDEX]
    assert (certificate.radii[firm] <= margins[firm] / reach[firm]).all()
    epsilons = np.linspace(0, certificate.largest_epsilon(), 15)
    claimed = certificate.collective(certificate.noise.budget(epsilons), "exact", firm).certified
    assert claimed[0] > 0
    directions = [*pull, pull.sum(axis=0), *(pull.sum(axis=0) * (j == INDEX) for j in range(6))]
    for direction in directions:
        unit = direction / np.linalg.norm(direction)
        moved = (pull * unit).sum(axis=(1, 2, 3))[INDEX]
        for epsilon, count in zip(epsilons, claimed, strict=True):
            assert count <= (firm & (margins - epsilon * moved > 0)).sum()


def test_wrong_claims_are_rarer_than_alpha() -> None:
    """60 runs at alpha .2: more than 22 with any wrong radius would have a chance below 1 in 1000."""
    model = random_linear(0)
    exact = model.offsets.numpy().astype(float) / np.linalg.norm(model.pull().reshape(6, -1), axis=1)[INDEX]
    loose = replace(SETTINGS, alpha=0.2, samples=300, pilot_samples=20)
    wrong = [
        (certify_image(model, GREY, loose, generator=seeded(100 + run)).radii > exact).any()
        for run in range(60)
    ]
    assert sum(wrong) <= 22


def test_the_certificate_of_the_matched_linear_model_is_tight() -> None:
    """With weights `d / near^2` and `d / far^2` on the own region the worst case of Neyman and Pearson is the model."""
    random = np.random.default_rng(1)
    direction = random.normal(size=GREY.shape)
    direction /= np.sqrt((direction**2).sum(axis=0, keepdims=True)) * 4  # 16 pixels: norm 1 in every region
    far = np.stack([direction * (region == INDEX) for region in range(6)]) / 0.7**2
    weight = 0.2**-2 + 0.7**-2
    deviation = np.sqrt(weight)
    offsets = np.full((HEIGHT, WIDTH), 1.5 * deviation)
    model = Linear(offsets, direction / 0.2**2, far)
    certificate = certify_image(model, GREY, replace(SETTINGS, samples=40_000), generator=seeded())
    exact = 1.5 * deviation / weight
    assert (certificate.radii <= exact).all()
    assert certificate.radii.mean() > 0.97 * exact


def test_far_regions_cost_what_the_far_view_lets_through() -> None:
    """A model that reads the far view of one other region only: spent there, the budget takes all."""
    far = np.zeros((6, *GREY.shape))
    far[:, :, INDEX == 5] = 0.1
    model = Linear(np.full((HEIGHT, WIDTH), 0.5), np.zeros(GREY.shape), far)
    certificate = certify_image(model, GREY, replace(SETTINGS, samples=40_000), generator=seeded())
    exact = 0.5 / np.linalg.norm(far[0])
    targets = INDEX == 0
    claimed = certificate.collective(certificate.noise.budget(np.array([0.1, exact])), "exact", targets)
    assert claimed.certified.tolist() == [16, 0]
    # Through another group's weights alone: the budget in region 5 that breaks group 0
    threshold = certificate.thresholds[targets.ravel()].max()
    assert np.sqrt(threshold / certificate.weights[0, 5]) == pytest.approx(exact, rel=0.05)
    assert np.sqrt(threshold / certificate.weights[0, 5]) <= exact


def test_a_file_of_two_views_is_verified(tmp_path: Path) -> None:
    certificate = certify_image(random_linear(2), GREY, SETTINGS, generator=seeded())
    path = tmp_path / "views.nc"
    certificate.save(path)
    assert len(verify_file(path)) > 3
    again = load_certificate(path)
    assert again.settings == SETTINGS
    np.testing.assert_array_equal(again.weights, certificate.weights)


def test_all_regions_are_there_at_the_first_look() -> None:
    settings = replace(SETTINGS, correction="anytime", samples=512)
    looks = list(stream_image(random_linear(3), GREY, settings, generator=seeded()))
    assert looks[0].sampled.all()
    assert len(looks) > 1


def test_an_attack_draws_both_views() -> None:
    """The closed-form attack on the first region's margins needs `offset / pull`; twice that is found."""
    model = random_linear(4)
    certificate = certify_image(model, GREY, SETTINGS, generator=seeded())
    reach = np.linalg.norm(model.pull().reshape(6, -1), axis=1)
    needed = float((model.offsets.numpy() / reach[INDEX])[INDEX == 0].max())
    bounded = AttackSettings(min(2 * needed, 5.0), steps=8, targets=INDEX == 0)
    model.seen.clear()
    attack = attack_image(model, certificate, bounded, generator=seeded(1))
    drawn = [(near, far) for near, far in model.seen if far.std() > 0]
    assert len(drawn) > 8
    for near, far in drawn[-4:]:
        assert (near - far).detach().std() == pytest.approx(np.hypot(0.2, 0.7), rel=0.05)
    assert attack.changed.any()
    assert attack.surviving >= int(
        certificate.collective(
            certificate.noise.budget(np.array([bounded.epsilon])), "exact", INDEX == 0
        ).certified[0]
    )


def test_what_two_views_do_not_read_makes_no_difference() -> None:
    odd = replace(SETTINGS, interpolation="variance", per_group=True)
    assert odd == SETTINGS
    assert replace(SETTINGS, mask_distance=1) == replace(SETTINGS, mask_distance=1, level_max=0.9)


def test_the_guarantee_says_what_it_rests_on() -> None:
    certificate = certify_image(random_linear(2), GREY, SETTINGS, generator=seeded())
    assert "from nothing else" in certificate.guarantee()
    assert "from nothing else" not in replace(certificate, settings=ImageSettings()).guarantee()


class Leaky(Linear):
    """Reads the near view of the whole image."""

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        return super().two_views(near, near, regions)


def test_a_model_that_reads_the_near_view_of_other_regions_is_refused() -> None:
    honest = random_linear(5)
    honest.far += 0.05
    views = SETTINGS.all_views()
    assert views is not None
    refuse_leaks(reader_for(honest, REGIONS, views), torch.from_numpy(GREY), REGIONS, views)
    leaky = Leaky(honest.offsets.numpy(), honest.near.numpy(), honest.far.numpy())
    with pytest.raises(InputError, match="claim too much"):
        certify_image(leaky, GREY, SETTINGS, generator=seeded())


def test_a_model_of_one_view_is_refused() -> None:
    with pytest.raises(InputError, match="two views"):
        certify_image(Brightness(), GREY, SETTINGS, generator=seeded())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"noise": "laplace"}, "gaussian"),
        ({"levels": tuple((0.1,) * 6 for _ in range(6))}, "levels must be None"),
        ({"mask_distance": 2}, "mask_distance 1"),
    ],
)
def test_settings_that_two_views_can_not_have(change: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        replace(SETTINGS, **change)  # type: ignore[arg-type]


def test_the_isotropic_rival_has_one_view_and_as_many_passes() -> None:
    rival = isotropic_settings(SETTINGS, 0.2, equal_cost=True)
    assert not rival.two_views
    assert forward_passes(rival) == forward_passes(SETTINGS)


def test_a_model_that_fails_is_one_sentence() -> None:
    class Broken(Linear):
        def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
            raise RuntimeError("no such weights\nand more")

    honest = random_linear(0)
    broken = Broken(honest.offsets.numpy(), honest.near.numpy(), honest.far.numpy())
    with pytest.raises(InputError, match=r"cannot take a batch .*: no such weights$"):
        certify_image(broken, GREY, SETTINGS, generator=seeded())
