"""Receptive fields of networks, measured, and models of views made of networks that have bounded ones.

How far an output pixel looks is found by impulses, in two ways of which the farther one counts: with every weight of
the network replaced by a positive one, so that no two influences cancel, and with numbers that are not numbers (NaN)
through the network as it is, which spread to whatever depends on them. A measurement, not a proof: it has to hold by
construction (docs/views.md).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import torch
from torch import nn

from lrscore.errors import InputError
from lrscore.evaluation import Asked

_SIZES = (48, 65, 94)
"""Sides of the squares that are tried first: even, odd, and no multiple of 4."""
_PHASES = 16  # places in a row whose positions in a grid of strides differ
_LARGEST = 512  # side; a field that fills it is one without bound
_COPIES = 8  # impulses in one pass
_QUIET = 1e-12  # of the strongest response; positive weights leave nothing this small but rounding


def measured_field(
    network: nn.Module, channels: int = 3, sizes: Sequence[tuple[int, int]] | None = None
) -> int | None:
    """How many pixels around an output pixel a network looks.

    Args:
        network: batch (B, channels, H, W) to scores (B, classes, H, W), in evaluation mode.
        sizes: (H, W) of the pictures to try; squares of three sides if None, and larger ones while the field fills
            them.

    Returns:
        The largest distance `max(|y' - y|, |x' - x|)` of an input pixel that an output pixel depends on, over all
        sizes; None if it fills the largest: the network has an operation over the whole picture, or a field too large.

    Raises:
        InputError: the network can not take a picture of that size, or returns scores of another one.
    """
    if sizes is not None:
        found = [_field_at(network, channels, size) for size in sizes]
        return max(found, default=0)
    field = max(_field_at(network, channels, (side, side)) for side in _SIZES)
    side = max(_SIZES)
    while field >= side // 2 - _PHASES:  # it may go on beyond the borders
        side *= 2
        if side > _LARGEST:
            return None
        field = max(field, _field_at(network, channels, (side, side)))
    return field


def view_model(
    *networks: nn.Module,
    channels: int = 3,
    class_names: Sequence[str] = (),
    sizes: Sequence[tuple[int, int]] | None = None,
) -> NetworksOfViews:
    """A model of views from networks without operations over the whole picture: one per view, whose scores add up.

    Args:
        networks: batch (B, channels, H, W) to scores (B, classes, H, W), finest view first. The last of several may
            read the whole picture.
        class_names: of the scores.
        sizes: see `measured_field`.

    Raises:
        InputError: no network, or one that is not the last of several reads the whole picture.
    """
    if not networks:
        raise InputError("a model of views needs a network for every view, got none")
    fields = tuple(measured_field(network, channels, sizes) for network in networks)
    for number, field in enumerate(fields):
        if field is None and (number + 1 < len(fields) or len(fields) == 1):
            raise InputError(
                f"network {number + 1} reads the whole picture, or more than {_LARGEST // 2} pixels around a pixel: "
                "only the last of several views may"
            )
    return NetworksOfViews(networks, fields, tuple(class_names))


class NetworksOfViews:
    """A `lrscore.images.views.ViewsModel`: one network per view, whose scores add up. See `view_model`.

    Attributes:
        receptive_fields: as measured; measured again at the borders of the first picture of every other size.
    """

    def __init__(
        self, networks: Sequence[nn.Module], fields: tuple[int | None, ...], class_names: tuple[str, ...]
    ) -> None:
        self.networks, self.receptive_fields, self.class_names = tuple(networks), fields, class_names
        self._known: set[tuple[int, int]] = set()

    def views(self, copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        """The sum of the networks' scores of their views; they are not told the levels.

        Raises:
            InputError: on pictures of this size a network reads farther than it was measured to.
        """
        self._check_size(copies[0].shape[1], (copies[0].shape[2], copies[0].shape[3]))
        scores = [network(copy) for network, copy in zip(self.networks, copies, strict=True)]
        return torch.stack(scores).sum(dim=0)

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        """Scores of pictures that every view shows."""
        return self.views([batch] * len(self.networks), [0.0] * len(self.networks))

    def _check_size(self, channels: int, size: tuple[int, int]) -> None:
        if size in self._known:
            return
        for network, field in zip(self.networks, self.receptive_fields, strict=True):
            if field is None:
                continue
            seen = _spread(network, channels, size, math.nan, list(_ends(*size)))
            if seen > field:
                raise InputError(
                    f"on pictures of {size[0]}x{size[1]} pixels a network reads {seen} pixels around a pixel, "
                    f"not {field}: measure it with sizes=[{size}]"
                )
        self._known.add(size)


def _field_at(network: nn.Module, channels: int, size: tuple[int, int]) -> int:
    """The largest distance at which an impulse shows on pictures of that size."""
    return max(
        _spread(_positive(network), channels, size, 1.0),
        _spread(network, channels, size, math.nan),
    )


@torch.no_grad()
def _spread(
    network: nn.Module,
    channels: int,
    size: tuple[int, int],
    impulse: float,
    places: Sequence[tuple[int, int]] = (),
) -> int:
    """The largest distance at which an impulse of that value changes the answer to a grey picture."""
    asked, what = Asked(network), f"a picture of {size[0]}x{size[1]} pixels to measure its receptive field"
    parameter = next(iter(network.parameters()), torch.zeros(()))
    grey = torch.full((1, channels, *size), 0.5, dtype=parameter.dtype, device=parameter.device)
    places, farthest = places or list(_places(*size)), 0
    for start in range(0, len(places), _COPIES):
        chunk = places[start : start + _COPIES]
        batch = grey.repeat(len(chunk) + 1, 1, 1, 1)
        for number, (y, x) in enumerate(chunk):
            batch[number, :, y, x] += impulse
        scores = asked(network, batch, what=what)
        if scores.ndim != 4 or scores.shape[2:] != size:
            raise InputError(
                f"a network of views must keep the size {size}, got scores {tuple(scores.shape)}"
            )
        change = torch.nan_to_num((scores[:-1] - scores[-1:]).abs(), nan=math.inf).amax(dim=1)  # (b, H, W)
        quiet = 0.0 if math.isnan(impulse) else _QUIET * float(change.max())
        for (y, x), moved in zip(chunk, change > quiet, strict=True):
            rows, cols = (moved.any(dim=axis).nonzero().ravel() for axis in (1, 0))
            for found, place in ((rows, y), (cols, x)):
                if found.numel():
                    farthest = max(farthest, int((found - place).abs().max()))
    return farthest


def _places(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Corners, middles of the borders, and a diagonal through the middle with every phase of a grid of strides."""
    first = (max(0, height // 2 - _PHASES // 2), max(0, width // 2 - _PHASES // 2))
    diagonal = ((min(first[0] + k, height - 1), min(first[1] + k, width - 1)) for k in range(_PHASES))
    yield from dict.fromkeys((*_ends(height, width), *diagonal))


def _ends(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Corners, middles of the borders, and the middle."""
    yield from ((y, x) for y in (0, height // 2, height - 1) for x in (0, width // 2, width - 1))


def _positive(network: nn.Module) -> nn.Module:
    """A copy in which every weight is positive and every bias and running mean 0: influences add up.

    In double precision and about of size 1 per layer, so that the ends of a field are not lost in rounding.
    """
    twin = copy.deepcopy(network).double()
    for name, values in (*twin.named_parameters(), *twin.named_buffers()):
        last = name.rsplit(".", 1)[-1]
        if last in ("bias", "running_mean"):
            values.data.zero_()
        elif last == "running_var":
            values.data.fill_(1.0)
        elif isinstance(values, nn.Parameter):
            values.data.fill_(1.0 / max(1, values[0].numel()) if values.ndim > 1 else 1.0)
    return twin
