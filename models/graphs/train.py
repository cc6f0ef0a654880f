"""Train a graph network under flip noise.

    python -m models.graphs.train citeseer --kind appnp --out models/graphs/checkpoints/citeseer-appnp.safetensors

Prints one JSON line per 50 steps, then the scores that the model card quotes. Test nodes are never looked at before.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import torch
from torch_geometric.data import Data

from lrscore.graph_settings import GraphSettings
from lrscore.graphs import certify_graph
from models.graphs.checkpoint import load_graph_network, save_graph_network
from models.graphs.networks import GraphNetwork, GraphNetworkConfig
from models.graphs.registry import load_graph
from models.graphs.training import GraphTrainingSettings, train_network

NOISES = ((0.01, 0.1), (0.01, 0.6), (0.01, 0.8), (0.03, 0.3), (0.05, 0.6))
"""(q+, q-) on the whole graph at which a model is scored."""
_SAMPLES = 100


def parser() -> argparse.ArgumentParser:
    """The command line; the defaults are those of the model cards."""
    defaults = GraphTrainingSettings()
    options = argparse.ArgumentParser(
        prog="python -m models.graphs.train", description=__doc__.splitlines()[0]
    )
    options.add_argument("graph", help="name or file, as models.graphs.registry.load_graph takes it")
    options.add_argument("--kind", default="appnp", help="gcn, appnp or gat")
    options.add_argument("--layers", type=int, default=2, help="graph convolutions of a GCN")
    options.add_argument("--hidden", type=int, default=64)
    options.add_argument("--to-one", type=float, nargs=2, default=defaults.to_one, metavar=("LOW", "HIGH"))
    options.add_argument("--to-zero", type=float, nargs=2, default=defaults.to_zero, metavar=("LOW", "HIGH"))
    for name in ("steps", "learning_rate", "weight_decay", "consistency", "sharpening", "seed", "clusters"):
        value = getattr(defaults, name)
        options.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--out", type=Path, required=True, help="checkpoint to write (.safetensors)")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, save, load what was saved, and score it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    torch.set_num_threads(options.threads)
    data = load_graph(options.graph)
    chosen = {field.name: getattr(options, field.name) for field in fields(GraphTrainingSettings)}
    settings = GraphTrainingSettings(
        **{**chosen, "to_one": tuple(options.to_one), "to_zero": tuple(options.to_zero)}
    )
    config = GraphNetworkConfig(
        options.kind, data.x.shape[1], int(data.y.max()) + 1, hidden=options.hidden, layers=options.layers
    )
    network = train_network(config, data, settings, report=_report)
    network.class_names = data.class_names
    command = shlex.join(["python", "-m", "models.graphs.train", *given])
    save_graph_network(network, options.out, graph=options.graph, training=command)
    stored = load_graph_network(options.out)
    print(json.dumps({"clean": clean_accuracy(stored, data), "smoothed": smoothed_accuracies(stored, data)}))


def _report(step: int, cross_entropy: float, inconsistency: float) -> None:
    print(
        json.dumps(
            {"step": step, "cross_entropy": round(cross_entropy, 4), "inconsistency": round(inconsistency, 4)}
        ),
        flush=True,
    )


@torch.inference_mode()
def clean_accuracy(network: GraphNetwork, data: Data) -> dict[str, float]:
    """Accuracy on the validation and the test nodes without noise."""
    hits = network(data.x, data.edge_index).argmax(dim=1) == data.y
    return {name: round(hits[mask].float().mean().item(), 4) for name, mask in _masks(data).items()}


def smoothed_accuracies(network: GraphNetwork, data: Data) -> dict[str, dict[str, float]]:
    """Accuracy of the smoothed model (mean score of 100 copies), by noise on the whole graph."""
    results = {}
    for to_one, to_zero in NOISES:
        settings = GraphSettings(
            clusters=1,
            flip_to_one=(to_one,) * 2,
            flip_to_zero=(to_zero,) * 2,
            pilot_samples=_SAMPLES,
            samples=1,
        )
        certificate = certify_graph(network, data, settings, generator=torch.Generator().manual_seed(0))
        hits = torch.as_tensor(certificate.labels) == data.y
        results[f"{to_one:g}/{to_zero:g}"] = {
            name: round(hits[mask].float().mean().item(), 4) for name, mask in _masks(data).items()
        }
    return results


def _masks(data: Data) -> dict[str, torch.Tensor]:
    return {"validation": data.val_mask, "test": data.test_mask}


if __name__ == "__main__":
    main()
