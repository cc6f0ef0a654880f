"""How the exact certificate of graphs grows with clusters and budgets: time, memory, and what stays open.

    python -m benchmarks.graph_growth --run runs/graphs/citeseer-appnp/citeseer--strong_votes--*.nc

The vote shares of a stored run are kept node by node, whatever the clusters: the table says what the search costs, not
what such a run would certify.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.graph_document import DOCUMENT, write_part
from benchmarks.graph_results import EFFORTS, noises
from lrscore.collective import Limits
from lrscore.files import load_certificate
from lrscore.graphs.bounds import NodeBounds
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.collective import GraphBounds, certify_exactly
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes

CLUSTERS = (5, 16, 64)
BUDGETS = np.array(
    [(1, 0), (2, 0), (5, 0), (20, 0), (0, 1), (0, 2), (0, 5), (0, 20), (1, 1), (2, 5), (5, 5), (20, 20)],
    dtype=np.float64,
)
BOXES = 60
"""Of branch and bound, per budget."""


def bounds_with(certificate: GraphCertificate, noise_name: str, clusters: int) -> GraphBounds:
    """The certificate's shares under a noise of the tables, with another partition of the nodes."""
    settings = next(one.settings for one in noises(EFFORTS["citeseer"].localized) if one.name == noise_name)
    parts = partition_nodes(certificate.edges, certificate.nodes, settings.partition, clusters)
    noise = settings.noise(affinity_ranks(affinity(certificate.edges, parts)))
    pairs = [noise.weight(order) for order in certificate.settings.orders]
    costs = tuple(np.stack([pair[kind] for pair in pairs], axis=1) for kind in (0, 1))
    nodes = certificate.bounds
    return GraphBounds(
        (noise,),
        NodeBounds(nodes.probabilities, nodes.by_order, parts, costs),
        shares_suffice=True,
    )


def cells(certificate: GraphCertificate, noise_name: str) -> list[str]:
    """Rows of the table: one for every number of clusters."""
    rows = []
    for clusters in CLUSTERS:
        bounds = bounds_with(certificate, noise_name, clusters)
        told, started = [], time.process_time()
        for budget in BUDGETS:
            found = certify_exactly(bounds, budget[None], certificate.correct(), Limits(node_limit=BOXES))
            sure, most = int(found.certified[0]), int(found.ceiling[0])
            told.append(f"{sure:,}" if sure == most else f"{sure:,} of {most:,}")
        seconds = (time.process_time() - started) / len(BUDGETS)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows.append(
            f"| {noise_name}, {clusters} clusters | {' | '.join(told)} | {seconds:.2f} | {memory:,} |"
        )
        print(rows[-1], flush=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the table into the document."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--run", type=Path, required=True, help="certificate of votes on CiteSeer")
    options.add_argument("--out", type=Path, default=DOCUMENT)
    given = options.parse_args(arguments)
    certificate = load_certificate(given.run)
    header = " | ".join(f"+{int(a)} -{int(d)}" for a, d in BUDGETS)
    lines = [
        f"| certified (of ceiling) | {header} | s a cell | peak MB so far |",
        f"| --- |{' --- |' * (len(BUDGETS) + 2)}",
        *cells(certificate, "local"),
        *cells(certificate, "strong"),
    ]
    write_part(given.out, "growth", "\n".join(lines))


if __name__ == "__main__":
    main()
