"""Isotropic smoothing: one noise level for the whole image, one smoothing distribution for all pixels.

A localized run with a 1x1 grid *is* isotropic smoothing with each pixel's own (adaptive) radius, the stronger form of
Cohen et al. 2019 for segmentation; with one group the collective count is the naive one, whatever the method.
"""

from __future__ import annotations

from dataclasses import replace

from lrscore.images.settings import ImageSettings


def forward_passes(settings: ImageSettings) -> int:
    """Noisy copies that a run sends through the model: pilot and estimation samples of every smoothing distribution.

    Cells with equal noise levels have one distribution and share its samples; of views all cells share them.
    """
    return len(settings.shared_copies()) * (settings.pilot_samples + settings.samples)


def isotropic_settings(settings: ImageSettings, level: float, *, equal_cost: bool = False) -> ImageSettings:
    """Settings of the isotropic baseline that belongs to a localized run.

    Args:
        settings: the localized run; its noise, alpha, correction and batch size are kept.
        level: noise level of every pixel, in pixel values, above 0.
        equal_cost: localized smoothing draws one set of samples per smoothing distribution, that is per cell unless
            cells have equal levels. False: as many samples per distribution as the localized run, which makes the
            baseline cheaper by the number of distributions. True: as many forward passes per image.

    Raises:
        SettingsError: the level is not above 0.
    """
    times = len(settings.shared_copies()) if equal_cost else 1
    return replace(
        settings,
        grid=(1, 1),
        level_min=level,
        level_max=level,
        levels=None,
        mask_distance=None,
        two_views=False,
        views=None,
        pilot_samples=settings.pilot_samples * times,
        samples=settings.samples * times,
    )
