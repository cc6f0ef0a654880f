"""Edges under attack: one noise for the whole graph against noise per pair of clusters, at equal samples.

    python -m benchmarks.graph_edges citeseer --model gcn --samples 1000

Certified are test nodes with their true class, in percent. Every row draws as many noisy graphs in all: one cluster
takes `clusters` times the samples. "each" counts nodes by themselves, by the exact regions (for one cluster, those of
sparse smoothing, Bojchevski et al. 2020); "together" is the exact collective count.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from lrscore.collective import Limits
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from models.graphs.registry import load_graph, load_graph_model

BUDGETS = ((0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (0, 4), (1, 1))
"""Edges added and deleted."""
ROWS = (
    ("one noise", 1, (2e-5, 2e-5), (0.6, 0.6)),
    ("one noise", 1, (2e-5, 2e-5), (0.8, 0.8)),
    ("per pair", 0, (2e-5, 2e-5), (0.6, 0.95)),
    ("per pair", 0, (2e-5, 2e-5), (0.8, 0.99)),
)
"""Name, clusters (0: as asked), chances (near, far) of new and of lost edges."""


def settings_of(row: tuple, clusters: int, samples: int) -> GraphSettings:
    """The settings of a row, with as many noisy graphs as the others."""
    _, own, new, lost = row
    times = 1 if own == 0 else clusters // own
    return GraphSettings(
        clusters=own or clusters,
        flip_to_one=(0.0, 0.0),
        flip_to_zero=(0.0, 0.0),
        flip_edges=(new, lost),
        scores="votes",
        samples=times * samples,
        pilot_samples=times * samples // 10,
    )


def certified_rows(
    certificate: GraphCertificate, tests: np.ndarray, boxes: int
) -> tuple[list[int], list[int]]:
    """Correct test nodes certified each by itself, and together, at every budget."""
    right = certificate.correct() & tests
    budgets = np.array([(0, 0, *budget) for budget in BUDGETS], dtype=np.float64)
    alone = [int((certificate.certified_mask(0, 0, *budget) & right).sum()) for budget in BUDGETS]
    together = certificate.collective(budgets, "exact", right, limits=Limits(node_limit=boxes)).certified
    return alone, np.maximum(together, alone).tolist()


def main(arguments: list[str] | None = None) -> None:
    """Print the table of one graph."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("graph")
    options.add_argument("--model", default="gcn")
    options.add_argument("--clusters", type=int, default=5)
    options.add_argument("--samples", type=int, default=1000)
    options.add_argument("--boxes", type=int, default=60)
    given = options.parse_args(arguments)
    torch.set_num_threads(1)
    graph, model = load_graph(given.graph), load_graph_model(f"{given.graph}-{given.model}").eval()
    tests = graph.test_mask.numpy()
    heads = " | ".join(f"+{added} −{deleted}" for added, deleted in BUDGETS)
    print(f"| {given.graph}, {given.model} | lost edges | counted | abstain | {heads} |")
    print("|---|---|---|---|" + "---|" * len(BUDGETS))
    for row in ROWS:
        settings = settings_of(row, given.clusters, given.samples)
        certificate = certify_graph(model, graph, settings, generator=torch.Generator().manual_seed(0))
        certificate = certificate.with_reference(graph.y.numpy())
        name = f"{row[0]}, {settings.clusters} cluster{'s' if settings.clusters > 1 else ''}"
        counts = zip(("each", "together"), certified_rows(certificate, tests, given.boxes), strict=True)
        for way, numbers in counts:
            shares = " | ".join(f"{100 * number / tests.sum():.1f}" for number in numbers)
            lost = ":".join(f"{level:g}" for level in row[3])
            print(
                f"| {name} | {lost} | {way} | {int((certificate.abstained & tests).sum())} | {shares} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
