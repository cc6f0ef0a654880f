"""Smoothing distributions. Adding one is one class here and one test file: nothing else asks for names."""

from __future__ import annotations

from lrscore.errors import SettingsError
from lrscore.noise.additive import AdditiveNoise
from lrscore.noise.gaussian import GaussianNoise
from lrscore.noise.laplace import LaplaceNoise
from lrscore.noise.uniform import UniformNoise

ADDITIVE_NOISES: dict[str, AdditiveNoise] = {
    noise.name: noise for noise in (GaussianNoise(), UniformNoise(), LaplaceNoise())
}


def additive_noise(name: str) -> AdditiveNoise:
    """The additive (image) noise of that name.

    Raises:
        SettingsError: no such noise.
    """
    if name not in ADDITIVE_NOISES:
        raise SettingsError(f"noise must be one of {', '.join(ADDITIVE_NOISES)}, got {name!r:.80}")
    return ADDITIVE_NOISES[name]


__all__ = [
    "ADDITIVE_NOISES",
    "AdditiveNoise",
    "GaussianNoise",
    "LaplaceNoise",
    "UniformNoise",
    "additive_noise",
]
