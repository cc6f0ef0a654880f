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
from dataclasses import asdict, fields
from pathlib import Path

import torch

from models.graphs.checkpoint import load_graph_network, save_graph_network
from models.graphs.networks import GraphNetworkConfig
from models.graphs.registry import load_graph
from models.graphs.scores import NOISES, clean_accuracy, smoothed_accuracy
from models.graphs.training import GraphTrainingSettings, train_network


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
    print(json.dumps({"clean": asdict(clean_accuracy(stored, data))}))
    for to_one, to_zero in NOISES:
        smoothed = smoothed_accuracy(stored, data, to_one, to_zero)
        print(json.dumps({"to_one": to_one, "to_zero": to_zero, **asdict(smoothed)}))


def _report(step: int, cross_entropy: float, inconsistency: float) -> None:
    print(
        json.dumps(
            {"step": step, "cross_entropy": round(cross_entropy, 4), "inconsistency": round(inconsistency, 4)}
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
