"""Train somebody's own node classifier under flip noise, and describe the result."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch_geometric.data import Data

from lrscore.errors import InputError
from lrscore.graphs.known_labels import known_labels
from lrscore.graphs.sampler import dense_rows
from models.descriptions import write_description
from models.functions import said
from models.graphs.described import DescribedNetwork, GraphDescription, load_described
from models.graphs.training import GraphTrainingSettings, NoiseSource, fit

_TINY = 1e-12


def train_own(
    options: argparse.Namespace,
    data: Data,
    classes: int,
    settings: GraphTrainingSettings,
    report: Callable[[int, float, float], object],
) -> None:
    """Train what `options.kind` builds, or what `options.init` describes; write `options.out` and weights beside it.

    A function may take `inputs` and `classes`. A network starts from the weights it comes with, and keeps the order of
    its classes: the labels of `data` are renumbered by name.

    Raises:
        InputError: it can not be built, fails on the graph, or scores other classes.
    """
    if options.out.suffix.lower() != ".json":
        raise InputError(f"out must be a description, FILE.json, got {options.out}")
    if options.init is not None:
        description = GraphDescription.read(options.init)
    else:
        offered = _taken(options.kind, {"inputs": data.x.shape[1], "classes": classes})
        description = GraphDescription(network=options.kind, arguments=offered, class_names=data.class_names)
    model = load_described(description)
    assert isinstance(model, DescribedNetwork)
    labels, other = known_labels(data, model, data.x.shape[0])
    if other:
        raise InputError(other)
    if labels is not None and model.class_names:  # in the numbering of the network that goes on learning
        data.y, data.class_names = torch.as_tensor(labels), model.class_names
    scores_of = _logits(model)
    source = NoiseSource(data, settings)
    _try(model, scores_of, source, classes)
    network = model.network.requires_grad_(True)
    torch.manual_seed(settings.seed)
    fit(network, scores_of, source, data, settings, report)
    _write(model, description, data, options.out)


def _taken(kind: str, offered: dict[str, int]) -> dict[str, int]:
    """Those of the values that the function has parameters for."""
    import inspect

    from models.functions import find_function

    try:
        known = inspect.signature(find_function(kind)).parameters
    except (TypeError, ValueError):
        return {}
    return {key: value for key, value in offered.items() if key in known}


def _logits(model: DescribedNetwork) -> Callable[[Tensor, Tensor], Tensor]:
    """Attributes (sparse CSR) and edges to logits, whatever the network returns."""

    def scores_of(x: Tensor, edges: Tensor) -> Tensor:
        scores = model.network(x if model.sparse_input else dense_rows(x), edges)
        return (scores + _TINY).log() if model.output == "probabilities" else scores

    return scores_of


def _try(
    model: DescribedNetwork, scores_of: Callable[[Tensor, Tensor], Tensor], source: NoiseSource, classes: int
) -> None:
    try:
        with torch.no_grad():
            scores = scores_of(source.draw(), source.draw_edges())
    except Exception as error:  # networks of strangers fail as they like
        raise InputError(f"{model.name} can not take the graph: {said(error)}") from error
    if scores.ndim != 2 or scores.shape[1] != classes:
        raise InputError(f"{model.name} must score {classes} classes, got shape {tuple(scores.shape)}")
    if not bool(torch.isfinite(scores).all()):
        raise InputError(
            f'{model.name} must return probabilities: say "output": "logits" or "log_probabilities" as an attribute '
            "of the network or in its description"
        )


def _write(model: DescribedNetwork, description: GraphDescription, data: Data, out: Path) -> None:
    weights = out.with_suffix(".safetensors")
    part = weights.with_suffix(".tmp")
    state = model.network.eval().state_dict()
    save_file({name: value.detach().clone().contiguous() for name, value in state.items()}, part)
    part.replace(weights)
    folder = None
    if description.folder is not None and Path(description.folder).resolve() != out.resolve().parent:
        folder = os.path.relpath(description.folder, out.resolve().parent)
    changed = {
        "weights": weights.name,
        "class_names": list(model.class_names or data.class_names),
        "output": model.output,
        "sparse_input": model.sparse_input,
        "name": None,
        "folder": folder,
    }
    write_description(out, {**asdict(description), **changed})
