"""Center smoothing against hand-computed balls, its constants, and attacks on a known model."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lrscore import Cancelled
from lrscore.errors import InputError, SettingsError
from lrscore.images.baselines import CenterCertificate, CenterSettings, center_smooth
from lrscore.images.baselines.center import center_passes, changed_pixels, smallest_half_ball
from tests.lrscore.linear import Brightness, seeded

SETTINGS = CenterSettings(0.2, center_samples=100, samples=200, slack=0.3)


def test_a_half_ball_by_hand() -> None:
    """Distances of map 0: 0 1 3 4; of map 1: 1 0 2 3; of map 2: 3 2 0 1. Half of four maps is two: radius 1."""
    maps = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])
    np.testing.assert_array_equal(changed_pixels(maps[1], maps), [1, 0, 2, 3])
    assert smallest_half_ball(maps) == (0, 1)
    # three of five maps: around map 1 lie itself, map 0 and its copy
    assert smallest_half_ball(np.vstack([maps, maps[:1]])) == (0, 1)
    assert smallest_half_ball(maps[:1]) == (0, 0)


@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=7))
def test_the_ball_is_at_most_twice_the_smallest_around_any_map(rows: list[list[int]]) -> None:
    maps = np.array(rows)
    best, radius = smallest_half_ball(maps)
    half = -(-len(maps) // 2)
    smallest = min(
        sorted(int((np.array(center) != row).sum()) for row in maps)[half - 1]
        for center in product((0, 1), repeat=4)
    )
    assert smallest <= radius <= 2 * smallest
    assert (changed_pixels(maps[best], maps) <= radius).sum() >= len(maps) / 2


def certificate(distances: np.ndarray, **changes: object) -> CenterCertificate:
    given_ = {
        "settings": SETTINGS,
        "labels": np.zeros((10, 10), int),
        "radius": 1,
        "abstained": False,
        "distances": np.sort(distances),
    }
    return CenterCertificate(**{**given_, **changes})  # type: ignore[arg-type]


def test_the_certified_distance_is_three_times_the_right_quantile() -> None:
    """200 samples with distances 1, 2, ..., 200 (of 1000 pixels): the rank is the distance."""
    result = certificate(np.arange(1, 201), labels=np.zeros((10, 100), int))
    epsilon = 0.02
    needed = stats.norm.cdf(stats.norm.ppf(0.5 + 0.3) + 0.02 / 0.2) + np.sqrt(np.log(1 / 0.005) / (2 * 200))
    assert result.certified_distance(np.array([epsilon]))[0] == 3 * int(np.ceil(needed * 200))
    assert result.certified(np.array([epsilon]))[0] == 1000 - 3 * int(np.ceil(needed * 200))


def test_unknown_quantiles_and_abstentions_certify_nothing() -> None:
    result = certificate(np.full(200, 7))
    np.testing.assert_array_equal(result.certified_distance(np.array([0.0, 10.0])), [21, 100])
    np.testing.assert_array_equal(result.certified(np.array([0.0, 10.0])), [79, 0])
    np.testing.assert_array_equal(certificate(np.full(200, 90)).certified(np.array([0.0])), [0])
    np.testing.assert_array_equal(certificate(np.zeros(200, int), abstained=True).certified([0.0]), [0])
    with pytest.raises(InputError, match="epsilons must be at least 0"):
        result.certified_distance(np.array([-0.1]))


def test_the_constants_are_those_of_the_paper() -> None:
    """Its own numbers: n = 10^4, m = 10^6, Delta = .05, alpha_1 = alpha_2 = .005."""
    published = CenterSettings(0.25, center_samples=10_000, samples=1_000_000, slack=0.05)
    assert published.deviation == pytest.approx(np.sqrt(np.log(400) / 20_000))
    assert published.forward_passes == 2 * 10_000 + 1_000_000
    automatic = CenterSettings(0.25, center_samples=400)
    assert automatic.delta == pytest.approx(np.sqrt(np.log(400) / 800) + 1 / 20)
    within = CenterSettings.within(1152, 0.2, alpha=0.05)
    assert (within.center_samples, within.samples, within.forward_passes) == (288, 576, 1152)
    assert within.alpha_center + within.alpha_certify == pytest.approx(0.05)


def test_a_center_passes_only_above_its_limit() -> None:
    """deviation = sqrt(ln 400 / 200) = .1731 and slack .3: more than .3731 of 100 fresh samples are needed."""
    assert not center_passes(SETTINGS, 37)
    assert center_passes(SETTINGS, 38)
    edge = CenterSettings(0.2, center_samples=100, slack=SETTINGS.deviation + 0.1)
    assert not center_passes(edge, 40)  # exactly 1/2 - slack is not enough: the balls might be disjoint
    assert center_passes(edge, 41)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"level": 0.0}, "level must be a finite number above 0"),
        ({"center_samples": 0}, "center_samples must be a whole number"),
        ({"samples": 0}, "samples must be a whole number"),
        ({"alpha_center": 0.6}, r"alpha_center must lie in \(0, 0.5\]"),
        ({"slack": 0.05}, "what 288 center_samples can resolve"),
        ({"slack": 0.5}, "slack must lie between"),
        ({"center_samples": 5}, "take more center_samples"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, float], text: str) -> None:
    with pytest.raises(SettingsError, match=text):
        CenterSettings(**{"level": 0.2, **changes})


def two_sides(gap: float = 0.3) -> np.ndarray:
    image = np.full((3, 4, 10), 0.5 - gap, np.float32)
    image[:, :, 5:] = 0.5 + gap
    return image


def test_attacked_predictions_stay_within_the_certified_distance() -> None:
    image, level = two_sides(), 0.15
    settings = CenterSettings(level, center_samples=200, samples=800)
    result = center_smooth(Brightness(), image, settings, generator=seeded())
    assert not result.abstained
    np.testing.assert_array_equal(result.labels, image[0] > 0.5)
    epsilons = np.array([0.0, 0.05, 0.1])
    allowed = result.certified_distance(epsilons)
    assert (np.diff(allowed) >= 0).all()
    assert allowed[0] < result.labels.size
    for epsilon, distance in zip(epsilons, allowed, strict=True):
        attacked = image.copy()
        attacked[:, 0, 0] += epsilon / np.sqrt(3)  # all the budget on one pixel, towards the boundary
        other = center_smooth(Brightness(), attacked, settings, generator=seeded(1))
        assert other.abstained or (other.labels != result.labels).sum() <= distance


def test_a_coin_in_every_pixel_certifies_nothing() -> None:
    image = np.full((3, 20, 20), 0.5, np.float32)
    settings = CenterSettings(0.2, center_samples=60, samples=10, slack=0.25)
    result = center_smooth(Brightness(), image, settings, generator=seeded(), batch_size=16)
    assert 150 < result.radius < 200
    assert result.distances.shape == (10,)
    assert result.certified(np.array([0.0]))[0] == 0


class Fickle:
    """One label for the first 60 noisy copies, another one ever after: the center does not stand its test."""

    seen = 0

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        self.seen += len(batch)
        first = torch.full_like(batch[:, 0], float(self.seen <= 60 + 2))  # the sampler looks at two before
        return torch.stack([first, 1 - first], dim=1)


def test_a_center_that_fails_on_fresh_samples_abstains() -> None:
    settings = CenterSettings(0.2, center_samples=60, samples=20)
    result = center_smooth(Fickle(), two_sides(), settings, generator=seeded(), batch_size=20)
    assert result.radius == 0
    assert result.abstained
    assert result.certified(np.array([0.0]))[0] == 0


def test_the_same_seed_repeats_and_a_run_can_be_cancelled() -> None:
    settings = CenterSettings(0.2, center_samples=60, samples=40)
    runs = [center_smooth(Brightness(), two_sides(), settings, generator=seeded(3)) for _ in range(2)]
    np.testing.assert_array_equal(runs[0].distances, runs[1].distances)
    done: list[int] = []
    with pytest.raises(Cancelled):
        center_smooth(
            Brightness(),
            two_sides(),
            settings,
            generator=seeded(),
            progress=lambda count, total: done.append(count),
            cancel=lambda: bool(done),
        )
    assert done == [32]
