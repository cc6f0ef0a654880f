"""The network that a run trains: from a description to fine-tune, or fresh; and the description of the result."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from lrscore.errors import InputError
from models.descriptions import write_description
from models.segmentation.architectures import SMP, TORCHVISION
from models.segmentation.described import load_described
from models.segmentation.description import Description
from models.segmentation.model import SegmentationModel
from models.segmentation.preprocessing import PreparedNetwork
from models.segmentation.street_unet import StreetUNet

STREET = "street-unet"
_STREET_FUNCTION = "models.segmentation.street_unet:street_unet"
_FAMILIES = (SMP, TORCHVISION)


def described_start(init: str | None, network: str | None, classes: tuple[str, ...]) -> Description:
    """What to train: the description to start from, or that of a fresh network for these classes.

    Raises:
        InputError: neither or both are given, or a description of other classes.
    """
    if (init is None) == (network is None):
        raise InputError("say what to train: --init FILE.json (fine-tuning) or --network, and not both")
    if init is not None:
        description = Description.read(init)
        if description.program is not None:
            raise InputError("a program can not be trained: describe its network")
        return description
    spec = _STREET_FUNCTION if network == STREET else str(network)
    return Description(class_names=classes, network=spec, name=network)


def trainable(description: Description, fresh: bool) -> PreparedNetwork:
    """The network behind a description, ready to be trained.

    Args:
        fresh: with new weights (and torchvision's, smp's or the function's own normalisation).

    Raises:
        InputError: it can not be built or its weights do not fit.
    """
    if fresh and str(description.network).partition(":")[0] in _FAMILIES:
        return _fresh(description)
    model = load_described(description)
    if not isinstance(model.network, PreparedNetwork):
        raise InputError(f"{description.network} brings a finished model: name the network itself")
    return _opened(model)


def _fresh(description: Description) -> PreparedNetwork:
    """A network of torchvision or smp with random weights: written out, and read as if they were somebody's."""
    import tempfile

    from models.segmentation.architectures import build_network

    network = build_network(
        str(description.network), len(description.class_names), arguments=description.arguments
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.safetensors"
        save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
        model = load_described(replace(description, weights=str(path)))
    assert isinstance(model.network, PreparedNetwork)
    return _opened(model)


def _opened(model: SegmentationModel) -> PreparedNetwork:
    prepared = model.network
    assert isinstance(prepared, PreparedNetwork)
    return prepared.requires_grad_(True)


def save_trained(
    network: PreparedNetwork, description: Description, classes: tuple[str, ...], out: Path
) -> None:
    """Write `out` (a description) and the weights beside it, of the same name.

    Args:
        network: what was trained.
        description: what it was made from.
        classes: names of its classes.
        out: the description to write, `.json`.
    """
    weights = out.with_suffix(".safetensors")
    part = weights.with_suffix(".tmp")
    state = network.network.state_dict()
    save_file({name: value.detach().clone().contiguous() for name, value in state.items()}, part)
    part.replace(weights)
    values: dict[str, Any] = asdict(description)
    wiring = network.wiring
    normal = {"mean": list(wiring.mean), "std": list(wiring.std), "multiple": wiring.multiple}
    folder = None
    if description.folder is not None and Path(description.folder).resolve() != out.resolve().parent:
        folder = os.path.relpath(description.folder, out.resolve().parent)
    keep_names = not isinstance(network.network, StreetUNet) and description.class_names
    write_description(
        out,
        {
            **values,
            **normal,
            "weights": weights.name,
            "class_names": list(description.class_names if keep_names else classes),
            "palette": None if description.palette is None else [list(one) for one in description.palette],
            "drop": list(description.drop),
            "name": None,
            "folder": folder,
        },
    )


def check_batch(network: PreparedNetwork, size: tuple[int, int]) -> None:
    """Run two grey pictures through the network, so that a run does not fail after its data are loaded.

    Raises:
        InputError: the network can not take them.
    """
    with torch.no_grad():
        network.eval()(torch.full((2, 3, *size), 0.5))
