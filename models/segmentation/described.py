"""One's own segmentation model: a name or a small JSON file says what the network is and what its scores mean.

Names that `load_own` understands:
- `FILE.json` or `FILE.yaml`: a description, see `Description`;
- `torchvision:ARCHITECTURE`: with torchvision's published weights, downloaded on first use;
- `package.module:function`: the function returns a network that carries its weights and an attribute `class_names`;
  `palette`, `mean`, `std` and `multiple` are read as well if it has them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lrscore.class_tree import ClassTree
from lrscore.errors import InputError
from lrscore.provenance import digest_of_file
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.pairs import bit_palette
from models.descriptions import frozen, is_description
from models.segmentation.architectures import (
    SMP,
    TORCHVISION,
    build_network,
    load_program,
    published_classes,
    published_weights,
    without_auxiliary,
)
from models.segmentation.description import Description
from models.segmentation.model import SegmentationModel
from models.segmentation.network_scores import find_scores
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD, PreparedNetwork, Wiring
from models.weights import digest_of_network, fit_weights, read_weights

__all__ = ["Description", "load_described", "load_own"]

_DEFAULT_MULTIPLE = {SMP: 32}
_TRIED = 64  # side of the picture that a network is tried on


def load_own(name: str, *, weights: str | Path | None = None) -> SegmentationModel:
    """Load a model by one of the names above.

    Args:
        weights: safetensors file or PyTorch checkpoint of tensors; overrides the description's.

    Raises:
        InputError: something is missing, does not fit, or was refused; the message says which.
    """
    description = Description.read(name) if is_description(name) else Description(network=name, name=name)
    if weights is not None:
        description = replace(description, weights=str(weights))
    return load_described(description)


def load_described(description: Description) -> SegmentationModel:
    """Build the network, put its weights in, and wrap it so that it clamps, normalises, pads and names its classes.

    Raises:
        InputError: as in `load_own`.
    """
    if (description.network is None) == (description.program is None):
        raise InputError("a model description must name either a network or a program")
    if description.program is not None:
        if description.weights is not None:
            raise InputError("a program carries its weights: leave out weights")
        return _wrap(
            load_program(description.program), description, digest_of_file(description.program), "program"
        )
    return _network_with_weights(description, str(description.network))


def _network_with_weights(description: Description, spec: str) -> SegmentationModel:
    family, _, architecture = spec.partition(":")
    if family == TORCHVISION and not description.class_names:
        description = replace(description, class_names=published_classes(architecture))
    if family == SMP:
        _class_names(description)
        if description.weights is None:
            raise InputError(f"{spec} has no weights of its own: name a file of weights")
    network = build_network(
        spec,
        len(description.class_names),
        arguments=description.arguments,
        folder=description.folder,
    )
    if isinstance(network, SegmentationModel):
        return network
    description = _with_attributes(description, network)
    if description.weights is not None:
        stored = read_weights(description.weights)
        fit_weights(network, _trimmed(stored, family), Path(description.weights).name)
        return _wrap(network, description, digest_of_file(description.weights), family)
    if family == TORCHVISION:
        fit_weights(network, _trimmed(published_weights(architecture), family), architecture)
    return _wrap(network, description, digest_of_network(network), family)


def _trimmed(weights: dict[str, Tensor], family: str) -> dict[str, Tensor]:
    return without_auxiliary(weights) if family == TORCHVISION else weights


def _wrap(network: nn.Module, description: Description, digest: str, family: str) -> SegmentationModel:
    classes, drop = _without_dropped(_class_names(description), description.drop)
    usual = family in (TORCHVISION, SMP)
    mean, std = _normalisation(description, usual)
    wiring = Wiring(
        mean=mean,
        std=std,
        multiple=description.multiple or _DEFAULT_MULTIPLE.get(family, 1),
        reverse=description.channels == "bgr",
        scale=1.0 if description.scale is None else float(description.scale),
        output=description.output,
        drop=drop,
        one_channel=description.one_channel,
        enlarge=description.enlarge,
    )
    classes, remark = tried(network.eval(), classes, wiring)
    palette = CAMVID_PALETTE if classes == CAMVID_CLASSES else bit_palette(len(classes))
    if description.palette is not None:
        palette = _palette(description.palette, len(classes), drop)
    name = description.name or description.network or "own"
    prepared = PreparedNetwork(network, classes=len(classes), wiring=wiring)
    tree = None if description.hierarchy is None else ClassTree.from_names(description.hierarchy, classes)
    model = SegmentationModel(
        prepared, name=name, class_names=classes, palette=palette, digest=digest, class_tree=tree
    )
    model.remark = remark
    return model


def _normalisation(description: Description, usual: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std as the network sees them; what is left out is ImageNet's for usual networks, in their order of the
    colours and range of values, and none for others."""
    white, turn = description.scale or 1.0, -1 if description.channels == "bgr" else 1
    mean = tuple(white * one for one in IMAGENET_MEAN[::turn]) if usual else (0.0, 0.0, 0.0)
    std = tuple(white * one for one in IMAGENET_STD[::turn]) if usual else (1.0, 1.0, 1.0)
    return description.mean or mean, description.std or std


