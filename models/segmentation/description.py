"""What has to be known about somebody's segmentation network, as a dataclass and as a JSON file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrscore.errors import InputError
from models.descriptions import check_common, check_texts, read_description

_MOST_MULTIPLE = 1_024
CHANNELS = ("rgb", "bgr")
_BYTES = 100.0  # a white from here on is one of bytes, not of an odd normalisation
ONE_CHANNEL = ("logit", "probability")


@dataclass(frozen=True)
class Description:
    """What has to be known about a network. As JSON: one object with these keys; paths are relative to the file.

    A picture in [0, 1] is clamped, its channels are put in order, it is multiplied by `scale`, `mean` is subtracted
    and the rest divided by `std`; `mean` and `std` are in the order and range that the network sees.

    Args:
        class_names: meaning of the score channels, at least two. Left out: for torchvision the 21 classes of its
            published weights, for others the network's attribute `class_names`.
        network: "module:function", "torchvision:ARCHITECTURE" or "smp:ARCHITECTURE:ENCODER"; or else
        program: path of a TorchScript or exported program, opened only where `LRS_TRUST_PROGRAMS` is 1.
        weights: path of a safetensors file or a PyTorch checkpoint of tensors, for `network`.
        arguments: keyword arguments of the function.
        palette: one RGB colour (0 to 255) per class; Pascal VOC's numbering if left out.
        channels: order of the colours that the network expects, "rgb" or "bgr".
        scale: what the network calls white: 1, or 255 for networks of bytes.
        mean, std: normalisation. Left out: ImageNet's (in this order and range) for torchvision and smp, none for
            others.
        multiple: side lengths are padded to a multiple of it. Left out: 32 for smp, 1 for others.
        output: where the scores are if the network returns more than a tensor: key, attribute, or place. Left out:
            "out" or "logits", or the only tensor.
        drop: channels that are no class (void), by number or by name in `class_names`.
        one_channel: what a single channel holds for the second of two classes: a "logit" or a "probability".
        enlarge: whether scores of lower resolution are enlarged (bilinear). Left out: they are, with a remark.
        hierarchy: groups of classes by name, each a list of class names or again groups, for coarse labels. Left out:
            the official groups, where the classes are those of CamVid, Pascal VOC or Cityscapes.
        name: what to call the model; the file's or network's name if left out.
        folder: where modules may lie beside what Python finds by itself; that of the description.
    """

    class_names: tuple[str, ...] = ()
    network: str | None = None
    program: str | None = None
    weights: str | None = None
    palette: tuple[tuple[int, int, int], ...] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    multiple: int | None = None
    name: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    channels: str = "rgb"
    scale: float | None = None
    output: str | int | None = None
    drop: tuple[int | str, ...] = ()
    one_channel: str | None = None
    enlarge: bool | None = None
    hierarchy: Mapping[str, Any] | None = None
    folder: str | None = None

    def __post_init__(self) -> None:
        check_common(self)
        check_texts(self, "network", "program", "weights", "name", "folder")
        for key in ("mean", "std"):
            values = getattr(self, key)
            if values is not None and not three_numbers(values):
                raise InputError(f"{key} must be three numbers, got {values!r:.80}")
        if self.multiple is not None and (
            not _is_whole(self.multiple) or not 1 <= self.multiple <= _MOST_MULTIPLE
        ):
            raise InputError(
                f"multiple must be a whole number from 1 to {_MOST_MULTIPLE:,}, got {self.multiple!r:.80}"
            )
        if self.channels not in CHANNELS:
            raise InputError(f"channels must be {' or '.join(CHANNELS)}, got {self.channels!r:.80}")
        if self.scale is not None and not (_is_number(self.scale) and self.scale > 0):
            raise InputError(
                f"scale must be a number above 0 (1, or 255 for networks of bytes), got {self.scale!r:.80}"
            )
        if isinstance(self.output, bool) or not isinstance(self.output, str | int | None):
            raise InputError(f"output must be a key, an attribute or a place, got {self.output!r:.80}")
        if self.one_channel not in (None, *ONE_CHANNEL):
            raise InputError(f"one_channel must be {' or '.join(ONE_CHANNEL)}, got {self.one_channel!r:.80}")
        if not isinstance(self.enlarge, bool | None):
            raise InputError(f"enlarge must be true or false, got {self.enlarge!r:.80}")
        if self.hierarchy is not None and not isinstance(self.hierarchy, Mapping):
            raise InputError(f"hierarchy must give groups of classes by name, got {self.hierarchy!r:.80}")
        _check_drop(self.drop)
        _check_range(self.mean, self.std, self.scale or 1.0)

    @classmethod
    def read(cls, path: str | Path) -> Description:
        """Read a JSON file.

        Raises:
            InputError: no such file, no JSON object, unknown keys, or values that make no sense.
        """
        return cls(**read_description(path, cls, ("weights", "program")))


def three_numbers(values: object) -> bool:
    """Whether these are three finite numbers."""
    return isinstance(values, tuple) and len(values) == 3 and all(_is_number(one) for one in values)


def _check_drop(drop: object) -> None:
    if not isinstance(drop, tuple) or not all(_is_whole(one) or isinstance(one, str) for one in drop):
        raise InputError(f"drop must be a list of channel numbers or class names, got {drop!r:.80}")
    if len(set(drop)) < len(drop):
        raise InputError(f"drop must name every channel once, got {drop!r:.80}")


def _check_range(mean: tuple[float, ...] | None, std: tuple[float, ...] | None, white: float) -> None:
    """A mean or deviation above white can only be one of another range of values, and so can a tiny one of bytes."""
    for key, values in (("mean", mean), ("std", std)):
        if values is not None and max(values) > white:
            raise InputError(
                f"{key} {list(values)} is above {white:g}, the value of white: if mean and std are for pixel values 0 "
                'to 255, divide both by 255, or say "scale": 255 if the network itself expects such values'
            )
    given = max(map(abs, mean)) if mean is not None else 0.0
    if white >= _BYTES and (0 < given <= 1 or (std is not None and max(std) < 1)):
        raise InputError(
            f'mean and std are as the network sees its values, from 0 to {white:g} by "scale": those of values up to 1 '
            f'have to be multiplied by {white:g}, or leave "scale" out if the network expects values from 0 to 1'
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
