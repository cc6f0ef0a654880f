"""The work of a job that trains a small network on a graph, under the noise that it will be certified with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jobs import JobHandle
from lrscore.errors import Cancelled, InputError, told
from lrscore.graphs.settings import GraphSettings
from ui.graphs.sources import GraphSource

if TYPE_CHECKING:
    from torch_geometric.data import Data

    from models.graphs.networks import GraphNetwork
    from models.graphs.training import GraphTrainingSettings

STEPS = 300
KINDS = ("appnp", "gcn")
_EVERY = 5  # steps between two looks at whether to stop
_PASSES = 6  # of a training step: two copies, each forward and, at twice the cost, backward
_LEAST_FLIP = 1e-4


@dataclass(frozen=True, eq=False)
class Training:
    """What is trained, fixed when it is queued.

    Args:
        source: the graph.
        kind: of network, one of `KINDS`.
        settings: of the certificate that it is for; their noise is what it is trained under.
        path: of the checkpoint; its card lies beside it.
        steps: of training.
    """

    source: GraphSource
    kind: str
    settings: GraphSettings
    path: Path
    steps: int = STEPS

    @property
    def title(self) -> str:
        """One line for the list of jobs."""
        return f"Training: {self.kind.upper()} for {self.source.title}"

    @property
    def passes(self) -> int:
        """What it costs, in noisy graphs pushed through a network."""
        return _PASSES * self.steps


def training_work(training: Training) -> Callable[[JobHandle], str]:
    """The job: train, keep checkpoint and card; its result is the checkpoint's stem."""

    def work(handle: JobHandle) -> str:
        from models.graphs.checkpoint import load_graph_network, save_graph_network
        from models.graphs.networks import GraphNetworkConfig
        from models.graphs.train import check_labels
        from models.graphs.training import train_network

        data = training.source.load()
        classes = check_labels(data)
        plan = _plan(training, int(data.x.shape[0]))

        def report(step: int, cross_entropy: float, inconsistency: float) -> None:
            if handle.cancelled():
                raise Cancelled
            handle.progress(step, training.steps)

        config = GraphNetworkConfig(training.kind, int(data.x.shape[1]), classes)
        network = train_network(config, data, plan, report, every=_EVERY)
        network.class_names = tuple(data.class_names) or tuple(f"class {number}" for number in range(classes))
        command = f"on the page, {plan}"
        save_graph_network(network, training.path, graph=training.source.argument, training=command)
        handle.progress(training.steps, training.steps)
        stored = load_graph_network(training.path)
        training.path.with_suffix(".md").write_text(_card(training, stored, data, plan), encoding="utf-8")
        return training.path.stem

    return work


def trainable(source: GraphSource) -> str:
    """Why a graph can not teach a network, in a sentence; empty if it can."""
    from models.graphs.train import check_labels

    try:
        check_labels(source.load())
    except InputError as error:
        return f"No network can be trained on this graph: {told(error)}."
    return ""


def _plan(training: Training, nodes: int) -> GraphTrainingSettings:
    from models.graphs.training import GraphTrainingSettings

    settings = training.settings
    to_one = sorted(min(max(flip, _LEAST_FLIP), 0.5) for flip in settings.flip_to_one)
    to_zero = sorted(min(max(flip, _LEAST_FLIP), 0.99) for flip in settings.flip_to_zero)
    return GraphTrainingSettings(
        to_one=(to_one[0], to_one[1]),
        to_zero=(to_zero[0], to_zero[1]),
        clusters=min(max(settings.clusters, 1), nodes),
        steps=training.steps,
    )


def _card(training: Training, network: GraphNetwork, data: Data, plan: GraphTrainingSettings) -> str:
    from models.graphs.scores import clean_accuracy, smoothed_accuracy

    rows = [("none", clean_accuracy(network, data))]
    for to_zero in sorted(set(plan.to_zero)):
        noise = f"q+ = {plan.to_one[0]:g}, q- = {to_zero:g}"
        rows.append((noise, smoothed_accuracy(network, data, plan.to_one[0], to_zero)))
    table = "\n".join(f"| {noise} | {score.validation:.3f} | {score.test:.3f} |" for noise, score in rows)
    config = network.config
    return f"""# {network.name}

{config.kind.upper()}, {config.inputs} attributes, hidden width {config.hidden}. SHA-256 `{network.digest}`.
Classes: {", ".join(network.class_names)}.

- **Data:** {training.source.title} ({training.source.argument}), {int(data.train_mask.sum())} training and
  {int(data.val_mask.sum())} validation nodes; the other labelled nodes are test nodes, in no gradient.
- **Training:** {plan.steps} steps on this page; chance of an addition {plan.to_one[0]:g} to {plan.to_one[1]:g}, of a
  deletion {plan.to_zero[0]:g} to {plan.to_zero[1]:g}, seed {plan.seed}.

Accuracy of the smoothed model (highest mean score of 100 noisy copies, the same noise on all nodes):

| noise | validation | test |
| --- | --- | --- |
{table}
"""
