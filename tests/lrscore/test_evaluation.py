"""Models in training mode are refused however they are wrapped; the failures of others are sentences."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lrscore import GraphSettings, ImageSettings, certify_graph, certify_image
from lrscore.batches import thrifty_batch
from lrscore.errors import InputError
from lrscore.evaluation import networks_of
from lrscore.graphs.partition import partition_nodes
from lrscore.graphs.unsmoothed import unsmoothed_labels
from tests.lrscore.graphs.toy_graph import graph

IMAGE = torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(1))
SETTINGS = ImageSettings(grid=(1, 1), samples=12, pilot_samples=4, level_min=0.3, level_max=0.3)


class Dropping(nn.Module):
    """Says class 1 everywhere, unless dropout is on; then class 0."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm2d(1))

    def forward(self, batch: Tensor) -> Tensor:
        trained = float(self.inner[0].training)
        return torch.stack([torch.full_like(batch[:, 0], trained), torch.full_like(batch[:, 0], 0.5)], dim=1)


def wrappings(network: nn.Module):
    class Holder:
        def __init__(self) -> None:
            self.net = network

        def __call__(self, batch: Tensor) -> Tensor:
            return self.net(batch)

    class Ensemble:
        def __init__(self, members) -> None:
            self.members = members

        def __call__(self, batch: Tensor) -> Tensor:
            members = self.members.values() if isinstance(self.members, dict) else self.members
            return torch.stack([member(batch) for member in members]).mean(dim=0)

    several = [Dropping().eval(), network]
    return [
        network,
        network.forward,
        lambda batch: network(batch),
        partial(lambda net, batch: net(batch), network),
        Holder(),
        nn.Sequential(network),
        Ensemble(several),
        Ensemble(tuple(several)),
        Ensemble({"first": several[0], "second": network}),
        lambda batch: several[1](batch),
        partial(lambda nets, batch: nets[1](batch), several),
        Ensemble([Ensemble(several)]),
    ]


