"""Monte Carlo engine for additive noise: noisy copies in, integer vote counts out.

One unit-level noise tensor serves all groups of a batch, scaled by each group's own levels. Within a group the
copies stay independent, which is what the confidence bounds need; dependence between groups is covered by the
corrections of `lrscore.statistics`, which hold under any dependence. It saves drawing `I` times the noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from lrscore.ahead import Pace, drawn_ahead
from lrscore.batches import refuse_too_many, thrifty_batch
from lrscore.images.noisy_copies import ImageModel, NoisyCopies
from lrscore.images.settings import ImageSettings
from lrscore.kept_pages import keep_freed_pages
from lrscore.memory import fitting_batch, free_bytes, refuse_too_large
from lrscore.monitor import Monitor, Run
from lrscore.noise.drawing import drawn_by
from lrscore.vote_choice import FIRST, INSIDE

_CPU_BATCH = 32
_CUDA_BATCHES, _CUDA_PIXELS = (
    (128, 1024),
    1 << 24,
)  # least and most copies, and pixels that keep a large GPU busy
_TRIED = 2  # copies that tell whether equal pictures are scored equally
_NARROW = 2**8


def usual_batch(device: torch.device, pixels: int) -> int:
    """Copies of a picture of so many pixels in one pass, where memory is no question."""
    if device.type != "cuda":
        return _CPU_BATCH
    least, most = _CUDA_BATCHES
    return min(most, max(least, _CUDA_PIXELS // pixels))


class ImageSampler:
    """Draws localized noise around one image and lets the model vote.

    Args:
        model: noisy batch (B, C, H, W) float32 -> scores (B, classes, H, W); for views a model of views,
            see `lrscore.images.views`.
        image: (C, H, W) float32 tensor.
        settings: regions, noise, its levels and `batch_size`, the copies per forward pass. Every pass has this size: a
            model whose result depends on the size of its batch would otherwise be several models. If None, what the
            device likes and its free memory holds.
        run: source of all randomness (noise is drawn on its generator's device), and where the model runs.

    Attributes:
        batch_size: copies in one pass; the counts of a seed depend on it.
        batch_remark: a sentence if memory holds fewer than usual, else empty.

    Raises:
        InputError: views for a model that is not built of them, or a model that cannot take the image.
        SettingsError: the grid does not fit the image.
        MemoryError: a batch of the size that was asked for does not fit.
    """

    def __init__(
        self,
        model: ImageModel,
        image: torch.Tensor,
        settings: ImageSettings,
        run: Run,
    ) -> None:
        if run.device.type == "cpu":
            keep_freed_pages(self)
        usual = usual_batch(run.device, image.shape[1] * image.shape[2])
        runs = (settings.pilot_samples, settings.samples)
        self.batch_size, self.batch_remark = settings.batch_size or thrifty_batch(runs, usual), ""
        self.image, self.generator = image.to(run.device), run.generator
        tried = self.batch_size if getattr(model, "one_shape", False) else min(_TRIED, self.batch_size)
        self.copies = NoisyCopies(model, settings, self.image, tried)
        if settings.batch_size is not None:
            refuse_too_large(settings.batch_size, self.copies.bytes_per_copy, free_bytes(run.device))
        else:
            fitting = fitting_batch(self.batch_size, self.copies.bytes_per_copy, free_bytes(run.device))
            self.batch_remark = fitting.remark
            if fitting.remark:
                self.batch_size = thrifty_batch(runs, fitting.copies)
        self.regions, self.classes = self.copies.regions, self.copies.classes
        self.alike = settings.shared_copies()

    @property
    def provenance(self) -> dict[str, str]:
        """How copies are made, for a certificate's provenance: how noise is drawn and added, what a pass holds."""
        remark = {"batch_remark": self.batch_remark} if self.batch_remark else {}
        drawn = drawn_by(self.generator.device)
        return {**remark, "noise_added": self.copies.arithmetic, "noise_drawn": drawn}

    @torch.inference_mode()
    def predictions(
        self, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> Iterator[tuple[int, torch.Tensor]]:
        """Labels of `samples` noisy copies per group, batch by batch; groups with equal levels share their copies.

        One unit noise serves all groups of a batch, so groups with equal levels would see the very same copies: one
        pass of the model serves them all, and nothing changes but the cost. Nothing is read from the device: labels
        of scores that are not finite are refused by `NoisyCopies.to_host`, the only way out for what was counted.

        Args:
            samples: copies of each group.
            groups: which groups; all if None.

        Yields:
            `(group, labels)` with labels (b, h, w) int64 of the group's own cell only, `b <= batch_size`.
        """
        asked = set(range(self.regions.count) if groups is None else groups)
        turns = [shared for alike in self.alike if (shared := [group for group in alike if group in asked])]
        starts, pace = range(0, samples if turns else 0, self.batch_size), Pace(self.image.device)
        batches = drawn_ahead(lambda: self.draw(self.batch_size), len(starts), self.generator)
        for start, unit in zip(starts, batches, strict=True):
            wanted = min(self.batch_size, samples - start)
            for alike in turns:
                monitor.check()
                scores = self.copies.scores(self.image, unit, alike[0])
                for group in alike:
                    rows, cols = self.regions.slices(group)
                    # (b, h, w), the first of ties
                    yield (
                        group,
                        scores[:wanted, :, rows, cols].max(dim=1).indices,
                    )
                    monitor.advance(wanted)
                pace.passed()

    def count_votes(self, samples: int, monitor: Monitor, groups: Sequence[int] | None = None) -> np.ndarray:
        """Votes per pixel and class in new samples of the groups, (H, W, classes) int64; 0 outside them.

        They are counted where the model runs, and copied from there once.
        """
        votes = self._tally(samples, self.classes)
        one = votes.new_ones(())
        for group, labels in self.predictions(samples, monitor, groups):
            rows, cols = self.regions.slices(group)
            votes[:, rows, cols].scatter_add_(0, labels, one.expand(labels.shape))
        return np.ascontiguousarray(self.copies.to_host(votes).transpose(1, 2, 0), dtype=np.int64)

    def count_agreements(
        self, labels: np.ndarray, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> np.ndarray:
        """How often each pixel got its label (H, W) in new samples of the groups, (H, W) int64; 0 outside them.

        They are counted where the model runs, and copied from there once.
        """
        agreements = self._tally(samples)
        fixed = torch.as_tensor(labels, device=self.image.device)
        for group, predicted in self.predictions(samples, monitor, groups):
            cell = self.regions.slices(group)
            agreements[cell] += (predicted == fixed[cell]).sum(dim=0, dtype=agreements.dtype)
        return self.copies.to_host(agreements).astype(np.int64)

    def count_sides(
        self, sides: np.ndarray, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """How often each pixel's prediction fell into its label, and on the first side of its rivals.

        Args:
            sides: (H, W, classes) uint8, see `VoteChoice.sides`.
            samples, monitor, groups: as for `count_agreements`.

        Returns:
            Two arrays (H, W) int64; 0 outside the groups.
        """
        tally = self._tally(samples, 2)
        table = torch.as_tensor(np.ascontiguousarray(sides.transpose(2, 0, 1)), device=self.image.device)
        for group, predicted in self.predictions(samples, monitor, groups):
            rows, cols = self.regions.slices(group)
            fell = table[:, rows, cols].gather(0, predicted)  # (b, h, w)
            for side in (INSIDE, FIRST):
                tally[side, rows, cols] += (fell == side).sum(dim=0, dtype=tally.dtype)
        inside, first = self.copies.to_host(tally).astype(np.int64)
        return inside, first

    def label_maps(self, samples: int, monitor: Monitor) -> np.ndarray:
        """Label maps (samples, H * W) of noisy copies of a grid of one cell, in the narrowest type that holds them."""
        narrow = torch.uint8 if self.classes <= _NARROW else torch.int32
        maps = [labels.flatten(1).to(narrow) for _, labels in self.predictions(samples, monitor)]
        return self.copies.to_host(torch.cat(maps))

    def count_changes(self, labels: np.ndarray, samples: int, monitor: Monitor) -> np.ndarray:
        """In how many pixels each noisy copy of a grid of one cell differs from the labels (H, W): (samples,) int64."""
        fixed = torch.as_tensor(labels, device=self.image.device)
        changes = [
            (drawn != fixed).sum(dim=(1, 2), dtype=torch.int32)
            for _, drawn in self.predictions(samples, monitor)
        ]
        return self.copies.to_host(torch.cat(changes)).astype(np.int64)

    def _tally(self, samples: int, *leading: int) -> torch.Tensor:
        """Zeros (*leading, H, W) to count so many copies in, where the model runs."""
        refuse_too_many(samples)
        shape = (*leading, self.regions.height, self.regions.width)
        return torch.zeros(shape, dtype=torch.int32, device=self.image.device)

    def draw(self, copies: int) -> torch.Tensor:
        """Unit noise for that many copies of the image, see `NoisyCopies.draw`."""
        return self.copies.draw((copies, *self.image.shape), self.generator)
