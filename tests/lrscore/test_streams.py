"""No use of random numbers reads those of another one at the same seed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image, measure_locality
from lrscore.images.attack.attack import attack_image
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.ladder import Picture, climb
from lrscore.noise.gaussian import GaussianNoise
from lrscore.streams import apart

PURPOSES = ("attack", "ladder", "locality", "gradient locality")
GREY = np.full((1, 4, 4), 0.7, dtype=np.float32)


def seeded(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def model(batch: torch.Tensor) -> torch.Tensor:
    return torch.cat([batch, 1 - batch], dim=1)


def test_streams_follow_from_seed_and_purpose_alone():
    used = seeded()
    torch.randn(100, generator=used)
    first, again = (torch.randn(8, generator=apart(one, "attack")) for one in (seeded(), used))
    assert torch.equal(first, again)
    draws = [
        torch.randn(8, generator=one, dtype=torch.float64)
        for one in (seeded(), *(apart(seeded(), p) for p in PURPOSES))
    ]
    draws.append(torch.randn(8, generator=apart(seeded(8), "attack"), dtype=torch.float64))
    assert not any(np.isin(one, other).any() for one, other in combinations(draws, 2))


def neighbours(drawn: list[torch.Tensor]) -> torch.Tensor:
    """Every number with the one after it, as the bits of both: two streams share such a pair only if they coincide."""
    bits = [noise.contiguous().view(torch.int32).to(torch.int64) for noise in drawn]
    return torch.cat([(one[:-1] << 32) ^ (one[1:] & 0xFFFFFFFF) for one in bits])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Every Gaussian number that is drawn."""
    values: list[torch.Tensor] = []
    plain = GaussianNoise.sample

    def sample(self, shape, generator):
        noise = plain(self, shape, generator)
        values.append(noise.flatten())
        return noise

    monkeypatch.setattr(GaussianNoise, "sample", sample)
    return values


def test_what_helps_or_attacks_a_certificate_never_reads_its_numbers(drawn: list[torch.Tensor]):
    """With shared numbers, levels chosen by measured locality have seen the estimation noise of the certificate."""
    settings = ImageSettings(grid=(1, 1), level_min=0.1, level_max=0.1, pilot_samples=8, samples=200)
    certificate = certify_image(model, GREY, settings, generator=seeded())
    own = neighbours(drawn)
    uses = {
        "locality": lambda: measure_locality(model, GREY, grid=(1, 1), draws=16, generator=seeded()),
        "ladder": lambda: climb(model, [Picture(GREY)], levels=(0.1,), generator=seeded()),
        "attack": lambda: attack_image(model, certificate, AttackSettings(2.0, steps=2), generator=seeded()),
    }
    for name, use in uses.items():
        drawn.clear()
        use()
        assert drawn, name
        assert not torch.isin(neighbours(drawn), own).any(), name


LEVELS = (0.11, 0.17, 0.29)
COPIES, BATCH = 224, 32


def banded(batch: torch.Tensor) -> torch.Tensor:
    """Label 0 with probability 0.6, whatever the level: bands of the noise, so narrow that levels differ."""
    zero = torch.frac((batch - GREY[0, 0, 0]).abs() * 97.0) < 0.6
    return torch.cat([zero.float(), 0.5 * torch.ones_like(batch)], dim=1)


def share_of_wrong_bounds(repetitions: int) -> float:
    """How often a bound exceeds the truth at the level of which measured locality says that it disturbs least."""
    image, wrong = GREY[:, :1, :1], 0
    for seed in range(repetitions):
        influences = [
            measure_locality(
                banded, image, grid=(1, 1), level=level, draws=BATCH + COPIES, generator=seeded(seed)
            ).influence.sum()
            for level in LEVELS
        ]
        level = LEVELS[int(np.argmin(influences))]
        settings = ImageSettings(
            grid=(1, 1),
            level_min=level,
            level_max=level,
            pilot_samples=BATCH,
            samples=COPIES,
            batch_size=BATCH,
            alpha=0.05,
        )
        certificate = certify_image(banded, image, settings, generator=seeded(seed))
        wrong += certificate.probabilities[0, 0] > (0.4 if certificate.labels[0, 0] else 0.6)
    return wrong / repetitions


def test_levels_chosen_by_locality_at_the_seed_of_the_certificate_keep_its_error(
    monkeypatch: pytest.MonkeyPatch,
):
    """With shared numbers the chosen level has seen the estimation noise: more than alpha of the bounds are wrong."""
    repetitions = 250
    assert share_of_wrong_bounds(repetitions) <= 0.05 + 3 * (0.05 * 0.95 / repetitions) ** 0.5
    monkeypatch.setattr("lrscore.images.tuning.locality.apart", lambda generator, purpose: generator)
    assert share_of_wrong_bounds(repetitions) > 0.10  # what the streams are for: about 0.14
