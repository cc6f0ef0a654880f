"""Noisy copies of 8-bit pictures are exact lattice points, whose last bits do not tell which picture was noised."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image
from lrscore.images.regions import GridRegions
from lrscore.images.scaled_noise import ScaledNoise
from lrscore.noise import additive_noise
from lrscore.noise.drawing import LATTICE
from tests.lrscore.linear import Brightness, seeded

GRID = GridRegions(4, 6, 1, 2)
SHADES = np.random.default_rng(0).integers(0, 256, (3, 4, 6))
LEVELS = np.array([[0.05, 0.3], [1.7, 0.011]])


def picture(shades: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(shades.astype(np.float32) / np.float32(255))


def steps_of(level: float) -> int:
    return int(65536 / (255 * level))


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
def test_copies_are_whole_multiples_of_the_step_rounded_once(noise: str):
    """Against rational arithmetic, value by value."""
    image = picture(SHADES)
    scaled = ScaledNoise(LEVELS, GRID, image)
    assert scaled.lattice
    unit = additive_noise(noise).sample((5, 3, 4, 6), seeded(1))
    for group in range(2):
        copies = scaled.add(image, unit, group).numpy()
        for (copy, channel, row, col), value in np.ndenumerate(copies):
            n = steps_of(LEVELS[group, int(col >= 3)])
            whole = (
                int(SHADES[channel, row, col]) * n + Fraction(float(unit[copy, channel, row, col])) * 65536
            )
            assert whole.denominator == 1
            assert value == np.float32(int(whole)) * np.float32(1 / (255 * n))
            assert abs(Fraction(float(value)) - whole / (255 * n)) <= abs(whole / (255 * n)) / 2**23


def test_noise_is_never_less_than_the_certificate_weighs():
    for level in (0.0054, 0.02, 0.1, 0.3, 1.0, 7.9):
        image = picture(np.zeros((1, 1, 1), dtype=int))
        scaled = ScaledNoise(np.array([[level]]), GridRegions(1, 1, 1, 1), image)
        assert scaled.lattice
        step = float(scaled.add(image, torch.full((1, 1, 1, 1), LATTICE), 0)) / LATTICE
        assert level * (1 - 2**-22) <= step <= level * (1 + 1.1 / steps_of(level))


def test_equal_sums_are_equal_bits_whichever_picture_was_noised():
    """One shade more and as much less noise: the network sees the very same numbers. Floating point fails this."""
    moved = SHADES.copy()
    moved[SHADES < 255] += 1
    unit = additive_noise("gaussian").sample((200, 3, 4, 6), seeded(2))
    steps = torch.tensor([steps_of(0.05), steps_of(0.3)], dtype=torch.float32).repeat_interleave(3)
    less = unit - torch.as_tensor(moved - SHADES) * steps * LATTICE
    one, other = (
        ScaledNoise(LEVELS, GRID, image).add(image, noise, 0)
        for image, noise in ((picture(SHADES), unit), (picture(moved), less))
    )
    assert torch.equal(one, other)
    scale = (steps * 255 / 65536).reciprocal()
    plain = [torch.addcmul(picture(s), noise, scale) for s, noise in ((SHADES, unit), (moved, less))]
    assert (plain[0] != plain[1]).double().mean() > 0.01


def test_the_last_bits_do_not_tell_which_picture_was_noised():
    """The attack on floating-point smoothing: label 1 for numbers that are noisy copies of `x`, bit by bit."""
    n = steps_of(0.3)

    def recognising(at: torch.Tensor, lattice: bool):
        def model(batch: torch.Tensor) -> torch.Tensor:
            scale = 65536 / (255 * n) if lattice else 0.3
            whole = torch.round((batch - at).double() / scale / LATTICE).float()
            shades = torch.round(at * 255)
            same = (shades * n + whole) * np.float32(1 / (255 * n))
            if not lattice:
                same = torch.addcmul(at, whole * LATTICE, torch.tensor(scale))
            known = (same == batch).float()
            return torch.cat([0.5 * torch.ones_like(known), known], dim=1)

        return model

    x, moved = (picture(np.full((1, 1, 1), shade)) for shade in (100, 101))
    unit = additive_noise("gaussian").sample((4000, 1, 1, 1), seeded(3))
    cells, levels = GridRegions(1, 1, 1, 1), np.array([[0.3]])
    shares = [
        recognising(x, True)(ScaledNoise(levels, cells, image).add(image, unit, 0)).argmax(1).double().mean()
        for image in (x, moved)
    ]
    assert shares == [1, 1]
    level = torch.tensor(0.3)
    floating = [
        recognising(x, False)(torch.addcmul(image, unit, level)).argmax(1).double().mean()
        for image in (x, moved)
    ]
    assert floating[0] == 1
    assert floating[1] < 0.2  # certified at every radius by its share at x, and broken by one shade


@pytest.mark.parametrize(
    ("shades", "level", "lattice"),
    [(100, 0.3, True), (100.5, 0.3, False), (100, 0.004, False), (100, 9.0, False)],
)
def test_what_the_lattice_can_not_hold_is_added_in_floating_point_and_said(shades, level, lattice):
    image = picture(np.full((3, 4, 6), shades))
    settings = ImageSettings(grid=(1, 1), level_min=level, level_max=level, samples=4, pilot_samples=4)
    certificate = certify_image(Brightness(), image, settings, generator=seeded(4))
    assert certificate.provenance["noise_added"].startswith("exact" if lattice else "floating point")
    scaled = ScaledNoise(np.array([[level]]), GridRegions(4, 6, 1, 1), image)
    unit = additive_noise("gaussian").sample((2, 3, 4, 6), seeded(5))
    np.testing.assert_allclose(scaled.add(image, unit, 0), image + level * unit, rtol=0, atol=0.04)


def test_blanked_regions_are_zero():
    image = picture(SHADES)
    scaled = ScaledNoise(np.array([[0.1, np.inf], [np.inf, 0.1]]), GRID, image)
    unit = additive_noise("gaussian").sample((2, 3, 4, 6), seeded(6))
    copies = scaled.add(image, unit, 0)
    assert scaled.lattice
    assert not copies[..., 3:].any()
    assert copies[..., :3].any()


def test_gradients_flow_at_another_picture():
    image = picture(SHADES)
    leaf = image.clone().requires_grad_(True)
    unit = additive_noise("gaussian").sample((2, 3, 4, 6), seeded(7))
    ScaledNoise(LEVELS, GRID, image).add(leaf, unit, [0, 1]).sum().backward()
    assert (leaf.grad == 2).all()
