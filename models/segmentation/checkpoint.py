"""Network weights as safetensors files: tensors only, nothing in them is ever executed.

The header's metadata say what the file holds: format, architecture and its sizes (JSON), class names (JSON), and the
command that trained it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from lrscore.atomic import write_bytes
from lrscore.errors import InputError, first_line
from lrscore.plain_text import parse_json, texts_of
from lrscore.provenance import digest_of_file
from models.datasets.classes import CAMVID_CLASSES
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig
from models.segmentation.street_views import StreetViews, StreetViewsConfig
from models.segmentation.two_view_unet import TwoViewConfig, TwoViewUNet
from models.weights import check_fit, read_headed

Network = StreetUNet | TwoViewUNet | StreetViews
Config = StreetUNetConfig | TwoViewConfig | StreetViewsConfig
_MOST_SIZES, _LARGEST_SIZE, _LONGEST = 32, 4096, 1 << 20
_CONFIGS = {"StreetUNet": StreetUNetConfig, "TwoViewUNet": TwoViewConfig, "StreetViews": StreetViewsConfig}


def build_network(config: Config) -> Network:
    """The network of that configuration, with new weights."""
    if isinstance(config, StreetViewsConfig):
        return StreetViews(config)
    return TwoViewUNet(config) if isinstance(config, TwoViewConfig) else StreetUNet(config)


@dataclass(frozen=True)
class Checkpoint:
    """A network as it was stored.

    Args:
        network: with the stored weights, evaluation mode, not yet fused.
        class_names: meaning of the score channels.
        training: the command that made the weights.
        digest: SHA-256 of the file, hexadecimal.
    """

    network: Network
    class_names: tuple[str, ...]
    training: str
    digest: str


def save_checkpoint(network: Network, path: Path, *, training: str) -> None:
    """Write weights and metadata, atomically."""
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    metadata = {
        "format": "pt",
        "architecture": type(network).__name__,
        "config": json.dumps(asdict(network.config)),
        "class_names": json.dumps(CAMVID_CLASSES),
        "training": training,
    }
    write_bytes(path, save(tensors, metadata))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        InputError: no such file, no safetensors file, another architecture, or missing, superfluous or wrongly
            shaped tensors.
    """
    metadata, tensors = read_headed(path, "checkpoint")
    network, class_names = _read_metadata(metadata, path.name)
    _check_tensors(network, {name: tuple(value.shape) for name, value in tensors.items()}, path.name)
    network.to_empty(device="cpu").load_state_dict(tensors)
    return Checkpoint(network.eval(), class_names, metadata.get("training", ""), digest_of_file(path))


def _read_metadata(metadata: dict[str, str], name: str) -> tuple[Network, tuple[str, ...]]:
    """The network without memory for its weights, and the classes."""
    kind = _CONFIGS.get(metadata.get("architecture", ""))
    if kind is None:
        found = metadata.get("architecture", "none")
        *known, last = _CONFIGS
        raise InputError(
            f"checkpoint {name} must hold a {', '.join(known)} or {last}, its header names {found:.60}"
        )
    try:
        config = _restore(kind, parse_json(metadata["config"], "config", _LONGEST))
        _check_sizes(config, kind())
        class_names = texts_of(
            parse_json(metadata["class_names"], "class_names", _LONGEST), "class_names", _LARGEST_SIZE
        )
        with torch.device("meta"):  # nothing is allocated before the file has proven to hold as much
            network = build_network(config)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise InputError(f"checkpoint {name} has an unreadable header: {first_line(error)}") from error
    if len(class_names) != config.classes:
        raise InputError(
            f"checkpoint {name} must name {config.classes} classes, its header names {len(class_names)}"
        )
    return network, class_names


def _restore(kind: type[Any], stored: dict[str, Any]) -> Any:
    """A configuration from its JSON; lists become tuples, nested configurations what they were."""
    own = {one.name: one for one in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in stored.items():
        default = getattr(kind(), key) if key in own else None
        if is_dataclass(default):
            values[key] = _restore(type(default), value)
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _check_sizes(found: Any, usual: Any) -> None:
    """Sizes are whole numbers as the network's own are, and none of them asks for work without end."""
    if is_dataclass(usual):
        for one in fields(usual):
            _check_sizes(getattr(found, one.name), getattr(usual, one.name))
    elif isinstance(usual, tuple):
        if not isinstance(found, tuple) or len(found) > _MOST_SIZES:
            raise ValueError(f"{found!r:.40} is no short list of sizes")
        for value in found:
            _check_sizes(value, usual[0])
    elif type(found) is not int or not 0 <= found <= _LARGEST_SIZE:
        raise ValueError(f"{found!r:.40} is no size")


def _check_tensors(network: Network, shapes: dict[str, tuple[int, ...]], name: str) -> None:
    check_fit(
        {key: tuple(value.shape) for key, value in network.state_dict().items()}, shapes, f"checkpoint {name}"
    )
