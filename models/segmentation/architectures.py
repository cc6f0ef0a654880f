"""Networks by name: torchvision's, those of segmentation-models-pytorch, and whatever `module:function` builds."""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lrscore.errors import InputError, LrscoreError
from models.functions import build_by_function, said
from models.segmentation.preprocessing import Program

TORCHVISION, SMP = "torchvision", "smp"
_ENCODER = re.compile(r"[\w.-]*")
_LARGEST, _MOST_LISTED, _MOST_WEIGHTS = 65_536, 64, 1 << 30
TRUST_VARIABLE = "LRS_TRUST_PROGRAMS"


def build_network(
    spec: str,
    classes: int,
    *,
    arguments: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
) -> nn.Module:
    """A network with fresh weights.

    Args:
        spec: "torchvision:ARCHITECTURE", "smp:ARCHITECTURE:ENCODER" (for example "smp:unet:resnet18"), or
            "module:function", whose function is called without arguments, or with `classes=` if it has such a
            parameter and the number is known. Importing a module runs it: name only modules you trust.
        classes: number of score channels; 0 if only the function knows.
        arguments: further keyword arguments of the function or of segmentation-models-pytorch's architecture.
        folder: where the module may lie beside what Python finds by itself.

    Raises:
        InputError: no such architecture, module or function, or the function returns no network.
    """
    family, _, rest = spec.partition(":")
    if family == TORCHVISION:
        return _torchvision(rest, classes)
    if family == SMP:
        return _smp(rest, classes, dict(arguments or {}))
    offered = {"classes": classes} if classes > 0 else {}
    return build_by_function(spec, folder=folder, arguments=arguments, offered=offered)


def published_classes(architecture: str) -> tuple[str, ...]:
    """Class names of torchvision's published weights; nothing is downloaded.

    Raises:
        InputError: unknown architecture.
    """
    from torchvision.models import get_model_weights

    _known_torchvision(architecture)
    categories = get_model_weights(architecture).DEFAULT.meta["categories"]
    return tuple(name.removeprefix("__").removesuffix("__") for name in categories)


def published_weights(architecture: str) -> dict[str, Tensor]:
    """torchvision's published weights of an architecture; downloaded on first use, hash checked.

    Raises:
        InputError: unknown architecture, or the download failed.
    """
    from torchvision.models import get_model_weights

    _known_torchvision(architecture)
    chosen = get_model_weights(architecture).DEFAULT
    try:
        return dict(chosen.get_state_dict(progress=False, check_hash=True, weights_only=True))
    except (OSError, RuntimeError) as error:
        raise InputError(f"weights of {architecture} could not be downloaded: {error}") from error


def load_program(path: str | Path) -> nn.Module:
    """A program: TorchScript (`.pt`, `.ts`, `.torchscript`) or an exported one (`.pt2`).

    A program *is* code, and reading an exported one can run more of it. So it is opened only where the environment
    variable `LRS_TRUST_PROGRAMS` is set to 1.

    Raises:
        InputError: no such file, no trust, or not a program.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"program {path.name} does not exist")
    if os.environ.get(TRUST_VARIABLE) != "1":
        raise InputError(
            f"program {path.name} was refused: a program can run code; set {TRUST_VARIABLE}=1 if you trust its source, "
            "or load weights instead"
        )
    unreadable = f"program {path.name} is no TorchScript or exported program"
    if not zipfile.is_zipfile(path):  # both kinds are; torch would print a stack trace before it says so
        raise InputError(unreadable)
    try:
        with warnings.catch_warnings():
            # TorchScript is deprecated, not gone; the exported reader warns of itself
            warnings.simplefilter("ignore")
            if path.suffix.lower() == ".pt2":
                return Program(torch.export.load(path).module())
            return Program(torch.jit.load(path, map_location="cpu"))
    except (RuntimeError, OSError, ValueError, KeyError, AssertionError) as error:
        raise InputError(unreadable) from error


def _known_torchvision(architecture: str) -> None:
    from torchvision.models import list_models, segmentation

    known = list_models(module=segmentation)
    if architecture not in known:
        raise InputError(f"torchvision architecture must be one of {', '.join(known)}, got {architecture!r}")


def _torchvision(architecture: str, classes: int) -> nn.Module:
    from torchvision.models import get_model

    _known_torchvision(architecture)
    network = get_model(architecture, weights=None, weights_backbone=None, num_classes=classes)
    if hasattr(network, "aux_classifier"):
        network.aux_classifier = None  # helps training only
    return network


def without_auxiliary(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights without torchvision's second, training-only head, whatever stands before its name."""
    return {name: value for name, value in weights.items() if ".aux_classifier." not in f".{name}"}


def _smp(rest: str, classes: int, arguments: dict[str, Any]) -> nn.Module:
    architecture, _, encoder = rest.partition(":")
    try:
        import segmentation_models_pytorch as smp
    except ImportError as error:
        raise InputError(
            "smp networks need the package segmentation-models-pytorch: pip install it"
        ) from error
    given = {"encoder_name": encoder or "resnet18", "encoder_weights": None, "classes": classes}
    if not _ENCODER.fullmatch(encoder):  # others are looked up in folders or in the network
        raise InputError(f"encoder must be a plain name such as resnet18, got {encoder!r:.60}")
    if twice := sorted(given.keys() & arguments.keys()):
        raise InputError(f"arguments must not name {twice[0]}: it follows from the description")
    check_sizes(arguments)
    given |= arguments
    try:
        check_weights(lambda: smp.create_model(architecture, **given))
        return smp.create_model(architecture, **given)
    except LrscoreError:
        raise
    except Exception as error:  # whatever arguments that nobody has thought of provoke
        raise InputError(f"no network smp:{rest:.100}: {said(error)}") from error


def check_sizes(arguments: Mapping[str, Any]) -> None:
    """Refuse arguments of a network that ask for work without end.

    Raises:
        InputError: a number, or a list, that no network has.
    """
    for key, value in arguments.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            number = isinstance(one, int | float)
            if (number and not -_LARGEST <= one <= _LARGEST) or (not number and len(str(one)) > _LARGEST):
                raise InputError(
                    f"arguments: {key!r:.40} must be numbers up to {_LARGEST:,}, got {one!r:.40}"
                )
        if isinstance(value, list | tuple) and len(value) > _MOST_LISTED:
            raise InputError(
                f"arguments: {key!r:.40} must list at most {_MOST_LISTED} values, got {len(value):,}"
            )


def check_weights(build: Callable[[], nn.Module]) -> None:
    """Refuse a network that takes more memory than any that is used: it is built without its weights first.

    Raises:
        InputError: too many weights.
    """
    try:
        with torch.device("meta"):
            weights = sum(value.numel() for value in build().state_dict().values())
    except (NotImplementedError, RuntimeError):  # some encoders compute while they are built
        return
    if weights > _MOST_WEIGHTS:
        raise InputError(f"the network has {weights:,} weights, at most {_MOST_WEIGHTS:,} are built")
