"""Weights from files that somebody else made: tensors are read, nothing in the file is executed."""

from __future__ import annotations

import argparse
import hashlib
import pickle
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from lrscore.errors import InputError
from models.weight_names import matched, named_tensors

_PLAIN = (
    argparse.Namespace,
    np.dtype,
    type(np.dtype(np.float64)),
    type(np.dtype(np.float32)),
    type(np.dtype(np.int64)),
)
"""Plain values that training scripts keep beside the weights; building them runs nothing."""
_BOOKKEEPING = (
    "pytorch_lightning.",
    "lightning.",
    "lightning_fabric.",
    "lightning_utilities.",
    "omegaconf.",
    "torchmetrics.",
)
"""Packages whose objects training frameworks keep beside the weights: settings and states, which nobody reads here."""


class _Unread:
    """Stands for an object of a training framework: a bare dictionary, the one thing that takes whatever comes."""

    def __new__(cls, *_: object) -> OrderedDict[Any, Any]:  # type: ignore[misc]
        return OrderedDict()


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The named tensors of a safetensors file or of a PyTorch checkpoint, on the CPU.

    A checkpoint is unpickled by `torch.load(weights_only=True)`, which builds tensors and plain containers and refuses
    whatever else a pickle can ask for, such as running a function. Objects of training frameworks are stood in for.

    Raises:
        InputError: no such file, another kind of file, a pickle that asks for more than tensors, or no weights in it.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"weights {path.name} do not exist")
    if path.suffix.lower() == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise InputError(f"weights {path.name} must be a safetensors file, got: {error}") from error
    return named_tensors(_unpickle(path), path.name)


def read_headed(path: Path, what: str) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Header and tensors of a safetensors file that this software wrote.

    Args:
        what: to call the file in an error.

    Raises:
        InputError: no such file, or no safetensors file.
    """
    if not path.is_file():
        raise InputError(f"{what} {path.name} does not exist")
    try:
        with safe_open(path, framework="pt") as stored:
            header = stored.metadata() or {}
            return header, {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{what} {path.name} must be a safetensors file, got: {error}") from error


def fit_weights(network: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Put weights into a network.

    Args:
        name: what to call the weights in an error.

    Raises:
        InputError: tensors are missing, superfluous, or of another shape.
    """
    own = network.state_dict()
    found = matched(own, weights)
    check_fit(
        {key: tuple(value.shape) for key, value in own.items()},
        {key: tuple(value.shape) for key, value in found.items()},
        name,
    )
    for key, value in found.items():
        if own[key].is_floating_point() and not value.is_floating_point():
            raise InputError(
                f"tensor {key} of {name} must hold real numbers, got {value.dtype}: quantised weights have to be "
                "turned back first"
            )
    network.load_state_dict(found)


def check_fit(
    expected: Mapping[str, tuple[int, ...]], given: Mapping[str, tuple[int, ...]], name: str
) -> None:
    """Refuse weights whose names or shapes are not the network's.

    Args:
        expected, given: shapes by name.
        name: what to call the weights.

    Raises:
        InputError: the first missing, the first superfluous, or the first tensor of another shape.
    """
    lost, extra = sorted(expected.keys() - given.keys()), sorted(given.keys() - expected.keys())
    if lost or extra:
        first = " and ".join(keys[0] for keys in (lost, extra) if keys)
        raise InputError(
            f"{name} are weights of another network: {len(lost)} tensors are missing and {len(extra)} superfluous, "
            f"the first {'are' if lost and extra else 'is'} {first}"
        )
    for key, shape in expected.items():
        if given[key] != shape:
            raise InputError(f"tensor {key} of {name} must have shape {shape}, got {given[key]}")


def digest_of_network(network: nn.Module) -> str:
    """SHA-256 over names, types, shapes and bytes of all weights and buffers, hexadecimal."""
    total = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        array = value.detach().cpu().contiguous()
        total.update(f"{name} {array.dtype} {tuple(array.shape)}\n".encode())
        total.update(array.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def _unpickle(path: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a program archive is warned about before it is refused
            with torch.serialization.safe_globals([*_PLAIN, *_scalars(), *_unread(path)]):
                return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"weights {path.name} were refused: the file asks for more than tensors, which could run code; "
            "store them as safetensors or with torch.save(network.state_dict())"
        ) from error
    except Exception as error:  # a damaged archive fails in many ways
        raise InputError(f"weights {path.name} are no PyTorch checkpoint this software can read") from error


def _unread(path: Path) -> list[tuple[Callable[..., Any], str]]:
    """Stand-ins for a training framework's own objects; its code is neither imported nor run."""
    if not zipfile.is_zipfile(path):  # the format before 2020, which can not be looked through
        return []
    asked = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    return [(_Unread, name) for name in asked if name.startswith(_BOOKKEEPING)]


def _scalars() -> list[tuple[Callable[..., Any], str]]:
    """What pickles call to build NumPy numbers, under its old and its new name."""
    build = cast(Callable[..., Any], np.float64(0).__reduce__()[0])
    return [(build, f"numpy.{part}.multiarray.scalar") for part in ("core", "_core")]
