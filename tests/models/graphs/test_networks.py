"""Graph networks against NumPy formulas; sparse input, disjoint unions and the kept adjacency."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lrscore.errors import InputError
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.noisy_attributes import csr_of_ones
from lrscore.graphs.sampler import disjoint_union
from lrscore.graphs.settings import GraphSettings
from models.graphs.checkpoint import load_graph_network, save_graph_network
from models.graphs.networks import GraphNetworkConfig, build_network

NODES, WIDTH, CLASSES = 7, 5, 3
EDGES = torch.tensor([[0, 1, 2, 3, 4, 5, 0, 2], [1, 2, 3, 4, 5, 6, 6, 5]])
BOTH = torch.hstack([EDGES, EDGES.flip(0)])


def attributes(seed: int = 0, nodes: int = NODES) -> torch.Tensor:
    return (torch.rand(nodes, WIDTH, generator=torch.Generator().manual_seed(seed)) < 0.4).float()


def sparse(x: torch.Tensor) -> torch.Tensor:
    starts = torch.cat([torch.zeros(1), x.sum(dim=1).cumsum(0)]).int()
    return csr_of_ones(starts, torch.nonzero(x)[:, 1].int(), tuple(x.shape))


def network(kind: str, layers: int = 2):
    torch.manual_seed(1)
    return build_network(GraphNetworkConfig(kind, WIDTH, CLASSES, hidden=8, layers=layers)).eval()


def propagation() -> np.ndarray:
    adjacency = np.eye(NODES)
    adjacency[BOTH[0], BOTH[1]] = 1
    scale = adjacency.sum(axis=1) ** -0.5
    return scale[:, None] * adjacency * scale


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@torch.no_grad()
def test_appnp_is_its_formula():
    model, x = network("appnp"), attributes()
    first, second = model.first, model.second
    hidden = np.maximum(x.numpy() @ first.weight.numpy() + first.bias.numpy(), 0)
    start = hidden @ second.weight.numpy().T + second.bias.numpy()
    scores = start
    for _ in range(10):
        scores = 0.9 * propagation() @ scores + 0.1 * start
    np.testing.assert_allclose(model(x, BOTH).numpy(), softmax(scores), atol=1e-6)


@torch.no_grad()
def test_gcn_is_its_formula():
    model, x = network("gcn"), attributes()
    hidden = np.maximum(
        propagation() @ (x.numpy() @ model.first.weight.numpy() + model.first.bias.numpy()), 0
    )
    last = model.convolutions[-1]
    scores = propagation() @ (hidden @ last.lin.weight.numpy().T) + last.bias.numpy()
    np.testing.assert_allclose(model(x, BOTH).numpy(), softmax(scores), atol=1e-6)


@pytest.mark.parametrize(("kind", "layers"), [("appnp", 2), ("gcn", 2), ("gcn", 6), ("gat", 2)])
@torch.no_grad()
def test_sparse_input_and_unions_change_nothing(kind, layers):
    model = network(kind, layers)
    copies = [attributes(seed) for seed in range(3)]
    alone = torch.cat([model(x, BOTH) for x in copies])
    together = model(sparse(torch.cat(copies)), disjoint_union(BOTH, NODES, 3))
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(together.sum(dim=1), torch.ones(3 * NODES))


@torch.no_grad()
def test_kept_adjacency_follows_the_edges():
    model, x = network("appnp"), attributes()
    first = model(x, BOTH)
    fewer = BOTH[:, :-3].clone()
    assert not torch.allclose(model(x, fewer), first)
    torch.testing.assert_close(model(x, BOTH), first)
    longer = attributes(nodes=NODES + 2)  # the same edges among more nodes
    assert model(longer, BOTH).shape == (NODES + 2, CLASSES)


def test_gradients_reach_the_first_layer_through_sparse_input():
    model = network("gcn").train()
    model(sparse(attributes()), BOTH)[:, 0].sum().backward()
    assert float(model.first.weight.grad.abs().sum()) > 0


def test_wrong_number_of_attributes_and_unknown_kinds_are_named():
    with pytest.raises(ValueError, match="trained on 5 attributes, the graph has 4"):
        network("gcn")(torch.zeros(NODES, 4), BOTH)
    with pytest.raises(ValueError, match="kind must be one of gcn, appnp, gat"):
        build_network(GraphNetworkConfig("mlp", WIDTH, CLASSES))


def test_checkpoint_round_trip_and_refusals(tmp_path):
    model = network("appnp")
    model.class_names = ("a", "b", "c")
    path = tmp_path / "toy-appnp.safetensors"
    save_graph_network(model, path, graph="toy", training="none")
    loaded = load_graph_network(path)
    assert (loaded.name, loaded.class_names, len(loaded.digest)) == ("toy-appnp", ("a", "b", "c"), 64)
    torch.testing.assert_close(loaded(attributes(), BOTH), model(attributes(), BOTH), atol=2e-3, rtol=1e-2)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="does not hold a graph network"):
        load_graph_network(path)
    with pytest.raises(InputError, match="does not exist"):
        load_graph_network(tmp_path / "none.safetensors")


@pytest.mark.parametrize("kind", ["gcn", "appnp", "gat"])
def test_every_noisy_copy_is_normalised_by_its_own_edges(kind):
    """Scores of a sampled batch are those of a fresh network asked copy by copy."""
    clusters = np.array([0, 0, 0, 1, 1, 1, 1])
    settings = GraphSettings(
        partition=clusters, flip_edges=((0.1, 0.3), (0.2, 0.5)), pilot_samples=4, samples=4, batch_size=4
    )
    model, seen = network(kind), []

    def watched(x, edge_index):
        seen.append((x, edge_index, model(x, edge_index)))
        return seen[-1][2]

    graph = SimpleNamespace(x=attributes(), edge_index=BOTH)
    certify_graph(watched, graph, settings, generator=torch.Generator().manual_seed(0))
    assert len({tuple(map(tuple, edges.tolist())) for _, edges, _ in seen}) > 2
    for x, edges, scores in seen:
        for copy in range(4):
            inside = (edges[0] >= copy * NODES) & (edges[0] < (copy + 1) * NODES)
            rows = slice(copy * NODES, (copy + 1) * NODES)
            with torch.inference_mode():
                alone = network(kind)(x[rows], edges[:, inside] - copy * NODES)
            np.testing.assert_allclose(scores[rows], alone, atol=1e-6)
