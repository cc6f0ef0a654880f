"""`python -m lrscore certify graph NAME|FILE.npz`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from lrscore.catalogue import find_catalogue
from lrscore.cli.graph_summary import print_graph_summary
from lrscore.cli.options import add_sampling_options, check_output, chosen_settings, pair, seeded, sequence
from lrscore.cli.tables import progress_bar
from lrscore.graph_settings import SCORES, GraphSettings
from lrscore.partition import PARTITIONS
from lrscore.statistics import SOFT_METHODS


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    defaults = GraphSettings()
    flips = pair(float, ":", "NEAR:FAR")
    add = parser.add_argument
    add("source", metavar="NAME|FILE", help="a graph's name, or a .npz or .graphml file")
    add("--model", help="name of a node classifier; by default one that belongs to the graph's name")
    add("--clusters", type=int, default=defaults.clusters, help="number of clusters")
    add("--partition", choices=PARTITIONS, default=defaults.partition)
    add(
        "--flip-to-one",
        type=flips,
        default="0.01:0.01",
        help="probability 0 -> 1 in nearest and farthest cluster",
    )
    add(
        "--flip-to-zero",
        type=flips,
        default="0.1:0.9",
        help="probability 1 -> 0 in nearest and farthest cluster",
    )
    add(
        "--falloff",
        type=float,
        default=defaults.falloff,
        help="how fast the flips grow with the cluster's rank",
    )
    add("--scores", choices=SCORES, default=defaults.scores, help="smooth probabilities (soft) or votes")
    add("--bound", choices=SOFT_METHODS, default=defaults.bound, help="how soft scores are bounded")
    add("--margins", action="store_true", help="compare with every other class instead of with 1/2")
    add("--orders", type=sequence, default=defaults.orders, help="Rényi orders tried for votes")
    add_sampling_options(parser, defaults)


def run(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = GraphSettings(**chosen_settings(options, GraphSettings))
    catalogue = find_catalogue()
    graph = catalogue.load_graph(options.source)
    model = catalogue.load_graph_model(options.model or default_model(options.source))
    generator, device = seeded(options.seed, options.device)

    from lrscore.graphs import certify_graph

    with progress_bar("noisy graphs") as progress:
        certificate = certify_graph(
            model, graph, settings, generator=generator, device=device, progress=progress
        )
    certificate = replace(certificate, provenance={**certificate.provenance, "title": options.source})
    certificate = with_known_labels(certificate, graph)
    curve = certificate.collective(certificate.default_budgets(), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    certificate.save(options.out)
    print_graph_summary(certificate)
    print(f"written to {options.out}")


def default_model(source: str) -> str:
    """Models are named after the graph they were trained on."""
    return f"{source}-appnp"


def with_known_labels(certificate: Any, graph: Any) -> Any:
    """The certificate with the graph's labels as reference, where it has any."""
    labels = getattr(graph, "y", None)
    return certificate if labels is None else certificate.with_reference(labels.numpy())
