"""Noisy copies of an image under localized noise or in views, and a model's checked scores of them.

Scores are checked where the model runs. A read would make the host wait for every pass: whether all were finite is read
once, together with what was counted (`NoisyCopies.to_host`), and nothing leaves the device before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.evaluation import Asked, refuse_other_names
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.scaled_noise import ScaledNoise
from lrscore.images.settings import ImageSettings
from lrscore.images.views import LevelModel, reader_for
from lrscore.memory import measured
from lrscore.noise import additive_noise

_HUGE = 1e20  # scores beyond may add up to more than float32 holds
_SAME = 1e-2  # of the largest score; the same numbers in another place of a batch may be rounded differently
_COUPLED = 1e-3  # the same numbers in the same place are not

ImageModel = Callable[[torch.Tensor], torch.Tensor]


class NoisyCopies:
    """What a model says about noisy copies of an image, smoothed as the settings say.

    One unit-level noise serves all groups: it is scaled by each group's own levels.

    Args:
        model: noisy batch (B, C, H, W) float32 -> scores (B, classes, H, W); for views a model of views,
            see `lrscore.images.views`.
        settings: regions, noise and its levels; group `i` predicts the pixels of cell `i`.
        image: (C, H, W) float32, where the model runs: only its shape and device matter, but for views: the model is
            tried on it.
        tried: copies of the clean image in the first pass, which tells classes, labels without noise and what memory a
            copy takes.

    Attributes:
        unsmoothed: (H, W) int64, the model's labels of the clean image.
        bytes_per_copy: most memory that each copy of a pass takes, with its noise; None if it could not be measured.

    Raises:
        InputError: views for a model that is not built of them or sees farther in them, or scores that are none.
        SettingsError: the grid does not fit the image.
    """

    unsmoothed: np.ndarray

    def __init__(
        self, model: ImageModel, settings: ImageSettings, image: torch.Tensor, tried: int = 2
    ) -> None:
        self.model, self.noise = model, additive_noise(settings.noise)
        self._asked = Asked(model)
        # Of all scores so far, where the model runs: read with whatever is made of them
        self._finite, self._huge = torch.ones((), dtype=torch.bool, device=image.device), True
        self.regions = settings.regions(*image.shape[1:])
        self.views = settings.all_views()
        levels, cells, self._read = settings.noise_levels(), self.regions, None
        if self.views is not None:
            reader = reader_for(model, self.regions, self.views)
            self._read, self._view_levels = reader.ask, tuple(view.level for view in self.views)
            # As levels: view v of the whole picture counts for group v of a grid of one cell
            levels = np.array(self._view_levels)[:, None]
            cells = GridRegions(self.regions.height, self.regions.width, 1, 1)
        self._device, self._scaled = image.device, ScaledNoise(levels, cells, image)
        self._deviations: torch.Tensor | None = None
        if self.views is None and isinstance(model, LevelModel):
            self._read = model.at_levels
            self._deviations = self._scaled.standard_deviations(self.noise.deviation)
        self.bytes_per_copy: int | None = None
        self.classes = self._count_classes(image.expand(tried, -1, -1, -1))
        if self.views is not None:
            refuse_leaks(reader, image, self.regions, self.views, self._checked_views)

    def draw(self, shape: Sequence[int], generator: torch.Generator) -> torch.Tensor:
        """Unit noise (B, C, H, W) for copies of that shape, or (B, V C, H, W) for V views."""
        copies, channels, height, width = shape
        channels *= 1 if self.views is None else len(self.views)
        return self.noise.sample((copies, channels, height, width), generator).to(self._device)

    def scores(self, image: torch.Tensor, unit: torch.Tensor, group: int | Sequence[int]) -> torch.Tensor:
        """What the model says about noisy copies of an image; regions blanked for the group are set to 0.

        Args:
            image: (C, H, W).
            unit: from `draw`.
            group: the group that all copies are for, or one group per copy.

        Returns:
            (B, classes, H, W); differentiable in `image` if the model is.
        """
        if self.views is None:
            noisy = self._scaled.add(image, unit, group)
            if self._deviations is not None:
                return self._checked(noisy, self._read, noisy, self._deviations[group])
            return self._checked(noisy)
        noises = unit.chunk(len(self.views), dim=1)
        views = [self._scaled.add(image, noise, view) for view, noise in enumerate(noises)]
        return self._checked_views(views, self._view_levels)

    @property
    def arithmetic(self) -> str:
        """How noise is added to the picture, in words: on a lattice, or in floating point."""
        return "exact, on the lattice of 8-bit pictures" if self._scaled.lattice else "floating point"

    def _clean_scores(self, clean: torch.Tensor) -> torch.Tensor:
        if self._deviations is not None:
            return self._checked(clean, self._read, clean, torch.zeros_like(self._deviations[0]))
        if self.views is None:
            return self._checked(clean)
        return self._checked_views([clean] * len(self.views), [0.0] * len(self.views))

    def _measured_scores(self, clean: torch.Tensor) -> torch.Tensor:
        """The scores of a clean batch; on the way, what memory a copy takes."""
        if getattr(self.model, "one_shape", False):  # a translated model is not looked into
            return self._clean_scores(clean)
        try:
            scores, taken = measured(lambda: self._clean_scores(clean), clean.device)
        except InputError:  # a model that cannot be watched, or none: then it fails again
            return self._clean_scores(clean)
        # Beside the pass: the noise of this batch and of the next one, and the noisy picture
        noise = (2 * len(self.views or (None,)) + 1) * clean[0].numel() * clean.element_size()
        self.bytes_per_copy = -(-taken // len(clean)) + noise
        return scores

    @torch.inference_mode()
    def _count_classes(self, clean: torch.Tensor) -> int:
        scores = self._measured_scores(clean).float()
        self.unsmoothed = self.to_host(scores[0].max(dim=0).indices)
        self._huge = bool(scores.abs().max() > _HUGE)
        if not bool((scores - scores[:1]).abs().max() <= _SAME * (1 + scores.abs().max())):
            raise InputError(
                "the model scores equal pictures of one batch differently: it draws random numbers (dropout in "
                "training mode?) or lets them depend on each other"
            )
        refuse_other_names(self.model, scores.shape[1])
        if len(clean) > 1:
            self._refuse_coupled(clean, scores[0])
        return int(scores.shape[1])

    def _refuse_coupled(self, clean: torch.Tensor, alone: torch.Tensor) -> None:
        """The picture must have the same scores in other company: bounds are for copies that are judged one by one."""
        company = clean.clone()
        company[1:] = 1 - clean[1:].round()  # far away from every picture
        apart = (self._clean_scores(company)[0].float() - alone).abs().max()
        if bool(apart.isfinite() & (apart > _COUPLED * (1 + alone.abs().max()))):
            raise InputError(
                "the model scores a picture differently beside other pictures: copies of one batch depend on each "
                "other (normalisation by the batch's own mean?) and nothing could be promised; let it score every "
                "picture by itself, or certify it with batch size 1"
            )

    def _checked_views(self, views: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        """The model's scores of a batch of views, if they have the right shape and are finite."""
        return self._checked(views[0], self._read, views, levels)

    def _checked(
        self, batch: torch.Tensor, read: Callable[..., torch.Tensor] | None = None, *inputs: object
    ) -> torch.Tensor:
        """The model's scores of a batch, or those that `read` makes of other inputs; the right shape, and finite."""
        what = f"a batch of shape {tuple(batch.shape)}"
        scores = self._asked(read or self.model, *(inputs or (batch,)), what=what)
        expected = (batch.shape[0], batch.shape[2], batch.shape[3])
        if scores.ndim != 4 or (scores.shape[0], *scores.shape[2:]) != expected or scores.shape[1] < 2:
            raise InputError(
                f"the model must return scores (batch, at least 2 classes, height, width) for a batch of shape "
                f"{tuple(batch.shape)}, got {tuple(scores.shape)}"
            )
        self._finite = self._finite & self._all_finite(scores.detach())
        return scores

    def _all_finite(self, scores: torch.Tensor) -> torch.Tensor:
        """Whether they are, a bool where the model runs; nothing is read from there."""
        # A sum is finite only if all summands are, and quick; one of huge scores may overflow.
        if self._huge:
            return torch.isfinite(scores).all()
        return torch.isfinite(scores.sum(dtype=torch.float32))

    def to_host(self, counts: torch.Tensor) -> np.ndarray:
        """What was made of scores, as an array, in one copy from where the model runs.

        Raises:
            InputError: scores that the model returned since the copies were made are not finite.
        """
        packed = torch.cat([counts.flatten(), self._finite.to(counts.dtype)[None]]).cpu().numpy()
        if not packed[-1]:
            raise InputError("the model returned scores that are not finite numbers")
        return packed[:-1].reshape(counts.shape)
