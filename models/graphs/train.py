"""Train a graph network under flip noise.

    python -m models.graphs.train citeseer --kind appnp --out models/graphs/checkpoints/citeseer-appnp.safetensors
    python -m models.graphs.train FILE.npz --kind mynets:gcn --out mine.json
    python -m models.graphs.train FILE.npz --init mine.json --out robust.json

Prints one JSON line per 50 steps, then the scores that the model card quotes. Test nodes are never looked at before.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path

import torch
from torch_geometric.data import Data

from lrscore.cli.failures import run_command
from lrscore.errors import InputError
from models.descriptions import is_description
from models.graphs.checkpoint import load_graph_network, save_graph_network
from models.graphs.described import load_own
from models.graphs.networks import KINDS, GraphNetworkConfig
from models.graphs.own_training import train_own
from models.graphs.registry import load_graph
from models.graphs.scores import NOISES, clean_accuracy, smoothed_accuracy
from models.graphs.training import GraphTrainingSettings, train_network
from models.run_checks import check_counts, check_outputs


def parser() -> argparse.ArgumentParser:
    """The command line; the defaults are those of the model cards."""
    defaults = GraphTrainingSettings()
    options = argparse.ArgumentParser(
        prog="python -m models.graphs.train", description=__doc__.splitlines()[0]
    )
    options.add_argument("graph", help="name or file, as models.graphs.registry.load_graph takes it")
    options.add_argument("--kind", default="appnp", help="gcn, appnp, gat or module:function")
    options.add_argument("--init", help="checkpoint, or FILE.json of an own network, to fine-tune")
    options.add_argument("--layers", type=int, default=2, help="graph convolutions of a GCN")
    options.add_argument("--hidden", type=int, default=64)
    options.add_argument("--to-one", type=float, nargs=2, default=defaults.to_one, metavar=("LOW", "HIGH"))
    options.add_argument("--to-zero", type=float, nargs=2, default=defaults.to_zero, metavar=("LOW", "HIGH"))
    what = "probability that a pair of nodes without an edge gets one; 0 0: edges stay as they are"
    options.add_argument(
        "--new-edges", type=float, nargs=2, default=defaults.new_edges, metavar=("LOW", "HIGH"), help=what
    )
    what = "probability that an edge is lost; 0 0: edges stay as they are"
    options.add_argument(
        "--lost-edges", type=float, nargs=2, default=defaults.lost_edges, metavar=("LOW", "HIGH"), help=what
    )
    for name in ("steps", "learning_rate", "weight_decay", "consistency", "sharpening", "seed", "clusters"):
        value = getattr(defaults, name)
        options.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument(
        "--out",
        type=Path,
        required=True,
        help="checkpoint to write (.safetensors; FILE.json for an own network)",
    )
    options.add_argument("--debug", action="store_true", help="show where an error arises")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; see `lrscore.cli.failures` for the exit codes."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    return run_command(partial(train, options, given), debug=options.debug)


def train(options: argparse.Namespace, given: Sequence[str]) -> None:
    """Check, train, save, load what was saved, and score it.

    Raises:
        InputError: graph, network, weights or output can not be used.
    """
    check_outputs(options.out)
    check_counts(steps=options.steps, clusters=options.clusters, threads=options.threads)
    torch.set_num_threads(options.threads)
    data = load_graph(options.graph)
    if data.remark:
        print(json.dumps({"remark": data.remark}))
    classes = check_labels(data)
    settings = _settings(options, data.x.shape[0])
    command = shlex.join(["python", "-m", "models.graphs.train", *given])
    if ":" in options.kind or is_description(options.init or ""):
        train_own(options, data, classes, settings, _report)
    else:
        _train_kind(options, data, classes, settings, command)
    stored = load_own(str(options.out))
    print(json.dumps({"clean": asdict(clean_accuracy(stored, data))}))
    for to_one, to_zero in NOISES:
        smoothed = smoothed_accuracy(stored, data, to_one, to_zero)
        print(json.dumps({"to_one": to_one, "to_zero": to_zero, **asdict(smoothed)}))
    print(f"written to {options.out}: python -m lrscore certify graph {options.graph} --model {options.out}")


def _train_kind(
    options: argparse.Namespace, data: Data, classes: int, settings: GraphTrainingSettings, command: str
) -> None:
    """One of the project's networks, new or from a checkpoint, into a checkpoint."""
    if options.out.suffix.lower() != ".safetensors":
        raise InputError(f"out must be a checkpoint, FILE.safetensors, got {options.out}")
    config, start = GraphNetworkConfig(options.kind, data.x.shape[1], classes), None
    if options.init is not None:
        before = load_graph_network(Path(options.init))
        config, start = before.config, before.state_dict()
        if (config.inputs, config.classes) != (data.x.shape[1], classes):
            raise InputError(
                f"{options.init} reads {config.inputs} attributes for {config.classes} classes, the graph has "
                f"{data.x.shape[1]} and {classes}"
            )
    elif options.kind not in KINDS:
        raise InputError(f"kind must be one of {', '.join(KINDS)} or module:function, got {options.kind!r}")
    else:
        config = replace(config, hidden=options.hidden, layers=options.layers)
    network = train_network(config, data, settings, report=_report, start=start)
    network.class_names = data.class_names or tuple(f"class {number}" for number in range(classes))
    save_graph_network(network, options.out, graph=options.graph, training=command)


def check_labels(data: Data) -> int:
    """The number of classes of a graph that can be learned from.

    Raises:
        InputError: fewer than two classes, or no training nodes.
    """
    classes = int(data.y.max()) + 1 if data.y.numel() else 0
    if classes < 2 or not bool(data.train_mask.any()) or int(data.y[data.train_mask].min()) < 0:
        raise InputError(
            "the graph must have labels of at least two classes, and training nodes with known ones, got "
            f"{max(classes, 0)} classes and {int(data.train_mask.sum())} training nodes"
        )
    return max(classes, len(data.class_names))


def _settings(options: argparse.Namespace, nodes: int) -> GraphTrainingSettings:
    flips = (*options.to_one, *options.to_zero)
    if not all(0 < flip < 1 for flip in flips) or options.to_one[0] > options.to_one[1]:
        raise InputError(f"flip probabilities must lie in (0, 1), lower ones first, got {flips}")
    for name, pair in (("new-edges", options.new_edges), ("lost-edges", options.lost_edges)):
        low, high = pair
        if not (0 < low <= high < 1 or low == high == 0):
            raise InputError(
                f"{name} must be two probabilities in (0, 1), the lower one first, or 0 0, got {pair}"
            )
    chosen = {field.name: getattr(options, field.name) for field in fields(GraphTrainingSettings)}
    pairs = {name: tuple(chosen[name]) for name in ("to_one", "to_zero", "new_edges", "lost_edges")}
    return GraphTrainingSettings(**{**chosen, **pairs, "clusters": min(options.clusters, nodes)})


def _report(step: int, cross_entropy: float, inconsistency: float) -> None:
    print(
        json.dumps(
            {"step": step, "cross_entropy": round(cross_entropy, 4), "inconsistency": round(inconsistency, 4)}
        ),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
