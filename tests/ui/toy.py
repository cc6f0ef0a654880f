"""A small street of coloured blocks, and a model that knows its colours: deterministic, fast, good to look at."""

from __future__ import annotations

import functools

import numpy as np
import torch
import torch.nn.functional as F

from lrscore import ImageSettings, certify_image, stream_image
from lrscore.images.certificate import ImageCertificate
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE, VOID
from models.segmentation.names import DEFAULT_MODEL

COLOURS = torch.from_numpy(CAMVID_PALETTE.astype(np.float32) / np.float32(255))


def toy_mask(height: int = 60, width: int = 80) -> np.ndarray:
    """(H, W) classes: sky, two buildings, a tree, pavement, road, a car, a void bonnet."""
    mask = np.zeros((height, width), dtype=np.int64)
    horizon = height // 2
    mask[height // 6 : horizon, : width // 3] = CAMVID_CLASSES.index("building")
    mask[height // 4 : horizon, 2 * width // 3 :] = CAMVID_CLASSES.index("building")
    mask[height // 3 : horizon, width // 2 : 2 * width // 3] = CAMVID_CLASSES.index("tree")
    mask[horizon:] = CAMVID_CLASSES.index("pavement")
    for row in range(horizon, height):
        half = width // 8 + (row - horizon) * width // height
        mask[row, max(0, width // 2 - half) : width // 2 + half] = CAMVID_CLASSES.index("road")
    mask[horizon : horizon + height // 5, width // 2 + 2 : width // 2 + width // 6] = CAMVID_CLASSES.index(
        "car"
    )
    mask[-max(1, height // 20) :] = VOID
    return mask


def toy_image(height: int = 60, width: int = 80, seed: int = 0) -> np.ndarray:
    """(3, H, W) float32 picture of `toy_mask` with a little texture."""
    mask = toy_mask(height, width)
    colours = CAMVID_PALETTE[np.where(mask == VOID, 2, mask)].astype(np.float64) / 255
    texture = np.random.default_rng(seed).normal(0, 0.06, (height, width, 1))
    pixels = np.rint(np.clip(colours + texture, 0, 1) * 255) / 255
    return np.ascontiguousarray(pixels.transpose(2, 0, 1).astype(np.float32))


class ToyModel:
    """Labels a pixel by the class colour nearest to its neighbourhood's mean."""

    name = DEFAULT_MODEL  # it stands in for the default network
    digest = "0" * 64
    class_names = CAMVID_CLASSES
    palette = CAMVID_PALETTE

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        smooth = F.avg_pool2d(batch.clamp(0, 1), 5, stride=1, padding=2, count_include_pad=False)
        colours = COLOURS.to(batch.device)
        # -|x - c|^2 without |x|^2, which is the same for every class
        return F.conv2d(smooth, 2 * colours[:, :, None, None], -colours.square().sum(dim=1))


@functools.cache
def toy_certificate(
    *, grid: tuple[int, int] = (2, 3), samples: int = 128, correction: str = "bonferroni", size: int = 60
) -> ImageCertificate:
    """A genuine certificate of the toy scene."""
    settings = ImageSettings(
        grid=grid, level_min=0.1, level_max=0.3, pilot_samples=32, samples=samples, correction=correction
    )
    height, width = size, size * 4 // 3
    generator = torch.Generator().manual_seed(0)
    certificate = certify_image(ToyModel(), toy_image(height, width), settings, generator=generator)
    return certificate.with_reference(toy_mask(height, width))


@functools.cache
def toy_beginning() -> ImageCertificate:
    """The first certificate of a run that shows its looks: one region of six is sampled."""
    settings = ImageSettings(grid=(2, 3), pilot_samples=32, samples=512, correction="anytime")
    stream = stream_image(ToyModel(), toy_image(), settings, generator=torch.Generator().manual_seed(0))
    return next(stream).with_reference(toy_mask())
