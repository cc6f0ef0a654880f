"""Weights of graph networks as safetensors files: tensors only, nothing in them is ever executed.

Stored in half precision, used in single precision: what is stored is what is certified. The header's metadata hold
the network's sizes (JSON), the class names (JSON), the graph it was trained on and the command that trained it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from lrscore.atomic import write_bytes
from lrscore.errors import InputError, first_line
from lrscore.plain_text import parse_json, texts_of
from lrscore.provenance import digest_of_file
from models.graphs.networks import GraphNetwork, GraphNetworkConfig, build_network

_LONGEST = 1 << 20  # characters of a text of the header


def save_graph_network(network: GraphNetwork, path: Path, *, graph: str, training: str) -> None:
    """Write weights and metadata, atomically."""
    tensors = {name: value.to(torch.float16).contiguous() for name, value in network.state_dict().items()}
    metadata = {
        "format": "pt",
        "config": json.dumps(asdict(network.config)),
        "class_names": json.dumps(list(network.class_names)),
        "graph": graph,
        "training": training,
    }
    write_bytes(path, save(tensors, metadata))


def load_graph_network(path: Path) -> GraphNetwork:
    """Read a network, in evaluation mode, with `name`, `digest` (SHA-256 of the file) and `class_names`.

    Raises:
        InputError: no such file, no safetensors file, or weights of another network.
    """
    if not path.is_file():
        raise InputError(f"checkpoint {path.name} does not exist")
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name).float() for name in stored.keys()}  # noqa: SIM118
        config = GraphNetworkConfig(**parse_json(metadata["config"], "config", _LONGEST))
        network = build_network(config)
        network.load_state_dict(tensors)
        names = parse_json(metadata["class_names"], "class_names", _LONGEST)
        network.class_names = texts_of(names, "class_names", config.classes)
        if len(network.class_names) not in (0, config.classes):
            raise ValueError(f"it names {len(network.class_names)} of {config.classes} classes")
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = first_line(error)
        raise InputError(f"checkpoint {path.name} does not hold a graph network: {reason}") from error
    network.name = path.stem
    network.digest = digest_of_file(path)
    return network.eval().requires_grad_(False)
