"""Weights from files that somebody else made: tensors are read, nothing in the file is executed."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from lrscore.errors import InputError

_WRAPPERS = ("state_dict", "model_state_dict", "model")  # where training scripts hide the weights
_PREFIX = "module."  # of networks trained in parallel


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The named tensors of a safetensors file or of a PyTorch checkpoint, on the CPU.

    A checkpoint is unpickled by `torch.load(weights_only=True)`, which builds tensors and plain containers and refuses
    whatever else a pickle can ask for, such as running a function.

    Raises:
        InputError: no such file, another kind of file, a pickle that asks for more than tensors, or no weights in it.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"weights {path.name} do not exist")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise InputError(f"weights {path.name} must be a safetensors file, got: {error}") from error
    return _named_tensors(_unpickle(path), path.name)


def fit_weights(network: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Put weights into a network.

    Args:
        name: what to call the weights in an error.

    Raises:
        InputError: tensors are missing, superfluous, or of another shape.
    """
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    lost, extra = sorted(expected.keys() - weights.keys()), sorted(weights.keys() - expected.keys())
    if lost or extra:
        raise InputError(
            f"{name} are weights of another network: {len(lost)} tensors are missing and {len(extra)} superfluous, "
            f"the first is {(lost or extra)[0]}"
        )
    for key, shape in expected.items():
        if tuple(weights[key].shape) != shape:
            raise InputError(
                f"tensor {key} of {name} must have shape {shape}, got {tuple(weights[key].shape)}"
            )
    network.load_state_dict(weights)


def digest_of_file(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"weights {path.name} were refused: the file asks for more than tensors, which could run code; "
            "store them as safetensors or with torch.save(network.state_dict())"
        ) from error
    except (RuntimeError, OSError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"weights {path.name} are no PyTorch checkpoint this software can read") from error


def _named_tensors(stored: object, name: str) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if isinstance(stored, Mapping) and isinstance(stored.get(wrapper), Mapping):
            stored = stored[wrapper]
    if not isinstance(stored, Mapping) or not stored:
        raise InputError(f"weights {name} must hold named tensors, got {type(stored).__name__}")
    odd = [str(key) for key, value in stored.items() if not isinstance(value, Tensor)]
    if odd:
        raise InputError(f"weights {name} must hold named tensors and nothing else, got {odd[0]}")
    tensors = {str(key): value for key, value in stored.items()}
    if all(key.startswith(_PREFIX) for key in tensors):
        return {key.removeprefix(_PREFIX): value for key, value in tensors.items()}
    return tensors