@torch.inference_mode()
def tried(network: nn.Module, classes: tuple[str, ...], wiring: Wiring) -> tuple[tuple[str, ...], str]:
    """What a small grey picture tells about the network's scores.

    Returns:
        The class names: the first two if one channel comes out. A remark on what will be done to the scores, or "".
        A network that cannot take such a picture is left to the first real one.
    """
    side = _TRIED + -_TRIED % wiring.multiple
    try:
        scores = find_scores(network(torch.full((1, 3, side, side), 0.5)), wiring.output)
    except Exception:
        return classes, ""
    remarks = []
    scores = scores.unsqueeze(1) if scores.ndim == 3 and len(scores) == 1 else scores
    if not scores.is_floating_point():  # class numbers, which are refused when a picture comes
        return classes, ""
    # The names are those of all channels
    if wiring.drop and scores.ndim == 4 and scores.shape[1] == len(classes):
        classes = tuple(name for place, name in enumerate(classes) if place not in wiring.drop)
    if scores.ndim == 4 and scores.shape[1] == 1 and not wiring.drop and len(classes) >= 2:
        if len(classes) > 2:
            remarks.append(f"of {len(classes)} class names two are used")
        classes = classes[:2]
        remarks.append(f"one score channel: {classes[1]} where it is high, else {classes[0]}")
    if scores.ndim == 4 and scores.shape[-2] < side and wiring.enlarge is None:
        remarks.append(f"scores of {scores.shape[-2]} rows for {side} are enlarged, bilinear")
    return classes, "; ".join(remarks)


def _without_dropped(
    names: tuple[str, ...], drop: tuple[int | str, ...]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names of the classes that stay, and numbers of the channels that do not.

    `class_names` may name all channels or only those that stay; a channel dropped by name must be among them.
    """
    unknown = [one for one in drop if isinstance(one, str) and one not in names]
    if unknown:
        raise InputError(
            f"drop must name channels by number or by their name in class_names, got {unknown[0]!r}"
        )
    numbers = tuple(sorted({names.index(one) if isinstance(one, str) else one for one in drop}))
    if any(number < 0 for number in numbers):
        raise InputError(f"drop must hold channel numbers from 0, got {numbers[0]}")
    if any(isinstance(one, str) for one in drop):
        names = tuple(name for place, name in enumerate(names) if place not in numbers)
    return names, numbers


def _class_names(description: Description) -> tuple[str, ...]:
    names = description.class_names
    if not 2 <= len(names) <= 255:
        raise InputError(
            f"model {description.name or description.network} must name its 2 to 255 classes: "
            f"class_names in its description or as an attribute of the network; got {len(names)}"
        )
    return names


def _palette(colours: tuple[tuple[int, int, int], ...], classes: int, drop: tuple[int, ...]) -> np.ndarray:
    """One colour per class; those of dropped channels are left out."""
    if len(colours) == classes + len(drop):
        colours = tuple(colour for place, colour in enumerate(colours) if place not in drop)
    try:
        table = np.asarray(colours)
    except ValueError as error:
        raise InputError(
            f"palette must hold {classes} RGB colours from 0 to 255, got {colours!r:.80}"
        ) from error
    if table.shape != (classes, 3) or table.dtype.kind not in "iu" or table.min() < 0 or table.max() > 255:
        raise InputError(f"palette must hold {classes} RGB colours from 0 to 255, got shape {table.shape}")
    return table.astype(np.uint8)


def _with_attributes(description: Description, network: nn.Module) -> Description:
    """Fill what the description leaves open from the network's own attributes.

    Tensors are the network's own business: a buffer `mean` is what it normalises by itself with.
    """
    found: dict[str, Any] = {}
    for key in ("class_names", "palette", "mean", "std", "multiple"):
        value = getattr(network, key, None)
        if (
            not getattr(description, key)
            and value is not None
            and not isinstance(value, Tensor)
            and not callable(value)
        ):
            found[key] = frozen(value)
    return replace(description, **found)


def described_classes(description: Description, network: PreparedNetwork) -> tuple[str, ...]:
    """Names of the classes that a described network scores.

    Raises:
        InputError: as in `load_own`.
    """
    named = _with_attributes(description, network.network)
    if str(named.network).partition(":")[0] == TORCHVISION and not named.class_names:
        named = replace(named, class_names=published_classes(str(named.network).partition(":")[2]))
    classes, _ = _without_dropped(_class_names(named), named.drop)
    return tried(network.network.eval(), classes, network.wiring)[0]
