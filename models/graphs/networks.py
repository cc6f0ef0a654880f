"""Graph networks for noisy binary attributes: GCN, APPNP and GAT on torch-geometric.

All take `(x, edge_index)`, attributes (n, d) sparse CSR or dense and edges (2, E), and return class probabilities
(n, classes). Attributes are only ever summed, so noise reaches the network through one linear layer, and the cost
of that layer follows the ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.nn import APPNP, GATConv, GCNConv

from models.graphs.layers import Adjacency, SparseLinear

_MOST = {"inputs": 100_000, "classes": 1_000, "hidden": 4_096, "layers": 64, "steps": 1_000, "heads": 64}
_MOST_WEIGHTS = 1 << 27


@dataclass(frozen=True)
class GraphNetworkConfig:
    """Sizes of a graph network.

    Args:
        kind: "gcn", "appnp" or "gat".
        inputs, classes: attributes per node and number of classes.
        hidden: width of the hidden layers (per attention head for GAT).
        layers: graph convolutions of a GCN (2 or more); the others are fixed.
        steps, teleport: propagation steps and restart probability of APPNP.
        heads: attention heads of GAT's first layer.
        dropout: on hidden units, in training only.
    """

    kind: str
    inputs: int
    classes: int
    hidden: int = 64
    layers: int = 2
    steps: int = 10
    teleport: float = 0.1
    heads: int = 4
    dropout: float = 0.5

    def __post_init__(self) -> None:
        """Raises `ValueError` for sizes that are none, or that ask for more memory or work than any such network."""
        for name, most in _MOST.items():
            size = getattr(self, name)
            if type(size) is not int or not 1 <= size <= most:
                raise ValueError(f"{name} must be a whole number from 1 to {most:,}, got {size!r:.40}")
        if self.inputs * self.hidden * self.heads > _MOST_WEIGHTS:
            raise ValueError(f"inputs times hidden times heads must be at most {_MOST_WEIGHTS:,}")
        for name in ("teleport", "dropout"):
            if type(getattr(self, name)) not in (int, float) or not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)!r:.40}")


class GraphNetwork(nn.Module):
    """Common frame: sparse first layer, then what the subclass does; probabilities out."""

    sparse_input = True

    def __init__(self, config: GraphNetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.class_names: tuple[str, ...] = ()
        self.name, self.digest = config.kind, ""

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        return self.scores(x, edge_index).softmax(dim=1)

    def scores(self, x: Tensor, edge_index: Tensor) -> Tensor:
        """Logits (n, classes)."""
        raise NotImplementedError

    def _drop(self, hidden: Tensor) -> Tensor:
        return F.dropout(hidden, self.config.dropout, self.training)


class GCN(GraphNetwork):
    """Kipf & Welling 2017: propagate, transform, rectify, layer by layer; residual sums from the third layer on."""

    def __init__(self, config: GraphNetworkConfig) -> None:
        super().__init__(config)
        self.first = SparseLinear(config.inputs, config.hidden)
        self.adjacency = Adjacency()
        middle = (config.hidden,) * (config.layers - 1)
        self.convolutions = nn.ModuleList(
            GCNConv(width, out, normalize=False)
            for width, out in zip(middle, (*middle[1:], config.classes), strict=True)
        )

    def scores(self, x: Tensor, edge_index: Tensor) -> Tensor:
        adjacency = self.adjacency(edge_index, x.shape[0])
        hidden = F.relu(adjacency @ self.first(x))
        for convolution in self.convolutions[:-1]:
            hidden = hidden + F.relu(convolution(self._drop(hidden), adjacency))
        return self.convolutions[-1](self._drop(hidden), adjacency)


class PersonalizedPropagation(GraphNetwork):
    """APPNP (Gasteiger et al. 2019): predict every node by itself, then spread the predictions."""

    def __init__(self, config: GraphNetworkConfig) -> None:
        super().__init__(config)
        self.first = SparseLinear(config.inputs, config.hidden)
        self.second = nn.Linear(config.hidden, config.classes)
        self.adjacency = Adjacency()
        self.propagate = APPNP(config.steps, config.teleport, normalize=False)

    def scores(self, x: Tensor, edge_index: Tensor) -> Tensor:
        hidden = self._drop(F.relu(self.first(x)))
        return self.propagate(self.second(hidden), self.adjacency(edge_index, x.shape[0]))


class GAT(GraphNetwork):
    """Veličković et al. 2018: attention over neighbours, on a sparse linear layer that shrinks the attributes."""

    def __init__(self, config: GraphNetworkConfig) -> None:
        super().__init__(config)
        width = config.hidden // config.heads
        self.first = SparseLinear(config.inputs, config.hidden)
        self.attend = GATConv(config.hidden, width, heads=config.heads)
        self.decide = GATConv(width * config.heads, config.classes, heads=1, concat=False)

    def scores(self, x: Tensor, edge_index: Tensor) -> Tensor:
        hidden = self._drop(F.elu(self.first(x)))
        hidden = self._drop(F.elu(self.attend(hidden, edge_index)))
        return self.decide(hidden, edge_index)


KINDS: dict[str, type[GraphNetwork]] = {"gcn": GCN, "appnp": PersonalizedPropagation, "gat": GAT}


def build_network(config: GraphNetworkConfig) -> GraphNetwork:
    """The network of that configuration, freshly initialised from torch's global generator."""
    if config.kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {config.kind!r}")
    return KINDS[config.kind](config)
