"""The denoiser's weights as a safetensors file: tensors and a header of text, nothing that is executed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save

from lrscore.atomic import write_bytes
from lrscore.errors import InputError, first_line
from lrscore.plain_text import parse_json
from lrscore.provenance import digest_of_file
from models.denoising.network import LevelDenoiser, LevelDenoiserConfig
from models.weights import check_fit, read_headed

_LONGEST = 1 << 16  # characters of the configuration
_MOST = 1024  # channels or blocks that a header may ask for
BUNDLED = Path(__file__).resolve().parents[1] / "checkpoints" / "level_denoiser.safetensors"


@dataclass(frozen=True)
class StoredDenoiser:
    """A denoiser as it was stored.

    Args:
        network: with the stored weights, in evaluation mode, channels-last, without gradients to its weights.
        training: the command that made them.
        digest: SHA-256 of the file, hexadecimal.
    """

    network: LevelDenoiser
    training: str
    digest: str


def save_denoiser(network: LevelDenoiser, path: Path, *, training: str) -> None:
    """Write weights and header, atomically."""
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    header = {
        "format": "pt",
        "architecture": LevelDenoiser.__name__,
        "config": json.dumps(asdict(network.config)),
        "training": training,
    }
    write_bytes(path, save(tensors, header))


def load_denoiser(path: Path = BUNDLED) -> StoredDenoiser:
    """Read a denoiser, the bundled one by default.

    Raises:
        InputError: no such file, no safetensors file, another architecture, or missing, superfluous or wrongly
            shaped tensors.
    """
    header, tensors = read_headed(path, "denoiser")
    config = _read_config(header, path.name)
    with torch.device("meta"):
        expected = {name: tuple(value.shape) for name, value in LevelDenoiser(config).state_dict().items()}
    check_fit(
        expected, {name: tuple(value.shape) for name, value in tensors.items()}, f"denoiser {path.name}"
    )
    network = LevelDenoiser(config)
    network.load_state_dict(tensors)
    network = network.eval().requires_grad_(False)
    return StoredDenoiser(
        network.to(memory_format=torch.channels_last),  # type: ignore[call-overload]
        header.get("training", ""),
        digest_of_file(path),
    )


def _read_config(header: dict[str, str], name: str) -> LevelDenoiserConfig:
    if header.get("architecture") != LevelDenoiser.__name__:
        raise InputError(
            f"denoiser {name} must hold a {LevelDenoiser.__name__}, its header names "
            f"{header.get('architecture', 'none'):.60}"
        )
    try:
        sizes = {
            key: tuple(map(int, value))
            for key, value in parse_json(header["config"], "config", _LONGEST).items()
        }
        if any(len(value) != 4 or not all(0 < size <= _MOST for size in value) for value in sizes.values()):
            raise ValueError(f"sizes must be four whole numbers from 1 to {_MOST}")
        return LevelDenoiserConfig(**sizes)  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"denoiser {name} has an unreadable header: {first_line(error)}") from error
