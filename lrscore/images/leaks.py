"""Trying a model of views on the picture before it is sampled: does it read what it should not?

A certificate of views rests on windows that hold by construction. What is tried here finds plain mistakes and proves
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch

from lrscore.errors import InputError
from lrscore.images.regions import GridRegions
from lrscore.images.views import Reader
from lrscore.images.windows import View

# Of the largest score: the same numbers in another place of a batch, or beside other ones, may be rounded differently
_LEAK = 1e-3
_FAINT = 1e-5
_TRIALS = 4
"""Sets of windows that are kept per view, each another shift of a lattice that covers the picture."""
_LOUD = 100.0
"""An impulse this many pixel values high: a weak influence shows in spite of rounding."""


@torch.inference_mode()
def refuse_leaks(
    reader: Reader,
    image: torch.Tensor,
    regions: GridRegions,
    views: Sequence[View],
    ask: Callable[[Sequence[torch.Tensor], Sequence[float]], torch.Tensor] | None = None,
) -> None:
    """Change every view outside of what pixels may read of it: their scores must stay.

    Args:
        reader: of the model, see `lrscore.images.views.view_reader`.
        image: (C, H, W) on the model's device.
        regions: the cells.
        views: levels that the model will see.
        ask: instead of the reader's own, for example one that checks the scores.

    Raises:
        InputError: scores depend on pixels of a view that lie outside of the model's own field or cell.
    """
    trial = _Trial(ask or reader.ask, image, [view.level for view in views])
    if reader.fields is None:
        _try_tiles(trial, regions)
        return
    for number, field in enumerate(reader.fields):
        if field is not None and not views[number].blank:
            _try_field(trial, number, field)


class _Trial:
    """Noisy views of one picture, and what the model makes of changed ones."""

    def __init__(
        self,
        ask: Callable[[Sequence[torch.Tensor], Sequence[float]], torch.Tensor],
        image: torch.Tensor,
        levels: Sequence[float],
    ) -> None:
        self.ask, self.image, self.levels = ask, image, levels
        self.generator = torch.Generator().manual_seed(0)

    def noise(self) -> torch.Tensor:
        """Unit noise (C, H, W)."""
        return torch.randn(self.image.shape, generator=self.generator).to(self.image)

    def view(self, number: int) -> torch.Tensor:
        """A noisy copy of the picture as that view has it."""
        level = self.levels[number]
        return self.image + level * self.noise() if math.isfinite(level) else torch.zeros_like(self.image)

    def change(self, number: int, kept: torch.Tensor, others: Sequence[torch.Tensor]) -> torch.Tensor:
        """(K,) largest change of the kept pixels' scores, of the largest score, when one view changes everywhere else.

        Args:
            number: of the view.
            kept: (K, 2, H, W) bool: pixels of the view that stay, and pixels whose scores are looked at.
            others: what takes the place of the rest, each (C, H, W).
        """
        views = [self.view(one).expand(len(kept), -1, -1, -1) for one in range(len(self.levels))]
        before = self.ask(views, self.levels).float()
        worst = torch.zeros(len(kept), device=before.device)
        for other in others:
            changed = list(views)
            changed[number] = torch.where(kept[:, :1], views[number], other)
            after = self.ask(changed, self.levels).float()
            shift = ((after - before).abs().amax(dim=1) * kept[:, 1]).amax(dim=(1, 2))
            worst = torch.maximum(worst, torch.nan_to_num(shift, nan=math.inf))
        return worst / before.abs().amax().clamp_min(1e-30)


def _try_tiles(trial: _Trial, regions: GridRegions) -> None:
    """The near view, cell by cell."""
    index = torch.as_tensor(regions.index_map(), device=trial.image.device)
    for region in range(regions.count):
        own = (index == region)[None, None].expand(1, 2, -1, -1)
        if not trial.change(0, own, [trial.view(0)]).max() <= _LEAK:
            raise InputError(
                f"the model's scores of region {region} depend on the near view of other regions: "
                "it is no model of views, and a certificate would claim too much"
            )


def _try_field(trial: _Trial, number: int, field: int) -> None:
    """One view of a model with a receptive field, for pixels in a lattice that is shifted over the picture."""
    height, width = trial.image.shape[1:]
    kept = torch.stack(list(_kept_windows(height, width, field))).to(trial.image.device)
    loud = [sign * _LOUD * trial.noise().abs() for sign in (1, -1)]
    quiet = trial.change(number, kept, [trial.view(number)]).max()
    if not (quiet <= _LEAK and trial.change(number, kept, loud).max() <= _FAINT * _LOUD):
        raise InputError(
            f"the model's scores depend on pixels of view {number + 1} that lie more than {field} pixels away: its "
            "receptive fields are not what it states, and a certificate would claim too much"
        )


def _kept_windows(height: int, width: int, field: int) -> Iterator[torch.Tensor]:
    """(2, H, W) bool each: windows of the field around pixels apart from each other, and those pixels."""
    # Odd: neighbouring windows begin in other places of a grid of strides
    pitch = (2 * field + 2 + max(2, field // 4)) | 1
    for trial in range(_TRIALS):
        kept = torch.zeros((2, height, width), dtype=torch.bool)
        for y in _lattice(height, pitch, trial):
            for x in _lattice(width, pitch, trial * 3 + 1):
                kept[0, max(0, y - field) : y + field + 1, max(0, x - field) : x + field + 1] = True
                kept[1, y, x] = True
        yield kept


def _lattice(length: int, pitch: int, shift: int) -> range:
    """Places `pitch` apart, which begin elsewhere for every shift; the first shift begins at the border."""
    first = (shift * (pitch // _TRIALS + 1)) % pitch
    return range(min(first, length - 1), length, pitch)
