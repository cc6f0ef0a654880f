"""How many noisy graphs a second: sparse sampler and network, against the naive way.

    python -m benchmarks.graph_sampling citeseer --model citeseer-appnp

The opponent perturbs all rows for every cluster and keeps the cluster's own, as published code does, and removes
repeats by coalescing a sparse matrix; the network is the same. One thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from lrscore.graphs.input import GraphInput
from lrscore.graphs.noisy_attributes import NoisyAttributes
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes
from lrscore.graphs.sampler import disjoint_union
from lrscore.graphs.settings import GraphSettings
from lrscore.noise.flips import FlipNoise
from models.graphs.registry import load_graph, load_graph_model

_BATCH = 6


def naive_copy(graph: GraphInput, clusters: np.ndarray, noise: FlipNoise, group: int) -> torch.Tensor:
    """One noisy version (n, d) as CSR: every cluster's noise is drawn for all rows."""
    x = torch.sparse_coo_tensor(
        torch.as_tensor(np.stack([graph.rows, graph.columns])), torch.ones(graph.rows.size), graph.shape
    )
    nodes, width = graph.shape
    kept = []
    for cluster in range(noise.to_one.shape[1]):
        to_one, to_zero = noise.to_one[group, cluster], noise.to_zero[group, cluster]
        indices = x._indices()[:, torch.rand(x._nnz()) >= to_zero]
        flips = int(np.random.binomial(nodes * width, to_one))  # noqa: NPY002 (as the opponent does)
        added = torch.stack([torch.randint(nodes, (flips,)), torch.randint(width, (flips,))])
        both = torch.cat([indices, added], dim=1)
        noisy = torch.sparse_coo_tensor(both, torch.ones(both.shape[1]), graph.shape).coalesce()
        kept.append(noisy.indices()[:, torch.as_tensor(clusters)[noisy.indices()[0]] == cluster])
    whole = torch.cat(kept, dim=1)
    merged = torch.sparse_coo_tensor(whole, torch.ones(whole.shape[1]), graph.shape).coalesce()
    return torch.sparse_coo_tensor(merged.indices(), torch.ones(merged._nnz()), graph.shape).to_sparse_csr()


def rate(step: Callable[[], int], seconds: float) -> float:
    """Copies a second; `step` makes some and says how many."""
    step()
    started, copies = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        copies += step()
    return copies / (time.perf_counter() - started)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one line per way."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("graph")
    options.add_argument("--model", default="citeseer-appnp")
    options.add_argument("--flip-to-zero", type=float, nargs=2, default=(0.1, 0.95))
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--naive", action="store_true", help="measure the opponent as well")
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    data, model = load_graph(given.graph), load_graph_model(given.model)
    graph, settings = GraphInput.read(data), GraphSettings(flip_to_zero=tuple(given.flip_to_zero))
    clusters = partition_nodes(graph.edges, graph.shape[0], settings.partition, settings.clusters)
    noise = settings.noise(affinity_ranks(affinity(graph.edges, clusters)))
    cpu = torch.device("cpu")
    attributes = NoisyAttributes.build(graph.rows, graph.columns, graph.shape, clusters, cpu)
    generator, edges = torch.Generator().manual_seed(0), torch.as_tensor(graph.edges)
    union = disjoint_union(edges, graph.shape[0], _BATCH)

    def sample() -> int:
        attributes.sample(noise, 0, _BATCH, generator)
        return _BATCH

    def sample_and_predict() -> int:
        model(attributes.sample(noise, 0, _BATCH, generator), union)
        return _BATCH

    def naive() -> int:
        model(naive_copy(graph, clusters, noise, 0), edges)
        return 1

    ways = {"sampling alone": sample, "sampling and network": sample_and_predict}
    if given.naive:
        ways["naive sampling and network"] = naive
    with torch.inference_mode():
        for name, step in ways.items():
            print(f"{name}: {rate(step, given.seconds):.1f} noisy graphs a second and core")


if __name__ == "__main__":
    main()
