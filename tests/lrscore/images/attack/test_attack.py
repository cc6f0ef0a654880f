"""Attacks on the smoothed model: against closed forms, against certificates, and against sampling noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore import Cancelled, ImageSettings, certify_image
from lrscore.errors import InputError, SettingsError
from lrscore.images.attack.attack import AttackSettings, attack_image
from lrscore.statistics.overtaking import scores_for, strongest_rival
from tests.lrscore.linear import Brightness, ramp, seeded

HEIGHT, WIDTH = 12, 16


class Tilted:
    """Every pixel looks at one linear functional of the image: label 1 where `offset + <u, x - 1/2>` exceeds 0.

    `u` has l2 norm 1 and entries of equal size `a`. A perturbation `d` moves every margin by `<u, d>`: at least by
    `-eps` under an l2 budget, `-eps * a` under an l1 budget, and the best attack reaches that for all pixels at once.
    """

    class_names = ("low", "high", "never")

    def __init__(self, offsets: np.ndarray, channels: int = 3) -> None:
        signs = np.random.default_rng(3).choice([-1.0, 1.0], (channels, *offsets.shape))
        self.direction = torch.as_tensor(signs / np.sqrt(signs.size), dtype=torch.float32)
        self.offsets = torch.as_tensor(offsets, dtype=torch.float32)

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        margin = self.offsets + ((batch - 0.5) * self.direction).sum(dim=(1, 2, 3))[:, None, None]
        return torch.stack([-margin, margin, torch.full_like(margin, -50.0)], dim=1)


def tilted(noise: str, level: float, offsets: np.ndarray, samples: int = 400):
    model = Tilted(offsets)
    settings = ImageSettings(
        grid=(2, 2), noise=noise, level_min=level, level_max=2 * level, pilot_samples=64, samples=samples
    )
    image = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
    return model, certify_image(model, image, settings, generator=seeded())


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
def test_the_best_attack_on_a_linear_model_is_found(noise: str):
    """All pixels with a margin below what the budget moves fall, all others stay: both follow from the closed form."""
    offsets = np.random.default_rng(0).uniform(0.02, 0.4, (HEIGHT, WIDTH))
    model, certificate = tilted(noise, 0.02, offsets)
    per_eps = 1.0 if noise == "gaussian" else float(model.direction.abs().max())
    moved = 0.2
    found = attack_image(model, certificate, AttackSettings(moved / per_eps, steps=12), generator=seeded(1))
    assert float(found.spent.sum()) <= float(certificate.noise.budget(moved / per_eps))
    # The noise of the margin that the samples still see, as the standard deviation at the far level
    blurred = 0.04 * {"gaussian": 1, "uniform": 3**-0.5, "laplace": 2**0.5}[noise]
    can_fall = certificate.labels == 1
    assert found.changed[can_fall & (offsets < moved - blurred)].all()
    assert not found.changed[offsets > moved + 1e-6].any()
    assert (found.labels[found.changed] == 0).all()
    assert 20 < found.changed.sum() < 150


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
@pytest.mark.parametrize("free", [True, False], ids=["free", "allocated"])
def test_no_attack_beats_the_certificate(noise: str, free: bool):
    """The certificate bounds every attack: by number, and pixel by pixel within the radii."""
    offsets = np.random.default_rng(1).uniform(-0.3, 0.4, (HEIGHT, WIDTH))
    model, certificate = tilted(noise, 0.05, offsets, samples=1000)
    some_fell = False
    for share in (0.15, 0.35, 0.6):
        epsilon = share * certificate.largest_epsilon()
        collective = certificate.collective(np.array([certificate.noise.budget(epsilon)]))
        settings = AttackSettings(epsilon, None if free else collective.allocation[0], steps=8)
        found = attack_image(model, certificate, settings, generator=seeded(2))
        assert collective.certified[0] <= found.surviving
        assert not (found.changed & certificate.certified_mask(epsilon)).any()
        some_fell |= bool(found.changed.any())
    assert some_fell == (noise == "gaussian"), "an l1 budget of this size moves this model too little"


def test_a_budget_for_few_pixels_goes_to_the_cheapest():
    """Every pixel looks at itself only: the best attack buys pixels in the order of their price."""
    model = Brightness()
    settings = ImageSettings(grid=(1, 1), level_min=0.02, level_max=0.02, pilot_samples=64, samples=1000)
    certificate = certify_image(model, ramp(10, 40), settings, generator=seeded())
    price = np.sort((np.abs(certificate.image.mean(axis=0) - 0.5) ** 2 * 3)[~certificate.abstained])
    epsilon = 1.0
    best = int(np.searchsorted(np.cumsum(price), epsilon**2))
    found = attack_image(model, certificate, AttackSettings(epsilon, steps=40), generator=seeded(4))
    assert found.changed.sum() <= best
    assert found.changed.sum() >= 0.65 * best
    assert best < 0.5 * price.size


def test_an_allocation_is_kept_to_and_scaled_down_to_the_budget():
    offsets = np.random.default_rng(0).uniform(0.02, 0.4, (HEIGHT, WIDTH))
    model, certificate = tilted("gaussian", 0.05, offsets)
    wished = np.array([0.01, 0.0, 0.03, 0.0])
    kept = attack_image(model, certificate, AttackSettings(0.2, wished, steps=4), generator=seeded(1))
    assert (kept.spent <= wished).all()
    assert kept.spent.sum() == pytest.approx(0.04, rel=1e-3)
    scaled = attack_image(model, certificate, AttackSettings(0.1, wished, steps=4), generator=seeded(1))
    assert (scaled.spent <= wished / 4).all()
    assert scaled.spent.sum() == pytest.approx(0.01, rel=1e-3)
    with pytest.raises(InputError, match="one budget per region \\(4\\)"):
        attack_image(model, certificate, AttackSettings(0.1, np.ones(3)), generator=seeded())


def test_sampling_noise_alone_changes_nothing():
    """Pixels whose two classes are equally likely flip by chance in any sample; none may be called changed."""
    settings = ImageSettings(grid=(2, 2), level_min=0.05, level_max=0.05, pilot_samples=64, samples=400)
    grey = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
    certificate = certify_image(Brightness(), grey, settings, generator=seeded())
    certificate = replace(certificate, agreements=np.full(certificate.shape, 260))  # as if none abstained
    assert not certificate.certified_mask(0.01).any()
    leaning = mistaken = 0
    for seed in range(12):
        weak = AttackSettings(0.01, steps=1, error=0.01)  # moves a pixel by a hundredth of its noise
        found = attack_image(Brightness(), certificate, weak, generator=seeded(100 + seed))
        assert found.attacked.all()
        mistaken += bool(found.changed.any())
        leaning += int(found.leaning.sum())
    assert mistaken <= stats.binom.ppf(0.999, 12, 0.01), "an attack errs in at most one run of a hundred"
    assert leaning > 100, "the votes of a sample do differ"


def test_only_targets_that_do_not_abstain_are_counted():
    offsets = np.random.default_rng(0).uniform(-0.05, 0.4, (HEIGHT, WIDTH))
    model, certificate = tilted("gaussian", 0.05, offsets)
    targets = np.zeros(certificate.shape, dtype=bool)
    targets[:, :5] = True
    found = attack_image(model, certificate, AttackSettings(0.3, targets=targets), generator=seeded(1))
    assert np.array_equal(found.attacked, targets & ~certificate.abstained)
    assert certificate.abstained[targets].any()
    assert found.changed.any()
    assert not (found.changed | found.leaning)[~found.attacked].any()
    with pytest.raises(InputError, match="targets must have shape"):
        attack_image(model, certificate, AttackSettings(0.3, targets=targets[1:]), generator=seeded(1))


class Opaque(Brightness):
    """Scores without gradients, as those of an exported program."""

    @torch.no_grad()
    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        return super().__call__(batch)


class Stepped(Brightness):
    """Scores that are constant almost everywhere."""

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        return super().__call__(batch).sign()


@pytest.mark.parametrize(
    ("model", "message"), [(Opaque(), "gives no gradients"), (Stepped(), "every derivative is zero")]
)
def test_a_model_without_gradients_is_one_sentence(model, message: str):
    settings = ImageSettings(grid=(2, 2), pilot_samples=16, samples=200)
    certificate = certify_image(model, ramp(), settings, generator=seeded())
    with pytest.raises(InputError, match=message):
        attack_image(model, certificate, AttackSettings(0.5), generator=seeded())


def test_no_budget_is_no_attack():
    model, certificate = tilted("gaussian", 0.05, np.full((HEIGHT, WIDTH), 0.1))
    found = attack_image(model, certificate, AttackSettings(0.0), generator=seeded())
    assert np.array_equal(found.image, certificate.image)
    assert found.surviving == (~certificate.abstained).sum()


def test_blanked_regions_are_left_alone():
    """What the model can not see is not worth a budget."""
    levels = np.full((4, 4), 0.05)
    levels[:, 3] = np.inf
    model = Tilted(np.random.default_rng(0).uniform(0.02, 0.3, (HEIGHT, WIDTH)))
    settings = ImageSettings(grid=(2, 2), levels=levels, pilot_samples=64, samples=400)
    image = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
    certificate = certify_image(model, image, settings, generator=seeded())
    found = attack_image(model, certificate, AttackSettings(0.2, steps=4), generator=seeded())
    assert found.spent[3] == 0
    assert (found.spent[:3] > 0).all()


def test_progress_ends_at_its_total_and_the_same_seed_gives_the_same_attack():
    offsets = np.random.default_rng(0).uniform(0.02, 0.4, (HEIGHT, WIDTH))
    model, certificate = tilted("gaussian", 0.05, offsets)
    reports: list[tuple[int, int]] = []
    settings = AttackSettings(0.15, steps=3, copies=2, pilot_samples=8, samples=16)
    one = attack_image(
        model, certificate, settings, generator=seeded(1), progress=lambda *report: reports.append(report)
    )
    two = attack_image(model, certificate, replace(settings, batch_size=3), generator=seeded(1))
    assert reports[-1] == (4 * (3 * 2 + 8 + 16),) * 2
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)
    again = attack_image(model, certificate, settings, generator=seeded(1))
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.labels, again.labels)
    assert two.spent.sum() == pytest.approx(one.spent.sum(), rel=1e-3)


def test_a_cancelled_attack_stops():
    model, certificate = tilted("gaussian", 0.05, np.full((HEIGHT, WIDTH), 0.1))
    with pytest.raises(Cancelled):
        attack_image(model, certificate, AttackSettings(0.1), generator=seeded(), cancel=lambda: True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epsilon": -1.0}, "epsilon"),
        ({"epsilon": np.nan}, "epsilon"),
        ({"steps": 0}, "steps"),
        ({"samples": 1.5}, "samples"),
        ({"error": 0.0}, "error"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict, message: str):
    with pytest.raises(SettingsError, match=message):
        AttackSettings(**{"epsilon": 0.1, **wrong})


def test_rivals_and_votes():
    votes = np.array([[[5, 3, 2], [1, 1, 8]]])
    labels = np.array([[0, 1]])
    assert strongest_rival(votes, labels).tolist() == [[1, 2]]
    assert scores_for(labels, votes).tolist() == [[5, 1]]
