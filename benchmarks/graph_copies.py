"""A bound that was tried and not kept: every group attacked by an allocation of its own, tied together on average.

    python -m benchmarks.graph_copies --run runs/graphs/citeseer-appnp/citeseer--strong_votes--*.nc

Each group of nodes gets a mixture of whole allocations, and all mixtures must spend the same on average: a linear
program, the dual of attaching prices to the copies' differences. Places are seen in bins of ranks, each as telling as
its nearest one. The value is a solver's, not a proof; it says what such a proof could show.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import linprog

from benchmarks.graph_document import DOCUMENT, write_part
from benchmarks.graph_growth import BOXES, bounds_with
from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.collective import GraphBounds, certify_exactly
from lrscore.graphs.neyman_pearson.sharing import splits
from lrscore.graphs.partition import affinity, affinity_ranks

CASES = (
    (5, (2, 5), (1, 2, 3, 4)),
    (16, (3, 0), (1, 3, 5, 7, 10, 13)),
    (16, (5, 0), (1, 3, 5, 7, 10, 13)),
    (16, (0, 5), (1, 3, 5, 7, 10, 13)),
    (16, (2, 5), (1, 3, 6, 10)),
    (64, (2, 0), (1, 4, 9, 16, 32)),
    (64, (0, 5), (1, 4, 9, 16, 32)),
)
"""Clusters, budget, and the first rank of every bin after a group's own cluster."""


def copies_bound(
    bounds: GraphBounds,
    counted: np.ndarray,
    ranks: np.ndarray,
    budget: tuple[int, int],
    starts: Sequence[int],
) -> int:
    """Nodes that stand against every allocation, as the relaxation has it.

    Args:
        bounds: of nodes under noise that depends on the rank of a cluster alone.
        counted: (n,) bool.
        ranks: (J, J) rank of cluster `j` for group `i`.
        budget: additions and deletions.
        starts: first rank of every bin after the own cluster.
    """
    size, firsts = len(ranks), np.array([0, *starts])
    bins = np.searchsorted(firsts, np.arange(size), side="right") - 1
    added, deleted = (splits(units, firsts.size) for units in budget)
    seen = np.hstack([np.repeat(added, len(deleted), axis=0), np.tile(deleted, (len(added), 1))])
    groups = bounds.groups(counted & bounds.by_share)
    groups.prepare([])
    columns, shapes = [], []
    for group, row in enumerate(groups.rows):
        places = np.argsort(ranks[group])[firsts]  # one cluster for every bin: its nearest
        allocations = np.zeros((len(seen), 2, size), dtype=np.int64)
        allocations[:, :, places] = seen.reshape(len(seen), 2, -1)
        columns.append(row.fallen(row.counts(allocations.reshape(len(seen), -1)))[:, 1])
        tied = np.zeros((2 * firsts.size, 2 * size))
        for kind in range(2):
            tied[kind * firsts.size + bins[ranks[group]], kind * size + np.arange(size)] = -1
        shapes.append(sparse.csr_matrix(tied))
    same = sparse.hstack([sparse.block_diag([seen.T] * size), sparse.vstack(shapes)])
    whole = sparse.hstack(
        [sparse.block_diag([np.ones((1, len(seen)))] * size), sparse.csr_matrix((size, 2 * size))]
    )
    solved = linprog(
        np.concatenate([-np.concatenate(columns), np.zeros(2 * size)]),
        A_eq=sparse.vstack([same, whole]),
        b_eq=np.concatenate([np.zeros(same.shape[0]), np.ones(size)]),
        method="highs",
    )
    return groups.total - math.floor(-solved.fun + 1e-6)


def rows(certificate: GraphCertificate) -> list[str]:
    """Rows of the table."""
    lines = []
    for clusters, budget, starts in CASES:
        bounds = bounds_with(certificate, "strong", clusters)
        ranks = affinity_ranks(affinity(certificate.edges, bounds.nodes.clusters))
        given = np.array([budget], dtype=np.float64)
        found = certify_exactly(bounds, given, certificate.correct(), Limits(node_limit=BOXES))
        started = time.process_time()
        tied = copies_bound(bounds, certificate.correct(), ranks, budget, starts)
        seconds = time.process_time() - started
        lines.append(
            f"| strong, {clusters} clusters, +{budget[0]} -{budget[1]} | {found.certified[0]:,} | {tied:,} | "
            f"{found.ceiling[0]:,} | {seconds:.2f} |"
        )
        print(lines[-1], flush=True)
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table into the document."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--run", type=Path, required=True, help="certificate of votes on CiteSeer")
    options.add_argument("--out", type=Path, default=DOCUMENT)
    given = options.parse_args(arguments)
    head = [
        "| | certified | copies tied on average | ceiling | s for the copies |",
        "| --- | --- | --- | --- | --- |",
    ]
    write_part(given.out, "copies", "\n".join([*head, *rows(load_certificate(given.run))]))


if __name__ == "__main__":
    main()
