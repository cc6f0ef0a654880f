"""One's own segmentation model: a name or a small JSON file says what the network is and what its scores mean.

Names that `load_own` understands:
- `FILE.json`: a description, see `Description`;
- `torchvision:ARCHITECTURE`: with torchvision's published weights, downloaded on first use;
- `package.module:function`: the function returns a network that carries its weights and an attribute `class_names`;
  `palette`, `mean`, `std` and `multiple` are read as well if it has them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.pairs import bit_palette
from models.segmentation.architectures import (
    SMP,
    TORCHVISION,
    build_network,
    load_program,
    published_classes,
    published_weights,
    without_auxiliary,
)
from models.segmentation.model import SegmentationModel
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD, PreparedNetwork
from models.segmentation.weights import digest_of_file, digest_of_network, fit_weights, read_weights

_DEFAULT_MULTIPLE = {SMP: 32}


@dataclass(frozen=True)
class Description:
    """What has to be known about a network. As JSON: one object with these keys; paths are relative to the file.

    Args:
        class_names: meaning of the score channels, at least two. Left out: for torchvision the 21 classes of its
            published weights, for others the network's attribute `class_names`.
        network: "module:function", "torchvision:ARCHITECTURE" or "smp:ARCHITECTURE:ENCODER"; or else
        program: path of a TorchScript or exported program, opened only where `LRS_TRUST_PROGRAMS` is 1.
        weights: path of a safetensors file or a PyTorch checkpoint of tensors, for `network`.
        palette: one RGB colour (0 to 255) per class; Pascal VOC's numbering if left out.
        mean, std: normalisation of pictures in [0, 1]. Left out: ImageNet's for torchvision and smp, none for others.
        multiple: side lengths are padded to a multiple of it. Left out: 32 for smp, 1 for others.
        name: what to call the model; the file's or network's name if left out.
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

    def __post_init__(self) -> None:
        if not isinstance(self.class_names, tuple) or not all(
            isinstance(name, str) for name in self.class_names
        ):
            raise InputError(f"class_names must be a list of names, got {self.class_names!r}")
        for key in ("network", "program", "weights", "name"):
            if not isinstance(getattr(self, key), str | None):
                raise InputError(f"{key} must be a text, got {getattr(self, key)!r}")
        for key in ("mean", "std"):
            values = getattr(self, key)
            if values is not None and not _three_numbers(values):
                raise InputError(f"{key} must be three numbers, got {values!r}")
        if self.multiple is not None and (not isinstance(self.multiple, int) or self.multiple < 1):
            raise InputError(f"multiple must be a whole number of at least 1, got {self.multiple!r}")

    @classmethod
    def read(cls, path: str | Path) -> Description:
        """Read a JSON file.

        Raises:
            InputError: no such file, no JSON object, or unknown keys.
        """
        path = Path(path)
        if not path.is_file():
            raise InputError(f"model description {path.name} does not exist")
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"model description {path.name} must be JSON, got: {error}") from error
        known = {field.name for field in fields(cls)}
        if not isinstance(stored, dict) or not stored.keys() <= known:
            raise InputError(f"model description {path.name} may have the keys {', '.join(sorted(known))}")
        values: dict[str, Any] = {key: _frozen(value) for key, value in stored.items()}
        for key in ("weights", "program"):
            if key in values:
                values[key] = str(path.parent / str(values[key]))
        return replace(cls(**values), name=str(values.get("name", path.stem)))


def load_own(name: str, *, weights: str | Path | None = None) -> SegmentationModel:
    """Load a model by one of the names above.

    Args:
        weights: safetensors file or PyTorch checkpoint of tensors; overrides the description's.

    Raises:
        InputError: something is missing, does not fit, or was refused; the message says which.
    """
    description = Description.read(name) if name.endswith(".json") else Description(network=name, name=name)
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
    network = build_network(spec, len(description.class_names))
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
    classes = _class_names(description)
    palette = CAMVID_PALETTE if classes == CAMVID_CLASSES else bit_palette(len(classes))
    if description.palette is not None:
        palette = _palette(description.palette, len(classes))
    usual = family in (TORCHVISION, SMP)
    prepared = PreparedNetwork(
        network,
        classes=len(classes),
        mean=description.mean or (IMAGENET_MEAN if usual else (0.0, 0.0, 0.0)),
        std=description.std or (IMAGENET_STD if usual else (1.0, 1.0, 1.0)),
        multiple=description.multiple or _DEFAULT_MULTIPLE.get(family, 1),
    )
    name = description.name or description.network or "own"
    return SegmentationModel(prepared, name=name, class_names=classes, palette=palette, digest=digest)


def _class_names(description: Description) -> tuple[str, ...]:
    names = description.class_names
    if not 2 <= len(names) <= 255:
        raise InputError(
            f"model {description.name or description.network} must name its 2 to 255 classes: "
            f"class_names in its description or as an attribute of the network; got {len(names)}"
        )
    return names


def _palette(colours: tuple[tuple[int, int, int], ...], classes: int) -> np.ndarray:
    table = np.asarray(colours)
    if table.shape != (classes, 3) or table.dtype.kind not in "iu" or table.min() < 0 or table.max() > 255:
        raise InputError(f"palette must hold {classes} RGB colours from 0 to 255, got shape {table.shape}")
    return table.astype(np.uint8)


def _with_attributes(description: Description, network: nn.Module) -> Description:
    """Fill what the description leaves open from the network's own attributes."""
    found: dict[str, Any] = {
        key: _frozen(getattr(network, key))
        for key in ("class_names", "palette", "mean", "std", "multiple")
        if not getattr(description, key) and getattr(network, key, None) is not None
    }
    return replace(description, **found)


def _three_numbers(values: object) -> bool:
    return (
        isinstance(values, tuple) and len(values) == 3 and all(isinstance(one, int | float) for one in values)
    )


def _frozen(value: object) -> object:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
