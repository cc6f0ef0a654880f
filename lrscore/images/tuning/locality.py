"""Measured locality: which input regions matter for which output groups (docs/theory.md, 5.5).

The map is descriptive: it shows where a model is soft and helps to choose noise levels. No guarantee rests on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from lrscore.errors import InputError, SettingsError
from lrscore.evaluation import Asked
from lrscore.images.certify import check_image
from lrscore.images.regions import GridRegions
from lrscore.images.sampler import ImageModel
from lrscore.images.views import LevelModel, view_reader
from lrscore.monitor import Monitor
from lrscore.noise import GaussianNoise
from lrscore.settings import whole_number
from lrscore.streams import apart

_BATCH = 32  # noised copies in one forward pass


@dataclass(frozen=True, eq=False)
class Locality:
    """How much each region matters for each group.

    Args:
        influence: (I, J) float, at least 0; row `i`, column `j`: what region `j` does to the outputs of group `i`.
            Measured: share of group `i`'s pixels whose label changes, in [0, 1]. By gradient: root mean square over
            the pixels of the l2 norm of the margin's derivative, in score units per unit of pixel value.
        grid: (rows, cols); `I = J = rows * cols`.
        unit: what the numbers are, in words.
    """

    influence: np.ndarray
    grid: tuple[int, int]
    unit: str

    def by_distance(self) -> np.ndarray:
        """(largest grid distance + 1,) mean influence of the regions at each grid distance from a group."""
        rows, cols = self.grid
        distances = GridRegions(rows, cols, rows, cols).distances()
        return np.bincount(distances.ravel(), self.influence.ravel()) / np.bincount(distances.ravel())

    def levels(self, near: float, far: float) -> np.ndarray:
        """(I, J) levels for `ImageSettings(levels=...)`: `near` where a group looks most, `far` where it does not look.

        In between linear in the influence relative to the group's largest; a group that nothing influences gets `far`
        everywhere. A first guess; `lrscore.images.tuning.proposal` searches for better ones.
        """
        largest = self.influence.max(axis=1, keepdims=True)
        relative = np.divide(self.influence, largest, out=np.zeros_like(self.influence), where=largest > 0)
        return far - relative * (far - near)


def measure_locality(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    *,
    grid: tuple[int, int] = (3, 5),
    level: float = 0.3,
    draws: int = 8,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Locality:
    """Put Gaussian noise on one region at a time and count the labels that change in every group.

    One noised copy answers for all groups, so this costs `1 + J * draws` forward passes.

    Args:
        model, image, generator, device, progress, cancel: as in `lrscore.certify_image`.
        grid: (rows, cols) of the regions.
        level: standard deviation in the noised region, in pixel values; a strong one, 0.3, shows what is there at all.
        draws: noised copies per region; their standard error is at most `0.5 / sqrt(draws)`.

    Raises:
        InputError: the image or the model's output has the wrong shape or values.
        SettingsError: level, draws or grid is outside its range.
        Cancelled: the caller cancelled.
    """
    whole_number("draws", draws, 1)
    if not (np.isfinite(level) and level > 0):
        raise SettingsError(f"level must be a finite number above 0, got {level!r}")
    source, tensor = GaussianNoise(), check_image(image).to(device)
    regions = GridRegions(tensor.shape[1], tensor.shape[2], *grid)
    monitor = Monitor(1 + regions.count * draws, progress, cancel)
    influence, fresh = np.zeros((regions.count, regions.count)), apart(generator, "locality")
    with torch.inference_mode():
        clean = _scores(model, tensor[None], regions).argmax(dim=1)[0]  # (H, W)
        monitor.advance(1)
        for region in range(regions.count):
            cell = regions.slices(region)
            levels = torch.zeros((1, 1, *clean.shape), device=tensor.device)
            levels[:, :, *cell] = level
            changed = torch.zeros_like(clean)  # (H, W) in how many copies the label is another one
            for first in range(0, draws, _BATCH):
                monitor.check()
                number = min(_BATCH, draws - first)
                unit = source.sample((number, tensor.shape[0], *clean[cell].shape), fresh)
                copies = tensor.repeat(number, 1, 1, 1)
                copies[:, :, *cell] += level * unit.to(tensor.device)
                noised = _scores(model, copies, regions, levels)
                changed += (noised.argmax(dim=1) != clean).sum(dim=0)
                monitor.advance(number)
            influence[:, region] = _group_means(changed, regions) / draws
    return Locality(influence, grid, f"share of labels changed by Gaussian noise of level {level:g}")


def gradient_locality(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    *,
    grid: tuple[int, int] = (3, 5),
    probes: int = 4,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Locality:
    """A fast preview: how strongly the margins of a group's pixels react to small changes of a region.

    A pixel's margin is its best score minus its second best. With independent random signs `e_n`, the expected square
    of the gradient of `sum_n e_n margin_n` is the sum of the margins' squared gradients (Hutchinson 1990): each probe
    costs one backward pass per group instead of one per pixel. It sees the model at the clean image only, not under
    noise: a model that large noise confuses may look harmless.

    Args:
        model: differentiable in its input.
        image, generator, device, progress, cancel: as in `lrscore.certify_image`; progress counts groups.
        grid: (rows, cols) of the regions.
        probes: sign vectors per group; the relative error of the squares falls with their root.

    Raises:
        InputError: bad image or scores, or the model has no gradients.
        SettingsError: probes or grid is outside its range.
        Cancelled: the caller cancelled.
    """
    whole_number("probes", probes, 1)
    tensor = check_image(image).to(device)
    regions = GridRegions(tensor.shape[1], tensor.shape[2], *grid)
    leaf = tensor[None].clone().requires_grad_(True)
    best = _scores(model, leaf, regions).topk(2, dim=1).values  # (1, 2, H, W)
    margins = (best[:, 0] - best[:, 1])[0]
    if not margins.requires_grad:
        raise InputError("the model must be differentiable in its input for the gradient preview")
    monitor, fresh = Monitor(regions.count, progress, cancel), apart(generator, "gradient locality")
    squares = np.zeros((regions.count, regions.count))
    for group in range(regions.count):
        monitor.check()
        own = margins[regions.slices(group)]
        for _ in range(probes):
            signs = torch.randint(0, 2, own.shape, generator=fresh, device=fresh.device) * 2 - 1
            probe = (own * signs.to(own)).sum()
            (gradient,) = torch.autograd.grad(probe, leaf, retain_graph=True)
            squares[group] += _group_sums(gradient[0].square().sum(dim=0), regions) / (own.numel() * probes)
        monitor.advance(1)
    return Locality(np.sqrt(squares), grid, "root mean square derivative of a pixel's margin")


def _scores(
    model: ImageModel, batch: torch.Tensor, regions: GridRegions, levels: torch.Tensor | None = None
) -> torch.Tensor:
    """Scores (B, classes, H, W); a model of views reads all of them from the batch, on these regions, as clean ones."""
    asked, what = Asked(model), f"a batch of shape {tuple(batch.shape)}"
    reader = view_reader(model, regions)
    if reader is not None:
        views = len(reader.windows)
        scores = asked(reader.ask, [batch] * views, [0.0] * views, what=what)
    elif levels is not None and isinstance(model, LevelModel):
        scores = asked(model.at_levels, batch, levels, what=what)
    else:
        scores = asked(model, batch, what=what)
    expected = (len(batch), *batch.shape[2:])
    if scores.ndim != 4 or (scores.shape[0], *scores.shape[2:]) != expected or scores.shape[1] < 2:
        raise InputError(
            f"the model must return scores (batch, at least 2 classes, height, width), got {tuple(scores.shape)}"
        )
    return scores


def _group_sums(pixels: torch.Tensor, regions: GridRegions) -> np.ndarray:
    index = regions.index_map().ravel()
    return np.bincount(index, pixels.double().cpu().numpy().ravel(), minlength=regions.count)


def _group_means(pixels: torch.Tensor, regions: GridRegions) -> np.ndarray:
    return _group_sums(pixels, regions) / np.bincount(regions.index_map().ravel(), minlength=regions.count)
