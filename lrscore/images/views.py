"""Models of views: every pixel is scored from several noisy copies of the picture, each read within a bounded window.

Localized smoothing of an ordinary model draws noisy copies for every output group apart. A model of views needs one set
of copies for all groups: what a group reads of each copy is bounded by how the model is built. Any model can be
smoothed that way; these make it cheap (docs/theory.md, 2.5; docs/views.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import torch

from lrscore.errors import InputError
from lrscore.images.regions import GridRegions
from lrscore.images.windows import View, needed_windows, refuse_narrow_windows


@runtime_checkable
class TwoViewModel(Protocol):
    """A model whose scores of a region depend on the near view inside that region and on the far view, on nothing else.

    The certificate of views rests on that. It must hold by construction; `lrscore.images.leaks` finds out a model that
    plainly breaks it, and proves nothing about one that does not.
    """

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        """Two noisy batches (B, C, H, W) to scores (B, classes, H, W)."""
        ...


@runtime_checkable
class ViewsModel(Protocol):
    """A model that scores every pixel from several noisy copies of the picture, each read within its own field.

    The certificate of views rests on `receptive_fields`: they must hold by construction, on every picture the model
    takes (docs/theory.md, 2.5). No pass over the whole plane (global pooling, normalisation over space) fits into a
    bounded field.

    Attributes:
        receptive_fields: per view, finest first: the scores of pixel (y, x) depend on that view's pixels (y', x') with
            `max(|y' - y|, |x' - x|)` at most this number, and on no others; None where they may depend on all.
    """

    receptive_fields: tuple[int | None, ...]

    def views(self, copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        """One noisy batch (B, C, H, W) per view, finest first, to scores (B, classes, H, W).

        Args:
            copies: not clamped and not normalised; all 0 for a view that is blanked.
            levels: of the noise in each view: 0 for none, `inf` for a view that is blanked.
        """
        ...


@runtime_checkable
class LevelModel(Protocol):
    """A model that wants to be told the noise: it is asked by `at_levels` wherever the levels are known.

    It may be told: the levels are part of the smoothing distribution, which does not depend on the input
    (docs/theory.md, 2.7).
    """

    def at_levels(self, batch: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
        """A noisy batch (B, C, H, W) to scores (B, classes, H, W).

        Args:
            levels: standard deviation of every pixel's noise, of a shape that broadcasts to (B, 1, H, W); 0 for none,
                `inf` where the picture is blanked to 0.
        """
        ...


@dataclass(frozen=True)
class Reader:
    """How a model of views is asked on one picture.

    Args:
        ask: copies and levels, one of each per view, to scores; see `ViewsModel.views`.
        windows: per view, what the model needs to see on this picture, in cells; None for everything.
        fields: receptive fields in pixels; None for a model of tiles, whose windows are cells by construction.
    """

    ask: Callable[[Sequence[torch.Tensor], Sequence[float]], torch.Tensor]
    windows: tuple[int | None, ...]
    fields: tuple[int | None, ...] | None = None


def view_reader(model: object, regions: GridRegions) -> Reader | None:
    """How a model of views is asked; None for a model that is none.

    Raises:
        InputError: receptive fields that are no whole numbers of at least 0, or None.
    """
    if isinstance(model, ViewsModel):
        fields = checked_fields(model.receptive_fields)
        return Reader(model.views, needed_windows(fields, regions), fields)
    if isinstance(model, TwoViewModel):
        tiles = model

        def ask(copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
            near, far = copies
            if (told := getattr(tiles, "two_views_at_levels", None)) is not None:
                return told(near, far, regions, levels)
            return tiles.two_views(near, far, regions)

        return Reader(ask, (0, None))
    return None


def reader_for(model: object, regions: GridRegions, views: Sequence[View]) -> Reader:
    """How a model is asked for exactly these views.

    Raises:
        InputError: it is no model of views or one of another number, or it sees farther than the windows.
    """
    reader = view_reader(model, regions)
    if reader is None:
        raise InputError(
            f"the settings ask for {'two' if len(views) == 2 else len(views)} views, but this model reads one "
            "picture; choose a model of views"
        )
    refuse_narrow_windows(reader.windows, views, reader.fields)
    return reader


def fitting_views(model: object, regions: GridRegions, levels: Sequence[float]) -> tuple[View, ...]:
    """The narrowest views that a model allows on a picture, for `ImageSettings(views=...)`.

    Args:
        model: of views.
        regions: the cells on the picture to certify.
        levels: of the noise, one per view, finest first.

    Raises:
        InputError: no model of views, or one of another number of them.
    """
    windows = reader_for(model, regions, [View(None, level) for level in levels]).windows
    return tuple(View(window, level) for window, level in zip(windows, levels, strict=True))


def checked_fields(given: object) -> tuple[int | None, ...]:
    """The receptive fields that a model states.

    Raises:
        InputError: no sequence of whole numbers of at least 0, or None.
    """
    fields = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    if not fields or not all(
        field is None or (isinstance(field, int) and not isinstance(field, bool) and field >= 0)
        for field in fields
    ):
        raise InputError(
            f"receptive_fields must hold a whole number of pixels or None for every view, got {given!r:.80}"
        )
    return cast(tuple[int | None, ...], fields)
