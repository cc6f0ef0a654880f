"""Monte Carlo engine for additive noise: noisy copies in, integer vote counts out.

One unit-level noise tensor serves all groups of a batch, scaled by each group's own levels. Within a group the
copies stay independent, which is what the confidence bounds need; dependence between groups is covered by the
corrections of `lrscore.statistics`, which hold under any dependence. It saves drawing `I` times the noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import torch

from lrscore.errors import Cancelled, InputError
from lrscore.levels import equal_rows
from lrscore.noise import AdditiveNoise
from lrscore.regions import GridRegions
from lrscore.views import TwoViewModel, refuse_leaks

ImageModel = Callable[[torch.Tensor], torch.Tensor]

_CPU_BATCH = 32
_CUDA_BATCH = 128


class Monitor:
    """Counts the work of a run, tells the caller, and asks whether to stop.

    Args:
        total: number of noisy copies the run will take.
        progress: called as `progress(done, total)` after every batch.
        cancel: asked before every batch; True stops the run with `Cancelled`.
    """

    def __init__(
        self,
        total: int,
        progress: Callable[[int, int], object] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.total, self.done = total, 0
        self._progress, self._cancel = progress, cancel

    def check(self) -> None:
        """Raise `Cancelled` if the caller wants to stop."""
        if self._cancel is not None and self._cancel():
            raise Cancelled("the run was cancelled")

    def advance(self, copies: int) -> None:
        """Count work done and report it."""
        self.done += copies
        if self._progress is not None:
            self._progress(self.done, self.total)


class ImageSampler:
    """Draws localized noise around one image and lets the model vote.

    Args:
        model: noisy batch (B, C, H, W) float32 -> scores (B, classes, H, W).
        image: (C, H, W) float32 tensor.
        regions: the grid; group `i` predicts the pixels of cell `i`.
        levels: (I, J) noise levels, `inf` blanks a region.
        noise: the smoothing distribution.
        generator: source of all randomness; noise is drawn on its device.
        device: where the model runs.
        batch_size: copies per forward pass. Every pass has this size: a model whose result depends on the size of
            its batch would otherwise be several models.
        views: levels of a near and a far view, for a `TwoViewModel`; then `levels` are not used.

    Raises:
        InputError: two views for a model that is not built of two.
    """

    def __init__(
        self,
        model: ImageModel,
        image: torch.Tensor,
        regions: GridRegions,
        levels: np.ndarray,
        noise: AdditiveNoise,
        *,
        generator: torch.Generator,
        device: torch.device,
        batch_size: int | None = None,
        views: tuple[float, float] | None = None,
    ) -> None:
        self.model, self.regions, self.noise, self.generator = model, regions, noise, generator
        self.batch_size = batch_size or (_CUDA_BATCH if device.type == "cuda" else _CPU_BATCH)
        self.image = image.to(device)
        self.views = views is not None
        if views is None:
            self.alike = equal_rows(levels)
        else:
            if not isinstance(model, TwoViewModel):
                raise InputError(
                    "the settings ask for two views, but this model reads one; choose a model of two views"
                )
            # As regions: the near view counts for number 0 of a 1x1 grid, the far one for number 1
            regions = GridRegions(regions.height, regions.width, 1, 1)
            levels = np.array(views)[:, None]
            self.alike = [list(range(self.regions.count))]
        self.scales, self.kept = _pixel_levels(levels, regions, device)
        if (
            views is not None and self.classes
        ):  # a model that fails at all has been answered with a sentence by now
            refuse_leaks(cast(TwoViewModel, model), self.image, self.regions, views)

    @torch.inference_mode()
    def predictions(
        self, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> Iterator[tuple[int, torch.Tensor]]:
        """Labels of `samples` noisy copies per group, batch by batch; groups with equal levels share their copies.

        One unit noise serves all groups of a batch, so groups with equal levels would see the very same copies: one
        pass of the model serves them all, and nothing changes but the cost.

        Args:
            samples: copies of each group.
            groups: which groups; all if None.

        Yields:
            `(group, labels)` with labels (b, h, w) int64 of the group's own cell only, `b <= batch_size`.
        """
        asked = set(range(self.regions.count) if groups is None else groups)
        turns = [shared for alike in self.alike if (shared := [group for group in alike if group in asked])]
        for start in range(0, samples, self.batch_size):
            wanted = min(self.batch_size, samples - start)
            unit = self.draw(self.batch_size)
            for alike in turns:
                monitor.check()
                scores = self.noisy_scores(self.image, unit, alike[0])
                for group in alike:
                    rows, cols = self.regions.slices(group)
                    yield (
                        group,
                        scores[:wanted, :, rows, cols].max(dim=1).indices,
                    )  # (b, h, w), the first of ties
                    monitor.advance(wanted)

    def count_votes(self, samples: int, monitor: Monitor, groups: Sequence[int] | None = None) -> np.ndarray:
        """Votes per pixel and class in new samples of the groups, (H, W, classes) int64; 0 outside them."""
        height, width = self.regions.height, self.regions.width
        votes = np.zeros((height, width, self.classes), dtype=np.int64)
        for group, labels in self.predictions(samples, monitor, groups):
            one_hot = torch.nn.functional.one_hot(labels, self.classes)  # (b, h, w, classes)
            votes[self.regions.slices(group)] += one_hot.sum(dim=0).cpu().numpy()
        return votes

    def count_agreements(
        self, labels: np.ndarray, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> np.ndarray:
        """How often each pixel got its label (H, W) in new samples of the groups, (H, W) int64; 0 outside them."""
        agreements = np.zeros(labels.shape, dtype=np.int64)
        fixed = torch.as_tensor(labels, device=self.image.device)
        for group, predicted in self.predictions(samples, monitor, groups):
            cell = self.regions.slices(group)
            agreements[cell] += (predicted == fixed[cell]).sum(dim=0).cpu().numpy()
        return agreements

    @property
    def classes(self) -> int:
        """Number of classes the model scores, found by one look at the clean image."""
        if not hasattr(self, "_classes"):
            with torch.inference_mode():
                self._classes = int(
                    self.scores(self.image.expand(self.batch_size, -1, -1, -1), None).shape[1]
                )
        return self._classes

    def draw(self, copies: int) -> torch.Tensor:
        """Unit noise for that many copies, (copies, C, H, W), or (copies, 2 C, H, W) for two views."""
        channels, height, width = self.image.shape
        shape = (copies, 2 * channels if self.views else channels, height, width)
        return self.noise.sample(shape, self.generator).to(self.image.device)

    def noisy_scores(
        self, image: torch.Tensor, unit: torch.Tensor, group: int | Sequence[int]
    ) -> torch.Tensor:
        """What the model says about noisy copies of an image.

        Args:
            image: (C, H, W).
            unit: from `draw`.
            group: the group that all copies are for, or one group per copy.

        Returns:
            (B, classes, H, W); differentiable in `image` if the model is.
        """
        if not self.views:
            return self.scores(torch.addcmul(image, unit, self.scales[group]), group)
        near, far = (
            torch.addcmul(image, noise, scale)
            for noise, scale in zip(unit.chunk(2, dim=1), self.scales, strict=True)
        )
        return self._checked(near, far if self.kept is None else far * self.kept[1])

    def scores(self, batch: torch.Tensor, group: int | Sequence[int] | None) -> torch.Tensor:
        """What the model says about copies (B, C, H, W), checked; regions blanked for the group are set to 0.

        Args:
            group: the group that all copies are drawn for, or one group per copy; None blanks nothing.

        Returns:
            (B, classes, H, W); differentiable in `batch` if the model is.
        """
        if self.views:
            return self._checked(batch, batch)
        if group is not None and self.kept is not None:
            batch = batch * self.kept[group]
        return self._checked(batch)

    def _checked(self, batch: torch.Tensor, far: torch.Tensor | None = None) -> torch.Tensor:
        """The model's scores of one or two views, if they have the right shape and are finite."""
        scores = (
            _call_model(self.model, batch)
            if far is None
            else _call_model(cast(TwoViewModel, self.model).two_views, batch, far, self.regions)
        )
        expected = (batch.shape[0], batch.shape[2], batch.shape[3])
        if scores.ndim != 4 or (scores.shape[0], *scores.shape[2:]) != expected or scores.shape[1] < 2:
            raise InputError(
                f"the model must return scores (batch, at least 2 classes, height, width) for a batch of shape "
                f"{tuple(batch.shape)}, got {tuple(scores.shape)}"
            )
        # A sum is finite only if all summands are, and quick; if it overflows, the summands are looked at.
        if not torch.isfinite(scores.sum(dtype=torch.float32)) and not torch.isfinite(scores).all():
            raise InputError("the model returned scores that are not finite numbers")
        return scores


def _call_model(model: Callable[..., Any], batch: torch.Tensor, *more: object) -> torch.Tensor:
    """The model's scores; what it cannot digest becomes one sentence (running out of memory stays what it is)."""
    try:
        scores = model(batch, *more)
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"the model cannot take a batch of shape {tuple(batch.shape)}: {reason}") from error
    if not isinstance(scores, torch.Tensor):
        raise InputError(f"the model must return a tensor of scores, got {type(scores).__name__}")
    return scores


def _pixel_levels(
    levels: np.ndarray, regions: GridRegions, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Levels (I, 1, H, W) and, if any region is blanked, the 0/1 mask of kept pixels of the same shape.

    Levels are rounded *up* to float32: the noise drawn is never less than the noise the certificate weighs.
    """
    per_pixel = levels[:, regions.index_map()][:, None]  # (I, 1, H, W)
    kept = np.isfinite(per_pixel)
    single = np.where(kept, per_pixel, 0.0).astype(np.float32)
    scales = np.where(
        single < np.where(kept, per_pixel, 0.0), np.nextafter(single, np.float32(np.inf)), single
    )
    mask = None if kept.all() else torch.as_tensor(kept.astype(np.float32), device=device)
    return torch.as_tensor(scales, device=device), mask