def ask(model):
    return certify_image(model, IMAGE, SETTINGS, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("place", range(12))
def test_networks_in_training_mode_are_refused_however_they_are_wrapped(place):
    network = Dropping().train()
    network.inner[1].eval()  # some part was frozen on purpose
    model = wrappings(network)[place]
    with pytest.raises(InputError, match=r"the model is in training mode \(.*call eval\(\) on it"):
        ask(model)
    assert [network.training, network.inner[0].training, network.inner[1].training] == [True, True, False]
    for part in networks_of(model):
        part.eval()
    assert (ask(model).labels == 1).all()


@pytest.mark.parametrize("part", ["inner", "inner.0", "inner.1"])
def test_one_part_in_training_mode_is_enough_and_is_named(part):
    network = Dropping().eval()
    network.get_submodule(part).training = True
    with pytest.raises(InputError, match=f"training mode \\(its part '{part}'"):
        ask(network)


def test_graph_models_in_training_mode_are_refused_too():
    class Classifier(nn.Module):
        def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
            return torch.full((len(x), 2), 0.5)

    def certified(model):
        return certify_graph(
            model, graph(), GraphSettings(clusters=2, samples=2), generator=torch.Generator()
        )

    with pytest.raises(InputError, match="training mode"):
        certified(Classifier())
    assert certified(Classifier().eval()).abstained.all()


def test_a_model_that_goes_into_training_mode_while_it_is_asked_is_refused():
    class Turning(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            self.train()
            return torch.cat([batch, 1 - batch], dim=1)

    with pytest.raises(InputError, match="training mode"):
        ask(Turning().eval())


def test_a_model_of_chance_is_refused():
    def model(batch: Tensor) -> Tensor:
        return torch.randn(len(batch), 2, 8, 8)

    with pytest.raises(InputError, match="equal pictures of one batch differently"):
        certify_image(model, IMAGE, SETTINGS, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "error",
    [AssertionError("a\nb"), KeyError("x"), AttributeError("x"), ZeroDivisionError(), StopIteration()],
)
def test_whatever_a_model_raises_is_a_sentence(error):
    def model(*inputs: Tensor) -> Tensor:
        raise error

    with pytest.raises(InputError, match="the model cannot take") as caught:
        certify_image(model, IMAGE, SETTINGS, generator=torch.Generator().manual_seed(0))
    assert "\n" not in str(caught.value)
    for ask in (
        lambda: certify_graph(
            model, graph(), GraphSettings(clusters=2, samples=2), generator=torch.Generator()
        ),
        lambda: unsmoothed_labels(model, graph()),
    ):
        with pytest.raises(InputError, match="the model cannot take"):
            ask()


@pytest.mark.parametrize(
    ("sizes", "largest", "batch"),
    [((4, 16), 32, 4), ((128, 1024), 32, 32), ((100, 1000), 32, 32), ((1, 1), 32, 1), ((20, 20), 32, 20)],
)
def test_small_runs_waste_nothing_and_large_ones_keep_their_batch(sizes, largest, batch):
    assert thrifty_batch(sizes, largest) == batch


def test_twenty_copies_are_about_twenty_passes():
    seen = []

    def model(batch: Tensor) -> Tensor:
        seen.append(len(batch))
        return torch.cat([batch, 1 - batch], dim=1)

    settings = ImageSettings(grid=(1, 1), samples=16, pilot_samples=4)
    certify_image(model, IMAGE, settings, generator=torch.Generator().manual_seed(0))
    assert sum(seen) <= 24  # two looks at pairs of pictures beside the copies
    assert len(set(seen[2:])) == 1  # the first two look at the clean picture


@pytest.mark.parametrize("partition", ["metis", "spectral"])
@pytest.mark.parametrize("nodes", [6, 12, 40])
def test_there_are_as_many_clusters_as_were_asked_for(partition, nodes):
    random = np.random.default_rng(0)
    for edges in (
        np.zeros((2, 0), dtype=np.int64),
        np.array([[0], [1]]),
        np.stack([np.zeros(nodes - 1, dtype=int), np.arange(1, nodes)]),
        random.integers(nodes, size=(2, 3 * nodes)),
    ):
        for clusters in (2, 5, nodes // 2, nodes):
            found = partition_nodes(edges, nodes, partition, clusters)
            assert np.array_equal(np.unique(found), np.arange(clusters))
            again = partition_nodes(edges, nodes, partition, clusters)
            np.testing.assert_array_equal(found, again)


class Normed(nn.Module):
    """Scores of pictures, normalised by statistics of the whole batch, as networks without running averages do."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, batch: Tensor) -> Tensor:
        return torch.cat([self.norm(batch), torch.zeros_like(batch)], dim=1)


@pytest.mark.parametrize(("kind", "depends"), [("batch", True), ("instance", False), ("running", False)])
def test_copies_that_depend_on_each_other_are_refused(kind, depends):
    channels = IMAGE.shape[0]
    norms = {
        "batch": nn.BatchNorm2d(channels, track_running_stats=False),
        "instance": nn.InstanceNorm2d(channels),
        "running": nn.BatchNorm2d(channels),
    }
    model = Normed(norms[kind]).eval()
    if not depends:
        ask(model)
        return
    with pytest.raises(InputError, match="differently beside other pictures"):
        ask(model)
    alone = replace(SETTINGS, batch_size=1)  # then there is no other copy
    certify_image(model, IMAGE, alone, generator=torch.Generator().manual_seed(0))


class NormedNodes(nn.Module):
    """Scores of nodes after a norm over all nodes of a batch, or over each node's own values."""

    def __init__(self, over_nodes: bool, sparse: bool) -> None:
        super().__init__()
        self.over_nodes, self.sparse_input = over_nodes, sparse

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        first = (x.to_dense() if self.sparse_input else x)[:, :1]
        score = first - first.mean() if self.over_nodes else first
        return torch.cat([score, 0.5 - score], dim=1).softmax(dim=1)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("edges", [{}, {"flip_edges": ((0.1, 0.1), (0.1, 0.1))}])
def test_copies_of_a_graph_that_depend_on_each_other_are_refused(sparse, edges):
    def certified(over_nodes, **more):
        settings = GraphSettings(clusters=2, samples=4, scores="votes", **edges, **more)
        model = NormedNodes(over_nodes, sparse).eval()
        return certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(0))

    with pytest.raises(InputError, match="differently beside other graphs"):
        certified(True)
    assert certified(True, batch_size=1).labels.shape == certified(False).labels.shape


@pytest.mark.parametrize("names", [("a", "b", "c"), ["a"]])
def test_a_model_that_names_other_classes_than_it_scores_is_refused(names):
    class Named:
        class_names = names

        def __call__(self, batch: Tensor, *edges: Tensor) -> Tensor:
            if edges:
                return torch.full((len(batch), 2), 0.5)
            return torch.cat([batch, 1 - batch], dim=1)

    with pytest.raises(InputError, match=f"names {len(names)} classes and scores 2"):
        ask(Named())
    settings = GraphSettings(clusters=2, samples=2)
    with pytest.raises(InputError, match=f"names {len(names)} classes and scores 2"):
        certify_graph(Named(), graph(), settings, generator=torch.Generator())
