"""The graph sampler draws what the certificate weighs: noise by rank, group by group, read at the group's own nodes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from lrscore.statistics import clopper_pearson_lower

PER_CLUSTER, WIDTH, COPIES = 5, 40, 60
CLUSTERS = np.repeat(np.arange(4), PER_CLUSTER)


def linked_clusters(links: dict[tuple[int, int], int]) -> SimpleNamespace:
    """Four clusters with given numbers of edges between them, half of all attributes ones."""
    random = np.random.default_rng(11)
    edges = []
    for (one, other), count in links.items():
        pairs = random.permutation(PER_CLUSTER**2)[:count]
        edges += [
            (one * PER_CLUSTER + p // PER_CLUSTER, other * PER_CLUSTER + p % PER_CLUSTER) for p in pairs
        ]
    x = (random.random((CLUSTERS.size, WIDTH)) < 0.5).astype(np.float32)
    return SimpleNamespace(x=torch.tensor(x), edge_index=torch.tensor(edges).T)


class Recorder:
    """A model that remembers what it was shown, one entry per batch: batches come group by group."""

    def __init__(self) -> None:
        self.seen: list[torch.Tensor] = []

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        self.seen.append(x.clone())
        return torch.full((x.shape[0], 2), 0.5)


def test_noise_is_drawn_by_rank_and_not_by_the_sorted_order():
    # Seen from cluster 0: nearest 0, then 3, 1, 2. Ranks are 0, 2, 3, 1, the sorted order is 0, 3, 1, 2.
    graph = linked_clusters({(0, 1): 5, (0, 2): 1, (0, 3): 9, (1, 2): 2, (2, 3): 3})
    settings = GraphSettings(
        partition=CLUSTERS,
        flip_to_one=(0.05, 0.35),
        flip_to_zero=(0.1, 0.7),
        samples=COPIES,
        pilot_samples=1,
        batch_size=COPIES,
    )
    model = Recorder()
    certificate = certify_graph(model, graph, settings, generator=torch.Generator().manual_seed(3))
    assert certificate.ranks[0].tolist() == [0, 2, 3, 1]
    clean = graph.x.numpy()
    for group, batch in enumerate(model.seen[-4:]):
        noisy = batch.numpy().reshape(COPIES, CLUSTERS.size, WIDTH)
        for cluster in range(4):
            rows = cluster == CLUSTERS
            for kind, start in ((0, 0), (1, 1)):
                expected = certificate.noise_levels[kind, group, cluster]
                flips = (noisy[:, rows] != clean[rows])[:, clean[rows] == start]
                deviation = np.sqrt(expected * (1 - expected) / flips.size)
                assert abs(flips.mean() - expected) < 5 * deviation
    by_sorted_order = certificate.noise_levels[1, 0][np.argsort(certificate.ranks[0])]
    assert not np.allclose(by_sorted_order, certificate.noise_levels[1, 0])


def test_only_the_groups_own_nodes_are_read():
    class KnowsTheGroup(Recorder):
        """Says class 0 for everything in the first group's batches and class 1 in all others."""

        def __call__(self, x, edge_index):
            alone = bool(self.seen) and torch.equal(x[: CLUSTERS.size], self.seen[-1][: CLUSTERS.size])
            if not alone:  # else it is asked about the first copy once more, in other company
                super().__call__(x, edge_index)
            first = (len(self.seen) - 1) % 4 == 0
            return torch.tensor([[1.0, 0.0]] if first else [[0.0, 1.0]]).expand(x.shape[0], 2)

    settings = GraphSettings(partition=CLUSTERS, samples=3, pilot_samples=3, batch_size=3)
    certificate = certify_graph(
        KnowsTheGroup(), linked_clusters({(0, 1): 1}), settings, generator=torch.Generator()
    )
    assert certificate.labels.tolist() == [0] * PER_CLUSTER + [1] * 3 * PER_CLUSTER
    assert (certificate.counts[:, -1] == 3).all()


@pytest.mark.parametrize(("samples", "batch"), [(7, 3), (5, 8)])
def test_every_pass_has_the_same_size_and_the_counts_are_as_asked(samples, batch):
    model = Recorder()
    settings = GraphSettings(partition=CLUSTERS, samples=samples, pilot_samples=1, batch_size=batch)
    certificate = certify_graph(model, linked_clusters({(0, 1): 1}), settings, generator=torch.Generator())
    assert {x.shape[0] for x in model.seen} == {batch * CLUSTERS.size}
    assert (certificate.counts.sum(axis=1) == samples).all()


def test_bounds_are_corrected_for_all_nodes():
    """Published code bounded every node at level alpha: with many nodes, some claims are then wrong together."""

    class Certain(Recorder):
        def __call__(self, x, edge_index):
            return torch.tensor([[0.9, 0.1]]).expand(x.shape[0], 2)

    settings = GraphSettings(partition=CLUSTERS, scores="votes", samples=50, pilot_samples=5, alpha=0.01)
    graph = linked_clusters({(0, 1): 1})
    certificate = certify_graph(Certain(), graph, settings, generator=torch.Generator())
    expected = clopper_pearson_lower(50, 50, 0.01 / CLUSTERS.size)
    np.testing.assert_allclose(certificate.probabilities, expected)
    assert (certificate.probabilities < clopper_pearson_lower(50, 50, 0.01)).all()
