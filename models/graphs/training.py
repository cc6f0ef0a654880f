"""Training of graph networks under localized flip noise.

Every step draws two noisy copies of the whole graph. Labelled nodes pay cross-entropy; all nodes pay for deviating
from the sharpened mean of their two predictions (consistency regularisation, as in GRAND, Feng et al. 2020): the
smoothed model's certificate lives on predictions that do not change with the noise, and unlabelled nodes can learn
that as well as labelled ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

from lrscore.graphs.input import GraphInput
from lrscore.graphs.noisy_attributes import NoisyAttributes
from lrscore.graphs.noisy_edges import NoisyEdges
from lrscore.graphs.partition import partition_nodes
from lrscore.graphs.sampler import disjoint_union
from lrscore.noise.flips import FlipNoise
from models.graphs.networks import GraphNetwork, GraphNetworkConfig, build_network

_COPIES = 2
_WARM_UP = 100  # steps over which the consistency term grows to its full weight


@dataclass(frozen=True)
class GraphTrainingSettings:
    """How a graph network is trained.

    Args:
        to_one: range of the probability that a zero becomes one, drawn log-uniformly at every step.
        to_zero: range of the probability that a one becomes zero; half of the steps draw one for the whole graph,
            half draw one for every cluster, as localized smoothing does.
        clusters: METIS clusters for that.
        new_edges: range of the probability that two nodes without an edge get one, drawn log-uniformly; (0, 0): none
            do.
        lost_edges: range of the probability that an edge is lost, drawn as `to_zero` is, for the whole graph or for
            every pair of clusters; (0, 0): none is. The graph must be undirected where edges are flipped.
        steps, learning_rate, weight_decay: of Adam.
        consistency: weight of the consistency term.
        sharpening: temperature of its target; lower is sharper.
        seed: of initialisation, noise and dropout.
    """

    to_one: tuple[float, float] = (0.01, 0.05)
    to_zero: tuple[float, float] = (0.1, 0.9)
    clusters: int = 5
    new_edges: tuple[float, float] = (0.0, 0.0)
    lost_edges: tuple[float, float] = (0.0, 0.0)
    steps: int = 500
    learning_rate: float = 0.01
    weight_decay: float = 2e-3
    consistency: float = 3.0
    sharpening: float = 0.3
    seed: int = 0


def train_network(
    config: GraphNetworkConfig,
    data: Data,
    settings: GraphTrainingSettings,
    report: Callable[[int, float, float], object] | None = None,
    *,
    start: Mapping[str, Tensor] | None = None,
    every: int = 50,
) -> GraphNetwork:
    """Train one of the project's networks on `data.train_mask`.

    Args:
        start: weights to start from instead of random ones.
        report: called as `report(step, cross_entropy, consistency)` every so many steps; may raise to end the training.
        every: steps between two reports.

    Returns:
        The network in evaluation mode.
    """
    torch.manual_seed(settings.seed)
    source = NoiseSource(data, settings)
    network = build_network(config)
    if start is not None:
        network.load_state_dict(start)
    fit(network, network.scores, source, data, settings, report, every=every)
    return network


def fit(
    network: nn.Module,
    scores_of: Callable[[Tensor, Tensor], Tensor],
    source: NoiseSource,
    data: Data,
    settings: GraphTrainingSettings,
    report: Callable[[int, float, float], object] | None = None,
    *,
    every: int = 50,
) -> None:
    """Train a network in place; it ends in evaluation mode.

    Args:
        scores_of: attributes as `source` draws them and edges to logits (copies * n, classes).
        report, every: as in `train_network`.
    """
    network.train()
    optimizer = torch.optim.Adam(
        network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    chosen, labels = data.train_mask, data.y[data.train_mask].repeat(_COPIES)
    for step in range(settings.steps):
        flat = scores_of(source.draw(), source.draw_edges())
        scores = flat.view(_COPIES, -1, flat.shape[1])
        cross_entropy = F.cross_entropy(scores[:, chosen].reshape(-1, flat.shape[1]), labels)
        disagreement = inconsistency(scores.softmax(dim=2), settings.sharpening)
        weight = settings.consistency * min(1.0, step / _WARM_UP)
        optimizer.zero_grad()
        (cross_entropy + weight * disagreement).backward()
        optimizer.step()
        if report is not None and step % every == 0:
            report(step, cross_entropy.item(), disagreement.item())
    network.eval()


def inconsistency(probabilities: Tensor, temperature: float) -> Tensor:
    """Mean squared distance (scalar) of predictions (copies, n, classes) from their sharpened mean."""
    with torch.no_grad():
        target = probabilities.mean(dim=0) ** (1 / temperature)
        target = target / target.sum(dim=1, keepdim=True)
    return ((probabilities - target) ** 2).sum(dim=2).mean()


class NoiseSource:
    """Noisy copies of a graph at random levels; the samplers are those that certificates use."""

    def __init__(self, data: Data, settings: GraphTrainingSettings) -> None:
        graph = GraphInput.read(data)
        clusters = partition_nodes(graph.edges, graph.shape[0], "metis", settings.clusters)
        cpu = torch.device("cpu")
        self._attributes = NoisyAttributes.build(graph.rows, graph.columns, graph.shape, clusters, cpu)
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._random = np.random.default_rng(settings.seed)
        self._settings, self._clusters = settings, int(clusters.max()) + 1
        self._edges = disjoint_union(torch.as_tensor(graph.edges), graph.shape[0], _COPIES)
        self._noisy_edges: NoisyEdges | None = None
        if any((*settings.new_edges, *settings.lost_edges)):
            self._noisy_edges = NoisyEdges.build(graph.edges, clusters, cpu)
            most = np.full((1, self._noisy_edges.sizes.size), settings.new_edges[1])
            self._noisy_edges.expected(FlipNoise.from_levels(np.stack([most, most])))

    def draw(self) -> Tensor:
        """Attributes (copies * n, d), sparse CSR."""
        noise = self._levels(self._settings.to_one, self._settings.to_zero, self._clusters)
        return self._attributes.sample(noise, 0, _COPIES, self._generator)

    def draw_edges(self) -> Tensor:
        """Edges (2, E') of the next copies, as one disjoint union: the graph's own where they are not flipped."""
        if self._noisy_edges is None:
            return self._edges
        noise = self._levels(
            self._settings.new_edges, self._settings.lost_edges, self._noisy_edges.sizes.size
        )
        return self._noisy_edges.sample(noise, 0, _COPIES, self._generator)

    def _levels(self, ones: tuple[float, float], zeros: tuple[float, float], places: int) -> FlipNoise:
        """Random levels of one group: to one log-uniform and alike everywhere, to zero alike in half of the cases."""
        random = self._random
        alike = random.random() < 0.5
        to_zero = random.uniform(*zeros, size=1 if alike else places)
        to_one = np.exp(random.uniform(*np.log(ones))) if ones[0] > 0 else 0.0
        rows = [np.broadcast_to(level, (1, places)) for level in (to_one, to_zero)]
        return FlipNoise.from_levels(np.array(rows))
